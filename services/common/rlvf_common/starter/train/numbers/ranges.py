"""Ranges, intervals and positions on a line or in a plane."""

from rlvf_common.starter.candidate import Candidate


def numbers_strictly_between(first: int, second: int) -> int:
    """Count the whole numbers that lie between two numbers, without the two themselves.

    The numbers come in any order.

    >>> numbers_strictly_between(7, 3)
    3
    """
    return max(abs(first - second) - 1, 0)


def check_numbers_strictly_between(candidate: Candidate) -> None:
    assert candidate(7, 3) == 3
    assert candidate(3, 7) == 3
    assert candidate(5, 5) == 0
    assert candidate(5, 6) == 0
    assert candidate(-1, 1) == 1
    assert candidate(-10, -2) == 7
    assert candidate(2, 0) == 1


def shared_length(first: tuple[int, int], second: tuple[int, int]) -> int:
    """Return how long the common part of two intervals is.

    Each interval is (start, end) with start not behind end. Without a common part, or if they
    only touch, the length is 0.

    >>> shared_length((0, 5), (3, 9))
    2
    """
    return max(min(first[1], second[1]) - max(first[0], second[0]), 0)


def check_shared_length(candidate: Candidate) -> None:
    assert candidate((0, 5), (3, 9)) == 2
    assert candidate((3, 9), (0, 5)) == 2
    assert candidate((0, 5), (5, 9)) == 0
    assert candidate((0, 1), (4, 9)) == 0
    assert candidate((0, 10), (2, 3)) == 1
    assert candidate((2, 3), (0, 10)) == 1
    assert candidate((-4, 4), (-4, 4)) == 8
    assert candidate((1, 1), (0, 2)) == 0


def wrap_into(number: int, low: int, high: int) -> int:
    """Bring a number into the range from low to high, both included, by running around in a circle.

    After high comes low again, and before low comes high.

    >>> wrap_into(13, 1, 12)
    1
    """
    return (number - low) % (high - low + 1) + low


def check_wrap_into(candidate: Candidate) -> None:
    assert candidate(13, 1, 12) == 1
    assert candidate(12, 1, 12) == 12
    assert candidate(0, 1, 12) == 12
    assert candidate(5, 1, 12) == 5
    assert candidate(-1, 0, 9) == 9
    assert candidate(10, 0, 9) == 0
    assert candidate(27, 1, 12) == 3
    assert candidate(8, 8, 8) == 8
    assert candidate(5, -2, 2) == 0


def steps_on_ring(start: int, end: int, size: int) -> int:
    """Return the fewest steps from one place to another on a ring of places.

    The places are numbered from 0 to size - 1; you may go both ways.

    >>> steps_on_ring(1, 9, 10)
    2
    """
    return min((start - end) % size, (end - start) % size)


def check_steps_on_ring(candidate: Candidate) -> None:
    assert candidate(1, 9, 10) == 2
    assert candidate(9, 1, 10) == 2
    assert candidate(4, 4, 10) == 0
    assert candidate(0, 5, 10) == 5
    assert candidate(2, 5, 10) == 3
    assert candidate(0, 6, 7) == 1
    assert candidate(0, 3, 7) == 3
    assert candidate(0, 0, 1) == 0


def point_in_frame(
    point: tuple[int, int], corner: tuple[int, int], opposite: tuple[int, int]
) -> bool:
    """Return True if the point lies in a rectangle or on its border.

    The rectangle is given by two opposite corners, in any order. Points are (x, y).

    >>> point_in_frame((2, 3), (5, 0), (1, 4))
    True
    """
    return all(
        min(corner[axis], opposite[axis]) <= point[axis] <= max(corner[axis], opposite[axis])
        for axis in (0, 1)
    )


def check_point_in_frame(candidate: Candidate) -> None:
    assert candidate((2, 3), (5, 0), (1, 4)) is True
    assert candidate((0, 3), (5, 0), (1, 4)) is False
    assert candidate((6, 3), (5, 0), (1, 4)) is False
    assert candidate((2, 5), (5, 0), (1, 4)) is False
    assert candidate((2, -1), (5, 0), (1, 4)) is False
    assert candidate((1, 4), (5, 0), (1, 4)) is True
    assert candidate((5, 0), (1, 4), (5, 0)) is True
    assert candidate((0, 0), (0, 0), (0, 0)) is True
    assert candidate((0, 1), (0, 0), (0, 0)) is False


