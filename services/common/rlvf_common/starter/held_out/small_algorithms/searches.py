"""Searching for the best, the first or all of something."""

from itertools import combinations

from rlvf_common.starter.candidate import Candidate


def club_level(books_read: list[int]) -> int:
    """The list has the number of books that each member of a book club has read.

    The level of the club is the largest number n for which at least n members have read at
    least n books. Return the level; it is 0 if nobody has read anything.

    >>> club_level([5, 1, 3, 4])
    3
    >>> club_level([0, 0])
    0
    """
    level = 0
    for place, books in enumerate(sorted(books_read, reverse=True), start=1):
        if books >= place:
            level = place
    return level


def check_club_level(candidate: Candidate) -> None:
    assert candidate([5, 1, 3, 4]) == 3
    assert candidate([0, 0]) == 0
    assert candidate([]) == 0
    assert candidate([9]) == 1
    assert candidate([1, 1, 1]) == 1
    assert candidate([2, 2, 2]) == 2
    assert candidate([3, 3, 3]) == 3
    assert candidate([10, 8, 5, 4, 3]) == 4
    assert candidate([100, 100]) == 2
    assert candidate([0, 6, 2]) == 2


def triangles_from_sticks(sticks: list[int]) -> int:
    """Somebody has sticks of the given lengths and takes three of them to lay a triangle.

    Three sticks form a triangle if the longest is shorter than the other two together. Return
    how many choices of three sticks form one. Equally long sticks are still different sticks.

    >>> triangles_from_sticks([3, 4, 5, 9])
    1
    >>> triangles_from_sticks([2, 2, 2, 2])
    4
    """
    return sum(a + b > c for a, b, c in combinations(sorted(sticks), 3))


def check_triangles_from_sticks(candidate: Candidate) -> None:
    assert candidate([3, 4, 5, 9]) == 1
    assert candidate([2, 2, 2, 2]) == 4
    assert candidate([]) == 0
    assert candidate([5, 5]) == 0
    assert candidate([1, 2, 3]) == 0
    assert candidate([9, 4, 6]) == 1
    assert candidate([1, 1, 5]) == 0
    assert candidate([7, 3, 8, 3]) == 2
    assert candidate([10, 2, 9, 3]) == 2


def seconds_in_ticket_line(tickets: list[int], person: int) -> int:
    """People stand in line; each wants to buy the given number of tickets, at least one.

    Whoever is in front buys one ticket, which takes a second, and goes to the end of the line
    if more tickets are wanted, or away otherwise. Return after how many seconds the person
    with the given index has bought the last of the wanted tickets.

    >>> seconds_in_ticket_line([2, 3, 2], 2)
    6
    >>> seconds_in_ticket_line([5], 0)
    5
    """
    line = list(enumerate(tickets))
    seconds = 0
    while True:
        index, wanted = line.pop(0)
        seconds += 1
        if wanted > 1:
            line.append((index, wanted - 1))
        elif index == person:
            return seconds


def check_seconds_in_ticket_line(candidate: Candidate) -> None:
    assert candidate([2, 3, 2], 2) == 6
    assert candidate([5], 0) == 5
    assert candidate([1, 1, 1], 2) == 3
    assert candidate([5, 1, 1, 1], 0) == 8
    assert candidate([1, 9], 0) == 1
    assert candidate([1, 9], 1) == 10
    assert candidate([2, 2], 0) == 3
    assert candidate([4, 2, 3, 1], 2) == 9


def is_word_square(words: list[str]) -> bool:
    """Words are written below each other, one letter above the other.

    Return True if they form a word square: the first column reads like the first word, the
    second column like the second word, and so on, with as many columns as words.

    >>> is_word_square(["bat", "are", "ten"])
    True
    >>> is_word_square(["ab", "cd"])
    False
    """
    if any(len(word) != len(words) for word in words):
        return False
    columns = ["".join(word[place] for word in words) for place in range(len(words))]
    return columns == words


def check_is_word_square(candidate: Candidate) -> None:
    assert candidate(["bat", "are", "ten"]) is True
    assert candidate(["ab", "cd"]) is False
    assert candidate([]) is True
    assert candidate(["x"]) is True
    assert candidate(["xy"]) is False
    assert candidate(["on", "no"]) is True
    assert candidate(["ab", "b"]) is False
    assert candidate(["abc", "bde", "cex"]) is True
    assert candidate(["abc", "bde", "cfx"]) is False
    assert candidate(["ab", "bc", "xx"]) is False


def as_unit_fractions(top: int, bottom: int) -> list[int]:
    """In old Egypt, fractions were written as sums of fractions with the top 1, all different.

    Take the largest fraction 1 / n that is not greater than the given fraction, subtract it,
    and go on in the same way with what is left, until nothing is left. Return the numbers n in
    the order in which they are found. The given fraction is greater than 0 and less than 1.

    >>> as_unit_fractions(3, 4)
    [2, 4]
    >>> as_unit_fractions(1, 5)
    [5]
    """
    parts = []
    while top > 0:
        part = (bottom + top - 1) // top
        parts.append(part)
        top, bottom = top * part - bottom, bottom * part
    return parts


