"""Lists that are worked through step by step."""

from rlvf_common.starter.candidate import Candidate


def collapse_pairs(numbers: list[int]) -> list[int]:
    """Slide numbers to the left as in a game with number tiles, and return the row after it.

    Zeros are empty places. First the numbers move to the left without gaps. Then, from left to
    right, two equal neighbors become one tile with their sum; a tile that has just come from two
    does not join again. The row is filled with zeros at the right end, so that its length stays.

    >>> collapse_pairs([2, 0, 2, 4])
    [4, 4, 0, 0]
    """
    tiles = [number for number in numbers if number != 0]
    row = []
    place = 0
    while place < len(tiles):
        if place + 1 < len(tiles) and tiles[place] == tiles[place + 1]:
            row.append(2 * tiles[place])
            place += 2
        else:
            row.append(tiles[place])
            place += 1
    return row + [0] * (len(numbers) - len(row))


def check_collapse_pairs(candidate: Candidate) -> None:
    assert candidate([2, 0, 2, 4]) == [4, 4, 0, 0]
    assert candidate([]) == []
    assert candidate([0, 0]) == [0, 0]
    assert candidate([0, 3]) == [3, 0]
    assert candidate([2, 2, 2]) == [4, 2, 0]
    assert candidate([2, 2, 2, 2]) == [4, 4, 0, 0]
    assert candidate([4, 2, 2, 8]) == [4, 4, 8, 0]
    assert candidate([1, 0, 0, 1, 1]) == [2, 1, 0, 0, 0]
    assert candidate([8, 4, 2]) == [8, 4, 2]


def double_elimination(items: list[int]) -> list[int]:
    """Remove equal neighbors until there are none.

    Look for the first place, from the left, at which two equal numbers stand next to each other,
    and remove these two. Then begin again from the left.

    >>> double_elimination([1, 2, 2, 1, 3])
    [3]
    """
    kept: list[int] = []
    for item in items:
        if kept and kept[-1] == item:
            kept.pop()
        else:
            kept.append(item)
    return kept


def check_double_elimination(candidate: Candidate) -> None:
    assert candidate([1, 2, 2, 1, 3]) == [3]
    assert candidate([]) == []
    assert candidate([5]) == [5]
    assert candidate([5, 5]) == []
    assert candidate([5, 5, 5]) == [5]
    assert candidate([1, 2, 1, 2]) == [1, 2, 1, 2]
    assert candidate([0, 0, 7, 8, 8]) == [7]
    assert candidate([3, 1, 1, 2, 2, 3]) == []


def auction_result(bids: list[tuple[str, int]], reserve: int) -> tuple[str, int]:
    """Return who wins an auction and what is paid.

    A bid is (name, amount). It counts only if it is at least the reserve, and if it is higher than
    every bid that counted before. The last bid that counts wins. The winner pays one more than the
    highest counted bid of somebody else, but at most the own bid; without such a bid the reserve.
    If no bid counts, return ("", 0).

    >>> auction_result([("Al", 10), ("Bo", 30), ("Cy", 20)], 5)
    ('Bo', 11)
    """
    counted: list[tuple[str, int]] = []
    for name, amount in bids:
        if amount >= reserve and (not counted or amount > counted[-1][1]):
            counted.append((name, amount))
    if not counted:
        return "", 0
    winner, highest = counted[-1]
    others = [amount for name, amount in counted if name != winner]
    price = min(max(others) + 1, highest) if others else reserve
    return winner, price


def check_auction_result(candidate: Candidate) -> None:
    assert candidate([("Al", 10), ("Bo", 30), ("Cy", 20)], 5) == ("Bo", 11)
    assert candidate([], 5) == ("", 0)
    assert candidate([("Al", 4)], 5) == ("", 0)
    assert candidate([("Al", 5)], 5) == ("Al", 5)
    assert candidate([("Al", 6), ("Bo", 20), ("Cy", 25)], 5) == ("Cy", 21)
    assert candidate([("Al", 50)], 5) == ("Al", 5)
    assert candidate([("Al", 10), ("Bo", 10)], 5) == ("Al", 5)
    assert candidate([("Al", 10), ("Bo", 11)], 5) == ("Bo", 11)
    assert candidate([("Al", 10), ("Bo", 20), ("Bo", 40)], 5) == ("Bo", 11)
    assert candidate([("Al", 1), ("Bo", 20), ("Al", 25), ("Cy", 22)], 5) == ("Al", 21)


