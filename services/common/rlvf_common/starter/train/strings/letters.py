"""Short tasks on the characters of one string."""

from rlvf_common.starter.candidate import Candidate


def last_letter(text: str) -> str:
    """Return the last character of the text. The text is never empty.

    >>> last_letter("hello")
    'o'
    >>> last_letter("a")
    'a'
    """
    return text[-1]


def check_last_letter(candidate: Candidate) -> None:
    assert candidate("hello") == "o"
    assert candidate("a") == "a"
    assert candidate("cat") == "t"
    assert candidate("two words") == "s"
    assert candidate("end.") == "."
    assert candidate("Z9") == "9"


def repeat_text_twice(text: str) -> str:
    """Return the text written two times in a row.

    >>> repeat_text_twice("ab")
    'abab'
    >>> repeat_text_twice("hi ")
    'hi hi '
    """
    return text + text


def check_repeat_text_twice(candidate: Candidate) -> None:
    assert candidate("ab") == "abab"
    assert candidate("hi ") == "hi hi "
    assert candidate("") == ""
    assert candidate("x") == "xx"
    assert candidate("aa") == "aaaa"
    assert candidate("12") == "1212"


def shout(text: str) -> str:
    """Return the text in upper case with an exclamation mark added at the end.

    >>> shout("hello")
    'HELLO!'
    >>> shout("Stop it")
    'STOP IT!'
    """
    return text.upper() + "!"


def check_shout(candidate: Candidate) -> None:
    assert candidate("hello") == "HELLO!"
    assert candidate("Stop it") == "STOP IT!"
    assert candidate("") == "!"
    assert candidate("A") == "A!"
    assert candidate("go!") == "GO!!"
    assert candidate("abc123") == "ABC123!"


def put_in_parentheses(text: str) -> str:
    """Return the text with an opening parenthesis before it and a closing one after it.

    >>> put_in_parentheses("word")
    '(word)'
    >>> put_in_parentheses("")
    '()'
    """
    return "(" + text + ")"


def check_put_in_parentheses(candidate: Candidate) -> None:
    assert candidate("word") == "(word)"
    assert candidate("") == "()"
    assert candidate("a b") == "(a b)"
    assert candidate("(x)") == "((x))"
    assert candidate("7") == "(7)"
    assert candidate(" ") == "( )"


def drop_first_letter(text: str) -> str:
    """Return the text without its first character. An empty text stays empty.

    >>> drop_first_letter("hello")
    'ello'
    >>> drop_first_letter("x")
    ''
    """
    return text[1:]


def check_drop_first_letter(candidate: Candidate) -> None:
    assert candidate("hello") == "ello"
    assert candidate("x") == ""
    assert candidate("") == ""
    assert candidate("ab") == "b"
    assert candidate("aab") == "ab"
    assert candidate(" hi") == "hi"


def first_three_letters(text: str) -> str:
    """Return the first three characters of the text, or the whole text if it is shorter.

    >>> first_three_letters("python")
    'pyt'
    >>> first_three_letters("go")
    'go'
    """
    return text[:3]


def check_first_three_letters(candidate: Candidate) -> None:
    assert candidate("python") == "pyt"
    assert candidate("go") == "go"
    assert candidate("") == ""
    assert candidate("abc") == "abc"
    assert candidate("abcd") == "abc"
    assert candidate("1 2 3") == "1 2"


