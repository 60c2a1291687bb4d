"""Tasks on strings, words and sentences."""

from rlvf_common.starter.candidate import Candidate


def second_letter(text: str) -> str:
    """Return the second character of the text. The text has at least two characters.

    >>> second_letter("hello")
    'e'
    >>> second_letter("ab")
    'b'
    """
    return text[1]


def check_second_letter(candidate: Candidate) -> None:
    assert candidate("hello") == "e"
    assert candidate("ab") == "b"
    assert candidate("xyz") == "y"
    assert candidate("A1") == "1"
    assert candidate("a b") == " "
    assert candidate("zzq") == "z"


def text_length_plus_one(text: str) -> int:
    """Return the number of characters in the text, plus one.

    >>> text_length_plus_one("cat")
    4
    >>> text_length_plus_one("")
    1
    """
    return len(text) + 1


def check_text_length_plus_one(candidate: Candidate) -> None:
    assert candidate("cat") == 4
    assert candidate("") == 1
    assert candidate("a") == 2
    assert candidate("two words") == 10
    assert candidate("  ") == 3
    assert candidate("hello") == 6


def underline_text(text: str) -> str:
    r"""Return the text, a line break and then one dash for every character of the text.

    >>> underline_text("Hello")
    'Hello\n-----'
    >>> underline_text("a b")
    'a b\n---'
    """
    return text + "\n" + "-" * len(text)


def check_underline_text(candidate: Candidate) -> None:
    assert candidate("Hello") == "Hello\n-----"
    assert candidate("a b") == "a b\n---"
    assert candidate("") == "\n"
    assert candidate("x") == "x\n-"
    assert candidate("--") == "--\n--"
    assert candidate("Chapter 1") == "Chapter 1\n---------"


def first_letter_to_end(text: str) -> str:
    """Move the first character of the text to its end. An empty text stays empty.

    >>> first_letter_to_end("hello")
    'elloh'
    >>> first_letter_to_end("ab")
    'ba'
    """
    return text[1:] + text[:1]


def check_first_letter_to_end(candidate: Candidate) -> None:
    assert candidate("hello") == "elloh"
    assert candidate("ab") == "ba"
    assert candidate("") == ""
    assert candidate("x") == "x"
    assert candidate("abc") == "bca"
    assert candidate("aab") == "aba"


def contains_space(text: str) -> bool:
    """Return True if there is at least one space in the text.

    >>> contains_space("a b")
    True
    >>> contains_space("word")
    False
    """
    return " " in text


def check_contains_space(candidate: Candidate) -> None:
    assert candidate("a b") is True
    assert candidate("word") is False
    assert candidate("") is False
    assert candidate(" ") is True
    assert candidate("a_b-c") is False
    assert candidate("end ") is True
    assert candidate(" x") is True


def star_each_word(words: list[str]) -> list[str]:
    """Put one star before and one star after each of the words.

    >>> star_each_word(["a", "bc"])
    ['*a*', '*bc*']
    >>> star_each_word(["x"])
    ['*x*']
    """
    return ["*" + word + "*" for word in words]


def check_star_each_word(candidate: Candidate) -> None:
    assert candidate(["a", "bc"]) == ["*a*", "*bc*"]
    assert candidate(["x"]) == ["*x*"]
    assert candidate([]) == []
    assert candidate(["", ""]) == ["**", "**"]
    assert candidate(["1", "2", "3"]) == ["*1*", "*2*", "*3*"]
    assert candidate(["a b"]) == ["*a b*"]


def make_email(name: str, domain: str) -> str:
    """Return the name in lower case, then an @ sign, then the domain.

    >>> make_email("Ada", "mail.org")
    'ada@mail.org'
    >>> make_email("bob", "x.com")
    'bob@x.com'
    """
    return name.lower() + "@" + domain


def check_make_email(candidate: Candidate) -> None:
    assert candidate("Ada", "mail.org") == "ada@mail.org"
    assert candidate("bob", "x.com") == "bob@x.com"
    assert candidate("", "a.b") == "@a.b"
    assert candidate("JOE", "Home.net") == "joe@Home.net"
    assert candidate("A.B", "c") == "a.b@c"
    assert candidate("zed9", "") == "zed9@"


def without_final_word(sentence: str) -> str:
    """Remove the final word of the sentence and return the other words, separated by one space.

    >>> without_final_word("see you soon")
    'see you'
    >>> without_final_word("hi")
    ''
    """
    return " ".join(sentence.split()[:-1])


