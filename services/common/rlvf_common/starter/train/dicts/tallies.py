"""Counting, adding up and grouping with dictionaries."""

from rlvf_common.starter.candidate import Candidate


def letter_cases(text: str) -> dict[str, int]:
    """Count the capital letters, the small letters and all other characters of the text.

    The keys are "upper", "lower" and "other"; all three are always there.

    >>> letter_cases("Hi you!")
    {'upper': 1, 'lower': 4, 'other': 2}
    """
    upper = sum(sign.isupper() for sign in text)
    lower = sum(sign.islower() for sign in text)
    return {"upper": upper, "lower": lower, "other": len(text) - upper - lower}


def check_letter_cases(candidate: Candidate) -> None:
    assert candidate("Hi you!") == {"upper": 1, "lower": 4, "other": 2}
    assert candidate("") == {"upper": 0, "lower": 0, "other": 0}
    assert candidate("ABC") == {"upper": 3, "lower": 0, "other": 0}
    assert candidate("xyz") == {"upper": 0, "lower": 3, "other": 0}
    assert candidate("12 3") == {"upper": 0, "lower": 0, "other": 4}
    assert candidate("aA-Zz") == {"upper": 2, "lower": 2, "other": 1}


def keys_that_disagree(first: dict[str, int], second: dict[str, int]) -> list[str]:
    """Return the keys that both dictionaries have, but with different values, sorted.

    >>> keys_that_disagree({"b": 2, "a": 1, "c": 3}, {"a": 5, "b": 0, "c": 3})
    ['a', 'b']
    """
    return sorted(key for key in first if key in second and first[key] != second[key])


def check_keys_that_disagree(candidate: Candidate) -> None:
    assert candidate({"b": 2, "a": 1, "c": 3}, {"a": 5, "b": 0, "c": 3}) == ["a", "b"]
    assert candidate({}, {"a": 1}) == []
    assert candidate({"a": 1}, {}) == []
    assert candidate({"a": 1}, {"b": 2}) == []
    assert candidate({"a": 1}, {"a": 1}) == []
    assert candidate({"x": 0}, {"x": 1, "y": 0}) == ["x"]
    assert candidate({"q": -1, "p": 1}, {"p": -1, "q": 1}) == ["p", "q"]


def average_of_each(marks: dict[str, list[int]]) -> dict[str, float]:
    """Return the average mark of everybody who has at least one mark.

    >>> average_of_each({"Kim": [1, 2], "Lou": []})
    {'Kim': 1.5}
    """
    return {name: sum(values) / len(values) for name, values in marks.items() if values}


def check_average_of_each(candidate: Candidate) -> None:
    assert candidate({"Kim": [1, 2], "Lou": []}) == {"Kim": 1.5}
    assert candidate({}) == {}
    assert candidate({"A": []}) == {}
    assert candidate({"A": [0, 0]}) == {"A": 0.0}
    assert candidate({"A": [4], "B": [1, 3, 5, 3]}) == {"A": 4.0, "B": 3.0}
    assert candidate({"A": [-1, 1], "B": [1, 2, 6]}) == {"A": 0.0, "B": 3.0}


def shelf_of_sizes(names: list[str]) -> dict[int, list[str]]:
    """Group the names by their length; within a group they stand in alphabetical order.

    >>> shelf_of_sizes(["Max", "Jo", "Ann"])
    {3: ['Ann', 'Max'], 2: ['Jo']}
    """
    shelf: dict[int, list[str]] = {}
    for name in sorted(names):
        shelf.setdefault(len(name), []).append(name)
    return shelf


def check_shelf_of_sizes(candidate: Candidate) -> None:
    assert candidate(["Max", "Jo", "Ann"]) == {3: ["Ann", "Max"], 2: ["Jo"]}
    assert candidate([]) == {}
    assert candidate([""]) == {0: [""]}
    assert candidate(["b", "a", "b"]) == {1: ["a", "b", "b"]}
    assert candidate(["z", "yy", "xxx"]) == {1: ["z"], 2: ["yy"], 3: ["xxx"]}
    assert candidate(["to", "So", "at"]) == {2: ["So", "at", "to"]}