def grade_curve(points: list[int]) -> list[str]:
    """Grade a test by the ranks of the points.

    The best quarter of the students gets "A" and the worst quarter "C", both rounded down to whole
    students; all others get "B". Students with equal points get the same grade: the better one of
    those that they would have otherwise. Return the grades in the order of the points.

    >>> grade_curve([50, 90, 70, 60])
    ['C', 'A', 'B', 'B']
    """
    quarter = len(points) // 4
    ordered = sorted(points, reverse=True)
    grades = []
    for value in points:
        rank = ordered.index(value)
        if rank < quarter:
            grades.append("A")
        elif rank >= len(points) - quarter:
            grades.append("C")
        else:
            grades.append("B")
    return grades


def check_grade_curve(candidate: Candidate) -> None:
    assert candidate([50, 90, 70, 60]) == ["C", "A", "B", "B"]
    assert candidate([]) == []
    assert candidate([5]) == ["B"]
    assert candidate([1, 2, 3]) == ["B", "B", "B"]
    assert candidate([7, 7, 7, 7]) == ["A", "A", "A", "A"]
    assert candidate([1, 1, 2, 3]) == ["B", "B", "B", "A"]
    assert candidate([9, 9, 2, 1]) == ["A", "A", "B", "C"]
    assert candidate([1, 2, 3, 4, 5, 6, 7, 8]) == ["C", "C", "B", "B", "B", "B", "A", "A"]
    assert candidate([3, 3, 3, 1, 1, 1, 9, 8, 7]) == ["B"] * 4 + ["B", "B", "A", "A", "B"]


def rhythm_pattern(beats: list[str]) -> list[tuple[str, int]]:
    """Read the steps of a drum pattern and return the hits with their lengths.

    A step is the name of a drum, "-" if the hit before goes on, or "." for silence. A hit lasts its
    own step and all "-" directly behind it. A "-" after silence, or at the beginning, is silence.

    >>> rhythm_pattern(["bass", "-", "snare", ".", "-"])
    [('bass', 2), ('snare', 1)]
    """
    hits: list[tuple[str, int]] = []
    sounding = False
    for step in beats:
        if step == ".":
            sounding = False
        elif step != "-":
            hits.append((step, 1))
            sounding = True
        elif sounding:
            drum, length = hits[-1]
            hits[-1] = (drum, length + 1)
    return hits


def check_rhythm_pattern(candidate: Candidate) -> None:
    assert candidate(["bass", "-", "snare", ".", "-"]) == [("bass", 2), ("snare", 1)]
    assert candidate([]) == []
    assert candidate(["-", "-"]) == []
    assert candidate([".", "a"]) == [("a", 1)]
    assert candidate(["a", "a", "-"]) == [("a", 1), ("a", 2)]
    assert candidate(["a", "-", "-", "-"]) == [("a", 4)]
    assert candidate(["-", "a", ".", "-", "b", "-"]) == [("a", 1), ("b", 2)]
    assert candidate(["a", ".", "a", "-", ".", "."]) == [("a", 1), ("a", 2)]


def bus_loads(stops: list[tuple[int, int]], seats: int) -> tuple[list[int], int]:
    """Return how many people are in a bus after each stop, and how many were left behind in all.

    The bus begins empty. A stop is (how many want to get off, how many want to get on). First
    people get off, but never more than are in the bus. Then people get on as long as there are
    seats; the others are left behind. At the last stop everybody gets off and nobody gets on; who
    waits there is not counted as left behind.

    >>> bus_loads([(0, 5), (2, 4), (0, 3)], 6)
    ([5, 6, 0], 1)
    """
    loads = []
    people = 0
    behind = 0
    for number, (off, on) in enumerate(stops, start=1):
        people -= min(off, people)
        if number == len(stops):
            people = 0
        else:
            entering = min(on, seats - people)
            behind += on - entering
            people += entering
        loads.append(people)
    return loads, behind


def check_bus_loads(candidate: Candidate) -> None:
    assert candidate([(0, 5), (2, 4), (0, 3)], 6) == ([5, 6, 0], 1)
    assert candidate([], 6) == ([], 0)
    assert candidate([(0, 9)], 6) == ([0], 0)
    assert candidate([(3, 2), (0, 0)], 6) == ([2, 0], 0)
    assert candidate([(0, 6), (0, 1), (9, 9)], 6) == ([6, 6, 0], 1)
    assert candidate([(0, 8), (6, 3), (5, 2), (0, 0)], 6) == ([6, 3, 2, 0], 2)
    assert candidate([(0, 4), (1, 0), (1, 9), (0, 0)], 6) == ([4, 3, 6, 0], 5)
    assert candidate([(0, 2), (0, 2), (0, 2)], 0) == ([0, 0, 0], 4)
