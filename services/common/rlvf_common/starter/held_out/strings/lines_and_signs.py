"""Texts of several words or lines, and signs made of characters."""

from rlvf_common.starter.candidate import Candidate


def pattern_of_length(pattern: str, length: int) -> str:
    """Repeat the pattern over and over until the text has exactly the given length.

    The last repetition may be cut off. The pattern is not empty, and a length of 0 gives an
    empty string.

    >>> pattern_of_length("+-", 5)
    '+-+-+'
    >>> pattern_of_length("abc", 2)
    'ab'
    """
    return (pattern * length)[:length]


def check_pattern_of_length(candidate: Candidate) -> None:
    assert candidate("+-", 5) == "+-+-+"
    assert candidate("abc", 2) == "ab"
    assert candidate("xyz", 0) == ""
    assert candidate("o", 4) == "oooo"
    assert candidate("abc", 6) == "abcabc"
    assert candidate("abc", 7) == "abcabca"
    assert candidate("hello", 5) == "hello"


def ends_of_words(sentence: str) -> str:
    """Write the first and the last letter of each word, one after another, without spaces.

    Words are separated by spaces. A word with a single letter gives that letter only once.

    >>> ends_of_words("big red fox")
    'bgrdfx'
    >>> ends_of_words("a day")
    'ady'
    """
    return "".join(word[0] + word[1:][-1:] for word in sentence.split())


def check_ends_of_words(candidate: Candidate) -> None:
    assert candidate("big red fox") == "bgrdfx"
    assert candidate("a day") == "ady"
    assert candidate("") == ""
    assert candidate("I") == "I"
    assert candidate("no") == "no"
    assert candidate("  two   gaps ") == "togs"
    assert candidate("x yz w") == "xyzw"
    assert candidate("level") == "ll"


def telegram_price(text: str) -> int:
    """A telegram costs 5 coins for each word. A word with more than ten letters counts as two.

    Words are separated by spaces. Return the price of the text.

    >>> telegram_price("arriving on monday")
    15
    >>> telegram_price("congratulations Ann")
    15
    """
    return sum(10 if len(word) > 10 else 5 for word in text.split())


def check_telegram_price(candidate: Candidate) -> None:
    assert candidate("arriving on monday") == 15
    assert candidate("congratulations Ann") == 15
    assert candidate("") == 0
    assert candidate("abcdefghij") == 5
    assert candidate("abcdefghijk") == 10
    assert candidate("a  b") == 10
    assert candidate("extraordinary unbelievable") == 20
    assert candidate("abcdefghijklmnopqrstuvwxyz stop") == 15


def quoted_reply(text: str) -> str:
    """Quote a message as in an e-mail: put "> " before each of its lines.

    An empty line gets only ">" without a space. Lines are separated by line feeds.

    >>> quoted_reply("Hello")
    '> Hello'
    """
    return "\n".join("> " + line if line else ">" for line in text.split("\n"))


def check_quoted_reply(candidate: Candidate) -> None:
    assert candidate("Hello") == "> Hello"
    assert candidate("Hi\n\nBye") == "> Hi\n>\n> Bye"
    assert candidate("") == ">"
    assert candidate("a\nb") == "> a\n> b"
    assert candidate("> old") == "> > old"
    assert candidate("end\n") == "> end\n>"
    assert candidate("\n x") == ">\n>  x"


def numbers_of_lines_with(text: str, word: str) -> list[int]:
    """Return the numbers of the lines in which the word stands anywhere, also inside other words.

    Lines are separated by line feeds, and the first line has number 1. Upper and lower case
    do not matter.

    >>> numbers_of_lines_with("Tea\\nCoffee\\nSteam", "tea")
    [1, 3]
    >>> numbers_of_lines_with("Tea", "milk")
    []
    """
    lines = text.lower().split("\n")
    return [number for number, line in enumerate(lines, start=1) if word.lower() in line]


def check_numbers_of_lines_with(candidate: Candidate) -> None:
    assert candidate("Tea\nCoffee\nSteam", "tea") == [1, 3]
    assert candidate("Tea", "milk") == []
    assert candidate("", "x") == []
    assert candidate("a\n\na", "a") == [1, 3]
    assert candidate("one\ntwo\nthree", "T") == [2, 3]
    assert candidate("x x x\ny", "X") == [1]
    assert candidate("ab\nc\nabc", "bc") == [3]


def centered_title(title: str, width: int) -> str:
    """Put the title between = signs, so that the line gets the given width.

    There is a space on each side of the title. Both sides have equally many = signs; if that
    is not possible, the right side has one more. A title that is too long for at least one =
    on each side comes back as it is.

    >>> centered_title("Menu", 12)
    '=== Menu ==='
    >>> centered_title("Menu", 9)
    '= Menu =='
    """
    free = width - len(title) - 2
    if free < 2:
        return title
    left = free // 2
    return "=" * left + f" {title} " + "=" * (free - left)


def check_centered_title(candidate: Candidate) -> None:
    assert candidate("Menu", 12) == "=== Menu ==="
    assert candidate("Menu", 9) == "= Menu =="
    assert candidate("Menu", 8) == "= Menu ="
    assert candidate("Menu", 7) == "Menu"
    assert candidate("Menu", 0) == "Menu"
    assert candidate("abc", 12) == "=== abc ===="
    assert candidate("a b", 11) == "=== a b ==="
    assert candidate("", 6) == "==  =="


def mood_of_chat(text: str) -> int:
    """Count the smileys :) in a chat, and subtract the number of the sad ones :( from it.

    >>> mood_of_chat("Hi :) I lost :( but had fun :)")
    1
    >>> mood_of_chat("hello")
    0
    """
    return text.count(":)") - text.count(":(")


def check_mood_of_chat(candidate: Candidate) -> None:
    assert candidate("Hi :) I lost :( but had fun :)") == 1
    assert candidate("hello") == 0
    assert candidate("") == 0
    assert candidate(":(:(") == -2
    assert candidate(":) (: :-) )") == 1
    assert candidate("(a) : (b) ::)") == 1
    assert candidate(":):):)") == 3
    assert candidate("done: (yes)") == 0


def title_from_file(name: str) -> str:
    """A song is kept in a file with a name such as "03 - Blue Moon.mp3".

    Before the title there is a number and " - ", and after it a dot and the kind of file.
    Return the title alone. The title may contain further dots and dashes.

    >>> title_from_file("03 - Blue Moon.mp3")
    'Blue Moon'
    >>> title_from_file("10 - Mr. X - Live.ogg")
    'Mr. X - Live'
    """
    return name.partition(" - ")[2].rpartition(".")[0]


def check_title_from_file(candidate: Candidate) -> None:
    assert candidate("03 - Blue Moon.mp3") == "Blue Moon"
    assert candidate("10 - Mr. X - Live.ogg") == "Mr. X - Live"
    assert candidate("1 - A.wav") == "A"
    assert candidate("100 - 99.flac") == "99"
    assert candidate("7 - one-two.mp3") == "one-two"
    assert candidate("12 - v1.0.mp3") == "v1.0"
