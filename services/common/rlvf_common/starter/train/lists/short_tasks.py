"""Short tasks on lists, each with something to watch for."""

from itertools import takewhile

from rlvf_common.starter.candidate import Candidate


def last_items(items: list[int], count: int) -> list[int]:
    """Return the last `count` items in their order; all of them if there are fewer.

    >>> last_items([1, 2, 3], 2)
    [2, 3]
    """
    return items[max(len(items) - count, 0) :]


def check_last_items(candidate: Candidate) -> None:
    assert candidate([1, 2, 3], 2) == [2, 3]
    assert candidate([1, 2, 3], 0) == []
    assert candidate([1, 2, 3], 3) == [1, 2, 3]
    assert candidate([1, 2, 3], 5) == [1, 2, 3]
    assert candidate([], 2) == []
    assert candidate([7, 7], 1) == [7]


def without_place(items: list[str], place: int) -> list[str]:
    """Return the list without the item at the place, which counts from 0.

    If there is no such place, also for a negative number, return all items.

    >>> without_place(["a", "b", "c"], 1)
    ['a', 'c']
    """
    return [item for number, item in enumerate(items) if number != place]


def check_without_place(candidate: Candidate) -> None:
    assert candidate(["a", "b", "c"], 1) == ["a", "c"]
    assert candidate(["a", "b", "c"], 0) == ["b", "c"]
    assert candidate(["a", "b", "c"], 2) == ["a", "b"]
    assert candidate(["a", "b", "c"], 3) == ["a", "b", "c"]
    assert candidate(["a", "b", "c"], -1) == ["a", "b", "c"]
    assert candidate([], 0) == []
    assert candidate(["x", "x"], 1) == ["x"]


def is_rise_then_fall(numbers: list[int]) -> bool:
    """Return True if the numbers first rise and then fall, at least one step each.

    Every number before the largest one is smaller than the next, and every number from the largest
    one on is larger than the next.

    >>> is_rise_then_fall([1, 5, 6, 2])
    True
    """
    steps = ""
    for place in range(1, len(numbers)):
        step = numbers[place] - numbers[place - 1]
        steps += "=" if step == 0 else "/" if step > 0 else "-"
    return "/-" in steps and steps.lstrip("/").rstrip("-") == ""


def check_is_rise_then_fall(candidate: Candidate) -> None:
    assert candidate([1, 5, 6, 2]) is True
    assert candidate([]) is False
    assert candidate([4]) is False
    assert candidate([1, 2]) is False
    assert candidate([2, 1]) is False
    assert candidate([1, 2, 1]) is True
    assert candidate([1, 2, 2, 1]) is False
    assert candidate([1, 1, 2, 1]) is False
    assert candidate([3, 1, 4, 2]) is False
    assert candidate([1, 4, 2, 3]) is False
    assert candidate([-3, 0, -1, -2]) is True


def pad_to_length(items: list[int], length: int, filler: int) -> list[int]:
    """Bring the list to the given length: fill it up at the end, or cut off what is too much.

    >>> pad_to_length([1, 2], 4, 0)
    [1, 2, 0, 0]
    """
    return (items + [filler] * length)[:length]


def check_pad_to_length(candidate: Candidate) -> None:
    assert candidate([1, 2], 4, 0) == [1, 2, 0, 0]
    assert candidate([1, 2], 2, 9) == [1, 2]
    assert candidate([1, 2, 3], 1, 9) == [1]
    assert candidate([], 2, 7) == [7, 7]
    assert candidate([], 0, 7) == []
    assert candidate([5], 0, 7) == []
    assert candidate([3, 3], 3, 3) == [3, 3, 3]


def items_until_seen(items: list[int], seen: list[int]) -> list[int]:
    """Return the items that stand before the first one that is in `seen`, or all if none is.

    >>> items_until_seen([4, 1, 4, 2, 7], [2, 3])
    [4, 1, 4]
    """
    return list(takewhile(lambda item: item not in seen, items))


