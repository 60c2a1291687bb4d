"""Lists with several rules at once."""

from rlvf_common.starter.candidate import Candidate


def cleaned_readings(readings: list[int], low: int, high: int) -> list[int]:
    """Clean a series of sensor readings.

    A reading outside of low to high (both are still fine) is a fault. A fault is replaced by the
    average, rounded down, of the nearest good reading before it and the nearest good one after it.
    If there is a good one only on one side, it is replaced by that one. If no reading is good, the
    result is empty.

    >>> cleaned_readings([10, 99, 99, 15], 0, 50)
    [10, 12, 12, 15]
    """
    result = []
    for place, reading in enumerate(readings):
        if low <= reading <= high:
            result.append(reading)
            continue
        before = [value for value in readings[:place] if low <= value <= high]
        after = [value for value in readings[place:] if low <= value <= high]
        if before and after:
            result.append((before[-1] + after[0]) // 2)
        elif before or after:
            result.append(before[-1] if before else after[0])
    return result


def check_cleaned_readings(candidate: Candidate) -> None:
    assert candidate([10, 99, 99, 15], 0, 50) == [10, 12, 12, 15]
    assert candidate([], 0, 9) == []
    assert candidate([99, -1], 0, 9) == []
    assert candidate([0, 9, 5], 0, 9) == [0, 9, 5]
    assert candidate([8, 0, 8], 0, 9) == [8, 0, 8]
    assert candidate([0, 99, 8], 0, 9) == [0, 4, 8]
    assert candidate([9, 99, 0], 0, 9) == [9, 4, 0]
    assert candidate([1, 2, 5, 99], 0, 9) == [1, 2, 5, 5]
    assert candidate([99, 4, 6], 0, 9) == [4, 4, 6]
    assert candidate([4, 6, -1], 0, 9) == [4, 6, 6]
    assert candidate([1, 50, 4, 60, 9], 0, 9) == [1, 2, 4, 6, 9]
    assert candidate([-1, -1, 3, -1, -1, 8, 10], 0, 9) == [3, 3, 3, 5, 5, 8, 8]


def medal_table(results: list[tuple[str, str]]) -> list[str]:
    """Count the medals of each country and return the countries from best to worst.

    A result is a country and "gold", "silver" or "bronze". More gold is better; with equally much
    gold more silver, then more bronze, and then the name of the country decides, in alphabetical
    order. Write each country as "name gold-silver-bronze", such as "Chad 1-0-2".

    >>> medal_table([("Mali", "silver"), ("Chad", "gold"), ("Mali", "silver")])
    ['Chad 1-0-0', 'Mali 0-2-0']
    """
    kinds = ("gold", "silver", "bronze")
    counts: dict[str, list[int]] = {}
    for country, medal in results:
        row = counts.setdefault(country, [0, 0, 0])
        row[kinds.index(medal)] += 1
    ordered = sorted(counts, key=lambda country: ([-count for count in counts[country]], country))
    lines = []
    for country in ordered:
        gold, silver, bronze = counts[country]
        lines.append(f"{country} {gold}-{silver}-{bronze}")
    return lines


def check_medal_table(candidate: Candidate) -> None:
    assert candidate([("Mali", "silver"), ("Chad", "gold"), ("Mali", "silver")]) == [
        "Chad 1-0-0",
        "Mali 0-2-0",
    ]
    assert candidate([]) == []
    assert candidate([("Peru", "bronze")]) == ["Peru 0-0-1"]
    assert candidate([("B", "gold"), ("A", "gold")]) == ["A 1-0-0", "B 1-0-0"]
    assert candidate([("A", "bronze"), ("B", "silver"), ("A", "bronze")]) == [
        "B 0-1-0",
        "A 0-0-2",
    ]
    assert candidate([("A", "gold"), ("B", "gold"), ("B", "bronze"), ("C", "gold")]) == [
        "B 1-0-1",
        "A 1-0-0",
        "C 1-0-0",
    ]


def paged_items(items: list[str], page: int, size: int) -> tuple[list[str], str]:
    """Return the items of one page, and a line that says where one is.

    Pages count from 1 and have `size` items, the last one perhaps fewer. A page below 1 means the
    first one, a page that is too high the last one. The line is "first-last of all", such as
    "4-5 of 5", or "empty" if there are no items.

    >>> paged_items(["a", "b", "c", "d", "e"], 2, 3)
    (['d', 'e'], '4-5 of 5')
    """
    if not items:
        return [], "empty"
    pages = (len(items) + size - 1) // size
    page = min(max(page, 1), pages)
    start = (page - 1) * size
    shown = items[start : start + size]
    return shown, f"{start + 1}-{start + len(shown)} of {len(items)}"


def check_paged_items(candidate: Candidate) -> None:
    five = ["a", "b", "c", "d", "e"]
    assert candidate(five, 2, 3) == (["d", "e"], "4-5 of 5")
    assert candidate(five, 1, 3) == (["a", "b", "c"], "1-3 of 5")
    assert candidate(five, 0, 3) == (["a", "b", "c"], "1-3 of 5")
    assert candidate(five, -7, 2) == (["a", "b"], "1-2 of 5")
    assert candidate(five, 3, 3) == (["d", "e"], "4-5 of 5")
    assert candidate(five, 9, 5) == (five, "1-5 of 5")
    assert candidate(five, 3, 2) == (["e"], "5-5 of 5")
    assert candidate([], 1, 3) == ([], "empty")
    assert candidate(["x", "y"], 2, 2) == (["x", "y"], "1-2 of 2")


def relay_team(times: list[tuple[str, int]], size: int) -> list[str]:
    """Choose the runners of a relay team and return them in the order in which they run.

    Times are (name, seconds); less is better, and somebody may have run several times: only the
    best time counts. The `size` fastest runners are chosen, with equal times the name that comes
    first in the alphabet. The second fastest runs first, the others follow from the third fastest
    on, and the fastest runs last. Return an empty list if there are too few runners.

    >>> relay_team([("Al", 12), ("Bo", 11), ("Cy", 13), ("Di", 15), ("Di", 14)], 4)
    ['Al', 'Cy', 'Di', 'Bo']
    """
    best: dict[str, int] = {}
    for name, seconds in times:
        best[name] = min(seconds, best.get(name, seconds))
    if len(best) < size:
        return []
    ranked = sorted(best, key=lambda name: (best[name], name))[:size]
    return ranked[1:] + ranked[:1]


def check_relay_team(candidate: Candidate) -> None:
    times = [("Al", 12), ("Bo", 11), ("Cy", 13), ("Di", 15), ("Di", 14)]
    assert candidate(times, 4) == ["Al", "Cy", "Di", "Bo"]
    assert candidate(times, 5) == []
    assert candidate(times, 2) == ["Al", "Bo"]
    assert candidate(times, 1) == ["Bo"]
    assert candidate([], 1) == []
    assert candidate([("B", 9), ("A", 9), ("C", 9)], 2) == ["B", "A"]
    assert candidate([("A", 5), ("B", 6), ("A", 9)], 2) == ["B", "A"]
    assert candidate([("A", 9), ("B", 6), ("A", 5), ("C", 7)], 3) == ["B", "C", "A"]


def compact_schedule(lessons: list[str]) -> list[str]:
    """Write a school day with equal lessons in a row put together.

    `lessons` has one subject for each hour, counted from 1; "" is a free hour. Write a subject as
    "2 maths" for one hour, or "2-3 maths" for several in a row. Free hours are written as "break",
    but are left out before the first and after the last lesson.

    >>> compact_schedule(["", "maths", "maths", "", "art", ""])
    ['2-3 maths', '4 break', '5 art']
    """
    taught = [place for place, lesson in enumerate(lessons) if lesson]
    lines: list[str] = []
    place = taught[0] if taught else 0
    last = taught[-1] if taught else -1
    while place <= last:
        end = place
        while end < last and lessons[end + 1] == lessons[place]:
            end += 1
        hours = str(place + 1) if end == place else f"{place + 1}-{end + 1}"
        lines.append(f"{hours} {lessons[place] or 'break'}")
        place = end + 1
    return lines


def check_compact_schedule(candidate: Candidate) -> None:
    assert candidate(["", "maths", "maths", "", "art", ""]) == ["2-3 maths", "4 break", "5 art"]
    assert candidate([]) == []
    assert candidate(["", ""]) == []
    assert candidate(["art"]) == ["1 art"]
    assert candidate(["a", "b", "a"]) == ["1 a", "2 b", "3 a"]
    assert candidate(["a", "a", "a"]) == ["1-3 a"]
    assert candidate(["a", "", "", "b", "b"]) == ["1 a", "2-3 break", "4-5 b"]
    assert candidate(["", "", "x"]) == ["3 x"]


def trimmed_average(scores: list[int]) -> float | None:
    """Return the score of a jump from the marks of the judges.

    With five or more marks the lowest and the highest one are dropped, each of them once, and the
    average of the others counts. With three or four marks only the lowest one is dropped. With one
    or two marks all of them count, and without marks the result is None. Marks above 10 or below 0
    are ignored from the beginning.

    >>> trimmed_average([7, 9, 8, 10, 0])
    8.0
    """
    marks = sorted(score for score in scores if 0 <= score <= 10)
    if not marks:
        return None
    if len(marks) >= 5:
        marks = marks[1:-1]
    elif len(marks) >= 3:
        marks = marks[1:]
    return sum(marks) / len(marks)


def check_trimmed_average(candidate: Candidate) -> None:
    assert abs(candidate([7, 9, 8, 10, 0]) - 8.0) < 1e-9
    assert candidate([]) is None
    assert candidate([11, -1]) is None
    assert abs(candidate([6]) - 6.0) < 1e-9
    assert abs(candidate([3, 4]) - 3.5) < 1e-9
    assert abs(candidate([9, 1, 8]) - 8.5) < 1e-9
    assert abs(candidate([1, 5, 6, 10]) - 7.0) < 1e-9
    assert abs(candidate([2, 9, 9, 9]) - 9.0) < 1e-9
    assert abs(candidate([5, 5, 5, 5, 5, 8]) - 5.0) < 1e-9
    assert abs(candidate([10, 9, 11, 0, 12]) - 9.5) < 1e-9
    assert abs(candidate([0, 0, 4, 10, 10]) - 14 / 3) < 1e-9


def conveyor_sort(parcels: list[int], gates: list[int]) -> list[list[int]]:
    """Parcels pass gates on a conveyor belt. Return what falls off at each gate, and what is left.

    Each gate has a weight. A parcel falls off at the first gate whose weight is less than its own,
    but a gate is closed for good after three parcels. Parcels that fall off nowhere form the last
    list. The parcels come one after the other.

    >>> conveyor_sort([5, 9, 2], [8, 4])
    [[9], [5], [2]]
    """
    fallen: list[list[int]] = [[] for _ in range(len(gates) + 1)]
    for parcel in parcels:
        for gate, weight in enumerate(gates):
            if parcel > weight and len(fallen[gate]) < 3:
                fallen[gate].append(parcel)
                break
        else:
            fallen[-1].append(parcel)
    return fallen


def check_conveyor_sort(candidate: Candidate) -> None:
    assert candidate([5, 9, 2], [8, 4]) == [[9], [5], [2]]
    assert candidate([], [1, 2]) == [[], [], []]
    assert candidate([4, 7], []) == [[4, 7]]
    assert candidate([4], [4]) == [[], [4]]
    assert candidate([5, 6, 7, 8, 9], [4]) == [[5, 6, 7], [8, 9]]
    assert candidate([9, 9, 9, 9], [1, 5]) == [[9, 9, 9], [9], []]
    assert candidate([3, 6, 3, 6], [5, 2]) == [[6, 6], [3, 3], []]


def table_with_totals(table: list[list[int]]) -> list[list[int]]:
    """Append to each row its sum, and below all rows a row with the sums of the columns.

    The sum of all numbers stands in the corner. Rows that are shorter than the longest one are
    filled with 0 first. The given table must not be changed. An empty table gives [[0]].

    >>> table_with_totals([[1, 2], [3]])
    [[1, 2, 3], [3, 0, 3], [4, 2, 6]]
    """
    width = max(map(len, table), default=0)
    result = []
    totals = [0] * (width + 1)
    for row in table:
        filled = row + [0] * (width - len(row))
        filled.append(sum(row))
        result.append(filled)
        totals = [total + cell for total, cell in zip(totals, filled, strict=True)]
    return [*result, totals]


def check_table_with_totals(candidate: Candidate) -> None:
    table = [[1, 2], [3]]
    assert candidate(table) == [[1, 2, 3], [3, 0, 3], [4, 2, 6]]
    assert table == [[1, 2], [3]]
    assert candidate([]) == [[0]]
    assert candidate([[]]) == [[0], [0]]
    assert candidate([[5]]) == [[5, 5], [5, 5]]
    assert candidate([[1], [2], [3]]) == [[1, 1], [2, 2], [3, 3], [6, 6]]
    assert candidate([[-1, 1], [], [0, 4, 2]]) == [
        [-1, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 4, 2, 6],
        [-1, 5, 2, 6],
    ]


def two_line_seating(heights: list[int]) -> tuple[list[int], list[int]]:
    """Arrange people for a photo in two rows and return (front row, back row).

    The shorter half stands in front; with an odd number the front row has one more. In each row the
    tallest stands in the middle: place the people of a row from the tallest to the shortest, the
    first one in the middle, then in turn at the left and at the right end.

    >>> two_line_seating([150, 160, 170, 180, 190])
    ([160, 170, 150], [180, 190])
    """
    ordered = sorted(heights)
    front_size = (len(ordered) + 1) // 2
    rows: list[list[int]] = []
    for people in (ordered[:front_size], ordered[front_size:]):
        row: list[int] = []
        for number, height in enumerate(reversed(people)):
            if number % 2:
                row.insert(0, height)
            else:
                row.append(height)
        rows.append(row)
    return rows[0], rows[1]


def check_two_line_seating(candidate: Candidate) -> None:
    assert candidate([150, 160, 170, 180, 190]) == ([160, 170, 150], [180, 190])
    assert candidate([]) == ([], [])
    assert candidate([7]) == ([7], [])
    assert candidate([9, 8]) == ([8], [9])
    assert candidate([4, 1, 3, 2]) == ([1, 2], [3, 4])
    assert candidate([6, 5, 4, 3, 2, 1]) == ([2, 3, 1], [5, 6, 4])
    assert candidate([1, 2, 3, 4, 5, 6, 7, 8]) == ([1, 3, 4, 2], [5, 7, 8, 6])
    assert candidate([5, 5, 1]) == ([1, 5], [5])