def quadrant_name(x: int, y: int) -> str:
    """Name the part of the plane in which a point lies.

    Return "center" for (0, 0), "axis" for any other point with x or y equal to 0, and else the
    vertical part ("upper" for y above 0, "lower") and the horizontal one ("right", "left"):
    "upper right".

    >>> quadrant_name(-2, 5)
    'upper left'
    """
    if x == 0 and y == 0:
        return "center"
    if x == 0 or y == 0:
        return "axis"
    vertical = "upper" if y > 0 else "lower"
    horizontal = "right" if x > 0 else "left"
    return f"{vertical} {horizontal}"


def check_quadrant_name(candidate: Candidate) -> None:
    assert candidate(-2, 5) == "upper left"
    assert candidate(0, 0) == "center"
    assert candidate(0, 1) == "axis"
    assert candidate(-1, 0) == "axis"
    assert candidate(1, 1) == "upper right"
    assert candidate(1, -1) == "lower right"
    assert candidate(-1, -1) == "lower left"
    assert candidate(-1, 1) == "upper left"


def page_ranges(pages: list[int]) -> str:
    """Write page numbers as they stand in an index: "1, 3-5".

    The pages are sorted upward and different. Three or more pages in a row are written as a range
    with "-"; two neighbors are written one by one.

    >>> page_ranges([1, 3, 4, 5, 8, 9])
    '1, 3-5, 8, 9'
    """
    parts = []
    start = 0
    for place in range(1, len(pages) + 1):
        if place < len(pages) and pages[place] == pages[place - 1] + 1:
            continue
        if place - start >= 3:
            parts.append(f"{pages[start]}-{pages[place - 1]}")
        else:
            parts.extend(str(page) for page in pages[start:place])
        start = place
    return ", ".join(parts)


def check_page_ranges(candidate: Candidate) -> None:
    assert candidate([1, 3, 4, 5, 8, 9]) == "1, 3-5, 8, 9"
    assert candidate([]) == ""
    assert candidate([7]) == "7"
    assert candidate([7, 8]) == "7, 8"
    assert candidate([7, 8, 9]) == "7-9"
    assert candidate([1, 2, 3, 4, 6, 7, 8]) == "1-4, 6-8"
    assert candidate([2, 4, 6]) == "2, 4, 6"
    assert candidate([9, 10, 11, 13, 99, 100]) == "9-11, 13, 99, 100"


