"""Small worlds that change step by step."""

from rlvf_common.starter.candidate import Candidate


def line_at_counter(events: list[str]) -> list[str]:
    """People stand in a line, which is empty at first. Return the line after all the events.

    The event "next" serves the person in front, who leaves. The event "wait" sends the person
    in front to the back. Any other event is the name of a person who joins at the back.
    "next" and "wait" do nothing if nobody is in the line.

    >>> line_at_counter(["Ann", "Bob", "Cid", "wait", "next"])
    ['Cid', 'Ann']
    >>> line_at_counter(["next", "Dan"])
    ['Dan']
    """
    line: list[str] = []
    for event in events:
        if event == "next":
            line = line[1:]
        elif event == "wait":
            line = line[1:] + line[:1]
        else:
            line.append(event)
    return line


def check_line_at_counter(candidate: Candidate) -> None:
    assert candidate(["Ann", "Bob", "Cid", "wait", "next"]) == ["Cid", "Ann"]
    assert candidate(["next", "Dan"]) == ["Dan"]
    assert candidate([]) == []
    assert candidate(["wait", "next"]) == []
    assert candidate(["Ann", "wait"]) == ["Ann"]
    assert candidate(["Ann", "Bob", "next"]) == ["Bob"]
    assert candidate(["A", "B", "C", "wait", "wait"]) == ["C", "A", "B"]
    assert candidate(["A", "next", "next", "B", "A"]) == ["B", "A"]


def lamps_that_are_on(count: int, presses: list[int]) -> list[int]:
    """There are lamps with the numbers 1 to count, all off. A press switches the lamp with that
    number on if it is off, and off if it is on.

    Presses of numbers that no lamp has do nothing. Return the numbers of the lamps that are
    on at the end, in rising order.

    >>> lamps_that_are_on(4, [3, 1, 3, 2])
    [1, 2]
    >>> lamps_that_are_on(2, [5, 0])
    []
    """
    return [lamp for lamp in range(1, count + 1) if presses.count(lamp) % 2 == 1]


def check_lamps_that_are_on(candidate: Candidate) -> None:
    assert candidate(4, [3, 1, 3, 2]) == [1, 2]
    assert candidate(2, [5, 0]) == []
    assert candidate(0, [1]) == []
    assert candidate(3, []) == []
    assert candidate(3, [3, 2, 1]) == [1, 2, 3]
    assert candidate(3, [2, 2, 2]) == [2]
    assert candidate(5, [5, 1, -1, 5, 5, 6]) == [1, 5]


def parking_spots_taken(events: list[str]) -> dict[str, int]:
    """A car park has spots with the numbers 1, 2, 3 and so on, without end.

    The event "+X" lets car X in; it takes the free spot with the smallest number. The event
    "-X" lets car X out, which frees its spot. Cars only leave when they are inside, and only
    enter when they are not. Return the cars that are inside at the end with their spots.

    >>> parking_spots_taken(["+a", "+b", "-a", "+c"])
    {'b': 2, 'c': 1}
    >>> parking_spots_taken(["+a", "-a"])
    {}
    """
    spots: dict[str, int] = {}
    for event in events:
        car = event[1:]
        if event[0] == "-":
            del spots[car]
            continue
        spot = 1
        while spot in spots.values():
            spot += 1
        spots[car] = spot
    return spots


def check_parking_spots_taken(candidate: Candidate) -> None:
    assert candidate(["+a", "+b", "-a", "+c"]) == {"b": 2, "c": 1}
    assert candidate(["+a", "-a"]) == {}
    assert candidate([]) == {}
    assert candidate(["+x", "+y", "+z"]) == {"x": 1, "y": 2, "z": 3}
    assert candidate(["+a", "+b", "+c", "-b", "-a", "+d"]) == {"c": 3, "d": 1}
    assert candidate(["+a", "+b", "+c", "-b", "+d", "+e"]) == {"a": 1, "c": 3, "d": 2, "e": 4}
    assert candidate(["+car1", "+car2", "-car1", "+car1"]) == {"car1": 1, "car2": 2}


def water_that_ran_over(capacity: int, changes: list[int]) -> int:
    """A tub is empty at first. A positive change pours that much water in; what does not fit runs
    over the edge and is lost. A negative change takes water out, as much as there is.

    Return how much water runs over in all.

    >>> water_that_ran_over(10, [8, 5, -4, 6])
    5
    >>> water_that_ran_over(10, [10])
    0
    """
    level = 0
    lost = 0
    for change in changes:
        level = max(level + change, 0)
        lost += max(level - capacity, 0)
        level = min(level, capacity)
    return lost


def check_water_that_ran_over(candidate: Candidate) -> None:
    assert candidate(10, [8, 5, -4, 6]) == 5
    assert candidate(10, [10]) == 0
    assert candidate(10, []) == 0
    assert candidate(5, [-3, 5]) == 0
    assert candidate(5, [6, 6]) == 7
    assert candidate(0, [2, -1, 3]) == 5
    assert candidate(4, [9, -9, 5]) == 6
    assert candidate(3, [3, -1, 1, 1]) == 1
