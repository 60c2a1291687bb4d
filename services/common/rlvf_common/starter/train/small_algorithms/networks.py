"""Networks of places, dependencies and areas."""

from rlvf_common.starter.candidate import Candidate


def count_dead_ends(roads: list[tuple[str, str]]) -> int:
    """Count the places at which only one road ends. Every road joins two different places.

    >>> count_dead_ends([("a", "b"), ("b", "c")])
    2
    """
    ends = [place for road in roads for place in road]
    return sum(ends.count(place) == 1 for place in ends)


def check_count_dead_ends(candidate: Candidate) -> None:
    assert candidate([("a", "b"), ("b", "c")]) == 2
    assert candidate([]) == 0
    assert candidate([("a", "b")]) == 2
    assert candidate([("a", "b"), ("b", "c"), ("c", "a")]) == 0
    assert candidate([("m", "1"), ("m", "2"), ("3", "m")]) == 3
    assert candidate([("a", "b"), ("b", "a"), ("b", "c")]) == 1


def fewest_changes(lines: dict[str, list[str]], start: str, goal: str) -> int:
    """Return how many lines you must ride to get from one station to another; -1 if impossible.

    `lines` has the stations of each line; a line goes in both directions. You can change where two
    lines have the same station. If start and goal are the same, no line is needed.

    >>> fewest_changes({"red": ["a", "b"], "blue": ["b", "c"]}, "a", "c")
    2
    """
    reached = {start}
    rides = 0
    while goal not in reached:
        further = {
            station
            for stations in lines.values()
            if reached & set(stations)
            for station in stations
        }
        if further <= reached:
            return -1
        reached |= further
        rides += 1
    return rides


def check_fewest_changes(candidate: Candidate) -> None:
    lines = {"red": ["a", "b"], "blue": ["b", "c"], "green": ["c", "d", "e"], "gray": ["x", "y"]}
    assert candidate(lines, "a", "c") == 2
    assert candidate(lines, "a", "b") == 1
    assert candidate(lines, "c", "b") == 1
    assert candidate(lines, "a", "e") == 3
    assert candidate(lines, "e", "a") == 3
    assert candidate(lines, "a", "a") == 0
    assert candidate(lines, "a", "x") == -1
    assert candidate({}, "p", "q") == -1
    assert candidate({}, "p", "p") == 0
    assert candidate({"1": ["a", "b", "c"], "2": ["a", "z"]}, "c", "z") == 2


def group_of_friends(pairs: list[tuple[str, str]]) -> list[list[str]]:
    """Return the groups of people who know each other directly or through others.

    Each pair are two people who know each other. The names of a group are sorted, and the groups
    stand in the order of their first names.

    >>> group_of_friends([("d", "c"), ("a", "b"), ("b", "e")])
    [['a', 'b', 'e'], ['c', 'd']]
    """
    groups: list[set[str]] = []
    for pair in pairs:
        joined = set(pair)
        separate = []
        for group in groups:
            if group & joined:
                joined |= group
            else:
                separate.append(group)
        groups = [*separate, joined]
    return sorted(sorted(group) for group in groups)


def check_group_of_friends(candidate: Candidate) -> None:
    assert candidate([("d", "c"), ("a", "b"), ("b", "e")]) == [["a", "b", "e"], ["c", "d"]]
    assert candidate([]) == []
    assert candidate([("b", "a")]) == [["a", "b"]]
    assert candidate([("a", "b"), ("b", "a")]) == [["a", "b"]]
    assert candidate([("a", "b"), ("c", "d"), ("b", "c")]) == [["a", "b", "c", "d"]]
    assert candidate([("x", "y"), ("p", "q")]) == [["p", "q"], ["x", "y"]]
    assert candidate([("a", "a")]) == [["a"]]
    assert candidate([("1", "2"), ("3", "4"), ("5", "6"), ("6", "1")]) == [
        ["1", "2", "5", "6"],
        ["3", "4"],
    ]


def build_order(needs: dict[str, list[str]]) -> list[str] | None:
    """Return an order in which all parts can be built, or None if there is none.

    `needs` says for each part which other parts must be built before; all parts are keys. Of the
    parts that can be built next, always take the first one in the alphabet.

    >>> build_order({"roof": ["wall"], "wall": [], "door": ["wall"]})
    ['wall', 'door', 'roof']
    """
    order: list[str] = []
    while len(order) < len(needs):
        possible = [
            part
            for part, before in needs.items()
            if part not in order and all(other in order for other in before)
        ]
        if not possible:
            return None
        order.append(min(possible))
    return order