def vote_shares(votes: list[str]) -> dict[str, int]:
    """Return the share of the votes that each candidate has, in percent, rounded down.

    >>> vote_shares(["x", "y", "x"])
    {'x': 66, 'y': 33}
    """
    return {name: votes.count(name) * 100 // len(votes) for name in votes}


def check_vote_shares(candidate: Candidate) -> None:
    assert candidate(["x", "y", "x"]) == {"x": 66, "y": 33}
    assert candidate([]) == {}
    assert candidate(["a"]) == {"a": 100}
    assert candidate(["a", "b"]) == {"a": 50, "b": 50}
    assert candidate(["a", "b", "c", "a", "a", "b"]) == {"a": 50, "b": 33, "c": 16}
    assert candidate(["q"] * 7 + ["r"]) == {"q": 87, "r": 12}


def who_owes(paid: dict[str, int]) -> dict[str, int]:
    """Friends have paid different amounts and want to share the cost equally.

    Return for each friend how much he or she gets back (positive) or still owes (negative). Who
    is even does not occur. The sum can be divided by the number of friends without a rest.

    >>> who_owes({"Ada": 10, "Ben": 2, "Cal": 6})
    {'Ada': 4, 'Ben': -4}
    """
    if not paid:
        return {}
    share = sum(paid.values()) // len(paid)
    return {name: amount - share for name, amount in paid.items() if amount != share}


def check_who_owes(candidate: Candidate) -> None:
    assert candidate({"Ada": 10, "Ben": 2, "Cal": 6}) == {"Ada": 4, "Ben": -4}
    assert candidate({}) == {}
    assert candidate({"Ada": 7}) == {}
    assert candidate({"A": 5, "B": 5}) == {}
    assert candidate({"A": 0, "B": 8}) == {"A": -4, "B": 4}
    assert candidate({"A": 9, "B": 0, "C": 0}) == {"A": 6, "B": -3, "C": -3}
    assert candidate({"A": 1, "B": 2, "C": 3, "D": 2}) == {"A": -1, "C": 1}


def most_frequent_pair(items: list[str]) -> tuple[str, str] | None:
    """Return the two neighbors that stand next to each other most often, in this order.

    Pairs may overlap, so that a, a, a has the pair (a, a) twice. Of several pairs the one that
    occurs first is taken. Return None for fewer than two items.

    >>> most_frequent_pair(["a", "b", "a", "b", "c"])
    ('a', 'b')
    """
    counts: dict[tuple[str, str], int] = {}
    for place in range(1, len(items)):
        pair = (items[place - 1], items[place])
        counts[pair] = counts.get(pair, 0) + 1
    return max(counts, key=lambda pair: counts[pair], default=None)


def check_most_frequent_pair(candidate: Candidate) -> None:
    assert candidate(["a", "b", "a", "b", "c"]) == ("a", "b")
    assert candidate([]) is None
    assert candidate(["a"]) is None
    assert candidate(["b", "a"]) == ("b", "a")
    assert candidate(["z", "y", "x"]) == ("z", "y")
    assert candidate(["a", "b", "c", "c", "c"]) == ("c", "c")
    assert candidate(["x", "y", "z", "y", "z", "x", "y", "z"]) == ("y", "z")
    assert candidate(["p", "q", "r", "q", "p", "q"]) == ("p", "q")


def weekly_steps(days: list[tuple[str, int]], goal: int) -> dict[str, int]:
    """Count for each person the days on which the goal was reached.

    Each entry is a name and the steps of one day. Reaching the goal exactly is enough. A person
    who never reached it occurs with 0.

    >>> weekly_steps([("Al", 900), ("Bo", 100), ("Al", 1000)], 900)
    {'Al': 2, 'Bo': 0}
    """
    reached: dict[str, int] = {}
    for name, steps in days:
        reached[name] = reached.get(name, 0) + (steps >= goal)
    return reached


def check_weekly_steps(candidate: Candidate) -> None:
    assert candidate([("Al", 900), ("Bo", 100), ("Al", 1000)], 900) == {"Al": 2, "Bo": 0}
    assert candidate([], 10) == {}
    assert candidate([("Al", 9)], 10) == {"Al": 0}
    assert candidate([("Al", 10)], 10) == {"Al": 1}
    assert candidate([("Al", 0), ("Al", 0)], 0) == {"Al": 2}
    assert candidate([("A", 5), ("B", 7), ("A", 6), ("B", 8)], 7) == {"A": 0, "B": 2}
    assert candidate([("A", 9), ("A", 1), ("A", 9)], 5) == {"A": 2}


def goal_difference(games: list[tuple[str, int, str, int]]) -> dict[str, int]:
    """Return for each team the goals it has scored minus the goals it has let in.

    A game is the first team, its goals, the second team and its goals.

    >>> goal_difference([("A", 3, "B", 1), ("B", 2, "C", 2)])
    {'A': 2, 'B': -2, 'C': 0}
    """
    difference: dict[str, int] = {}
    for first, first_goals, second, second_goals in games:
        difference[first] = difference.get(first, 0) + first_goals - second_goals
        difference[second] = difference.get(second, 0) + second_goals - first_goals
    return difference


def check_goal_difference(candidate: Candidate) -> None:
    assert candidate([("A", 3, "B", 1), ("B", 2, "C", 2)]) == {"A": 2, "B": -2, "C": 0}
    assert candidate([]) == {}
    assert candidate([("A", 0, "B", 0)]) == {"A": 0, "B": 0}
    assert candidate([("A", 0, "B", 5)]) == {"A": -5, "B": 5}
    assert candidate([("A", 2, "B", 1), ("B", 2, "A", 1)]) == {"A": 0, "B": 0}
    assert candidate([("A", 4, "B", 1), ("A", 1, "C", 0), ("C", 2, "B", 1)]) == {
        "A": 4,
        "B": -4,
        "C": 0,
    }


def shopping_index(baskets: dict[str, list[str]]) -> dict[str, list[str]]:
    """Turn a table of who bought what into a table of what was bought by whom.

    The buyers of a thing stand in alphabetical order, and each one only once, even if the basket
    has the thing several times.

    >>> shopping_index({"Zoe": ["tea"], "Amy": ["tea", "jam", "tea"]})
    {'tea': ['Amy', 'Zoe'], 'jam': ['Amy']}
    """
    index: dict[str, list[str]] = {}
    for buyer in sorted(baskets):
        for thing in dict.fromkeys(baskets[buyer]):
            index.setdefault(thing, []).append(buyer)
    return index


def check_shopping_index(candidate: Candidate) -> None:
    assert candidate({"Zoe": ["tea"], "Amy": ["tea", "jam", "tea"]}) == {
        "tea": ["Amy", "Zoe"],
        "jam": ["Amy"],
    }
    assert candidate({}) == {}
    assert candidate({"Amy": []}) == {}
    assert candidate({"Amy": ["x", "x", "x"]}) == {"x": ["Amy"]}
    assert candidate({"c": ["1"], "b": ["1"], "a": ["1"]}) == {"1": ["a", "b", "c"]}
    assert candidate({"b": ["1", "2"], "a": ["2"]}) == {"1": ["b"], "2": ["a", "b"]}


def library_fines(loans: list[tuple[str, int]], per_day: int, maximum: int) -> dict[str, int]:
    """Add up the fines of each reader.

    A loan is the reader and the days by which the book came too late; books that came in time
    have 0 or a negative number and cost nothing. Each late day costs `per_day`, but one book never
    costs more than `maximum`. Readers without any fine do not occur.

    >>> library_fines([("Kai", 3), ("Kai", 100), ("Lea", -2)], 2, 50)
    {'Kai': 56}
    """
    fines: dict[str, int] = {}
    for reader, days in loans:
        fine = min(days * per_day, maximum)
        if fine > 0:
            fines[reader] = fines.get(reader, 0) + fine
    return fines


def check_library_fines(candidate: Candidate) -> None:
    assert candidate([("Kai", 3), ("Kai", 100), ("Lea", -2)], 2, 50) == {"Kai": 56}
    assert candidate([], 1, 10) == {}
    assert candidate([("A", 0)], 5, 10) == {}
    assert candidate([("A", 1)], 1, 10) == {"A": 1}
    assert candidate([("A", 1)], 5, 10) == {"A": 5}
    assert candidate([("A", 3)], 5, 10) == {"A": 10}
    assert candidate([("A", -4), ("A", 4)], 1, 10) == {"A": 4}
    assert candidate([("A", 1), ("B", 2), ("A", 9)], 3, 9) == {"A": 12, "B": 6}


def salary_bands(salaries: dict[str, int], limits: list[int]) -> dict[int, list[str]]:
    """Sort people into bands by their salary.

    `limits` is sorted upward. Band 0 is below the first limit, band 1 begins at the first limit,
    band 2 at the second one, and so on. Return all bands, also empty ones; the people of a band
    stand in the order of the given dictionary.

    >>> salary_bands({"Al": 100, "Bo": 50, "Cy": 300}, [100, 200])
    {0: ['Bo'], 1: ['Al'], 2: ['Cy']}
    """
    bands: dict[int, list[str]] = {band: [] for band in range(len(limits) + 1)}
    for name, salary in salaries.items():
        band = sum(salary >= limit for limit in limits)
        bands[band].append(name)
    return bands


def check_salary_bands(candidate: Candidate) -> None:
    assert candidate({"Al": 100, "Bo": 50, "Cy": 300}, [100, 200]) == {
        0: ["Bo"],
        1: ["Al"],
        2: ["Cy"],
    }
    assert candidate({}, []) == {0: []}
    assert candidate({}, [5]) == {0: [], 1: []}
    assert candidate({"A": 1}, []) == {0: ["A"]}
    assert candidate({"B": 7, "A": 8}, [7]) == {0: [], 1: ["B", "A"]}
    assert candidate({"A": 6, "B": 7}, [7]) == {0: ["A"], 1: ["B"]}
    assert candidate({"A": 20, "B": 1, "C": 10}, [5, 10, 20]) == {
        0: ["B"],
        1: [],
        2: ["C"],
        3: ["A"],
    }
