"""Rows of numbers: where they rise and fall, and how they are written shorter."""

from rlvf_common.starter.candidate import Candidate


def without_outer_zeros(numbers: list[int]) -> list[int]:
    """Remove the zeros at the beginning and at the end of the list.

    Zeros between other numbers stay. A list that has only zeros becomes empty.

    >>> without_outer_zeros([0, 0, 4, 0, 2, 0])
    [4, 0, 2]
    >>> without_outer_zeros([0])
    []
    """
    start, end = 0, len(numbers)
    while start < end and numbers[start] == 0:
        start += 1
    while end > start and numbers[end - 1] == 0:
        end -= 1
    return numbers[start:end]


def check_without_outer_zeros(candidate: Candidate) -> None:
    assert candidate([0, 0, 4, 0, 2, 0]) == [4, 0, 2]
    assert candidate([0]) == []
    assert candidate([]) == []
    assert candidate([0, 0, 0]) == []
    assert candidate([5]) == [5]
    assert candidate([1, 0, 0]) == [1]
    assert candidate([0, 0, -1]) == [-1]
    assert candidate([0, 6, 0]) == [6]
    assert candidate([3, 0, 0, 3]) == [3, 0, 0, 3]


def fairest_cut(numbers: list[int]) -> int:
    """Cut the list into a left and a right part, so that their sums differ as little as possible.

    Return how many numbers the left part has. Both parts need at least one number, and the
    list has at least two. If several cuts are equally fair, the shortest left part is taken.

    >>> fairest_cut([1, 2, 3, 4])
    3
    >>> fairest_cut([5, 5])
    1
    """
    best = 1
    for size in range(2, len(numbers)):
        gap = abs(sum(numbers[:size]) - sum(numbers[size:]))
        if gap < abs(sum(numbers[:best]) - sum(numbers[best:])):
            best = size
    return best


def check_fairest_cut(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4]) == 3
    assert candidate([5, 5]) == 1
    assert candidate([9, 1, 1, 1]) == 1
    assert candidate([1, 1, 1, 9]) == 3
    assert candidate([4, 2, 4]) == 1
    assert candidate([3, 0, 3]) == 1
    assert candidate([0, 0, 0, 0]) == 1
    assert candidate([0, 0, 9]) == 1
    assert candidate([2, 2, 1, 1, 2]) == 2
    assert candidate([-1, -2, -3]) == 2


def next_larger_to_the_right(numbers: list[int]) -> list[int | None]:
    """For each number, find the nearest number to the right of it that is larger.

    Return these numbers in a list, with None where there is no larger one.

    >>> next_larger_to_the_right([2, 1, 5, 3])
    [5, 5, None, None]
    >>> next_larger_to_the_right([4, 4])
    [None, None]
    """
    result = []
    for place, number in enumerate(numbers):
        larger = [other for other in numbers[place + 1 :] if other > number]
        result.append(larger[0] if larger else None)
    return result


def check_next_larger_to_the_right(candidate: Candidate) -> None:
    assert candidate([2, 1, 5, 3]) == [5, 5, None, None]
    assert candidate([4, 4]) == [None, None]
    assert candidate([]) == []
    assert candidate([7]) == [None]
    assert candidate([1, 2, 3]) == [2, 3, None]
    assert candidate([3, 2, 1]) == [None, None, None]
    assert candidate([5, 1, 6, 9]) == [6, 6, 9, None]
    assert candidate([-2, -5, 0, -1]) == [0, 0, None, None]
    assert candidate([1, 3, 9, 2, 4]) == [3, 9, None, 4, None]


def follows_sum_rule(numbers: list[int]) -> bool:
    """Return True if every number from the third one on is the sum of the two directly before it.

    A list with fewer than three numbers has nothing to break the rule.

    >>> follows_sum_rule([3, 4, 7, 11])
    True
    >>> follows_sum_rule([1, 2, 4])
    False
    """
    return all(numbers[i - 2] + numbers[i - 1] == numbers[i] for i in range(2, len(numbers)))


def check_follows_sum_rule(candidate: Candidate) -> None:
    assert candidate([3, 4, 7, 11]) is True
    assert candidate([1, 2, 4]) is False
    assert candidate([]) is True
    assert candidate([5, 1]) is True
    assert candidate([0, 0, 0]) is True
    assert candidate([2, 3, 5, 9]) is False
    assert candidate([1, 5, 7, 12]) is False
    assert candidate([4, -1, 3, 2, 5]) is True
    assert candidate([1, 1, 1]) is False


def halving_rounds(sizes: list[int]) -> int:
    """In each round every number of the list is halved and rounded down.

    Return after how many rounds all numbers are 0. No number is negative. If there is nothing
    but zeros from the start, or no number at all, return 0.

    >>> halving_rounds([1, 4])
    3
    >>> halving_rounds([0, 0])
    0
    """
    rounds = 0
    largest = max(sizes, default=0)
    while largest > 0:
        largest //= 2
        rounds += 1
    return rounds


def check_halving_rounds(candidate: Candidate) -> None:
    assert candidate([1, 4]) == 3
    assert candidate([0, 0]) == 0
    assert candidate([]) == 0
    assert candidate([1]) == 1
    assert candidate([2, 3]) == 2
    assert candidate([7, 0, 1]) == 3
    assert candidate([5, 8, 6]) == 4
    assert candidate([1000]) == 10
