"""Lists of lists, and two lists side by side."""

from typing import Any

from rlvf_common.starter.candidate import Candidate


def columns_of_rows(rows: list[list[int]]) -> list[list[int]]:
    """Return the columns of a table that is given row by row.

    Rows may have different lengths. A column then holds only the numbers of the rows that reach
    that far, from top to bottom.

    >>> columns_of_rows([[1, 2, 3], [4], [5, 6]])
    [[1, 4, 5], [2, 6], [3]]
    """
    width = max(map(len, rows), default=0)
    return [[row[column] for row in rows if column < len(row)] for column in range(width)]


def check_columns_of_rows(candidate: Candidate) -> None:
    assert candidate([[1, 2, 3], [4], [5, 6]]) == [[1, 4, 5], [2, 6], [3]]
    assert candidate([]) == []
    assert candidate([[]]) == []
    assert candidate([[1, 2]]) == [[1], [2]]
    assert candidate([[1], [2]]) == [[1, 2]]
    assert candidate([[1, 2], [3, 4]]) == [[1, 3], [2, 4]]
    assert candidate([[], [7, 8]]) == [[7], [8]]


def longest_row_number(rows: list[list[int]]) -> int:
    """Return the number of the longest row, counting from 1; the last one if several are longest.

    Return 0 without rows.

    >>> longest_row_number([[1, 2], [3], [4, 5]])
    3
    """
    longest = 0
    for number, row in enumerate(rows, start=1):
        if longest == 0 or len(row) >= len(rows[longest - 1]):
            longest = number
    return longest


def check_longest_row_number(candidate: Candidate) -> None:
    assert candidate([[1, 2], [3], [4, 5]]) == 3
    assert candidate([]) == 0
    assert candidate([[]]) == 1
    assert candidate([[], []]) == 2
    assert candidate([[9, 9, 9], [1, 1]]) == 1
    assert candidate([[1], [2, 3], [4]]) == 2
    assert candidate([[1], [100], []]) == 2


def flat_without_doubles(lists: list[list[str]]) -> list[str]:
    """Put all lists behind each other, but keep every item only the first time it occurs.

    >>> flat_without_doubles([["b", "a"], ["a", "c"], ["b"]])
    ['b', 'a', 'c']
    """
    return list(dict.fromkeys(item for items in lists for item in items))


def check_flat_without_doubles(candidate: Candidate) -> None:
    assert candidate([["b", "a"], ["a", "c"], ["b"]]) == ["b", "a", "c"]
    assert candidate([]) == []
    assert candidate([[], []]) == []
    assert candidate([["x", "x"]]) == ["x"]
    assert candidate([["z"], ["y"], ["x"]]) == ["z", "y", "x"]
    assert candidate([["a"], [], ["A"]]) == ["a", "A"]
    assert candidate([["1", "10"], ["0", "1"]]) == ["1", "10", "0"]


def winners_of_rounds(first: list[int], second: list[int]) -> tuple[int, int]:
    """Two players have thrown dice. Return how many rounds each of them has won.

    The same place in both lists is one round. The higher number wins it; equal numbers win
    nothing. Rounds that only one player has played do not count.

    >>> winners_of_rounds([6, 2, 3], [1, 2, 5, 6])
    (1, 1)
    """
    rounds = list(zip(first, second, strict=False))
    return sum(a > b for a, b in rounds), sum(b > a for a, b in rounds)


def check_winners_of_rounds(candidate: Candidate) -> None:
    assert candidate([6, 2, 3], [1, 2, 5, 6]) == (1, 1)
    assert candidate([], []) == (0, 0)
    assert candidate([1], []) == (0, 0)
    assert candidate([3, 3], [3, 3]) == (0, 0)
    assert candidate([4, 5, 6], [1, 2, 3]) == (3, 0)
    assert candidate([1, 2], [2, 3]) == (0, 2)
    assert candidate([2, 1, 6, 6], [1, 2, 5]) == (2, 1)


def deepest_level(nested: list[Any]) -> int:
    """Return how deep lists are nested in each other.

    A list without lists inside has the depth 1, an empty list, too.

    >>> deepest_level([1, [2, [3]], []])
    3
    """
    return 1 + max((deepest_level(item) for item in nested if isinstance(item, list)), default=0)


