"""Questions that are answered with True or False."""

from rlvf_common.starter.candidate import Candidate


def is_between(number: int, low: int, high: int) -> bool:
    """Return True if the number is at least low and at most high.

    >>> is_between(5, 1, 10)
    True
    >>> is_between(11, 1, 10)
    False
    """
    return low <= number <= high


def check_is_between(candidate: Candidate) -> None:
    assert candidate(5, 1, 10) is True
    assert candidate(11, 1, 10) is False
    assert candidate(1, 1, 10) is True
    assert candidate(10, 1, 10) is True
    assert candidate(0, 1, 10) is False
    assert candidate(-3, -5, -1) is True
    assert candidate(4, 4, 4) is True


def ends_with_question_mark(text: str) -> bool:
    """Return True if the last character of the text is a question mark.

    >>> ends_with_question_mark("Who?")
    True
    >>> ends_with_question_mark("Me.")
    False
    """
    return text.endswith("?")


def check_ends_with_question_mark(candidate: Candidate) -> None:
    assert candidate("Who?") is True
    assert candidate("Me.") is False
    assert candidate("") is False
    assert candidate("?") is True
    assert candidate("? no") is False
    assert candidate("what?!") is False
    assert candidate("a b?") is True


def is_multiple_of_three(number: int) -> bool:
    """Return True if the number can be divided by three without a remainder.

    >>> is_multiple_of_three(9)
    True
    >>> is_multiple_of_three(10)
    False
    """
    return number % 3 == 0


def check_is_multiple_of_three(candidate: Candidate) -> None:
    assert candidate(9) is True
    assert candidate(10) is False
    assert candidate(0) is True
    assert candidate(-6) is True
    assert candidate(1) is False
    assert candidate(3) is True
    assert candidate(13) is False


def is_longer_than(text: str, length: int) -> bool:
    """Return True if the text has more characters than the given length.

    >>> is_longer_than("hello", 3)
    True
    >>> is_longer_than("hi", 2)
    False
    """
    return len(text) > length


def check_is_longer_than(candidate: Candidate) -> None:
    assert candidate("hello", 3) is True
    assert candidate("hi", 2) is False
    assert candidate("", 0) is False
    assert candidate("abc", 4) is False
    assert candidate("x", 0) is True
    assert candidate("abcd", 3) is True


def both_positive(first: int, second: int) -> bool:
    """Return True if both numbers are greater than zero.

    >>> both_positive(3, 5)
    True
    >>> both_positive(3, -5)
    False
    """
    return first > 0 and second > 0


def check_both_positive(candidate: Candidate) -> None:
    assert candidate(3, 5) is True
    assert candidate(3, -5) is False
    assert candidate(0, 1) is False
    assert candidate(1, 0) is False
    assert candidate(1, 1) is True
    assert candidate(-2, -2) is False
    assert candidate(-1, 4) is False


def exactly_one_true(first: bool, second: bool, third: bool) -> bool:
    """Return True if exactly one of the three values is True.

    >>> exactly_one_true(True, False, False)
    True
    >>> exactly_one_true(True, True, False)
    False
    """
    return [first, second, third].count(True) == 1


def check_exactly_one_true(candidate: Candidate) -> None:
    assert candidate(True, False, False) is True
    assert candidate(True, True, False) is False
    assert candidate(False, True, False) is True
    assert candidate(False, False, True) is True
    assert candidate(False, False, False) is False
    assert candidate(True, True, True) is False
    assert candidate(False, True, True) is False


def has_equal_neighbors(items: list[int]) -> bool:
    """Return True if somewhere in the list two equal items stand side by side.

    >>> has_equal_neighbors([1, 2, 2])
    True
    >>> has_equal_neighbors([1, 2, 1])
    False
    """
    return any(items[i] == items[i + 1] for i in range(len(items) - 1))


def check_has_equal_neighbors(candidate: Candidate) -> None:
    assert candidate([1, 2, 2]) is True
    assert candidate([1, 2, 1]) is False
    assert candidate([]) is False
    assert candidate([5]) is False
    assert candidate([4, 4]) is True
    assert candidate([0, 0, 1, 2]) is True
    assert candidate([0, 1, 2, 0]) is False
    assert candidate([1, 2, 3, 4]) is False


