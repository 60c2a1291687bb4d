"""Programs that read lines of text and write them in another form."""

import sys

from rlvf_common.starter.candidate import Program


def greet_by_name() -> None:
    """Read a name. Print `Welcome, ` and the name and an exclamation mark.

    Example input:
        Ann
    Example output:
        Welcome, Ann!
    """
    name = input()
    print(f"Welcome, {name}!")


def check_greet_by_name(program: Program) -> None:
    assert program("Ann\n") == "Welcome, Ann!\n"
    assert program("Bob\n") == "Welcome, Bob!\n"
    assert program("Mary Ann\n") == "Welcome, Mary Ann!\n"
    assert program("x\n") == "Welcome, x!\n"
    assert program("EVE\n") == "Welcome, EVE!\n"
    assert program("Welcome\n") == "Welcome, Welcome!\n"


def shout_every_line() -> None:
    """Print every line of the input in capital letters, with an exclamation mark at its end.

    Example input:
        hello
        we are here
    Example output:
        HELLO!
        WE ARE HERE!
    """
    for line in sys.stdin:
        print(line.rstrip("\n").upper() + "!")


def check_shout_every_line(program: Program) -> None:
    assert program("hello\nwe are here\n") == "HELLO!\nWE ARE HERE!\n"
    assert program("") == ""
    assert program("a\n") == "A!\n"
    assert program("Done\n\nnow\n") == "DONE!\n!\nNOW!\n"
    assert program("OK!\n") == "OK!!\n"
    assert program("b2b\nx y\nZ\n") == "B2B!\nX Y!\nZ!\n"


def number_every_line() -> None:
    """Print every line of the input with its number before it: the number, a colon, a space, and
    the line. The first line has the number 1.

    Example input:
        milk
        bread
    Example output:
        1: milk
        2: bread
    """
    for number, line in enumerate(sys.stdin, start=1):
        print(f"{number}: {line.rstrip()}")


def check_number_every_line(program: Program) -> None:
    assert program("milk\nbread\n") == "1: milk\n2: bread\n"
    assert program("") == ""
    assert program("x\n") == "1: x\n"
    assert program("same\nsame\nsame\n") == "1: same\n2: same\n3: same\n"
    assert program("one line\n2\n") == "1: one line\n2: 2\n"
    assert program("a\nb\nc\nd\n") == "1: a\n2: b\n3: c\n4: d\n"


def text_size() -> None:
    """Count the lines, the words and the characters of the input. Words are separated by spaces;
    the ends of the lines are no characters.

    Print three lines, as in the example.

    Example input:
        to be or
        not
    Example output:
        lines 2
        words 4
        characters 11
    """
    lines = sys.stdin.read().splitlines()
    print("lines", len(lines))
    print("words", sum(len(line.split()) for line in lines))
    print("characters", sum(len(line) for line in lines))


def check_text_size(program: Program) -> None:
    assert program("to be or\nnot\n") == "lines 2\nwords 4\ncharacters 11\n"
    assert program("") == "lines 0\nwords 0\ncharacters 0\n"
    assert program("a\n") == "lines 1\nwords 1\ncharacters 1\n"
    assert program("\n\n") == "lines 2\nwords 0\ncharacters 0\n"
    assert program("one  two\n") == "lines 1\nwords 2\ncharacters 8\n"
    assert program("x y z\nx y\nx\n") == "lines 3\nwords 6\ncharacters 9\n"


def longest_line_of_text() -> None:
    """Print the longest line of the input and, on the next line, its length. If several lines are
    the longest, take the first of them. There is at least one line.

    Example input:
        red
        orange
        blue
    Example output:
        orange
        6
    """
    lines = sys.stdin.read().splitlines()
    longest = max(lines, key=len)
    print(longest)
    print(len(longest))


def check_longest_line_of_text(program: Program) -> None:
    assert program("red\norange\nblue\n") == "orange\n6\n"
    assert program("x\n") == "x\n1\n"
    assert program("aa\nbb\nc\n") == "aa\n2\n"
    assert program("zz\ny\naaa\nbbb\n") == "aaa\n3\n"
    assert program("one two\nthree\n") == "one two\n7\n"
    assert program("b\na\nccc\nz\n") == "ccc\n3\n"


def words_backwards() -> None:
    """On every line of the input put the words into the opposite order and print the line, with one
    space between words. Print an empty line for a line without words.

    Example input:
        one two three
        hello
    Example output:
        three two one
        hello
    """
    for line in sys.stdin:
        print(" ".join(reversed(line.split())))