def check_deepest_level(candidate: Candidate) -> None:
    assert candidate([1, [2, [3]], []]) == 3
    assert candidate([]) == 1
    assert candidate([1, 2, 3]) == 1
    assert candidate([[]]) == 2
    assert candidate([[[[]]]]) == 4
    assert candidate([[1], [2], [3]]) == 2
    assert candidate([[[1]], 2, [3]]) == 3
    assert candidate([1, [[5, [6]]]]) == 4


def sum_with_levels(nested: list[Any]) -> int:
    """Sum up a list of numbers and lists. A number counts as often as its level says.

    Numbers directly in the list are on level 1, numbers in a list in it on level 2, and so on.

    >>> sum_with_levels([1, [2, [3]]])
    14
    """
    total = 0
    pending = [(nested, 1)]
    while pending:
        items, level = pending.pop()
        for item in items:
            if isinstance(item, list):
                pending.append((item, level + 1))
            else:
                total += item * level
    return total


def check_sum_with_levels(candidate: Candidate) -> None:
    assert candidate([1, [2, [3]]]) == 14
    assert candidate([]) == 0
    assert candidate([5]) == 5
    assert candidate([[5]]) == 10
    assert candidate([[], [[]]]) == 0
    assert candidate([[1, 1], 1, [1]]) == 7
    assert candidate([-1, [1]]) == 1
    assert candidate([[[2]], [3, [4]]]) == 24


def matching_socks(left: list[str], right: list[str]) -> list[str]:
    """Return the colors of all complete pairs, sorted by name.

    A pair is one sock of the left list and one of the right list with the same color. Every sock
    is used at most once, so that a color may occur several times in the result.

    >>> matching_socks(["red", "blue", "red"], ["red", "red", "green"])
    ['red', 'red']
    """
    return sorted(
        color for color in set(left) for _ in range(min(left.count(color), right.count(color)))
    )


def check_matching_socks(candidate: Candidate) -> None:
    assert candidate(["red", "blue", "red"], ["red", "red", "green"]) == ["red", "red"]
    assert candidate([], ["red"]) == []
    assert candidate(["red"], []) == []
    assert candidate(["b", "a"], ["a", "b"]) == ["a", "b"]
    assert candidate(["x", "x", "x"], ["x"]) == ["x"]
    assert candidate(["x"], ["x", "x"]) == ["x"]
    assert candidate(["c", "d", "c", "a"], ["a", "c", "c", "c"]) == ["a", "c", "c"]


def subtract_lists(larger: list[int], smaller: list[int]) -> list[int]:
    """Subtract the second list from the first one, place by place from the end.

    The last items belong together, the second to last items, and so on. The second list is not
    longer than the first one; where it has no item, the item of the first list stays.

    >>> subtract_lists([9, 9, 9], [1, 2])
    [9, 8, 7]
    """
    offset = len(larger) - len(smaller)
    return [
        item - smaller[place - offset] if place >= offset else item
        for place, item in enumerate(larger)
    ]


def check_subtract_lists(candidate: Candidate) -> None:
    assert candidate([9, 9, 9], [1, 2]) == [9, 8, 7]
    assert candidate([], []) == []
    assert candidate([4, 5], []) == [4, 5]
    assert candidate([4, 5], [4, 5]) == [0, 0]
    assert candidate([1, 2, 3, 4], [10]) == [1, 2, 3, -6]
    assert candidate([5], [-5]) == [10]
    assert candidate([7, 0, 1], [1, 1, 1]) == [6, -1, 0]


def seats_in_rows(names: list[str], row_size: int) -> list[list[str]]:
    """Seat people in rows like a snake: the first row from left to right, the next one back.

    Each row takes `row_size` people, the last one may be shorter. Return the rows as seen from
    the front, which means that every second row stands in reversed order.

    >>> seats_in_rows(["a", "b", "c", "d", "e"], 2)
    [['a', 'b'], ['d', 'c'], ['e']]
    """
    rows: list[list[str]] = []
    for start in range(0, len(names), row_size):
        row = names[start : start + row_size]
        rows.append(row if len(rows) % 2 == 0 else row[::-1])
    return rows


