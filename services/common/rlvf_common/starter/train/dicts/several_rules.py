"""Dictionaries with several rules at once."""

from typing import Any

from rlvf_common.starter.candidate import Candidate


def reserve_seats(seats: dict[str, str], wishes: list[tuple[str, str]]) -> dict[str, str]:
    """Give out seats and return who has which seat.

    `seats` says who sits where; "" means free. A wish is (person, seat). It is fulfilled if the
    seat exists and is free; the person then leaves the seat that he or she had before, which
    becomes free at once. Other wishes have no effect. Do not change the given dictionary.

    >>> reserve_seats({"1a": "", "1b": "Bo"}, [("Bo", "1a"), ("Al", "1b")])
    {'1a': 'Bo', '1b': 'Al'}
    """
    plan = dict(seats)
    for person, wish in wishes:
        if plan.get(wish, "taken") != "":
            continue
        for seat, owner in plan.items():
            if owner == person:
                plan[seat] = ""
        plan[wish] = person
    return plan


def check_reserve_seats(candidate: Candidate) -> None:
    seats = {"1a": "", "1b": "Bo"}
    assert candidate(seats, [("Bo", "1a"), ("Al", "1b")]) == {"1a": "Bo", "1b": "Al"}
    assert seats == {"1a": "", "1b": "Bo"}
    assert candidate({}, [("Al", "x")]) == {}
    assert candidate({"x": "Al"}, [("Bo", "x")]) == {"x": "Al"}
    assert candidate({"x": ""}, [("Al", "y"), ("Al", "x")]) == {"x": "Al"}
    assert candidate({"x": "", "y": ""}, [("Al", "x"), ("Al", "y")]) == {"x": "", "y": "Al"}
    assert candidate({"x": "Al"}, [("Al", "x")]) == {"x": "Al"}
    assert candidate({"x": "Al", "y": "Bo"}, [("Al", "y"), ("Bo", "x")]) == {"x": "Al", "y": "Bo"}


def recipe_cost(
    recipes: dict[str, dict[str, int]], prices: dict[str, int], dish: str
) -> int | None:
    """Return what a dish costs.

    A recipe lists the things that a dish needs and their amounts; a thing may be a dish with a
    recipe of its own. Things without a recipe have a price for one unit. If something has neither,
    return None. A recipe counts more than a price, and no dish needs itself.

    >>> recipe_cost({"tea": {"leaf": 3, "water": 1}}, {"leaf": 2, "water": 1}, "tea")
    7
    """
    if dish not in recipes:
        return prices.get(dish)
    total = 0
    for thing, amount in recipes[dish].items():
        cost = recipe_cost(recipes, prices, thing)
        if cost is None:
            return None
        total += amount * cost
    return total


def check_recipe_cost(candidate: Candidate) -> None:
    recipes = {"cake": {"egg": 3, "dough": 1}, "dough": {"flour": 2}}
    assert candidate(recipes, {"egg": 2, "flour": 5}, "cake") == 16
    assert candidate(recipes, {"egg": 2, "flour": 5}, "dough") == 10
    assert candidate(recipes, {"egg": 2, "flour": 5}, "egg") == 2
    assert candidate(recipes, {"egg": 2}, "cake") is None
    assert candidate(recipes, {}, "tea") is None
    assert candidate({}, {"tea": 0}, "tea") == 0
    assert candidate({"air": {}}, {"air": 9}, "air") == 0
    assert candidate({"a": {"b": 2, "c": 0}, "b": {"c": 3}}, {"c": 4, "b": 1}, "a") == 24


def merge_contacts(
    first: dict[str, list[str]], second: dict[str, list[str]]
) -> dict[str, list[str]]:
    """Merge two address books that have a list of phone numbers for each name.

    Names that differ only in the case of letters are the same person; the spelling of the first
    book is kept, or within one book the spelling that comes first. The numbers of a person are
    those of the first book followed by those of the second, without spaces inside, each one once.
    People without any number are left out. Names come in the order of their first occurrence.

    >>> merge_contacts({"Ann": ["12 3"]}, {"ANN": ["123", "45"], "Bo": []})
    {'Ann': ['123', '45']}
    """
    spelling: dict[str, str] = {}
    merged: dict[str, list[str]] = {}
    for book in (first, second):
        for name, numbers in book.items():
            kept = spelling.setdefault(name.lower(), name)
            known = merged.setdefault(kept, [])
            for number in numbers:
                short = number.replace(" ", "")
                if short not in known:
                    known.append(short)
    return {name: numbers for name, numbers in merged.items() if numbers}


