"""Dictionaries: who has what, and what follows from it."""

from rlvf_common.starter.candidate import Candidate


def partners_agree(partner_of: dict[str, str]) -> bool:
    """Each key is a dancer, and the value is the partner whom the dancer has named.

    Return True if everybody who is named has in turn named the dancer who named him or her.
    Somebody who is named but is no key has named nobody.

    >>> partners_agree({"Ann": "Bob", "Bob": "Ann"})
    True
    >>> partners_agree({"Ann": "Bob"})
    False
    """
    return all(partner_of.get(partner) == dancer for dancer, partner in partner_of.items())


def check_partners_agree(candidate: Candidate) -> None:
    assert candidate({"Ann": "Bob", "Bob": "Ann"}) is True
    assert candidate({"Ann": "Bob"}) is False
    assert candidate({}) is True
    assert candidate({"Cy": "Cy"}) is True
    assert candidate({"a": "b", "b": "c", "c": "a"}) is False
    assert candidate({"a": "b", "b": "a", "c": "a"}) is False
    assert candidate({"a": "b", "b": "a", "c": "d", "d": "c"}) is True
    assert candidate({"a": "b", "b": "b"}) is False


def larger_of_both(old: dict[str, int], new: dict[str, int]) -> dict[str, int]:
    """Put two tables together. A key that both of them have gets the larger of its two values.

    Keys that only one table has keep their value.

    >>> larger_of_both({"a": 1, "b": 5}, {"b": 3, "c": 0})
    {'a': 1, 'b': 5, 'c': 0}
    >>> larger_of_both({}, {"x": -1})
    {'x': -1}
    """
    result = dict(old)
    for key, value in new.items():
        result[key] = max(value, result.get(key, value))
    return result


def check_larger_of_both(candidate: Candidate) -> None:
    assert candidate({"a": 1, "b": 5}, {"b": 3, "c": 0}) == {"a": 1, "b": 5, "c": 0}
    assert candidate({}, {"x": -1}) == {"x": -1}
    assert candidate({"x": -1}, {}) == {"x": -1}
    assert candidate({}, {}) == {}
    assert candidate({"k": 2}, {"k": 9}) == {"k": 9}
    assert candidate({"k": -3}, {"k": -8}) == {"k": -3}
    assert candidate({"a": 4, "b": 0}, {"b": 4, "a": 0}) == {"a": 4, "b": 4}