def check_seats_in_rows(candidate: Candidate) -> None:
    assert candidate(["a", "b", "c", "d", "e"], 2) == [["a", "b"], ["d", "c"], ["e"]]
    assert candidate([], 3) == []
    assert candidate(["a"], 3) == [["a"]]
    assert candidate(["a", "b", "c"], 1) == [["a"], ["b"], ["c"]]
    assert candidate(["a", "b", "c", "d"], 4) == [["a", "b", "c", "d"]]
    assert candidate(["a", "b", "c", "d", "e"], 3) == [["a", "b", "c"], ["e", "d"]]
    assert candidate(list("abcdef"), 2) == [["a", "b"], ["d", "c"], ["e", "f"]]
    assert candidate(list("abcdefgh"), 2)[3] == ["h", "g"]


def most_similar_list(wanted: list[int], others: list[list[int]]) -> int:
    """Return the index of the list that shares the most different numbers with the wanted list.

    A number counts once, however often it occurs. If several lists share equally many, the
    shortest of them is taken, and of those the first one. Return -1 without other lists.

    >>> most_similar_list([1, 2, 3], [[3, 3, 3], [1, 2, 9], [2, 1]])
    2
    """
    return min(
        range(len(others)),
        key=lambda index: (-len(set(wanted) & set(others[index])), len(others[index])),
        default=-1,
    )


def check_most_similar_list(candidate: Candidate) -> None:
    assert candidate([1, 2, 3], [[3, 3, 3], [1, 2, 9], [2, 1]]) == 2
    assert candidate([1], []) == -1
    assert candidate([1], [[2]]) == 0
    assert candidate([], [[1, 2], [3], []]) == 2
    assert candidate([4, 5], [[4], [5]]) == 0
    assert candidate([1, 1, 2], [[1, 1], [1, 2]]) == 1
    assert candidate([7, 8], [[7, 8, 9], [8, 7, 1], [8]]) == 0
    assert candidate([1, 2], [[1], [9, 9, 9, 2, 1], [2]]) == 1


def transfer_overflow(amounts: list[int], limit: int) -> tuple[list[int], int]:
    """Pour what is above the limit into the next container.

    Go through the containers from left to right. Each one keeps at most `limit`; the rest is added
    to the next one before that is looked at. Return the new amounts and what flows out of the
    last container.

    >>> transfer_overflow([5, 1, 3], 3)
    ([3, 3, 3], 0)
    """
    result = []
    overflow = 0
    for amount in amounts:
        total = amount + overflow
        kept = min(total, limit)
        result.append(kept)
        overflow = total - kept
    return result, overflow


def check_transfer_overflow(candidate: Candidate) -> None:
    assert candidate([5, 1, 3], 3) == ([3, 3, 3], 0)
    assert candidate([], 5) == ([], 0)
    assert candidate([9], 5) == ([5], 4)
    assert candidate([9], 0) == ([0], 9)
    assert candidate([1, 2, 3], 10) == ([1, 2, 3], 0)
    assert candidate([10, 0, 0], 4) == ([4, 4, 2], 0)
    assert candidate([0, 7, 3], 4) == ([0, 4, 4], 2)
    assert candidate([4, 4, 5], 4) == ([4, 4, 4], 1)


def common_start(lists: list[list[int]]) -> list[int]:
    """Return the items with which all lists begin in the same way.

    Without any lists the result is empty.

    >>> common_start([[1, 2, 3], [1, 2], [1, 2, 4]])
    [1, 2]
    """
    start: list[int] = []
    for items in zip(*lists, strict=False):
        if len(set(items)) > 1:
            break
        start.append(items[0])
    return start


def check_common_start(candidate: Candidate) -> None:
    assert candidate([[1, 2, 3], [1, 2], [1, 2, 4]]) == [1, 2]
    assert candidate([]) == []
    assert candidate([[]]) == []
    assert candidate([[5, 6]]) == [5, 6]
    assert candidate([[1, 2], []]) == []
    assert candidate([[1, 2], [2, 2]]) == []
    assert candidate([[1, 2, 3], [1, 9, 3]]) == [1]
    assert candidate([[4, 4], [4, 4, 4]]) == [4, 4]
