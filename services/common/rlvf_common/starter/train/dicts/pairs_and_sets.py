"""Tasks on tuples, pairs and sets."""

from rlvf_common.starter.candidate import Candidate


def scale_pair(pair: tuple[int, int], factor: int) -> tuple[int, int]:
    """Return the pair with both of its numbers multiplied by the factor.

    >>> scale_pair((1, 2), 3)
    (3, 6)
    >>> scale_pair((5, 0), 2)
    (10, 0)
    """
    return pair[0] * factor, pair[1] * factor


def check_scale_pair(candidate: Candidate) -> None:
    assert candidate((1, 2), 3) == (3, 6)
    assert candidate((5, 0), 2) == (10, 0)
    assert candidate((-1, 1), -1) == (1, -1)
    assert candidate((9, 3), 0) == (0, 0)
    assert candidate((0, 7), 1) == (0, 7)
    assert candidate((10, -10), 4) == (40, -40)


def sum_of_pair(pair: tuple[int, int]) -> int:
    """Return the sum of the two numbers in the pair.

    >>> sum_of_pair((2, 3))
    5
    >>> sum_of_pair((0, 0))
    0
    """
    return pair[0] + pair[1]


def check_sum_of_pair(candidate: Candidate) -> None:
    assert candidate((2, 3)) == 5
    assert candidate((0, 0)) == 0
    assert candidate((-4, 4)) == 0
    assert candidate((10, -3)) == 7
    assert candidate((1, 1)) == 2
    assert candidate((-2, -5)) == -7


def count_different(items: list[int]) -> int:
    """Return how many different values the list contains.

    >>> count_different([1, 2, 1])
    2
    >>> count_different([5, 5, 5])
    1
    """
    return len(set(items))


def check_count_different(candidate: Candidate) -> None:
    assert candidate([1, 2, 1]) == 2
    assert candidate([5, 5, 5]) == 1
    assert candidate([]) == 0
    assert candidate([3]) == 1
    assert candidate([4, 3, 2, 1]) == 4
    assert candidate([0, 0, 1, -1]) == 3


def shared_items_sorted(first: list[int], second: list[int]) -> list[int]:
    """Return the values found in both lists, each once, from smallest to largest.

    >>> shared_items_sorted([3, 1, 2], [2, 3, 9])
    [2, 3]
    >>> shared_items_sorted([1, 1], [1, 1])
    [1]
    """
    return sorted(set(first) & set(second))


def check_shared_items_sorted(candidate: Candidate) -> None:
    assert candidate([3, 1, 2], [2, 3, 9]) == [2, 3]
    assert candidate([1, 1], [1, 1]) == [1]
    assert candidate([], [4]) == []
    assert candidate([5], [6]) == []
    assert candidate([-1, 0, -2], [-2, -1]) == [-2, -1]
    assert candidate([10, 9, 8], [8, 10, 9, 8]) == [8, 9, 10]


def missing_numbers(numbers: list[int], highest: int) -> list[int]:
    """Return the numbers from 1 to highest that do not appear in the list, in rising order.

    >>> missing_numbers([1, 4, 2], 5)
    [3, 5]
    >>> missing_numbers([1, 2, 3], 3)
    []
    """
    present = set(numbers)
    return [number for number in range(1, highest + 1) if number not in present]


def check_missing_numbers(candidate: Candidate) -> None:
    assert candidate([1, 4, 2], 5) == [3, 5]
    assert candidate([1, 2, 3], 3) == []
    assert candidate([], 2) == [1, 2]
    assert candidate([2, 2], 1) == [1]
    assert candidate([9, 0], 3) == [1, 2, 3]
    assert candidate([], 0) == []


def move_point(point: tuple[int, int], right: int, up: int) -> tuple[int, int]:
    """A point has an x and a y. Return the point after moving it right and up by the given steps.

    >>> move_point((1, 2), 3, 4)
    (4, 6)
    >>> move_point((0, 0), 0, 0)
    (0, 0)
    """
    return point[0] + right, point[1] + up


def check_move_point(candidate: Candidate) -> None:
    assert candidate((1, 2), 3, 4) == (4, 6)
    assert candidate((0, 0), 0, 0) == (0, 0)
    assert candidate((5, 5), -5, 1) == (0, 6)
    assert candidate((-1, 2), 0, -3) == (-1, -1)
    assert candidate((7, 8), 1, 0) == (8, 8)
    assert candidate((0, 1), 10, 20) == (10, 21)


