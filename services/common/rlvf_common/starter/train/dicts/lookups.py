"""Looking things up in dictionaries, with defaults and second chances."""

from typing import Any

from rlvf_common.starter.candidate import Candidate


def price_any_case(prices: dict[str, int], item: str) -> int:
    """Return the price of the item as it is written; if there is none, that of its small letters.

    If there is neither of them, return 0.

    >>> price_any_case({"tea": 3, "TEA": 0}, "TEA")
    0
    >>> price_any_case({"tea": 3}, "Tea")
    3
    """
    return prices.get(item, prices.get(item.lower(), 0))


def check_price_any_case(candidate: Candidate) -> None:
    assert candidate({"tea": 3, "TEA": 0}, "TEA") == 0
    assert candidate({"tea": 3}, "Tea") == 3
    assert candidate({"tea": 3}, "tea") == 3
    assert candidate({"Tea": 3}, "tea") == 0
    assert candidate({"Tea": 3}, "TEA") == 0
    assert candidate({}, "x") == 0
    assert candidate({"Jam": 4, "jam": 5}, "Jam") == 4
    assert candidate({"Jam": 4, "jam": 5}, "jam") == 5


def keys_with_value(table: dict[str, int], value: int) -> list[str]:
    """Return all keys that have the value, in alphabetical order.

    >>> keys_with_value({"b": 1, "c": 2, "a": 1}, 1)
    ['a', 'b']
    """
    return sorted(key for key, found in table.items() if found == value)


def check_keys_with_value(candidate: Candidate) -> None:
    assert candidate({"b": 1, "c": 2, "a": 1}, 1) == ["a", "b"]
    assert candidate({}, 1) == []
    assert candidate({"x": 0}, 1) == []
    assert candidate({"x": 0}, 0) == ["x"]
    assert candidate({"q": 5, "p": 5, "o": 5}, 5) == ["o", "p", "q"]
    assert candidate({"a": -2, "b": 2}, 2) == ["b"]


def cheapest_item(prices: dict[str, int]) -> str | None:
    """Return the name of the cheapest item; of several, the first one in alphabetical order.

    Return None if there are no items.

    >>> cheapest_item({"pear": 2, "fig": 2, "plum": 9})
    'fig'
    """
    return min(prices, key=lambda item: (prices[item], item), default=None)


def check_cheapest_item(candidate: Candidate) -> None:
    assert candidate({"pear": 2, "fig": 2, "plum": 9}) == "fig"
    assert candidate({}) is None
    assert candidate({"a": 5}) == "a"
    assert candidate({"a": 5, "b": 4}) == "b"
    assert candidate({"c": 1, "b": 1, "a": 1}) == "a"
    assert candidate({"x": 0, "a": 1, "y": -1}) == "y"


def first_known(table: dict[str, int], names: list[str]) -> int | None:
    """Return the value of the first name in the list that the table has; None if it has none.

    >>> first_known({"b": 0, "c": 3}, ["a", "b", "c"])
    0
    """
    return next((table[name] for name in names if name in table), None)


def check_first_known(candidate: Candidate) -> None:
    assert candidate({"b": 0, "c": 3}, ["a", "b", "c"]) == 0
    assert candidate({}, ["a"]) is None
    assert candidate({"a": 1}, []) is None
    assert candidate({"a": 1, "b": 2}, ["b", "a"]) == 2
    assert candidate({"a": 1, "b": 2}, ["x", "y"]) is None
    assert candidate({"z": 9, "a": 4}, ["q", "z"]) == 9


def settings_with_overrides(
    defaults: dict[str, str], overrides: dict[str, str | None]
) -> dict[str, str]:
    """Return the default settings with the overrides put on top.

    An override of None removes the setting. Overrides may bring new settings. The given
    dictionaries stay as they are.

    >>> settings_with_overrides({"color": "red", "size": "M"}, {"size": None, "font": "mono"})
    {'color': 'red', 'font': 'mono'}
    """
    return {name: value for name, value in {**defaults, **overrides}.items() if value is not None}


