"""Reading and building dictionaries."""

from rlvf_common.starter.candidate import Candidate


def price_of_item(prices: dict[str, int], item: str) -> int:
    """Return the price of the item, or 0 if the item is not in the prices.

    >>> price_of_item({"tea": 3, "pie": 5}, "pie")
    5
    >>> price_of_item({"tea": 3}, "cake")
    0
    """
    return prices.get(item, 0)


def check_price_of_item(candidate: Candidate) -> None:
    assert candidate({"tea": 3, "pie": 5}, "pie") == 5
    assert candidate({"tea": 3}, "cake") == 0
    assert candidate({}, "tea") == 0
    assert candidate({"a": 7, "b": 7}, "a") == 7
    assert candidate({"a": 0}, "a") == 0
    assert candidate({"x": -2}, "x") == -2


def sum_of_large_values(amounts: dict[str, int], least: int) -> int:
    """Return the sum of the values in the dictionary that are at least the given number.

    >>> sum_of_large_values({"a": 1, "b": 5}, 3)
    5
    >>> sum_of_large_values({}, 0)
    0
    """
    return sum(value for value in amounts.values() if value >= least)


def check_sum_of_large_values(candidate: Candidate) -> None:
    assert candidate({"a": 1, "b": 5}, 3) == 5
    assert candidate({}, 0) == 0
    assert candidate({"x": 10}, 10) == 10
    assert candidate({"a": -5, "b": 5}, -5) == 0
    assert candidate({"p": 4, "q": 4, "r": 4}, 2) == 12
    assert candidate({"z": 1}, 2) == 0


def names_in_order(ages: dict[str, int]) -> list[str]:
    """Return the names, which are the keys of the dictionary, in alphabetical order.

    >>> names_in_order({"Zoe": 5, "Al": 9})
    ['Al', 'Zoe']
    >>> names_in_order({})
    []
    """
    return sorted(ages)


def check_names_in_order(candidate: Candidate) -> None:
    assert candidate({"Zoe": 5, "Al": 9}) == ["Al", "Zoe"]
    assert candidate({}) == []
    assert candidate({"Bo": 1}) == ["Bo"]
    assert candidate({"b": 1, "a": 1, "c": 0}) == ["a", "b", "c"]
    assert candidate({"ab": 2, "aa": 3}) == ["aa", "ab"]
    assert candidate({"x": 1, "y": 2}) == ["x", "y"]


def oldest_person(ages: dict[str, int]) -> str:
    """Return the name of the person with the highest age. There is at least one person.

    No two people have the same age.

    >>> oldest_person({"Ann": 30, "Bob": 41})
    'Bob'
    >>> oldest_person({"Eve": 5})
    'Eve'
    """
    return max(ages, key=lambda name: ages[name])


def check_oldest_person(candidate: Candidate) -> None:
    assert candidate({"Ann": 30, "Bob": 41}) == "Bob"
    assert candidate({"Eve": 5}) == "Eve"
    assert candidate({"Zed": 90, "Amy": 12, "Kim": 50}) == "Zed"
    assert candidate({"a": 0, "b": 1}) == "b"
    assert candidate({"x": 9, "y": 10, "z": 8}) == "y"
    assert candidate({"m": 100, "n": 99}) == "m"


def count_passing_students(scores: dict[str, int], needed: int) -> int:
    """Count the students whose score is at least the needed score.

    >>> count_passing_students({"Ann": 50, "Bob": 70}, 60)
    1
    >>> count_passing_students({"Ann": 60}, 60)
    1
    """
    return sum(1 for score in scores.values() if score >= needed)


def check_count_passing_students(candidate: Candidate) -> None:
    assert candidate({"Ann": 50, "Bob": 70}, 60) == 1
    assert candidate({"Ann": 60}, 60) == 1
    assert candidate({}, 10) == 0
    assert candidate({"a": 1, "b": 2}, 3) == 0
    assert candidate({"a": 9, "b": 8, "c": 7}, 7) == 3
    assert candidate({"a": 0, "b": -1}, 0) == 1