def check_without_final_word(candidate: Candidate) -> None:
    assert candidate("see you soon") == "see you"
    assert candidate("hi") == ""
    assert candidate("") == ""
    assert candidate("a b ") == "a"
    assert candidate("go  go go") == "go go"
    assert candidate("one two three four") == "one two three"


def shortest_of_three(first: str, second: str, third: str) -> str:
    """Return the shortest of the three texts. If there is a tie, return the earliest of them.

    >>> shortest_of_three("pear", "fig", "apple")
    'fig'
    >>> shortest_of_three("cat", "dog", "cow")
    'cat'
    """
    return min(first, second, third, key=len)


def check_shortest_of_three(candidate: Candidate) -> None:
    assert candidate("pear", "fig", "apple") == "fig"
    assert candidate("cat", "dog", "cow") == "cat"
    assert candidate("aaa", "bb", "c") == "c"
    assert candidate("a", "bb", "ccc") == "a"
    assert candidate("long", "xy", "ab") == "xy"
    assert candidate("", "a", "") == ""
    assert candidate("zz", "q", "r") == "q"


def hide_middle(word: str) -> str:
    """Replace every character by a star, except for the first one and the last one.

    >>> hide_middle("secret")
    's****t'
    >>> hide_middle("ab")
    'ab'
    """
    if len(word) < 3:
        return word
    return word[0] + "*" * (len(word) - 2) + word[-1]


def check_hide_middle(candidate: Candidate) -> None:
    assert candidate("secret") == "s****t"
    assert candidate("ab") == "ab"
    assert candidate("") == ""
    assert candidate("x") == "x"
    assert candidate("abc") == "a*c"
    assert candidate("aaaa") == "a**a"


def count_long_words(sentence: str, length: int) -> int:
    """Count the words of the sentence that have at least the given number of letters.

    >>> count_long_words("the big elephant", 4)
    1
    >>> count_long_words("one two six", 3)
    3
    """
    return sum(1 for word in sentence.split() if len(word) >= length)


def check_count_long_words(candidate: Candidate) -> None:
    assert candidate("the big elephant", 4) == 1
    assert candidate("one two six", 3) == 3
    assert candidate("", 1) == 0
    assert candidate("a bb ccc", 2) == 2
    assert candidate("hi", 3) == 0
    assert candidate("same same", 4) == 2


def abbreviate(text: str, width: int) -> str:
    """Return the text if it has at most width characters.

    Otherwise return its first width characters followed by three dots.

    >>> abbreviate("elephant", 3)
    'ele...'
    >>> abbreviate("cat", 3)
    'cat'
    """
    if len(text) <= width:
        return text
    return text[:width] + "..."


def check_abbreviate(candidate: Candidate) -> None:
    assert candidate("elephant", 3) == "ele..."
    assert candidate("cat", 3) == "cat"
    assert candidate("", 2) == ""
    assert candidate("ab", 5) == "ab"
    assert candidate("hello", 0) == "..."
    assert candidate("abcd", 3) == "abc..."


def words_in_both(first: str, second: str) -> list[str]:
    """Return the words of the first sentence that also appear in the second one.

    Keep their order. A word that the first sentence repeats is listed only once.

    >>> words_in_both("red blue green", "green red")
    ['red', 'green']
    >>> words_in_both("a a b", "b a")
    ['a', 'b']
    """
    other = second.split()
    found: list[str] = []
    for word in first.split():
        if word in other and word not in found:
            found.append(word)
    return found


def check_words_in_both(candidate: Candidate) -> None:
    assert candidate("red blue green", "green red") == ["red", "green"]
    assert candidate("a a b", "b a") == ["a", "b"]
    assert candidate("", "x") == []
    assert candidate("x", "") == []
    assert candidate("cat", "cats") == []
    assert candidate("z y x z", "x z") == ["z", "x"]


def mask_card_number(card: str) -> str:
    """Replace all digits of the card number by stars, except for the last four digits.

    Characters that are not digits, such as spaces, stay as they are.

    >>> mask_card_number("1234 5678")
    '**** 5678'
    >>> mask_card_number("123")
    '123'
    """
    hidden = sum(char.isdigit() for char in card) - 4
    masked = []
    for char in card:
        if char.isdigit() and hidden > 0:
            masked.append("*")
            hidden -= 1
        else:
            masked.append(char)
    return "".join(masked)


def check_mask_card_number(candidate: Candidate) -> None:
    assert candidate("1234 5678") == "**** 5678"
    assert candidate("123") == "123"
    assert candidate("") == ""
    assert candidate("12345") == "*2345"
    assert candidate("1111-2222-33") == "****-**22-33"
    assert candidate("9876") == "9876"
    assert candidate("00 00 00 1") == "** *0 00 1"
