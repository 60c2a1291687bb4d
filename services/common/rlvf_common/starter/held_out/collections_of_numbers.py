"""Tasks on lists of numbers and on pairs of them."""

from rlvf_common.starter.candidate import Candidate


def third_item(items: list[int]) -> int:
    """Return the third item of the list. The list has at least three items.

    >>> third_item([4, 5, 6])
    6
    >>> third_item([1, 1, 2, 9])
    2
    """
    return items[2]


def check_third_item(candidate: Candidate) -> None:
    assert candidate([4, 5, 6]) == 6
    assert candidate([1, 1, 2, 9]) == 2
    assert candidate([0, 7, -3]) == -3
    assert candidate([9, 8, 7, 6, 5]) == 7
    assert candidate([0, 1, 0]) == 0
    assert candidate([3, 3, 8, 3]) == 8


def list_size_doubled(items: list[int]) -> int:
    """Return twice the number of items in the list.

    >>> list_size_doubled([5, 6, 7])
    6
    >>> list_size_doubled([])
    0
    """
    return 2 * len(items)


def check_list_size_doubled(candidate: Candidate) -> None:
    assert candidate([5, 6, 7]) == 6
    assert candidate([]) == 0
    assert candidate([0]) == 2
    assert candidate([1, 1]) == 4
    assert candidate([9, 9, 9, 9]) == 8
    assert candidate([-1, -2, -3, -4, -5]) == 10


def add_first_three(numbers: list[int]) -> int:
    """Add the first three numbers of the list. If the list is shorter, add all its numbers.

    >>> add_first_three([1, 2, 3, 4])
    6
    >>> add_first_three([10])
    10
    """
    return sum(numbers[:3])


def check_add_first_three(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4]) == 6
    assert candidate([10]) == 10
    assert candidate([]) == 0
    assert candidate([5, 5]) == 10
    assert candidate([-20, 40, 1]) == 21
    assert candidate([0, 0, 7, 9, 9]) == 7


def each_plus_index(numbers: list[int]) -> list[int]:
    """Add to each number its position in the list. The first position is 0.

    >>> each_plus_index([5, 5, 5])
    [5, 6, 7]
    >>> each_plus_index([1])
    [1]
    """
    return [number + index for index, number in enumerate(numbers)]


def check_each_plus_index(candidate: Candidate) -> None:
    assert candidate([5, 5, 5]) == [5, 6, 7]
    assert candidate([1]) == [1]
    assert candidate([]) == []
    assert candidate([3, 2, 1]) == [3, 3, 3]
    assert candidate([0, 0, 0, 0]) == [0, 1, 2, 3]
    assert candidate([-1, -1]) == [-1, 0]


def replace_number(numbers: list[int], old: int, new: int) -> list[int]:
    """Return the list with every item that equals the old number replaced by the new number.

    >>> replace_number([1, 2, 1], 1, 9)
    [9, 2, 9]
    >>> replace_number([5, 5], 5, 0)
    [0, 0]
    """
    return [new if number == old else number for number in numbers]


def check_replace_number(candidate: Candidate) -> None:
    assert candidate([1, 2, 1], 1, 9) == [9, 2, 9]
    assert candidate([5, 5], 5, 0) == [0, 0]
    assert candidate([], 4, 1) == []
    assert candidate([7, 8], 9, 1) == [7, 8]
    assert candidate([0, 1, 2], 0, 2) == [2, 1, 2]
    assert candidate([3, 1, 2], 2, 3) == [3, 1, 3]


def odd_numbers_up_to(limit: int) -> list[int]:
    """Return the odd numbers from 1 up to the limit, in rising order.

    The limit itself is included if it is odd. It is zero or greater.

    >>> odd_numbers_up_to(7)
    [1, 3, 5, 7]
    >>> odd_numbers_up_to(6)
    [1, 3, 5]
    """
    return list(range(1, limit + 1, 2))


def check_odd_numbers_up_to(candidate: Candidate) -> None:
    assert candidate(7) == [1, 3, 5, 7]
    assert candidate(6) == [1, 3, 5]
    assert candidate(0) == []
    assert candidate(1) == [1]
    assert candidate(2) == [1]
    assert candidate(3) == [1, 3]


def sort_from_high_to_low(numbers: list[int]) -> list[int]:
    """Sort the numbers from the highest to the lowest and return them as a new list.

    >>> sort_from_high_to_low([2, 9, 4])
    [9, 4, 2]
    >>> sort_from_high_to_low([1])
    [1]
    """
    return sorted(numbers, reverse=True)


def check_sort_from_high_to_low(candidate: Candidate) -> None:
    assert candidate([2, 9, 4]) == [9, 4, 2]
    assert candidate([1]) == [1]
    assert candidate([]) == []
    assert candidate([3, 3, 5]) == [5, 3, 3]
    assert candidate([-1, -5, 0]) == [0, -1, -5]
    assert candidate([1, 2, 3, 4]) == [4, 3, 2, 1]


def half_with_most(numbers: list[int]) -> str:
    """Return "first" if the first half of the list has the larger sum, "second" if the second
    half has it, and "equal" if both sums are the same. The list has an even length.

    >>> half_with_most([9, 1, 2, 3])
    'first'
    >>> half_with_most([1, 2])
    'second'
    """
    middle = len(numbers) // 2
    first = sum(numbers[:middle])
    second = sum(numbers[middle:])
    if first > second:
        return "first"
    if second > first:
        return "second"
    return "equal"