def letter_first_places(word: str) -> dict[str, int]:
    """Return a dictionary that maps each letter of the word to the index where it first appears.

    >>> letter_first_places("noon")
    {'n': 0, 'o': 1}
    >>> letter_first_places("")
    {}
    """
    places: dict[str, int] = {}
    for index, letter in enumerate(word):
        if letter not in places:
            places[letter] = index
    return places


def check_letter_first_places(candidate: Candidate) -> None:
    assert candidate("noon") == {"n": 0, "o": 1}
    assert candidate("") == {}
    assert candidate("a") == {"a": 0}
    assert candidate("aAa") == {"a": 0, "A": 1}
    assert candidate("abc") == {"a": 0, "b": 1, "c": 2}
    assert candidate("zzzy") == {"z": 0, "y": 3}


def swap_keys_and_values(table: dict[str, int]) -> dict[int, str]:
    """Return a dictionary in which keys and values have changed places.

    All values of the table are different.

    >>> swap_keys_and_values({"a": 1, "b": 2})
    {1: 'a', 2: 'b'}
    >>> swap_keys_and_values({})
    {}
    """
    return {value: key for key, value in table.items()}


def check_swap_keys_and_values(candidate: Candidate) -> None:
    assert candidate({"a": 1, "b": 2}) == {1: "a", 2: "b"}
    assert candidate({}) == {}
    assert candidate({"x": 0}) == {0: "x"}
    assert candidate({"p": -1, "q": 5}) == {-1: "p", 5: "q"}
    assert candidate({"z": 26}) == {26: "z"}
    assert candidate({"one": 1, "two": 2, "six": 6}) == {1: "one", 2: "two", 6: "six"}


def double_all_prices(prices: dict[str, int]) -> dict[str, int]:
    """Return a dictionary with the same keys in which every price is twice as high.

    >>> double_all_prices({"tea": 3, "pie": 5})
    {'tea': 6, 'pie': 10}
    >>> double_all_prices({})
    {}
    """
    return {item: price * 2 for item, price in prices.items()}


def check_double_all_prices(candidate: Candidate) -> None:
    assert candidate({"tea": 3, "pie": 5}) == {"tea": 6, "pie": 10}
    assert candidate({}) == {}
    assert candidate({"free": 0, "pen": 1}) == {"free": 0, "pen": 2}
    assert candidate({"a": 7}) == {"a": 14}
    assert candidate({"a": 1, "b": 1}) == {"a": 2, "b": 2}
    assert candidate({"x": -4}) == {"x": -8}


def items_in_stock(stock: dict[str, int]) -> list[str]:
    """Return the keys whose value is greater than zero, in the order of the dictionary.

    >>> items_in_stock({"pen": 2, "cup": 0})
    ['pen']
    >>> items_in_stock({"b": 1, "a": 1})
    ['b', 'a']
    """
    return [name for name, amount in stock.items() if amount > 0]


def check_items_in_stock(candidate: Candidate) -> None:
    assert candidate({"pen": 2, "cup": 0}) == ["pen"]
    assert candidate({"b": 1, "a": 1}) == ["b", "a"]
    assert candidate({}) == []
    assert candidate({"x": 0}) == []
    assert candidate({"x": -1, "y": 5}) == ["y"]
    assert candidate({"c": 3, "b": 0, "a": 9}) == ["c", "a"]


def word_lengths_table(words: list[str]) -> dict[str, int]:
    """Return a dictionary that maps each word to its length.

    >>> word_lengths_table(["hi", "cat"])
    {'hi': 2, 'cat': 3}
    >>> word_lengths_table([])
    {}
    """
    return {word: len(word) for word in words}


def check_word_lengths_table(candidate: Candidate) -> None:
    assert candidate(["hi", "cat"]) == {"hi": 2, "cat": 3}
    assert candidate([]) == {}
    assert candidate(["a", "a"]) == {"a": 1}
    assert candidate([""]) == {"": 0}
    assert candidate(["x", "yy", "zzz"]) == {"x": 1, "yy": 2, "zzz": 3}
    assert candidate(["two words"]) == {"two words": 9}