def check_settings_with_overrides(candidate: Candidate) -> None:
    overrides = {"size": None, "font": "mono"}
    assert candidate({"color": "red", "size": "M"}, overrides) == {"color": "red", "font": "mono"}
    assert overrides == {"size": None, "font": "mono"}
    assert candidate({}, {}) == {}
    assert candidate({"a": "1"}, {}) == {"a": "1"}
    assert candidate({"a": "1"}, {"a": "2"}) == {"a": "2"}
    assert candidate({"a": "1"}, {"a": None}) == {}
    assert candidate({}, {"x": None, "y": ""}) == {"y": ""}
    assert candidate({"a": "1", "b": "2"}, {"b": "", "c": None}) == {"a": "1", "b": ""}


def follow_aliases(aliases: dict[str, str], name: str) -> str:
    """Follow aliases from name to name until a name has no alias, and return that one.

    If you come to a name for the second time, stop and return "".

    >>> follow_aliases({"py": "python", "python": "python3"}, "py")
    'python3'
    >>> follow_aliases({"a": "b", "b": "a"}, "a")
    ''
    """
    seen = set()
    while name in aliases:
        if name in seen:
            return ""
        seen.add(name)
        name = aliases[name]
    return name


def check_follow_aliases(candidate: Candidate) -> None:
    assert candidate({"py": "python", "python": "python3"}, "py") == "python3"
    assert candidate({"a": "b", "b": "a"}, "a") == ""
    assert candidate({}, "x") == "x"
    assert candidate({"a": "a"}, "a") == ""
    assert candidate({"a": "b"}, "b") == "b"
    assert candidate({"x": "y", "y": "z", "z": "y"}, "x") == ""
    assert candidate({"1": "2", "2": "3", "3": "4"}, "2") == "4"
    assert candidate({"m": "n", "k": "m"}, "k") == "n"


def deep_value(tree: dict[str, Any], path: str) -> int | None:
    """Return the number at a path such as "a.b.c" in nested dictionaries.

    Each part of the path is a key. Return None if a key is missing, if the path goes on below a
    number, or if it ends at a dictionary.

    >>> deep_value({"a": {"b": 7}}, "a.b")
    7
    >>> deep_value({"a": {"b": 7}}, "a") is None
    True
    """
    place: Any = tree
    for key in path.split("."):
        if not isinstance(place, dict) or key not in place:
            return None
        place = place[key]
    return None if isinstance(place, dict) else place


def check_deep_value(candidate: Candidate) -> None:
    assert candidate({"a": {"b": 7}}, "a.b") == 7
    assert candidate({"a": {"b": 7}}, "a") is None
    assert candidate({"a": 0}, "a") == 0
    assert candidate({"a": 1}, "b") is None
    assert candidate({"a": 1}, "a.b") is None
    assert candidate({}, "x") is None
    assert candidate({"x": {"y": {"z": -1}}}, "x.y.z") == -1
    assert candidate({"x": {"y": {}}}, "x.y") is None
    assert candidate({"x": {"y": {"z": 5}}}, "x.z") is None


def phone_of(book: dict[str, str], name: str) -> str:
    """Return the phone number of a person.

    Look for the exact name first. If it is not in the book, take the only entry whose name begins
    with the given text; capital and small letters do not matter for this. If no entry or more
    than one begins with it, return "?".

    >>> phone_of({"Ann": "1", "Anna": "2", "Bob": "3"}, "bo")
    '3'
    >>> phone_of({"Ann": "1", "Anna": "2", "Bob": "3"}, "an")
    '?'
    """
    if name in book:
        return book[name]
    numbers = [book[entry] for entry in book if entry.lower().startswith(name.lower())]
    return numbers[0] if len(numbers) == 1 else "?"


def check_phone_of(candidate: Candidate) -> None:
    book = {"Ann": "1", "Anna": "2", "Bob": "3"}
    assert candidate(book, "bo") == "3"
    assert candidate(book, "an") == "?"
    assert candidate(book, "Ann") == "1"
    assert candidate(book, "Anna") == "2"
    assert candidate(book, "ann") == "?"
    assert candidate(book, "ANNA") == "2"
    assert candidate(book, "ob") == "?"
    assert candidate({}, "x") == "?"
    assert candidate({"Eve": "9"}, "") == "9"
    assert candidate(book, "Bobby") == "?"