def smaller_number_first(first: int, second: int) -> tuple[int, int]:
    """Return both numbers as a pair, the smaller one first.

    >>> smaller_number_first(8, 3)
    (3, 8)
    >>> smaller_number_first(1, 2)
    (1, 2)
    """
    if second < first:
        return second, first
    return first, second


def check_smaller_number_first(candidate: Candidate) -> None:
    assert candidate(8, 3) == (3, 8)
    assert candidate(1, 2) == (1, 2)
    assert candidate(4, 4) == (4, 4)
    assert candidate(0, -1) == (-1, 0)
    assert candidate(-5, 5) == (-5, 5)
    assert candidate(10, 9) == (9, 10)


def names_that_passed(results: list[tuple[str, int]], needed: int) -> list[str]:
    """Each result is a name and a score. Return the names with at least the needed score.

    Keep the order of the results.

    >>> names_that_passed([("Al", 4), ("Bo", 9)], 5)
    ['Bo']
    >>> names_that_passed([("Al", 5)], 5)
    ['Al']
    """
    return [name for name, score in results if score >= needed]


def check_names_that_passed(candidate: Candidate) -> None:
    assert candidate([("Al", 4), ("Bo", 9)], 5) == ["Bo"]
    assert candidate([("Al", 5)], 5) == ["Al"]
    assert candidate([], 1) == []
    assert candidate([("x", 5), ("x", 6)], 0) == ["x", "x"]
    assert candidate([("z", 1), ("y", 3), ("x", 2)], 2) == ["y", "x"]
    assert candidate([("m", 3)], 4) == []


def count_shared_letters(first: str, second: str) -> int:
    """Return how many different characters appear in both texts.

    >>> count_shared_letters("banana", "cabin")
    3
    >>> count_shared_letters("abc", "xyz")
    0
    """
    return len(set(first) & set(second))


def check_count_shared_letters(candidate: Candidate) -> None:
    assert candidate("banana", "cabin") == 3
    assert candidate("abc", "xyz") == 0
    assert candidate("aabb", "bbaa") == 2
    assert candidate("", "a") == 0
    assert candidate("hello", "") == 0
    assert candidate("Abca", "a") == 1
    assert candidate("oo", "ooo") == 1


def guests_who_left(came: set[str], still_here: set[str]) -> set[str]:
    """Return the guests who came but are not here any more.

    >>> guests_who_left({"Al", "Bo"}, {"Bo"})
    {'Al'}
    >>> guests_who_left({"Al"}, {"Al"})
    set()
    """
    return came - still_here


def check_guests_who_left(candidate: Candidate) -> None:
    assert candidate({"Al", "Bo"}, {"Bo"}) == {"Al"}
    assert candidate({"Al"}, {"Al"}) == set()
    assert candidate({"Al"}, set()) == {"Al"}
    assert candidate(set(), {"Bo"}) == set()
    assert candidate({"x", "y"}, {"y", "z"}) == {"x"}
    assert candidate({"a", "b", "d"}, {"c", "d"}) == {"a", "b"}


def best_pair_name(results: list[tuple[str, int]]) -> str:
    """Each result is a name and a score. Return the name with the highest score.

    If there is a tie, return the name that comes first in the list.
    Return an empty string if there are no results.

    >>> best_pair_name([("Al", 3), ("Bo", 8)])
    'Bo'
    >>> best_pair_name([("Al", 5), ("Bo", 5)])
    'Al'
    """
    if not results:
        return ""
    return max(results, key=lambda result: result[1])[0]


def check_best_pair_name(candidate: Candidate) -> None:
    assert candidate([("Al", 3), ("Bo", 8)]) == "Bo"
    assert candidate([("Al", 5), ("Bo", 5)]) == "Al"
    assert candidate([]) == ""
    assert candidate([("Zed", -1)]) == "Zed"
    assert candidate([("b", 2), ("c", 9), ("a", 9)]) == "c"
    assert candidate([("m", -3), ("k", -2)]) == "k"


def smallest_and_biggest(numbers: list[int]) -> tuple[int, int] | None:
    """Return the smallest and the biggest number as a pair, or None for an empty list.

    >>> smallest_and_biggest([4, 1, 8])
    (1, 8)
    >>> smallest_and_biggest([5])
    (5, 5)
    """
    if not numbers:
        return None
    return min(numbers), max(numbers)


def check_smallest_and_biggest(candidate: Candidate) -> None:
    assert candidate([4, 1, 8]) == (1, 8)
    assert candidate([5]) == (5, 5)
    assert candidate([]) is None
    assert candidate([-2, -9]) == (-9, -2)
    assert candidate([0, 0]) == (0, 0)
    assert candidate([7, 3, 3, 7]) == (3, 7)