def check_as_unit_fractions(candidate: Candidate) -> None:
    assert candidate(3, 4) == [2, 4]
    assert candidate(1, 5) == [5]
    assert candidate(2, 4) == [2]
    assert candidate(2, 3) == [2, 6]
    assert candidate(2, 5) == [3, 15]
    assert candidate(5, 6) == [2, 3]
    assert candidate(7, 15) == [3, 8, 120]
    assert candidate(9, 10) == [2, 3, 15]


def earliest_arrival(
    rides: list[tuple[str, int, str, int]], start: str, goal: str, now: int
) -> int:
    """Each ride is a place, the time of departure, another place and the time of arrival there.

    Every ride arrives later than it departs, and rides are ordered by departure. Somebody is at
    the start at the time now and may take any rides one after another; changing takes no time.
    Return the earliest time at which the goal can be reached, or -1 if it cannot. Start and
    goal differ.

    >>> earliest_arrival([("A", 1, "B", 4), ("A", 2, "C", 9), ("B", 4, "C", 6)], "A", "C", 0)
    6
    >>> earliest_arrival([("A", 1, "B", 4)], "A", "B", 2)
    -1
    """
    reached = {start: now}
    for source, departure, target, arrival in rides:
        if source in reached and reached[source] <= departure:
            reached[target] = min(arrival, reached.get(target, arrival))
    return reached.get(goal, -1)


def check_earliest_arrival(candidate: Candidate) -> None:
    assert candidate([("A", 1, "B", 4), ("A", 2, "C", 9), ("B", 4, "C", 6)], "A", "C", 0) == 6
    assert candidate([("A", 1, "B", 4), ("A", 2, "C", 9), ("B", 4, "C", 6)], "A", "C", 2) == 9
    assert candidate([("A", 1, "B", 4), ("B", 4, "C", 6)], "A", "B", 2) == -1
    assert candidate([("A", 1, "B", 4), ("B", 4, "C", 6)], "A", "B", 1) == 4
    assert candidate([("A", 1, "B", 4), ("B", 4, "C", 6)], "B", "C", 5) == -1
    assert candidate([], "A", "B", 0) == -1
    assert candidate([("A", 1, "B", 5), ("B", 4, "C", 6), ("B", 7, "C", 8)], "A", "C", 0) == 8
    assert candidate([("A", 1, "C", 3), ("A", 2, "C", 9)], "A", "C", 0) == 3
    assert candidate([("B", 1, "C", 2), ("A", 1, "B", 2)], "A", "C", 0) == -1


def weights_for_scale(weight: int) -> tuple[list[int], list[int]]:
    """A scale has two pans. There is one weight each of 1, 3, 9, 27 and so on, times three.

    A thing of the given weight, at least 1, lies in the left pan. Weights may be put into both
    pans, so that both are equally heavy; there is exactly one way to do so. Return the weights
    in the left pan and those in the right pan, both in rising order.

    >>> weights_for_scale(4)
    ([], [1, 3])
    >>> weights_for_scale(5)
    ([1, 3], [9])
    """
    left: list[int] = []
    right: list[int] = []
    size = 1
    while weight > 0:
        rest = weight % 3
        if rest == 1:
            right.append(size)
        elif rest == 2:
            left.append(size)
        weight = (weight + 1) // 3
        size *= 3
    return left, right


def check_weights_for_scale(candidate: Candidate) -> None:
    assert candidate(4) == ([], [1, 3])
    assert candidate(5) == ([1, 3], [9])
    assert candidate(1) == ([], [1])
    assert candidate(2) == ([1], [3])
    assert candidate(3) == ([], [3])
    assert candidate(9) == ([], [9])
    assert candidate(13) == ([], [1, 3, 9])
    assert candidate(14) == ([1, 3, 9], [27])
    assert candidate(20) == ([1, 9], [3, 27])


def levels_of_pyramid(height: int) -> list[str]:
    """Build a pyramid of digits. Level n has the numbers 1 up to n and back down to 1.

    The first level is the one with the single 1. Every level is centered with spaces on its
    left side only, so that its middle stands below the middle of the level above. Return the
    levels from top to bottom. The height is at most 9.

    >>> levels_of_pyramid(3)
    ['  1', ' 121', '12321']
    >>> levels_of_pyramid(1)
    ['1']
    """
    levels = []
    for level in range(1, height + 1):
        up = "".join(str(number) for number in range(1, level + 1))
        levels.append(" " * (height - level) + up + up[-2::-1])
    return levels


def check_levels_of_pyramid(candidate: Candidate) -> None:
    assert candidate(3) == ["  1", " 121", "12321"]
    assert candidate(1) == ["1"]
    assert candidate(0) == []
    assert candidate(2) == [" 1", "121"]
    assert candidate(4) == ["   1", "  121", " 12321", "1234321"]
    assert candidate(5) == ["    1", "   121", "  12321", " 1234321", "123454321"]