def group_by_first_letter(words: list[str]) -> dict[str, list[str]]:
    """Group the words by their first letter. Words keep their order inside a group.

    No word is empty.

    >>> group_by_first_letter(["ant", "bee", "ape"])
    {'a': ['ant', 'ape'], 'b': ['bee']}
    >>> group_by_first_letter([])
    {}
    """
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(word[0], []).append(word)
    return groups


def check_group_by_first_letter(candidate: Candidate) -> None:
    assert candidate(["ant", "bee", "ape"]) == {"a": ["ant", "ape"], "b": ["bee"]}
    assert candidate([]) == {}
    assert candidate(["x"]) == {"x": ["x"]}
    assert candidate(["b", "a", "b"]) == {"b": ["b", "b"], "a": ["a"]}
    assert candidate(["Ab", "ab"]) == {"A": ["Ab"], "a": ["ab"]}
    assert candidate(["zoo", "zen", "zip"]) == {"z": ["zoo", "zen", "zip"]}


def update_stock(stock: dict[str, int], sold: list[str]) -> dict[str, int]:
    """Return the stock that is left after one piece of each item in the sold list is taken away.

    Items that are not in the stock are ignored. An amount never falls below zero.

    >>> update_stock({"pen": 3, "cup": 1}, ["pen", "pen"])
    {'pen': 1, 'cup': 1}
    >>> update_stock({"pen": 1}, ["pen", "pen"])
    {'pen': 0}
    """
    left = dict(stock)
    for item in sold:
        if left.get(item, 0) > 0:
            left[item] -= 1
    return left


def check_update_stock(candidate: Candidate) -> None:
    assert candidate({"pen": 3, "cup": 1}, ["pen", "pen"]) == {"pen": 1, "cup": 1}
    assert candidate({"pen": 1}, ["pen", "pen"]) == {"pen": 0}
    assert candidate({"pen": 1}, ["hat"]) == {"pen": 1}
    assert candidate({}, ["pen"]) == {}
    assert candidate({"a": 2, "b": 2}, ["a", "b", "a"]) == {"a": 0, "b": 1}
    assert candidate({"x": 5}, []) == {"x": 5}


def translate_words(text: str, dictionary: dict[str, str]) -> str:
    """Replace every word of the text that is a key of the dictionary by its value.

    Other words stay. The words in the result are separated by single spaces.

    >>> translate_words("good day", {"good": "bon"})
    'bon day'
    >>> translate_words("a b a", {"a": "x", "b": "y"})
    'x y x'
    """
    return " ".join(dictionary.get(word, word) for word in text.split())


def check_translate_words(candidate: Candidate) -> None:
    assert candidate("good day", {"good": "bon"}) == "bon day"
    assert candidate("a b a", {"a": "x", "b": "y"}) == "x y x"
    assert candidate("", {"a": "b"}) == ""
    assert candidate("no change", {}) == "no change"
    assert candidate("a  aa", {"a": "z"}) == "z aa"
    assert candidate("one two", {"one": "two", "two": "one"}) == "two one"


def totals_by_person(payments: list[tuple[str, int]]) -> dict[str, int]:
    """Each payment is a name and an amount. Return the total amount for each name.

    >>> totals_by_person([("Al", 5), ("Bo", 2), ("Al", 1)])
    {'Al': 6, 'Bo': 2}
    >>> totals_by_person([("Cy", 0)])
    {'Cy': 0}
    """
    totals: dict[str, int] = {}
    for name, amount in payments:
        totals[name] = totals.get(name, 0) + amount
    return totals


def check_totals_by_person(candidate: Candidate) -> None:
    assert candidate([("Al", 5), ("Bo", 2), ("Al", 1)]) == {"Al": 6, "Bo": 2}
    assert candidate([("Cy", 0)]) == {"Cy": 0}
    assert candidate([]) == {}
    assert candidate([("x", 3), ("x", -3)]) == {"x": 0}
    assert candidate([("a", 1), ("b", 1), ("c", 1)]) == {"a": 1, "b": 1, "c": 1}
    assert candidate([("p", 10), ("p", 10), ("p", 10)]) == {"p": 30}
