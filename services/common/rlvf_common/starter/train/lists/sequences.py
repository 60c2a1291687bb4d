"""Picking, counting and adding up the items of a list."""

from rlvf_common.starter.candidate import Candidate


def first_item(items: list[int]) -> int:
    """Return the first item of the list. The list is never empty.

    >>> first_item([5, 6, 7])
    5
    >>> first_item([9])
    9
    """
    return items[0]


def check_first_item(candidate: Candidate) -> None:
    assert candidate([5, 6, 7]) == 5
    assert candidate([9]) == 9
    assert candidate([0, 1]) == 0
    assert candidate([-3, 4]) == -3
    assert candidate([2, 2, 8]) == 2
    assert candidate([8, 2, 1, 9]) == 8


def last_two_items(items: list[int]) -> list[int]:
    """Return a list with the last two items. A list with fewer items is returned whole.

    >>> last_two_items([1, 2, 3])
    [2, 3]
    >>> last_two_items([7])
    [7]
    """
    return items[-2:]


def check_last_two_items(candidate: Candidate) -> None:
    assert candidate([1, 2, 3]) == [2, 3]
    assert candidate([7]) == [7]
    assert candidate([]) == []
    assert candidate([4, 5]) == [4, 5]
    assert candidate([9, 8, 7, 6]) == [7, 6]
    assert candidate([1, 1, 1]) == [1, 1]


def add_all_even(numbers: list[int]) -> int:
    """Return the sum of the even numbers in the list.

    >>> add_all_even([1, 2, 3, 4])
    6
    >>> add_all_even([1, 3])
    0
    """
    return sum(number for number in numbers if number % 2 == 0)


def check_add_all_even(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4]) == 6
    assert candidate([1, 3]) == 0
    assert candidate([]) == 0
    assert candidate([0, 5, 10]) == 10
    assert candidate([-2, -3, 8]) == 6
    assert candidate([2, 2, 2]) == 6


def how_many_differ(numbers: list[int], value: int) -> int:
    """Count how many numbers in the list are not equal to the value.

    >>> how_many_differ([1, 2, 1, 3], 1)
    2
    >>> how_many_differ([4, 5], 6)
    2
    """
    return sum(1 for number in numbers if number != value)


def check_how_many_differ(candidate: Candidate) -> None:
    assert candidate([1, 2, 1, 3], 1) == 2
    assert candidate([4, 5], 6) == 2
    assert candidate([], 0) == 0
    assert candidate([7, 7, 7], 7) == 0
    assert candidate([0, 1, 0], 0) == 1
    assert candidate([-1, 1, 2, 3], 1) == 3


def smallest_plus_biggest(numbers: list[int]) -> int:
    """Return the smallest number plus the biggest number. The list is never empty.

    >>> smallest_plus_biggest([4, 2, 9])
    11
    >>> smallest_plus_biggest([7])
    14
    """
    return min(numbers) + max(numbers)


def check_smallest_plus_biggest(candidate: Candidate) -> None:
    assert candidate([4, 2, 9]) == 11
    assert candidate([7]) == 14
    assert candidate([-1, -5, 0]) == -5
    assert candidate([3, 3]) == 6
    assert candidate([10, 20, 1]) == 21
    assert candidate([100, 0, 50]) == 100


def sum_without_largest(numbers: list[int]) -> int:
    """Add up all the numbers but leave out the largest one. The list is never empty.

    If the largest number occurs several times, leave it out only once.

    >>> sum_without_largest([3, 10, 5])
    8
    >>> sum_without_largest([4])
    0
    """
    return sum(numbers) - max(numbers)


def check_sum_without_largest(candidate: Candidate) -> None:
    assert candidate([3, 10, 5]) == 8
    assert candidate([4]) == 0
    assert candidate([-2, 2]) == -2
    assert candidate([8, 1]) == 1
    assert candidate([6, 6, 6]) == 12
    assert candidate([-9, -4, -5]) == -14


def average_of_positive(numbers: list[float]) -> float:
    """Return the average of the numbers that are greater than zero, or 0.0 if there are none.

    >>> average_of_positive([1.0, -5.0, 3.0])
    2.0
    >>> average_of_positive([-1.0, -2.0])
    0.0
    """
    positive = [number for number in numbers if number > 0]
    if not positive:
        return 0.0
    return sum(positive) / len(positive)


