"""Programs that read text and write text, with little to compute."""

import sys

from rlvf_common.starter.candidate import Program


def cheaper_of_two_shops() -> None:
    """Read two lines, each with the name of a shop and a whole price, separated by a space. Print
    the name of the shop with the lower price, or `same` if the prices are equal.

    Example input:
        Corner 12
        Market 9
    Example output:
        Market
    """
    first, first_price = input().split()
    second, second_price = input().split()
    if int(first_price) < int(second_price):
        print(first)
    elif int(second_price) < int(first_price):
        print(second)
    else:
        print("same")


def check_cheaper_of_two_shops(program: Program) -> None:
    assert program("Corner 12\nMarket 9\n") == "Market\n"
    assert program("Corner 9\nMarket 12\n") == "Corner\n"
    assert program("A 5\nB 5\n") == "same\n"
    assert program("Zoo 1\nAft 2\n") == "Zoo\n"
    assert program("X 100\nY 20\n") == "Y\n"
    assert program("same 3\nother 4\n") == "same\n"
    assert program("one 0\ntwo 7\n") == "one\n"


def quoted_lines() -> None:
    """Print every line of the input between quotation marks (`"`). Leave out lines that are empty.

    Example input:
        Come in

        Sit down
    Example output:
        "Come in"
        "Sit down"
    """
    for line in sys.stdin:
        text = line.rstrip("\n")
        if text:
            print(f'"{text}"')


def check_quoted_lines(program: Program) -> None:
    assert program("Come in\n\nSit down\n") == '"Come in"\n"Sit down"\n'
    assert program("") == ""
    assert program("\n\n") == ""
    assert program("a\n") == '"a"\n'
    assert program("\nx\n\n\ny\n") == '"x"\n"y"\n'
    assert program('say "no"\n') == '"say "no""\n'


def last_lines_of_text() -> None:
    """The first line of the input is a whole number n that is not negative. Print the last n of the
    lines that follow it, in their order; all of them if there are not more than n.

    Example input:
        2
        red
        green
        blue
    Example output:
        green
        blue
    """
    count = int(input())
    lines = sys.stdin.read().splitlines()
    for line in lines[max(0, len(lines) - count) :]:
        print(line)


def check_last_lines_of_text(program: Program) -> None:
    assert program("2\nred\ngreen\nblue\n") == "green\nblue\n"
    assert program("0\nred\ngreen\n") == ""
    assert program("3\nred\n") == "red\n"
    assert program("1\nb\na\n") == "a\n"
    assert program("4\n1\n2\n3\n4\n") == "1\n2\n3\n4\n"
    assert program("5\n") == ""
    assert program("3\na\nb\nc\nd e\n") == "b\nc\nd e\n"


def word_lengths_of_lines() -> None:
    """For every line of the input print the lengths of its words, separated by commas without
    spaces. Words are separated by spaces. For a line without words print `0`.

    Example input:
        I like tea

        hello
    Example output:
        1,4,3
        0
        5
    """
    for line in sys.stdin:
        print(",".join(str(len(word)) for word in line.split()) or "0")


def check_word_lengths_of_lines(program: Program) -> None:
    assert program("I like tea\n\nhello\n") == "1,4,3\n0\n5\n"
    assert program("") == ""
    assert program("a\n") == "1\n"
    assert program("   \n") == "0\n"
    assert program("one  two\nsix\n") == "3,3\n3\n"
    assert program("it's 2024 now\nx y z\n") == "4,4,3\n1,1,1\n"


def diamond_of_letters() -> None:
    """Read a whole number n, at least 1, and a character, separated by a space. Draw a diamond.

    It has 2n - 1 lines. The first line has one character, the following ones have two more each, up
    to the line in the middle with 2n - 1; then each line has two fewer. Spaces in front put the
    middle of all lines below each other; there are none behind.

    Example input:
        2 o
    Example output:
         o
        ooo
         o
    """
    text, character = input().split()
    n = int(text)
    for row in range(1 - n, n):
        print(" " * abs(row) + character * (2 * (n - abs(row)) - 1))


def check_diamond_of_letters(program: Program) -> None:
    assert program("2 o\n") == " o\nooo\n o\n"
    assert program("1 x\n") == "x\n"
    assert program("3 *\n") == "  *\n ***\n*****\n ***\n  *\n"
    assert program("2 #\n") == " #\n###\n #\n"
    assert program("1 7\n") == "7\n"
    assert program("4 A\n") == "   A\n  AAA\n AAAAA\nAAAAAAA\n AAAAA\n  AAA\n   A\n"


def key_words_capitalized() -> None:
    """The first line of the input has words that are separated by spaces. In the following lines
    write each of these words in capital letters wherever it stands as a whole word in the same
    letters, and print these lines. The words of a line are separated by one space.

    Example input:
        cat dog
        my cat and your dog
        cats
    Example output:
        my CAT and your DOG
        cats
    """
    keys = set(input().split())
    for line in sys.stdin:
        words = line.rstrip("\n").split(" ")
        print(" ".join(word.upper() if word in keys else word for word in words))


def check_key_words_capitalized(program: Program) -> None:
    assert program("cat dog\nmy cat and your dog\ncats\n") == "my CAT and your DOG\ncats\n"
    assert program("a\n") == ""
    assert program("a\na a b\n") == "A A b\n"
    assert program("\nnothing here\n") == "nothing here\n"
    assert program("to be\nnot to be\n\nTo be\n") == "not TO BE\n\nTo BE\n"
    assert program("x y z\nz-y x\n") == "z-y X\n"
