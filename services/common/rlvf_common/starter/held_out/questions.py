"""Questions that are answered with True or False."""

from rlvf_common.starter.candidate import Candidate


def is_even_and_positive(number: int) -> bool:
    """Return True if the number is even and greater than zero.

    >>> is_even_and_positive(4)
    True
    >>> is_even_and_positive(-4)
    False
    """
    return number > 0 and number % 2 == 0


def check_is_even_and_positive(candidate: Candidate) -> None:
    assert candidate(4) is True
    assert candidate(-4) is False
    assert candidate(0) is False
    assert candidate(7) is False
    assert candidate(2) is True
    assert candidate(1) is False


def starts_with_capital(text: str) -> bool:
    """Return True if the first character of the text is an upper-case letter.

    >>> starts_with_capital("Hello")
    True
    >>> starts_with_capital("hello")
    False
    """
    return text[:1].isupper()


def check_starts_with_capital(candidate: Candidate) -> None:
    assert candidate("Hello") is True
    assert candidate("hello") is False
    assert candidate("") is False
    assert candidate("aBC") is False
    assert candidate("1A") is False
    assert candidate("Z") is True


def is_one_more(first: int, second: int) -> bool:
    """Return True if the second number is exactly one more than the first number.

    >>> is_one_more(4, 5)
    True
    >>> is_one_more(5, 4)
    False
    """
    return second == first + 1


def check_is_one_more(candidate: Candidate) -> None:
    assert candidate(4, 5) is True
    assert candidate(5, 4) is False
    assert candidate(3, 3) is False
    assert candidate(-1, 0) is True
    assert candidate(2, 4) is False
    assert candidate(0, 1) is True
    assert candidate(0, -1) is False


def lists_match_in_size(first: list[int], second: list[int]) -> bool:
    """Return True if both lists have the same number of items.

    >>> lists_match_in_size([1, 2], [3, 4])
    True
    >>> lists_match_in_size([1], [1, 1])
    False
    """
    return len(first) == len(second)


def check_lists_match_in_size(candidate: Candidate) -> None:
    assert candidate([1, 2], [3, 4]) is True
    assert candidate([1], [1, 1]) is False
    assert candidate([], []) is True
    assert candidate([], [0]) is False
    assert candidate([5, 5, 5], [5]) is False
    assert candidate([9], [-9]) is True
    assert candidate([4, 4], [5, 6]) is True


def sum_is_even(first: int, second: int, third: int) -> bool:
    """Return True if the sum of the three numbers is even.

    >>> sum_is_even(1, 2, 3)
    True
    >>> sum_is_even(1, 1, 1)
    False
    """
    return (first + second + third) % 2 == 0


def check_sum_is_even(candidate: Candidate) -> None:
    assert candidate(1, 2, 3) is True
    assert candidate(1, 1, 1) is False
    assert candidate(0, 0, 0) is True
    assert candidate(2, 2, 3) is False
    assert candidate(-1, 4, 1) is True
    assert candidate(5, 2, 2) is False
    assert candidate(4, 4, 4) is True


def any_word_starts_with(words: list[str], letter: str) -> bool:
    """Return True if at least one of the words starts with the letter.

    >>> any_word_starts_with(["tree", "car"], "c")
    True
    >>> any_word_starts_with(["tree"], "r")
    False
    """
    return any(word.startswith(letter) for word in words)


def check_any_word_starts_with(candidate: Candidate) -> None:
    assert candidate(["tree", "car"], "c") is True
    assert candidate(["tree"], "r") is False
    assert candidate([], "a") is False
    assert candidate(["", "b"], "b") is True
    assert candidate(["Apple"], "a") is False
    assert candidate(["xa", "ya", "za"], "a") is False
    assert candidate(["tap", "sun"], "t") is True


def has_only_positive(numbers: list[int]) -> bool:
    """Return True if the list is not empty and every number in it is greater than zero.

    >>> has_only_positive([1, 2])
    True
    >>> has_only_positive([0, 1])
    False
    """
    return len(numbers) > 0 and all(number > 0 for number in numbers)


def check_has_only_positive(candidate: Candidate) -> None:
    assert candidate([1, 2]) is True
    assert candidate([0, 1]) is False
    assert candidate([]) is False
    assert candidate([5]) is True
    assert candidate([3, -1]) is False
    assert candidate([-4, 4]) is False
    assert candidate([1, 1, 1]) is True


def is_valid_score_list(scores: list[int], count: int) -> bool:
    """Return True if there are exactly count scores and each is from 0 to 100.

    >>> is_valid_score_list([50, 70], 2)
    True
    >>> is_valid_score_list([50], 2)
    False
    """
    return len(scores) == count and all(0 <= score <= 100 for score in scores)


def check_is_valid_score_list(candidate: Candidate) -> None:
    assert candidate([50, 70], 2) is True
    assert candidate([50], 2) is False
    assert candidate([101], 1) is False
    assert candidate([-1, 5], 2) is False
    assert candidate([0, 100], 2) is True
    assert candidate([], 0) is True
    assert candidate([9, 9, 9], 2) is False


def can_reach_end(jumps: list[int]) -> bool:
    """Start on the first field. The number on a field tells how many fields to move forward.

    Return True if the walk lands exactly on the last field. A zero ends the walk, and so
    does a move past the last field. No number is negative, and there is at least one field.

    >>> can_reach_end([2, 5, 1, 9])
    True
    >>> can_reach_end([1, 0, 4])
    False
    """
    place = 0
    while place < len(jumps) - 1 and jumps[place] > 0:
        place += jumps[place]
    return place == len(jumps) - 1


def check_can_reach_end(candidate: Candidate) -> None:
    assert candidate([2, 5, 1, 9]) is True
    assert candidate([1, 0, 4]) is False
    assert candidate([0]) is True
    assert candidate([3, 1]) is False
    assert candidate([1, 1, 1, 0]) is True
    assert candidate([2, 1, 2, 1]) is False
    assert candidate([4]) is True
    assert candidate([1, 2, 0, 7]) is True