def merged_intervals(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Unite intervals that overlap or touch, and return them sorted.

    Each interval is (start, end) with start not behind end; both ends belong to it. (1, 3) and
    (3, 5) touch, but (1, 3) and (4, 5) do not.

    >>> merged_intervals([(6, 8), (1, 3), (3, 5)])
    [(1, 5), (6, 8)]
    """
    merged: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def check_merged_intervals(candidate: Candidate) -> None:
    assert candidate([(6, 8), (1, 3), (3, 5)]) == [(1, 5), (6, 8)]
    assert candidate([]) == []
    assert candidate([(2, 2)]) == [(2, 2)]
    assert candidate([(1, 3), (4, 5)]) == [(1, 3), (4, 5)]
    assert candidate([(1, 9), (2, 3)]) == [(1, 9)]
    assert candidate([(1, 9), (2, 3), (8, 10)]) == [(1, 10)]
    assert candidate([(1, 2), (5, 9), (9, 12)]) == [(1, 2), (5, 12)]
    assert candidate([(1, 2), (5, 9), (6, 8)]) == [(1, 2), (5, 9)]
    assert candidate([(5, 6), (5, 6)]) == [(5, 6)]
    assert candidate([(0, 1), (-3, -1), (-1, 0)]) == [(-3, 1)]
    assert candidate([(7, 8), (1, 2), (4, 5)]) == [(1, 2), (4, 5), (7, 8)]


def free_slots(busy: list[tuple[int, int]], opening: int, closing: int) -> list[tuple[int, int]]:
    """Return the free times between opening and closing.

    `busy` holds (start, end) in any order; the times may overlap, and may begin before opening or
    end after closing. A free time has a length of at least 1.

    >>> free_slots([(10, 12), (9, 10), (15, 16)], 8, 18)
    [(8, 9), (12, 15), (16, 18)]
    """
    slots = []
    time = opening
    for start, end in sorted(busy):
        if min(start, closing) > time:
            slots.append((time, min(start, closing)))
        time = max(time, end)
    if time < closing:
        slots.append((time, closing))
    return slots


def check_free_slots(candidate: Candidate) -> None:
    assert candidate([(10, 12), (9, 10), (15, 16)], 8, 18) == [(8, 9), (12, 15), (16, 18)]
    assert candidate([], 8, 18) == [(8, 18)]
    assert candidate([(8, 18)], 8, 18) == []
    assert candidate([(5, 20)], 8, 18) == []
    assert candidate([(8, 9)], 8, 10) == [(9, 10)]
    assert candidate([(9, 10)], 8, 10) == [(8, 9)]
    assert candidate([(9, 15), (10, 11), (14, 16)], 8, 17) == [(8, 9), (16, 17)]
    assert candidate([(19, 20)], 8, 18) == [(8, 18)]
    assert candidate([(1, 2)], 8, 18) == [(8, 18)]
    assert candidate([(9, 12), (10, 11)], 9, 13) == [(12, 13)]
    assert candidate([(12, 25), (30, 40)], 10, 20) == [(10, 12)]


def most_at_once(stays: list[tuple[int, int]]) -> int:
    """Return the largest number of guests who are in the hotel in the same night.

    A stay is (day of arrival, day of departure). The guest stays for the nights of all days from
    the arrival on, but not for the night of the day of departure.

    >>> most_at_once([(1, 3), (2, 4), (3, 5)])
    2
    """
    return max((sum(start <= night < end for start, end in stays) for night, _ in stays), default=0)


def check_most_at_once(candidate: Candidate) -> None:
    assert candidate([(1, 3), (2, 4), (3, 5)]) == 2
    assert candidate([]) == 0
    assert candidate([(4, 5)]) == 1
    assert candidate([(1, 2), (2, 3)]) == 1
    assert candidate([(1, 9), (2, 8), (3, 7)]) == 3
    assert candidate([(5, 6), (5, 6), (5, 7)]) == 3
    assert candidate([(1, 4), (6, 8), (3, 7)]) == 2
    assert candidate([(3, 4), (1, 2), (0, 9)]) == 2


def range_text_to_numbers(text: str) -> list[int]:
    """Read numbers and ranges such as "2,5-7" and return all the numbers, sorted, each one once.

    A range includes both ends; a range whose end is before its start is empty. There are no
    negative numbers. An empty text has no numbers.

    >>> range_text_to_numbers("9,5-7,6")
    [5, 6, 7, 9]
    """
    found: set[int] = set()
    for part in text.split(","):
        if not part:
            continue
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return sorted(found)


def check_range_text_to_numbers(candidate: Candidate) -> None:
    assert candidate("9,5-7,6") == [5, 6, 7, 9]
    assert candidate("") == []
    assert candidate("4") == [4]
    assert candidate("4-4") == [4]
    assert candidate("7-5") == []
    assert candidate("8-10,9-12") == [8, 9, 10, 11, 12]
    assert candidate("3,1,3") == [1, 3]
    assert candidate("0,20-19,100") == [0, 100]


def nearest_parking(taken: list[bool], wish: int) -> int:
    """Return the free parking place that is nearest to the wished one, or -1 if all are taken.

    `taken` says for each place whether it is taken. Of two places that are equally near, the one
    with the lower number is better.

    >>> nearest_parking([False, True, True, False], 1)
    0
    """
    best = -1
    for place, is_taken in enumerate(taken):
        if not is_taken and (best < 0 or abs(place - wish) < abs(best - wish)):
            best = place
    return best


def check_nearest_parking(candidate: Candidate) -> None:
    assert candidate([False, True, True, False], 1) == 0
    assert candidate([False, True, True, False], 2) == 3
    assert candidate([False, True, False], 1) == 0
    assert candidate([], 0) == -1
    assert candidate([True, True], 0) == -1
    assert candidate([False], 0) == 0
    assert candidate([True, False, False, False], 2) == 2
    assert candidate([True, True, True, False, False], 0) == 3
