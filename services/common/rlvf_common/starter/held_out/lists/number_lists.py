"""Lists of numbers: order, sums and shape."""

from itertools import pairwise

from rlvf_common.starter.candidate import Candidate


def without_every_nth(items: list[int], n: int) -> list[int]:
    """Leave out every n-th item: those at the n-th, 2n-th, 3n-th place and so on.

    The first item has place 1. The n is at least 1. The other items keep their order.

    >>> without_every_nth([10, 20, 30, 40, 50], 2)
    [10, 30, 50]
    >>> without_every_nth([1, 2, 3], 5)
    [1, 2, 3]
    """
    return [item for place, item in enumerate(items, start=1) if place % n != 0]


def check_without_every_nth(candidate: Candidate) -> None:
    assert candidate([10, 20, 30, 40, 50], 2) == [10, 30, 50]
    assert candidate([1, 2, 3], 5) == [1, 2, 3]
    assert candidate([1, 2, 3], 1) == []
    assert candidate([1, 2, 3], 3) == [1, 2]
    assert candidate([], 2) == []
    assert candidate([7, 7, 7, 8, 8, 8, 9], 3) == [7, 7, 8, 8, 9]
    assert candidate([3, 6, 9, 12], 4) == [3, 6, 9]


def numbers_with_opposite(numbers: list[int]) -> int:
    """Count the numbers of the list whose opposite, such as -3 for 3, is in the list as well.

    A number that occurs several times is counted each time. The opposite of 0 is 0 itself, so
    that every 0 counts.

    >>> numbers_with_opposite([3, 5, -3])
    2
    >>> numbers_with_opposite([0, 4])
    1
    """
    return sum(-number in numbers for number in numbers)


def check_numbers_with_opposite(candidate: Candidate) -> None:
    assert candidate([3, 5, -3]) == 2
    assert candidate([0, 4]) == 1
    assert candidate([]) == 0
    assert candidate([2, 2, -2]) == 3
    assert candidate([1, 2, 3]) == 0
    assert candidate([-6, -6]) == 0
    assert candidate([0, 0]) == 2
    assert candidate([-1, 1, 7, -7]) == 4


def takes_turns_odd_even(numbers: list[int]) -> bool:
    """Return True if odd and even numbers take turns: no two neighbors are both odd or both even.

    It does not matter which kind comes first. A list with fewer than two numbers is fine.

    >>> takes_turns_odd_even([4, 7, 2])
    True
    >>> takes_turns_odd_even([1, 3])
    False
    """
    return all((first + second) % 2 == 1 for first, second in pairwise(numbers))


def check_takes_turns_odd_even(candidate: Candidate) -> None:
    assert candidate([4, 7, 2]) is True
    assert candidate([1, 3]) is False
    assert candidate([]) is True
    assert candidate([6]) is True
    assert candidate([2, 4]) is False
    assert candidate([1, 2, 3, 4]) is True
    assert candidate([1, 2, 3, 5]) is False
    assert candidate([0, -1, -2]) is True
    assert candidate([-1, -3, 2]) is False


def weighted_average(values: list[float], weights: list[float]) -> float:
    """Multiply each value by its weight, add the results and divide by the sum of the weights.

    Both lists are equally long. Return 0.0 if the sum of the weights is zero, as it is for
    empty lists.

    >>> weighted_average([10.0, 20.0], [3.0, 1.0])
    12.5
    >>> weighted_average([], [])
    0.0
    """
    total = sum(weights)
    if total == 0:
        return 0.0
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / total


def check_weighted_average(candidate: Candidate) -> None:
    assert abs(candidate([10.0, 20.0], [3.0, 1.0]) - 12.5) < 1e-9
    assert abs(candidate([], []) - 0.0) < 1e-9
    assert abs(candidate([7.0], [0.0]) - 0.0) < 1e-9
    assert abs(candidate([4.0], [9.0]) - 4.0) < 1e-9
    assert abs(candidate([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]) - 2.0) < 1e-9
    assert abs(candidate([5.0, 100.0], [2.0, 0.0]) - 5.0) < 1e-9
    assert abs(candidate([2.0, 6.0], [0.5, 1.5]) - 5.0) < 1e-9


def fold_onto_itself(numbers: list[int]) -> list[int]:
    """Fold the list in the middle: add the last number to the first, the second last to the
    second, and so on.

    A number in the exact middle has no partner and stays as it is, at the end of the result.

    >>> fold_onto_itself([1, 2, 3, 4])
    [5, 5]
    >>> fold_onto_itself([10, 7, 1])
    [11, 7]
    """
    size = len(numbers)
    folded = [numbers[i] + numbers[size - 1 - i] for i in range(size // 2)]
    if size % 2 == 1:
        folded.append(numbers[size // 2])
    return folded


def check_fold_onto_itself(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4]) == [5, 5]
    assert candidate([10, 7, 1]) == [11, 7]
    assert candidate([]) == []
    assert candidate([6]) == [6]
    assert candidate([3, -3]) == [0]
    assert candidate([1, 10, 100, 1000, 10000]) == [10001, 1010, 100]
    assert candidate([5, 0, 0, 0, 0, 2]) == [7, 0, 0]


def share_into_parts(items: list[int], parts: int) -> list[list[int]]:
    """Cut the list into the given number of parts, which is at least 1, without changing the order.

    The sizes of the parts differ by at most one, and the longer parts come first. If there are
    more parts than items, the last parts are empty.

    >>> share_into_parts([1, 2, 3, 4, 5], 2)
    [[1, 2, 3], [4, 5]]
    >>> share_into_parts([7], 3)
    [[7], [], []]
    """
    size, longer = divmod(len(items), parts)
    result = []
    start = 0
    for part in range(parts):
        end = start + size + (1 if part < longer else 0)
        result.append(items[start:end])
        start = end
    return result


def check_share_into_parts(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4, 5], 2) == [[1, 2, 3], [4, 5]]
    assert candidate([7], 3) == [[7], [], []]
    assert candidate([], 2) == [[], []]
    assert candidate([4, 5, 6], 1) == [[4, 5, 6]]
    assert candidate([1, 2, 3, 4], 2) == [[1, 2], [3, 4]]
    assert candidate([1, 2, 3, 4, 5, 6, 7, 8], 3) == [[1, 2, 3], [4, 5, 6], [7, 8]]
    assert candidate([1, 2, 3, 4, 5, 6, 7], 3) == [[1, 2, 3], [4, 5], [6, 7]]
    assert candidate([9, 8, 7], 3) == [[9], [8], [7]]