def times_recipe_fits(recipe: dict[str, int], pantry: dict[str, int]) -> int:
    """The recipe tells how much of each thing one cake needs; every amount is at least 1.

    The pantry tells how much of each thing is there. What it does not name is not there.
    Return how many whole cakes can be baked. The recipe names at least one thing.

    >>> times_recipe_fits({"egg": 2, "flour": 3}, {"egg": 9, "flour": 7, "salt": 1})
    2
    >>> times_recipe_fits({"egg": 2}, {})
    0
    """
    return min(pantry.get(thing, 0) // amount for thing, amount in recipe.items())


def check_times_recipe_fits(candidate: Candidate) -> None:
    assert candidate({"egg": 2, "flour": 3}, {"egg": 9, "flour": 7, "salt": 1}) == 2
    assert candidate({"egg": 2}, {}) == 0
    assert candidate({"egg": 1}, {"egg": 4}) == 4
    assert candidate({"a": 5, "b": 1}, {"a": 4, "b": 100}) == 0
    assert candidate({"a": 1, "b": 2}, {"a": 10, "b": 7}) == 3
    assert candidate({"a": 1, "b": 1}, {"b": 8}) == 0
    assert candidate({"a": 3, "b": 2}, {"b": 20, "a": 15}) == 5


def decode_with_table(codes: list[str], table: dict[str, str]) -> str:
    """The table gives a code for each letter; no code is used for two letters.

    Turn the codes back into letters and join them. A code that stands for no letter becomes
    a question mark.

    >>> decode_with_table(["..", "-"], {"i": "..", "t": "-"})
    'it'
    >>> decode_with_table(["-", "x"], {"t": "-"})
    't?'
    """
    letters = {code: letter for letter, code in table.items()}
    return "".join(letters.get(code, "?") for code in codes)


def check_decode_with_table(candidate: Candidate) -> None:
    assert candidate(["..", "-"], {"i": "..", "t": "-"}) == "it"
    assert candidate(["-", "x"], {"t": "-"}) == "t?"
    assert candidate([], {"a": "1"}) == ""
    assert candidate(["1"], {}) == "?"
    assert candidate(["1", "1", "2"], {"a": "1", "b": "2"}) == "aab"
    assert candidate(["a", "b"], {"a": "b", "b": "a"}) == "ba"
    assert candidate(["a"], {"a": "z"}) == "?"


def cheaper_there(here: dict[str, int], there: dict[str, int]) -> list[str]:
    """Two shops have price lists. Return what both of them sell and the shop there sells cheaper.

    The names are in alphabetical order. Equal prices are not cheaper.

    >>> cheaper_there({"tea": 5, "pie": 4, "nut": 1}, {"tea": 3, "nut": 1, "egg": 2})
    ['tea']
    >>> cheaper_there({"tea": 5}, {})
    []
    """
    return sorted(name for name in here if name in there and there[name] < here[name])


def check_cheaper_there(candidate: Candidate) -> None:
    assert candidate({"tea": 5, "pie": 4, "nut": 1}, {"tea": 3, "nut": 1, "egg": 2}) == ["tea"]
    assert candidate({"tea": 5}, {}) == []
    assert candidate({}, {"tea": 5}) == []
    assert candidate({"z": 2, "a": 2}, {"a": 1, "z": 1}) == ["a", "z"]
    assert candidate({"x": 1}, {"x": 2}) == []
    assert candidate({"x": 1, "y": 9}, {"x": 0, "y": 8, "w": 0}) == ["x", "y"]
    assert candidate({"a": 3, "b": 3}, {"b": 2, "a": 4}) == ["b"]


def first_to_reach(events: list[tuple[str, int]], goal: int) -> str:
    """Each event gives a player some points, which may be negative. Everybody starts with 0.

    Return the player who is the first to have at least as many points as the goal, right after
    an event of his own. Return an empty string if nobody ever has. The goal is positive.

    >>> first_to_reach([("Ann", 4), ("Bob", 5), ("Ann", 2), ("Bob", 9)], 6)
    'Ann'
    >>> first_to_reach([("Ann", 4)], 6)
    ''
    """
    points: dict[str, int] = {}
    for player, gain in events:
        points[player] = points.get(player, 0) + gain
        if points[player] >= goal:
            return player
    return ""


def check_first_to_reach(candidate: Candidate) -> None:
    assert candidate([("Ann", 4), ("Bob", 5), ("Ann", 2), ("Bob", 9)], 6) == "Ann"
    assert candidate([("Ann", 4)], 6) == ""
    assert candidate([], 1) == ""
    assert candidate([("x", 3)], 3) == "x"
    assert candidate([("x", 2), ("y", 2), ("z", 2)], 3) == ""
    assert candidate([("a", 5), ("a", -3), ("b", 6), ("a", 9)], 6) == "b"
    assert candidate([("a", 5), ("a", -4), ("a", 2)], 6) == ""
    assert candidate([("b", 1), ("a", 7), ("b", 7)], 7) == "a"


def name_after_renames(name: str, renames: list[tuple[str, str]]) -> str:
    """A file has the given name at first. The renames happen one after another.

    Each rename is a pair: a file that has the first name at that moment gets the second one.
    Return the name of the file at the end.

    >>> name_after_renames("a", [("a", "b"), ("c", "d"), ("b", "c")])
    'c'
    >>> name_after_renames("x", [])
    'x'
    """
    for old, new in renames:
        if name == old:
            name = new
    return name


def check_name_after_renames(candidate: Candidate) -> None:
    assert candidate("a", [("a", "b"), ("c", "d"), ("b", "c")]) == "c"
    assert candidate("x", []) == "x"
    assert candidate("x", [("y", "z")]) == "x"
    assert candidate("a", [("b", "c"), ("a", "b")]) == "b"
    assert candidate("a", [("a", "b"), ("b", "a")]) == "a"
    assert candidate("a", [("a", "b"), ("a", "c")]) == "b"
    assert candidate("p", [("p", "q"), ("q", "r"), ("r", "s")]) == "s"
    assert candidate("A", [("a", "b")]) == "A"