def check_average_of_positive(candidate: Candidate) -> None:
    assert abs(candidate([1.0, -5.0, 3.0]) - 2.0) < 1e-9
    assert abs(candidate([-1.0, -2.0]) - 0.0) < 1e-9
    assert abs(candidate([]) - 0.0) < 1e-9
    assert abs(candidate([5.0]) - 5.0) < 1e-9
    assert abs(candidate([1.0, 2.0, 0.0]) - 1.5) < 1e-9
    assert abs(candidate([-4.0, 4.0]) - 4.0) < 1e-9
    assert abs(candidate([0.5, 0.5, 2.0]) - 1.0) < 1e-9


def count_above(numbers: list[int], limit: int) -> int:
    """Count the numbers that are greater than the limit.

    >>> count_above([1, 5, 8], 4)
    2
    >>> count_above([3, 3], 3)
    0
    """
    return sum(1 for number in numbers if number > limit)


def check_count_above(candidate: Candidate) -> None:
    assert candidate([1, 5, 8], 4) == 2
    assert candidate([3, 3], 3) == 0
    assert candidate([], 1) == 0
    assert candidate([-1, 0, 1], -1) == 2
    assert candidate([10, 11, 12], 9) == 3
    assert candidate([2, 9, 2, 9], 5) == 2


def product_without_zeros(numbers: list[int]) -> int:
    """Multiply all numbers of the list that are not zero.

    Return 1 if there are no such numbers.

    >>> product_without_zeros([2, 0, 4])
    8
    >>> product_without_zeros([])
    1
    """
    result = 1
    for number in numbers:
        if number != 0:
            result *= number
    return result


def check_product_without_zeros(candidate: Candidate) -> None:
    assert candidate([2, 0, 4]) == 8
    assert candidate([]) == 1
    assert candidate([0]) == 1
    assert candidate([7, 2]) == 14
    assert candidate([-1, 6, 0]) == -6
    assert candidate([-2, -2]) == 4


def sum_of_ends(numbers: list[int]) -> int:
    """Return the first number plus the last number. Return 0 if the list is empty.

    In a list with one number, that number is both first and last.

    >>> sum_of_ends([1, 2, 3])
    4
    >>> sum_of_ends([5])
    10
    """
    if not numbers:
        return 0
    return numbers[0] + numbers[-1]


def check_sum_of_ends(candidate: Candidate) -> None:
    assert candidate([1, 2, 3]) == 4
    assert candidate([5]) == 10
    assert candidate([]) == 0
    assert candidate([4, -4]) == 0
    assert candidate([10, 7, 7, 1]) == 11
    assert candidate([-2, 9, -3]) == -5


def index_or_minus_one(items: list[str], wanted: str) -> int:
    """Return the position of the first item equal to the wanted one, or -1 if there is none.

    >>> index_or_minus_one(["a", "b", "c"], "c")
    2
    >>> index_or_minus_one(["a", "b"], "z")
    -1
    """
    for index, item in enumerate(items):
        if item == wanted:
            return index
    return -1


def check_index_or_minus_one(candidate: Candidate) -> None:
    assert candidate(["a", "b", "c"], "c") == 2
    assert candidate(["a", "b"], "z") == -1
    assert candidate([], "a") == -1
    assert candidate(["x", "y", "x"], "x") == 0
    assert candidate(["ab", "a"], "a") == 1
    assert candidate(["p", "q", "q"], "q") == 1


def last_long_item(items: list[str], length: int) -> str:
    """Return the last string of the list that has at least the given length.

    Return an empty string if there is none.

    >>> last_long_item(["apple", "fig", "mango", "nut"], 5)
    'mango'
    >>> last_long_item(["one", "two"], 3)
    'two'
    """
    for item in reversed(items):
        if len(item) >= length:
            return item
    return ""


def check_last_long_item(candidate: Candidate) -> None:
    assert candidate(["apple", "fig", "mango", "nut"], 5) == "mango"
    assert candidate(["one", "two"], 3) == "two"
    assert candidate([], 1) == ""
    assert candidate(["x"], 2) == ""
    assert candidate(["abc", "b"], 3) == "abc"
    assert candidate(["long", "longer", "longest"], 6) == "longest"