def check_build_order(candidate: Candidate) -> None:
    assert candidate({"roof": ["wall"], "wall": [], "door": ["wall"]}) == ["wall", "door", "roof"]
    assert candidate({}) == []
    assert candidate({"b": [], "a": []}) == ["a", "b"]
    assert candidate({"a": ["b"], "b": ["a"]}) is None
    assert candidate({"a": ["a"]}) is None
    assert candidate({"a": ["c"], "b": [], "c": ["b"], "d": []}) == ["b", "c", "a", "d"]
    assert candidate({"x": [], "y": ["z"], "z": ["y"]}) is None
    assert candidate({"m": ["k", "l"], "k": [], "l": []}) == ["k", "l", "m"]
    assert candidate({"a": ["d"], "d": [], "b": []}) == ["b", "d", "a"]


def shortest_maze_way(maze: list[str]) -> int:
    """Return the fewest steps from "S" to "G" in a maze, or -1 if there is no way.

    "#" is a wall; all other fields are free. A step goes up, down, left or right. All rows have the
    same length, and the maze has exactly one "S" and one "G".

    >>> shortest_maze_way(["S#G", "..."])
    4
    """
    fields = {
        (row, column): sign
        for row, line in enumerate(maze)
        for column, sign in enumerate(line)
        if sign != "#"
    }
    current = {place for place, sign in fields.items() if sign == "S"}
    seen = set(current)
    steps = 0
    while current:
        if any(fields[place] == "G" for place in current):
            return steps
        neighbors = {
            (row + down, column + right)
            for row, column in current
            for down, right in ((1, 0), (-1, 0), (0, 1), (0, -1))
        }
        current = {place for place in neighbors if place in fields and place not in seen}
        seen |= current
        steps += 1
    return -1


def check_shortest_maze_way(candidate: Candidate) -> None:
    assert candidate(["S#G", "..."]) == 4
    assert candidate(["SG"]) == 1
    assert candidate(["GS"]) == 1
    assert candidate(["G", "S"]) == 1
    assert candidate(["S.", "G."]) == 1
    assert candidate(["S..#G", "...##"]) == -1
    assert candidate(["S#G"]) == -1
    assert candidate(["S..", "...", "..G"]) == 4
    assert candidate(["S#G", ".#.", "..."]) == 6
    assert candidate(["S.#", "##.", "G.."]) == -1
    assert candidate(["G..", "##.", "S.."]) == 6
    assert candidate(["..#G", ".S#.", "...."]) == 5


def largest_lake(landscape: list[str]) -> int:
    """Return the number of fields of the largest lake.

    "~" is water. Fields of water that touch at a side belong to the same lake; touching at a corner
    is not enough. Without water the answer is 0.

    >>> largest_lake(["~~.", ".~.", "..~"])
    3
    """
    water = {
        (row, column)
        for row, line in enumerate(landscape)
        for column, sign in enumerate(line)
        if sign == "~"
    }
    largest = 0
    while water:
        pending = [water.pop()]
        size = 0
        while pending:
            row, column = pending.pop()
            size += 1
            for place in (
                (row + 1, column),
                (row - 1, column),
                (row, column + 1),
                (row, column - 1),
            ):
                if place in water:
                    water.remove(place)
                    pending.append(place)
        largest = max(largest, size)
    return largest


def check_largest_lake(candidate: Candidate) -> None:
    assert candidate(["~~.", ".~.", "..~"]) == 3
    assert candidate([]) == 0
    assert candidate(["..."]) == 0
    assert candidate(["~"]) == 1
    assert candidate(["~~", "~~"]) == 4
    assert candidate(["~.~", ".~.", "~.~"]) == 1
    assert candidate(["~~~", "..~", "~~~"]) == 7
    assert candidate(["~.~", "~.~", "~.~~"]) == 4
    assert candidate(["~~~..~", "......", "~....~", "~~~~~~"]) == 8