def middle_letter(text: str) -> str:
    """Return the character in the middle of the text. The text has an odd length.

    >>> middle_letter("apple")
    'p'
    >>> middle_letter("cat")
    'a'
    """
    return text[len(text) // 2]


def check_middle_letter(candidate: Candidate) -> None:
    assert candidate("apple") == "p"
    assert candidate("cat") == "a"
    assert candidate("x") == "x"
    assert candidate("1234567") == "4"
    assert candidate("level") == "v"
    assert candidate("a b") == " "


def count_letter_a(text: str) -> int:
    """Count how many times the lower-case letter a appears in the text.

    >>> count_letter_a("banana")
    3
    >>> count_letter_a("Apple")
    0
    """
    return text.count("a")


def check_count_letter_a(candidate: Candidate) -> None:
    assert candidate("banana") == 3
    assert candidate("Apple") == 0
    assert candidate("") == 0
    assert candidate("a") == 1
    assert candidate("sky") == 0
    assert candidate("aaAa") == 3


def spell_backwards(text: str) -> str:
    """Return the characters of the text from last to first.

    >>> spell_backwards("dog")
    'god'
    >>> spell_backwards("Hello")
    'olleH'
    """
    return text[::-1]


def check_spell_backwards(candidate: Candidate) -> None:
    assert candidate("dog") == "god"
    assert candidate("Hello") == "olleH"
    assert candidate("") == ""
    assert candidate("x") == "x"
    assert candidate("ab cd") == "dc ba"
    assert candidate("1233") == "3321"


def swap_end_letters(text: str) -> str:
    """Swap the first and the last character of the text.

    A text with fewer than two characters is returned as it is.

    >>> swap_end_letters("bread")
    'dreab'
    >>> swap_end_letters("x")
    'x'
    """
    if len(text) < 2:
        return text
    return text[-1] + text[1:-1] + text[0]


def check_swap_end_letters(candidate: Candidate) -> None:
    assert candidate("bread") == "dreab"
    assert candidate("x") == "x"
    assert candidate("") == ""
    assert candidate("ab") == "ba"
    assert candidate("aba") == "aba"
    assert candidate("Hello") == "oellH"
    assert candidate("cat") == "tac"


def hide_digits(text: str) -> str:
    """Replace every digit in the text with a star.

    >>> hide_digits("room 12")
    'room **'
    >>> hide_digits("none")
    'none'
    """
    return "".join("*" if char.isdigit() else char for char in text)


def check_hide_digits(candidate: Candidate) -> None:
    assert candidate("room 12") == "room **"
    assert candidate("none") == "none"
    assert candidate("") == ""
    assert candidate("2024") == "****"
    assert candidate("0a9") == "*a*"
    assert candidate("1 + 8") == "* + *"


def count_upper_letters(text: str) -> int:
    """Count the upper-case letters in the text.

    >>> count_upper_letters("Hello World")
    2
    >>> count_upper_letters("quiet")
    0
    """
    return sum(1 for char in text if char.isupper())


def check_count_upper_letters(candidate: Candidate) -> None:
    assert candidate("Hello World") == 2
    assert candidate("quiet") == 0
    assert candidate("") == 0
    assert candidate("ABC") == 3
    assert candidate("a1B2") == 1
    assert candidate("X") == 1


def every_third_letter(text: str) -> str:
    """Return the first character of the text, the fourth one, the seventh one and so on.

    >>> every_third_letter("abcdefg")
    'adg'
    >>> every_third_letter("hello")
    'hl'
    """
    return text[::3]


def check_every_third_letter(candidate: Candidate) -> None:
    assert candidate("abcdefg") == "adg"
    assert candidate("hello") == "hl"
    assert candidate("") == ""
    assert candidate("x") == "x"
    assert candidate("xyz") == "x"
    assert candidate("111222333") == "123"


def letter_position(letter: str) -> int:
    """Return the position of a lower-case letter in the alphabet. The letter a has position 1.

    >>> letter_position("a")
    1
    >>> letter_position("c")
    3
    """
    return ord(letter) - ord("a") + 1


def check_letter_position(candidate: Candidate) -> None:
    assert candidate("a") == 1
    assert candidate("c") == 3
    assert candidate("z") == 26
    assert candidate("b") == 2
    assert candidate("m") == 13
    assert candidate("y") == 25


def pad_left_with_zeros(text: str, width: int) -> str:
    """Add zeros before the text until its length is at least the given width.

    >>> pad_left_with_zeros("7", 3)
    '007'
    >>> pad_left_with_zeros("123", 2)
    '123'
    """
    return "0" * (width - len(text)) + text


def check_pad_left_with_zeros(candidate: Candidate) -> None:
    assert candidate("7", 3) == "007"
    assert candidate("123", 2) == "123"
    assert candidate("", 2) == "00"
    assert candidate("42", 2) == "42"
    assert candidate("-5", 4) == "00-5"
    assert candidate("a", 1) == "a"
    assert candidate("42", 3) == "042"


def write_letter_twice(text: str, letter: str) -> str:
    """Return the text with every occurrence of the letter written twice.

    >>> write_letter_twice("banana", "n")
    'bannanna'
    >>> write_letter_twice("hello", "z")
    'hello'
    """
    return text.replace(letter, letter + letter)


def check_write_letter_twice(candidate: Candidate) -> None:
    assert candidate("banana", "n") == "bannanna"
    assert candidate("hello", "z") == "hello"
    assert candidate("", "a") == ""
    assert candidate("xx", "x") == "xxxx"
    assert candidate("AaA", "a") == "AaaA"
    assert candidate("to do", "o") == "too doo"
