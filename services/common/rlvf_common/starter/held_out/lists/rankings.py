"""Who comes first: sorting by a rule, limits for each person, and totals of tables."""

from rlvf_common.starter.candidate import Candidate


def sorted_by_family_name(names: list[str]) -> list[str]:
    """Every name is a first name, one space and a family name. Sort by the family name.

    People with the same family name are sorted by their first name.

    >>> sorted_by_family_name(["Zoe Abel", "Ann Young", "Bob Abel"])
    ['Bob Abel', 'Zoe Abel', 'Ann Young']
    >>> sorted_by_family_name([])
    []
    """
    return sorted(names, key=lambda name: name.split()[::-1])


def check_sorted_by_family_name(candidate: Candidate) -> None:
    assert candidate(["Zoe Abel", "Ann Young", "Bob Abel"]) == ["Bob Abel", "Zoe Abel", "Ann Young"]
    assert candidate([]) == []
    assert candidate(["Al Bo"]) == ["Al Bo"]
    assert candidate(["A Z", "B Y", "C X"]) == ["C X", "B Y", "A Z"]
    assert candidate(["C Lee", "A Lee", "B Lee"]) == ["A Lee", "B Lee", "C Lee"]
    assert candidate(["Jo Ann", "Ann Jo"]) == ["Jo Ann", "Ann Jo"]
    assert candidate(["M Oak", "M Oak", "N Elm"]) == ["N Elm", "M Oak", "M Oak"]


def in_dictionary_order(words: list[str]) -> bool:
    """Return True if the words stand in the order of a dictionary, ignoring upper and lower case.

    Two equal words may stand next to each other.

    >>> in_dictionary_order(["Ant", "bee", "Cow"])
    True
    >>> in_dictionary_order(["bee", "Ant"])
    False
    """
    lower = [word.lower() for word in words]
    return lower == sorted(lower)


def check_in_dictionary_order(candidate: Candidate) -> None:
    assert candidate(["Ant", "bee", "Cow"]) is True
    assert candidate(["bee", "Ant"]) is False
    assert candidate([]) is True
    assert candidate(["x"]) is True
    assert candidate(["ape", "Ape", "ape"]) is True
    assert candidate(["a", "c", "b"]) is False
    assert candidate(["car", "care", "Cat"]) is True
    assert candidate(["care", "car"]) is False
    assert candidate(["Zoo", "ant"]) is False


def ordered_like_list(items: list[str], order: list[str]) -> list[str]:
    """Sort the items as they stand in the order, in which no text occurs twice.

    Items that the order does not name come at the end and keep their own order.

    >>> ordered_like_list(["S", "XL", "M", "S"], ["S", "M", "L", "XL"])
    ['S', 'S', 'M', 'XL']
    >>> ordered_like_list(["b", "c", "a"], ["a"])
    ['a', 'b', 'c']
    """
    named = [item for name in order for item in items if item == name]
    return named + [item for item in items if item not in order]


def check_ordered_like_list(candidate: Candidate) -> None:
    assert candidate(["S", "XL", "M", "S"], ["S", "M", "L", "XL"]) == ["S", "S", "M", "XL"]
    assert candidate(["b", "c", "a"], ["a"]) == ["a", "b", "c"]
    assert candidate([], ["a", "b"]) == []
    assert candidate(["z", "y"], []) == ["z", "y"]
    assert candidate(["a", "b", "c"], ["c", "b", "a"]) == ["c", "b", "a"]
    assert candidate(["q", "b", "p", "a"], ["b", "a"]) == ["b", "a", "q", "p"]
    assert candidate(["x", "x"], ["y", "x"]) == ["x", "x"]


def commonest_first(items: list[str]) -> list[str]:
    """Return the different items, ordered by how often they occur, the commonest one first.

    Items that occur equally often are ordered by where they occur first.

    >>> commonest_first(["b", "a", "c", "a"])
    ['a', 'b', 'c']
    >>> commonest_first([])
    []
    """
    return sorted(dict.fromkeys(items), key=lambda item: -items.count(item))


def check_commonest_first(candidate: Candidate) -> None:
    assert candidate(["b", "a", "c", "a"]) == ["a", "b", "c"]
    assert candidate([]) == []
    assert candidate(["x", "x"]) == ["x"]
    assert candidate(["c", "b", "a"]) == ["c", "b", "a"]
    assert candidate(["a", "b", "b", "a"]) == ["a", "b"]
    assert candidate(["p", "q", "r", "r", "q", "r"]) == ["r", "q", "p"]
    assert candidate(["B", "b", "b"]) == ["b", "B"]


def allowed_calls(callers: list[str], limit: int) -> list[bool]:
    """Everybody may call at most limit times. Tell for each call, in order, if it is allowed.

    >>> allowed_calls(["Ann", "Bob", "Ann", "Ann"], 2)
    [True, True, True, False]
    >>> allowed_calls(["Ann"], 0)
    [False]
    """
    return [callers[:place].count(name) < limit for place, name in enumerate(callers)]


def check_allowed_calls(candidate: Candidate) -> None:
    assert candidate(["Ann", "Bob", "Ann", "Ann"], 2) == [True, True, True, False]
    assert candidate(["Ann"], 0) == [False]
    assert candidate([], 3) == []
    assert candidate(["a", "a"], 1) == [True, False]
    assert candidate(["a", "b", "a", "b"], 1) == [True, True, False, False]
    assert candidate(["x", "x", "x"], 3) == [True, True, True]
    assert candidate(["a", "b", "b", "b", "a"], 2) == [True, True, True, False, True]


def cheapest_shop_for(prices: dict[str, dict[str, int]], basket: list[str]) -> str:
    """The prices have, for each shop, the price of each thing that it sells.

    Return the shop in which everything in the basket together costs the least. A thing may be
    in the basket several times. Only shops that sell everything are considered. Of equally
    cheap shops take the first in alphabetical order; return an empty string if there is none.

    >>> cheapest_shop_for({"Ada": {"tea": 3, "pie": 5}, "Bo": {"tea": 2}}, ["tea", "pie"])
    'Ada'
    >>> cheapest_shop_for({"Bo": {"tea": 2}}, ["pie"])
    ''
    """
    best = ""
    lowest = 0
    for shop in sorted(prices):
        if all(thing in prices[shop] for thing in basket):
            cost = sum(prices[shop][thing] for thing in basket)
            if not best or cost < lowest:
                best, lowest = shop, cost
    return best


def check_cheapest_shop_for(candidate: Candidate) -> None:
    assert candidate({"A": {"tea": 3, "pie": 5}, "B": {"tea": 2}}, ["tea", "pie"]) == "A"
    assert candidate({"Bo": {"tea": 2}}, ["pie"]) == ""
    assert candidate({"A": {"tea": 3, "pie": 5}, "B": {"tea": 2}}, ["tea"]) == "B"
    assert candidate({}, ["tea"]) == ""
    assert candidate({"Z": {"a": 1}, "Y": {"a": 1}}, ["a"]) == "Y"
    assert candidate({"A": {"a": 2, "b": 6}, "B": {"a": 4, "b": 1}}, ["a", "b"]) == "B"
    assert candidate({"A": {"a": 2, "b": 6}, "B": {"a": 4, "b": 1}}, ["a", "a", "a", "b"]) == "A"
    assert candidate({"C": {"a": 9}, "B": {}}, []) == "B"
    assert candidate({"M": {"a": 5}, "N": {"a": 4}, "O": {"a": 6}}, ["a"]) == "N"