def cheapest_flight(prices: dict[tuple[str, str], int], start: str, goal: str) -> int | None:
    """Return the lowest total price from one city to another, with at most one stop between them.

    `prices` has the price of each direct flight (from, to). Return None if there is no such way.
    Start and goal are different.

    >>> cheapest_flight({("a", "c"): 9, ("a", "b"): 3, ("b", "c"): 4}, "a", "c")
    7
    """
    totals = [
        price + prices[stop, goal]
        for (source, stop), price in prices.items()
        if source == start and (stop, goal) in prices
    ]
    if (start, goal) in prices:
        totals.append(prices[start, goal])
    return min(totals, default=None)


def check_cheapest_flight(candidate: Candidate) -> None:
    assert candidate({("a", "c"): 9, ("a", "b"): 3, ("b", "c"): 4}, "a", "c") == 7
    assert candidate({("a", "c"): 6, ("a", "b"): 3, ("b", "c"): 4}, "a", "c") == 6
    assert candidate({}, "a", "b") is None
    assert candidate({("b", "a"): 1}, "a", "b") is None
    assert candidate({("a", "b"): 5}, "a", "b") == 5
    assert candidate({("a", "b"): 1, ("b", "c"): 1, ("c", "d"): 1}, "a", "d") is None
    assert candidate({("x", "b"): 1, ("b", "c"): 1, ("a", "c"): 8}, "a", "c") == 8
    assert (
        candidate(
            {("a", "p"): 5, ("p", "z"): 5, ("a", "q"): 2, ("q", "z"): 7, ("a", "z"): 20}, "a", "z"
        )
        == 9
    )


def infection_day(contacts: list[tuple[int, str, str]], first: str) -> dict[str, int]:
    """Return for each infected person the day of the infection.

    The first person is infected on day 0. A contact is (day, person, person); if exactly one of the
    two was infected on an earlier day, the other one is infected on that day. Contacts come in any
    order.

    >>> infection_day([(2, "b", "c"), (1, "a", "b")], "a")
    {'a': 0, 'b': 1, 'c': 2}
    """
    infected = {first: 0}
    for day, *people in sorted(contacts):
        for person, other in (people, people[::-1]):
            if infected.get(person, day) < day and other not in infected:
                infected[other] = day
    return infected


def check_infection_day(candidate: Candidate) -> None:
    assert candidate([(2, "b", "c"), (1, "a", "b")], "a") == {"a": 0, "b": 1, "c": 2}
    assert candidate([], "x") == {"x": 0}
    assert candidate([(1, "b", "c")], "a") == {"a": 0}
    assert candidate([(1, "b", "c"), (2, "a", "b")], "a") == {"a": 0, "b": 2}
    assert candidate([(1, "a", "b"), (1, "b", "c")], "a") == {"a": 0, "b": 1}
    assert candidate([(1, "b", "a"), (3, "a", "b"), (3, "c", "b")], "a") == {
        "a": 0,
        "b": 1,
        "c": 3,
    }
    assert candidate([(0, "a", "b"), (4, "b", "a")], "a") == {"a": 0, "b": 4}
    assert candidate([(10, "a", "b"), (9, "a", "c")], "a") == {"a": 0, "c": 9, "b": 10}


def stable_towers(boxes: list[tuple[int, int]]) -> int:
    """Return the largest number of boxes that can be piled up on each other.

    A box is (width, weight). Each box must be narrower and lighter than the one directly below it.

    >>> stable_towers([(5, 9), (3, 4), (4, 10), (2, 1)])
    3
    """
    best: list[int] = []
    ordered = sorted(boxes, reverse=True)
    for place, (width, weight) in enumerate(ordered):
        below = [
            best[lower]
            for lower in range(place)
            if ordered[lower][0] > width and ordered[lower][1] > weight
        ]
        best.append(1 + max(below, default=0))
    return max(best, default=0)


def check_stable_towers(candidate: Candidate) -> None:
    assert candidate([(5, 9), (3, 4), (4, 10), (2, 1)]) == 3
    assert candidate([]) == 0
    assert candidate([(1, 1)]) == 1
    assert candidate([(1, 1), (1, 1)]) == 1
    assert candidate([(5, 9), (5, 8)]) == 1
    assert candidate([(1, 2), (2, 2)]) == 1
    assert candidate([(2, 1), (2, 2)]) == 1
    assert candidate([(1, 1), (2, 2), (3, 3)]) == 3
    assert candidate([(1, 3), (2, 2), (3, 1)]) == 1
    assert candidate([(9, 1), (5, 5), (4, 4), (3, 3), (10, 2)]) == 3
    assert candidate([(6, 6), (5, 1), (4, 5), (3, 4)]) == 3