def missing_ingredients(recipe: dict[str, int], pantry: dict[str, int]) -> dict[str, int]:
    """Return what must be bought for the recipe, and how much of it.

    Both dictionaries hold amounts. Things of which there is enough do not occur in the result.

    >>> missing_ingredients({"egg": 3, "milk": 2}, {"egg": 1, "milk": 2})
    {'egg': 2}
    """
    return {
        thing: amount - pantry.get(thing, 0)
        for thing, amount in recipe.items()
        if amount > pantry.get(thing, 0)
    }


def check_missing_ingredients(candidate: Candidate) -> None:
    assert candidate({"egg": 3, "milk": 2}, {"egg": 1, "milk": 2}) == {"egg": 2}
    assert candidate({}, {"egg": 1}) == {}
    assert candidate({"egg": 3}, {}) == {"egg": 3}
    assert candidate({"egg": 3}, {"egg": 9}) == {}
    assert candidate({"salt": 1}, {}) == {"salt": 1}
    assert candidate({"salt": 0}, {}) == {}
    assert candidate({"a": 5, "b": 6}, {"b": 1, "c": 8}) == {"a": 5, "b": 5}


def commands_by_prefix(commands: list[str]) -> dict[str, str]:
    """Give every command its shortest prefix that no other command begins with.

    Return a dictionary from command to prefix. A command that is itself the beginning of another
    one gets its whole name. All commands are different and not empty.

    >>> commands_by_prefix(["start", "stop", "go"])
    {'start': 'sta', 'stop': 'sto', 'go': 'g'}
    """
    prefixes = {}
    for command in commands:
        size = 1
        while size < len(command) and any(
            other.startswith(command[:size]) for other in commands if other != command
        ):
            size += 1
        prefixes[command] = command[:size]
    return prefixes


def check_commands_by_prefix(candidate: Candidate) -> None:
    assert candidate(["start", "stop", "go"]) == {"start": "sta", "stop": "sto", "go": "g"}
    assert candidate([]) == {}
    assert candidate(["run"]) == {"run": "r"}
    assert candidate(["a", "ab"]) == {"a": "a", "ab": "ab"}
    assert candidate(["go", "gone", "got"]) == {"go": "go", "gone": "gon", "got": "got"}
    assert candidate(["upper", "under"]) == {"upper": "up", "under": "un"}
    assert candidate(["Up", "up"]) == {"Up": "U", "up": "u"}
    assert candidate(["xy", "yx"]) == {"xy": "x", "yx": "y"}
    assert candidate(["list", "listen"]) == {"list": "list", "listen": "liste"}


def exchange_amount(
    rates: dict[tuple[str, str], int], amount: int, source: str, target: str
) -> int | None:
    """Exchange money between two currencies and return the amount that you get.

    `rates` says how many units of the second currency one unit of the first one gives. If that
    rate is missing but the rate of the way back is known, divide by it and round down. Nothing
    changes if both currencies are the same. Without any rate return None.

    >>> exchange_amount({("EUR", "YEN"): 160}, 500, "YEN", "EUR")
    3
    """
    if source == target:
        return amount
    if (source, target) in rates:
        return amount * rates[source, target]
    if (target, source) in rates:
        return amount // rates[target, source]
    return None


def check_exchange_amount(candidate: Candidate) -> None:
    assert candidate({("EUR", "YEN"): 160}, 500, "YEN", "EUR") == 3
    assert candidate({("EUR", "YEN"): 160}, 5, "EUR", "YEN") == 800
    assert candidate({("EUR", "YEN"): 160}, 159, "YEN", "EUR") == 0
    assert candidate({}, 7, "A", "A") == 7
    assert candidate({}, 7, "A", "B") is None
    assert candidate({("A", "B"): 2, ("B", "A"): 3}, 6, "A", "B") == 12
    assert candidate({("A", "B"): 2, ("B", "A"): 3}, 6, "B", "A") == 18
    assert candidate({("A", "B"): 2}, 6, "A", "C") is None
    assert candidate({("A", "A"): 5}, 6, "A", "A") == 6