def check_merge_contacts(candidate: Candidate) -> None:
    assert candidate({"Ann": ["12 3"]}, {"ANN": ["123", "45"], "Bo": []}) == {"Ann": ["123", "45"]}
    assert candidate({}, {}) == {}
    assert candidate({"A": []}, {"a": ["1"]}) == {"A": ["1"]}
    assert candidate({"x": ["2", "1"]}, {"y": ["1"]}) == {"x": ["2", "1"], "y": ["1"]}
    assert candidate({"x": ["1", "1 "]}, {}) == {"x": ["1"]}
    assert candidate({}, {"Q": ["1"], "q": ["2"]}) == {"Q": ["1", "2"]}
    first = {"Ann": ["1"]}
    assert candidate(first, {"Ann": ["2"]}) == {"Ann": ["1", "2"]}
    assert first == {"Ann": ["1"]}
    assert list(candidate({"b": ["1"], "a": ["2"]}, {"B": ["3"]})) == ["b", "a"]


def flatten_keys(tree: dict[str, Any]) -> dict[str, int]:
    """Turn nested dictionaries into one dictionary whose keys are paths, such as "a.b.c".

    Values are numbers, dictionaries or lists of numbers. An item of a list gets its place, from 0
    on, as the last part of the path. Empty dictionaries and lists leave nothing behind. A key that
    has a dot itself is put in square brackets.

    >>> flatten_keys({"a": {"b": 1, "c.d": 2}, "e": [5, 6]})
    {'a.b': 1, 'a.[c.d]': 2, 'e.0': 5, 'e.1': 6}
    """
    flat: dict[str, int] = {}
    for key, value in tree.items():
        name = f"[{key}]" if "." in key else key
        if isinstance(value, list):
            value = {str(place): item for place, item in enumerate(value)}
        if isinstance(value, dict):
            for path, number in flatten_keys(value).items():
                flat[f"{name}.{path}"] = number
        else:
            flat[name] = value
    return flat


def check_flatten_keys(candidate: Candidate) -> None:
    assert candidate({"a": {"b": 1, "c.d": 2}, "e": [5, 6]}) == {
        "a.b": 1,
        "a.[c.d]": 2,
        "e.0": 5,
        "e.1": 6,
    }
    assert candidate({}) == {}
    assert candidate({"x": 0}) == {"x": 0}
    assert candidate({"x": {}, "y": []}) == {}
    assert candidate({"x": {"y": {"z": -1}}}) == {"x.y.z": -1}
    assert candidate({"p.q": {"r": 3}}) == {"[p.q].r": 3}
    assert candidate({"m": {"n": [7]}, "k": 1}) == {"m.n.0": 7, "k": 1}


def monthly_budget(budget: dict[str, int], spending: list[tuple[str, int]]) -> dict[str, str]:
    """Compare what was spent with a budget.

    Spending is a list of (category, amount). Return for each category of the budget "ok" if at most
    80 percent of it are spent, "tight" if more, but not more than all of it, and "over by N" if
    more than all of it. If something was spent on categories that the budget does not have, add the
    category "other" with "spent N" for their sum.

    >>> monthly_budget({"food": 100}, [("food", 60), ("food", 50), ("fun", 7)])
    {'food': 'over by 10', 'other': 'spent 7'}
    """
    spent = dict.fromkeys(budget, 0)
    other = 0
    for category, amount in spending:
        if category in spent:
            spent[category] += amount
        else:
            other += amount
    report = {}
    for category, limit in budget.items():
        if spent[category] > limit:
            report[category] = f"over by {spent[category] - limit}"
        else:
            report[category] = "tight" if spent[category] * 100 > limit * 80 else "ok"
    if other:
        report["other"] = f"spent {other}"
    return report


def check_monthly_budget(candidate: Candidate) -> None:
    assert candidate({"food": 100}, [("food", 60), ("food", 50), ("fun", 7)]) == {
        "food": "over by 10",
        "other": "spent 7",
    }
    assert candidate({}, []) == {}
    assert candidate({"a": 10}, []) == {"a": "ok"}
    assert candidate({"a": 10}, [("a", 8)]) == {"a": "ok"}
    assert candidate({"a": 10}, [("a", 9)]) == {"a": "tight"}
    assert candidate({"a": 1000}, [("a", 801)]) == {"a": "tight"}
    assert candidate({"a": 10}, [("a", 10)]) == {"a": "tight"}
    assert candidate({"a": 10}, [("a", 11)]) == {"a": "over by 1"}
    assert candidate({"a": 0, "b": 5}, [("b", 2), ("b", 2)]) == {"a": "ok", "b": "ok"}
    assert candidate({"a": 1}, [("x", 1), ("y", 2)]) == {"a": "ok", "other": "spent 3"}