def is_leap_year(year: int) -> bool:
    """Return True if the year is a leap year.

    A leap year can be divided by 4. Years that can be divided by 100 are leap years
    only if they can also be divided by 400.

    >>> is_leap_year(2024)
    True
    >>> is_leap_year(1900)
    False
    """
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def check_is_leap_year(candidate: Candidate) -> None:
    assert candidate(2024) is True
    assert candidate(1900) is False
    assert candidate(2000) is True
    assert candidate(2023) is False
    assert candidate(1996) is True
    assert candidate(2100) is False
    assert candidate(2022) is False
    assert candidate(2200) is False


def contains_all(items: list[int], wanted: list[int]) -> bool:
    """Return True if every wanted number appears in the items.

    >>> contains_all([1, 2, 3], [3, 1])
    True
    >>> contains_all([1, 2], [2, 5])
    False
    """
    return all(number in items for number in wanted)


def check_contains_all(candidate: Candidate) -> None:
    assert candidate([1, 2, 3], [3, 1]) is True
    assert candidate([1, 2], [2, 5]) is False
    assert candidate([4], []) is True
    assert candidate([], [1]) is False
    assert candidate([], []) is True
    assert candidate([7, 8], [8, 8]) is True
    assert candidate([1, 2], [5, 1]) is False


def starts_and_ends_same(text: str) -> bool:
    """Return True if the text starts and ends with the same character.

    Return False for an empty text.

    >>> starts_and_ends_same("abca")
    True
    >>> starts_and_ends_same("abc")
    False
    """
    return text != "" and text[0] == text[-1]


def check_starts_and_ends_same(candidate: Candidate) -> None:
    assert candidate("abca") is True
    assert candidate("abc") is False
    assert candidate("") is False
    assert candidate("x") is True
    assert candidate("Aa") is False
    assert candidate("noon") is True
    assert candidate("  ") is True


def all_words_short(words: list[str]) -> bool:
    """Return True if no word has more than four letters.

    >>> all_words_short(["cat", "tree"])
    True
    >>> all_words_short(["cat", "horse"])
    False
    """
    return all(len(word) <= 4 for word in words)


def check_all_words_short(candidate: Candidate) -> None:
    assert candidate(["cat", "tree"]) is True
    assert candidate(["cat", "horse"]) is False
    assert candidate([]) is True
    assert candidate(["house"]) is False
    assert candidate(["", "a"]) is True
    assert candidate(["tulip", "a"]) is False
    assert candidate(["four"]) is True


def is_strong_password(password: str) -> bool:
    """Return True if the password has at least eight characters and contains a digit.

    >>> is_strong_password("sunny1day")
    True
    >>> is_strong_password("abc1")
    False
    """
    return len(password) >= 8 and any(char.isdigit() for char in password)


def check_is_strong_password(candidate: Candidate) -> None:
    assert candidate("sunny1day") is True
    assert candidate("abc1") is False
    assert candidate("longenough") is False
    assert candidate("12345678") is True
    assert candidate("abcdefg") is False
    assert candidate("abcdef7") is False
    assert candidate("abcdefg7") is True
    assert candidate("") is False


def only_letters_of(text: str, allowed: str) -> bool:
    """Return True if every character of the text appears in the allowed characters.

    >>> only_letters_of("abba", "ab")
    True
    >>> only_letters_of("abc", "ab")
    False
    """
    return all(char in allowed for char in text)


def check_only_letters_of(candidate: Candidate) -> None:
    assert candidate("abba", "ab") is True
    assert candidate("abc", "ab") is False
    assert candidate("", "xyz") is True
    assert candidate("a", "") is False
    assert candidate("1001", "01") is True
    assert candidate("ca", "ab") is False
    assert candidate("A", "a") is False


def always_at_least_doubles(numbers: list[int]) -> bool:
    """Return True if each number is at least twice as large as the number before it.

    A list with fewer than two numbers passes this test.

    >>> always_at_least_doubles([1, 2, 5])
    True
    >>> always_at_least_doubles([3, 5])
    False
    """
    return all(numbers[i + 1] >= 2 * numbers[i] for i in range(len(numbers) - 1))


def check_always_at_least_doubles(candidate: Candidate) -> None:
    assert candidate([1, 2, 5]) is True
    assert candidate([3, 5]) is False
    assert candidate([]) is True
    assert candidate([8]) is True
    assert candidate([2, 1]) is False
    assert candidate([1, 2, 4, 7]) is False
    assert candidate([0, 0, 1]) is True
    assert candidate([4, 8]) is True
    assert candidate([3, 5, 10]) is False