def check_items_until_seen(candidate: Candidate) -> None:
    assert candidate([4, 1, 4, 2, 7], [2, 3]) == [4, 1, 4]
    assert candidate([], [1]) == []
    assert candidate([3, 1], []) == [3, 1]
    assert candidate([1, 5], [1]) == []
    assert candidate([9, 8, 9], [7]) == [9, 8, 9]
    assert candidate([0, -1, 2, 0], [-1]) == [0]


def sum_at_even_places(numbers: list[int]) -> int:
    """Add up the second number, the fourth, the sixth and so on, and subtract all the others.

    >>> sum_at_even_places([1, 5, 2])
    2
    """
    return sum(numbers[1::2]) - sum(numbers[::2])


def check_sum_at_even_places(candidate: Candidate) -> None:
    assert candidate([1, 5, 2]) == 2
    assert candidate([]) == 0
    assert candidate([4]) == -4
    assert candidate([4, 4]) == 0
    assert candidate([0, 7, 0, 7]) == 14
    assert candidate([3, -1, 2, 2]) == -4


def ends_outweigh_middle(numbers: list[int]) -> bool:
    """Return True if the first and the last number together are more than all between them.

    A single number is the first and the last one at once and counts once. An empty list has nothing
    that is more: return False.

    >>> ends_outweigh_middle([5, 1, 2, 1])
    True
    """
    return 2 * (sum(numbers[:1]) + sum(numbers[1:][-1:])) > sum(numbers)


def check_ends_outweigh_middle(candidate: Candidate) -> None:
    assert candidate([5, 1, 2, 1]) is True
    assert candidate([]) is False
    assert candidate([7]) is True
    assert candidate([-7]) is False
    assert candidate([0, 0]) is False
    assert candidate([1, 2, 1]) is False
    assert candidate([1, 1, 1]) is True
    assert candidate([-1, -5, -1]) is True
    assert candidate([2, -3]) is False
    assert candidate([2, -1]) is True
    assert candidate([1, 1, 2, 1]) is False


def closest_neighbors_gap(numbers: list[int]) -> int | None:
    """Sort the numbers and return the smallest distance between two neighbors then.

    Return None for fewer than two numbers.

    >>> closest_neighbors_gap([10, 1, 7])
    3
    """
    ordered = sorted(numbers)
    return min(
        (ordered[place] - ordered[place - 1] for place in range(1, len(ordered))), default=None
    )


def check_closest_neighbors_gap(candidate: Candidate) -> None:
    assert candidate([10, 1, 7]) == 3
    assert candidate([]) is None
    assert candidate([4]) is None
    assert candidate([4, 4]) == 0
    assert candidate([-5, 5]) == 10
    assert candidate([30, 10, 21]) == 9
    assert candidate([1, 100, 3]) == 2


def nested_lengths_total(groups: list[list[int]]) -> int:
    """Count the items of all groups, but of each group at most three.

    >>> nested_lengths_total([[1, 2], [5, 5, 5, 5], []])
    5
    """
    return sum(min(len(group), 3) for group in groups)


def check_nested_lengths_total(candidate: Candidate) -> None:
    assert candidate([[1, 2], [5, 5, 5, 5], []]) == 5
    assert candidate([]) == 0
    assert candidate([[]]) == 0
    assert candidate([[1, 1, 1]]) == 3
    assert candidate([[0] * 10]) == 3
    assert candidate([[1], [2], [3], [4]]) == 4


def two_lists_agree_at_ends(left: list[int], right: list[int]) -> bool:
    """Say whether two lists have the same item at their beginning and the same item at their end.

    An empty list never agrees with another list.

    >>> two_lists_agree_at_ends([1, 2, 5], [1, 5])
    True
    """
    return left[:1] == right[:1] and left[-1:] == right[-1:] and bool(left)


def check_two_lists_agree_at_ends(candidate: Candidate) -> None:
    assert candidate([1, 2, 5], [1, 5]) is True
    assert candidate([], []) is False
    assert candidate([], [1]) is False
    assert candidate([1], []) is False
    assert candidate([3], [3]) is True
    assert candidate([3], [3, 3]) is True
    assert candidate([3, 4], [3]) is False
    assert candidate([1, 2], [0, 2]) is False