def knockout_winners(seeds: dict[str, int], results: dict[tuple[str, str], str]) -> list[str]:
    """Play a knockout tournament and return the winner of each game, round by round.

    In every round the players are ordered by their seed, lowest first; the first plays against the
    last, the second against the second to last, and so on, and these games come in this order. With
    an odd number the player in the middle goes on without a game. `results` has the winner for some
    pairs (in either order of the two names); in all other games the lower seed wins.

    >>> knockout_winners({"Al": 1, "Bo": 2, "Cy": 3}, {("Cy", "Bo"): "Cy"})
    ['Al', 'Al']
    """
    players = sorted(seeds, key=lambda player: seeds[player])
    winners: list[str] = []
    while len(players) > 1:
        remaining = []
        while len(players) > 1:
            first = players.pop(0)
            last = players.pop()
            winner = results.get((first, last)) or results.get((last, first)) or first
            winners.append(winner)
            remaining.append(winner)
        players = sorted(remaining + players, key=lambda player: seeds[player])
    return winners


def check_knockout_winners(candidate: Candidate) -> None:
    three = {"Al": 1, "Bo": 2, "Cy": 3}
    assert candidate(three, {("Cy", "Bo"): "Cy"}) == ["Al", "Al"]
    assert candidate(three, {("Cy", "Al"): "Cy"}) == ["Cy", "Bo"]
    assert candidate(three, {("Al", "Cy"): "Cy", ("Bo", "Cy"): "Cy"}) == ["Cy", "Cy"]
    assert candidate({}, {}) == []
    assert candidate({"Z": 1, "Y": 2, "X": 3}, {}) == ["Z", "Z"]
    assert candidate({"Z": 1, "Y": 2, "X": 3, "W": 4}, {}) == ["Z", "Y", "Z"]
    assert candidate({"X": 5}, {}) == []
    assert candidate({"D": 4, "C": 3, "B": 2, "A": 1}, {}) == ["A", "B", "A"]
    assert candidate({"D": 4, "C": 3, "B": 2, "A": 1}, {("A", "D"): "D"}) == ["D", "B", "B"]
    assert candidate(
        {"A": 1, "B": 2, "C": 3, "D": 4, "E": 5}, {("B", "D"): "D", ("C", "D"): "D"}
    ) == ["A", "D", "A", "A"]
    assert candidate(
        {"A": 1, "B": 2, "C": 3, "D": 4, "E": 5}, {("E", "A"): "E", ("E", "B"): "E"}
    ) == ["E", "B", "E", "C"]


def parcel_tracking(events: list[tuple[str, str]]) -> dict[str, str]:
    """Return the state of each parcel after some events.

    An event is (parcel, what happened). "sent" makes a new parcel "on the way"; a parcel that is
    "on the way" becomes "delivered" with "delivered", and with "missed" it stays on the way, but at
    the third "missed" it becomes "returned". All events that do not fit the state of the parcel are
    ignored, also those of parcels that were never sent.

    >>> parcel_tracking([("p", "sent"), ("q", "missed"), ("p", "missed"), ("p", "delivered")])
    {'p': 'delivered'}
    """
    states: dict[str, str] = {}
    misses: dict[str, int] = {}
    for parcel, event in events:
        if parcel not in states:
            if event == "sent":
                states[parcel] = "on the way"
                misses[parcel] = 0
        elif states[parcel] == "on the way":
            if event == "delivered":
                states[parcel] = "delivered"
            elif event == "missed":
                misses[parcel] += 1
                if misses[parcel] == 3:
                    states[parcel] = "returned"
    return states


def check_parcel_tracking(candidate: Candidate) -> None:
    assert candidate([("p", "sent"), ("q", "missed"), ("p", "missed"), ("p", "delivered")]) == {
        "p": "delivered"
    }
    assert candidate([]) == {}
    assert candidate([("p", "delivered")]) == {}
    assert candidate([("p", "sent")]) == {"p": "on the way"}
    sent_and_missed = [("p", "sent"), ("p", "missed"), ("p", "missed")]
    assert candidate(sent_and_missed) == {"p": "on the way"}
    assert candidate([*sent_and_missed, ("p", "missed")]) == {"p": "returned"}
    assert candidate([*sent_and_missed, ("p", "missed"), ("p", "delivered")]) == {"p": "returned"}
    assert candidate([*sent_and_missed, ("p", "sent"), ("p", "missed")]) == {"p": "returned"}
    assert candidate([("p", "sent"), *[("p", "lost")] * 3]) == {"p": "on the way"}
    assert candidate([("p", "sent"), ("p", "delivered"), ("p", "sent")]) == {"p": "delivered"}
    assert candidate([("p", "sent"), ("q", "sent"), ("q", "lost"), ("p", "delivered")]) == {
        "p": "delivered",
        "q": "on the way",
    }