def check_words_backwards(program: Program) -> None:
    assert program("one two three\nhello\n") == "three two one\nhello\n"
    assert program("") == ""
    assert program("a b\nc d\n") == "b a\nd c\n"
    assert program("x   y\n") == "y x\n"
    assert program("p q\n\nr s\n") == "q p\n\ns r\n"
    assert program("b a c\n") == "c a b\n"


def distinct_lines() -> None:
    """Print every line of the input that has not come before, in the order of the input. At the end
    print how many lines were left out, as `left out: 2`.

    Example input:
        tea
        milk
        tea
    Example output:
        tea
        milk
        left out: 1
    """
    seen = set()
    repeated = 0
    for line in sys.stdin:
        text = line.rstrip("\n")
        if text in seen:
            repeated += 1
        else:
            seen.add(text)
            print(text)
    print("left out:", repeated)


def check_distinct_lines(program: Program) -> None:
    assert program("tea\nmilk\ntea\n") == "tea\nmilk\nleft out: 1\n"
    assert program("") == "left out: 0\n"
    assert program("a\na\na\n") == "a\nleft out: 2\n"
    assert program("b\na\nA\n") == "b\na\nA\nleft out: 0\n"
    assert program("z\ny\nz\ny\nx\n") == "z\ny\nx\nleft out: 2\n"
    assert program("one two\none\none two\n") == "one two\none\nleft out: 1\n"


def lines_with_word() -> None:
    """The first line of the input is a word. Print every later line that has this word among its
    words, which are separated by spaces; large and small letters are the same here.

    At the end print how many lines these are.

    Example input:
        red
        a red rose
        Red
        reddish
    Example output:
        a red rose
        Red
        2
    """
    wanted = input().lower()
    count = 0
    for line in sys.stdin:
        if wanted in line.lower().split():
            print(line.rstrip())
            count += 1
    print(count)


def check_lines_with_word(program: Program) -> None:
    assert program("red\na red rose\nRed\nreddish\n") == "a red rose\nRed\n2\n"
    assert program("x\n") == "0\n"
    assert program("x\ny\nz\n") == "0\n"
    assert program("IT\nis it\nit IT\nitem\n") == "is it\nit IT\n2\n"
    assert program("a\na\na b\nb a\nab\n") == "a\na b\nb a\n3\n"
    assert program("Cat\nthe cat sat\ncats sat\n") == "the cat sat\n1\n"


def letter_bars() -> None:
    """Count the letters of the input; large and small letters are the same, and all other
    characters do not count.

    For each letter that occurs, in the order of the alphabet, print the small letter, a space, and
    as many `*` as it occurs.

    Example input:
        Abba, cab
    Example output:
        a ***
        b ***
        c *
    """
    letters = [character for character in sys.stdin.read().lower() if character.isalpha()]
    for letter in sorted(set(letters)):
        print(letter, "*" * letters.count(letter))


def check_letter_bars(program: Program) -> None:
    assert program("Abba, cab\n") == "a ***\nb ***\nc *\n"
    assert program("123 !\n") == ""
    assert program("z\n") == "z *\n"
    assert program("bB\nB\n") == "b ***\n"
    assert program("hello\n") == "e *\nh *\nl **\no *\n"
    assert program("a-z\nZ-A\n") == "a **\nz **\n"


def centered_lines() -> None:
    """The first line of the input is a width. Print every later line centered in this width.

    A line that is shorter than the width gets spaces in front of it: half as many as are missing,
    rounded down. Print nothing behind the text. A line that is longer is cut off at the width.

    Example input:
        7
        abc
        z
        abcdefghi
    Example output:
          abc
           z
        abcdefg
    """
    width = int(input())
    for line in sys.stdin:
        text = line.rstrip("\n")[:width]
        print(" " * ((width - len(text)) // 2) + text)


def check_centered_lines(program: Program) -> None:
    assert program("7\nabc\nz\nabcdefghi\n") == "  abc\n   z\nabcdefg\n"
    assert program("4\n") == ""
    assert program("3\nabc\nab\na\n") == "abc\nab\n a\n"
    assert program("6\nx\n") == "  x\n"
    assert program("1\nhello\n") == "h\n"
    assert program("10\na b\nlonger\n") == "   a b\n  longer\n"