def check_half_with_most(candidate: Candidate) -> None:
    assert candidate([9, 1, 2, 3]) == "first"
    assert candidate([1, 2]) == "second"
    assert candidate([]) == "equal"
    assert candidate([4, 4]) == "equal"
    assert candidate([1, 1, 9, -9]) == "first"
    assert candidate([-1, 0]) == "second"
    assert candidate([2, 5, 1, 7]) == "second"


def distance_walked(stops: list[int]) -> int:
    """Somebody walks along a street from stop to stop, in the given order of house numbers.

    Return the sum of the distances between each stop and the next one.

    >>> distance_walked([1, 5, 2])
    7
    >>> distance_walked([4])
    0
    """
    return sum(abs(stops[i + 1] - stops[i]) for i in range(len(stops) - 1))


def check_distance_walked(candidate: Candidate) -> None:
    assert candidate([1, 5, 2]) == 7
    assert candidate([4]) == 0
    assert candidate([]) == 0
    assert candidate([3, 3]) == 0
    assert candidate([-2, 2, -2]) == 8
    assert candidate([10, 7]) == 3


def index_of_largest(numbers: list[int]) -> int:
    """Return the index of the largest number, or -1 for an empty list.

    If the largest number occurs several times, return the last index at which it stands.

    >>> index_of_largest([3, 9, 4])
    1
    >>> index_of_largest([7, 2, 7])
    2
    """
    best = -1
    for index, number in enumerate(numbers):
        if best == -1 or number >= numbers[best]:
            best = index
    return best


def check_index_of_largest(candidate: Candidate) -> None:
    assert candidate([3, 9, 4]) == 1
    assert candidate([7, 2, 7]) == 2
    assert candidate([]) == -1
    assert candidate([5]) == 0
    assert candidate([-3, -1, -2]) == 1
    assert candidate([8, 1, 1]) == 0
    assert candidate([2, 2, 2, 2]) == 3


def total_of_products(pairs: list[tuple[int, int]]) -> int:
    """Multiply the two numbers of each pair and return the sum of the results.

    >>> total_of_products([(2, 3), (4, 5)])
    26
    >>> total_of_products([(7, 0)])
    0
    """
    return sum(first * second for first, second in pairs)


def check_total_of_products(candidate: Candidate) -> None:
    assert candidate([(2, 3), (4, 5)]) == 26
    assert candidate([(7, 0)]) == 0
    assert candidate([]) == 0
    assert candidate([(-1, 6), (2, 3)]) == 0
    assert candidate([(1, 1), (1, 1)]) == 2
    assert candidate([(10, 10)]) == 100


def drop_lowest_and_average(scores: list[int]) -> float:
    """Leave out one lowest score and return the average of the other scores.

    Return 0.0 if fewer than two scores are given.

    >>> drop_lowest_and_average([4, 8, 6])
    7.0
    >>> drop_lowest_and_average([5])
    0.0
    """
    if len(scores) < 2:
        return 0.0
    return (sum(scores) - min(scores)) / (len(scores) - 1)


def check_drop_lowest_and_average(candidate: Candidate) -> None:
    assert abs(candidate([4, 8, 6]) - 7.0) < 1e-9
    assert abs(candidate([5]) - 0.0) < 1e-9
    assert abs(candidate([]) - 0.0) < 1e-9
    assert abs(candidate([3, 3, 6]) - 4.5) < 1e-9
    assert abs(candidate([0, 10]) - 10.0) < 1e-9
    assert abs(candidate([-4, -2, -1]) - -1.5) < 1e-9


def team_points(results: list[str]) -> int:
    """A win, written W, gives 3 points. A draw, written D, gives 1 point. A loss, L, gives 0.

    Return the points of all results together.

    >>> team_points(["W", "D", "L", "W"])
    7
    >>> team_points(["L"])
    0
    """
    return 3 * results.count("W") + results.count("D")


def check_team_points(candidate: Candidate) -> None:
    assert candidate(["W", "D", "L", "W"]) == 7
    assert candidate(["L"]) == 0
    assert candidate([]) == 0
    assert candidate(["D", "D", "D"]) == 3
    assert candidate(["W"]) == 3
    assert candidate(["L", "D"]) == 1


def three_day_averages(values: list[int]) -> list[int]:
    """For each three values in a row return their average, rounded down to a whole number.

    >>> three_day_averages([3, 6, 9, 12])
    [6, 9]
    >>> three_day_averages([1, 2])
    []
    """
    return [sum(values[i : i + 3]) // 3 for i in range(len(values) - 2)]


def check_three_day_averages(candidate: Candidate) -> None:
    assert candidate([3, 6, 9, 12]) == [6, 9]
    assert candidate([1, 2]) == []
    assert candidate([]) == []
    assert candidate([5, 5, 6]) == [5]
    assert candidate([0, 0, 3, 0, 0]) == [1, 1, 1]
    assert candidate([-3, -3, -3]) == [-3]
    assert candidate([1, 1, 0, 2]) == [0, 1]
