"""Short tasks on dictionaries, each with something to watch for."""

from rlvf_common.starter.candidate import Candidate


def total_with_fallback(prices: dict[str, int], items: list[str], fallback: int) -> int:
    """Add up the prices of the items; an item without a price costs the fallback.

    An item that stands several times in the list is paid as often.

    >>> total_with_fallback({"pen": 2, "ink": 5}, ["pen", "ink", "pen", "hat"], 1)
    10
    """
    return sum(prices.get(item, fallback) for item in items)


def check_total_with_fallback(candidate: Candidate) -> None:
    assert candidate({"pen": 2, "ink": 5}, ["pen", "ink", "pen", "hat"], 1) == 10
    assert candidate({}, ["pen"], 7) == 7
    assert candidate({"pen": 2}, [], 9) == 0
    assert candidate({"pen": 0}, ["pen"], 5) == 0
    assert candidate({"a": 1}, ["A", "a", "A"], 4) == 9
    assert candidate({"a": -3, "b": 3}, ["a", "b", "a"], 1) == -3


def keys_by_value_down(table: dict[str, int]) -> list[str]:
    """Return the keys, those with the largest values first; equal values in the order of the table.

    >>> keys_by_value_down({"a": 1, "b": 3, "c": 3})
    ['b', 'c', 'a']
    """
    return sorted(table, key=lambda key: -table[key])


def check_keys_by_value_down(candidate: Candidate) -> None:
    assert candidate({"a": 1, "b": 3, "c": 3}) == ["b", "c", "a"]
    assert candidate({}) == []
    assert candidate({"x": 0}) == ["x"]
    assert candidate({"q": 2, "p": 2}) == ["q", "p"]
    assert candidate({"a": -1, "b": -2, "c": 0}) == ["c", "a", "b"]
    assert candidate({"m": 1, "n": 2, "o": 3}) == ["o", "n", "m"]


def has_unknown_word(dictionary: dict[str, str], sentence: str) -> bool:
    """Return True if some word of the sentence is not a key of the dictionary.

    Words are separated by spaces and looked up in small letters; all keys are small.

    >>> has_unknown_word({"good": "gut", "day": "Tag"}, "Good day Sir")
    True
    """
    return any(word not in dictionary for word in sentence.lower().split())


def check_has_unknown_word(candidate: Candidate) -> None:
    assert candidate({"good": "gut", "day": "Tag"}, "Good day Sir") is True
    assert candidate({"good": "gut", "day": "Tag"}, "DAY  good") is False
    assert candidate({}, "") is False
    assert candidate({}, "x") is True
    assert candidate({"a": ""}, "a A") is False
    assert candidate({"x": "good"}, "good") is True
    assert candidate({"goodday": "1"}, "good") is True


def swap_two_values(table: dict[str, int], first: str, second: str) -> dict[str, int]:
    """Return a new dictionary in which two keys have exchanged their values.

    Both keys exist. The given dictionary must not change.

    >>> swap_two_values({"a": 1, "b": 2}, "a", "b")
    {'a': 2, 'b': 1}
    """
    return {**table, first: table[second], second: table[first]}


def check_swap_two_values(candidate: Candidate) -> None:
    table = {"a": 1, "b": 2}
    assert candidate(table, "a", "b") == {"a": 2, "b": 1}
    assert table == {"a": 1, "b": 2}
    assert candidate({"x": 5}, "x", "x") == {"x": 5}
    assert candidate({"x": 5, "y": 5, "z": 0}, "y", "z") == {"x": 5, "y": 0, "z": 5}
    assert candidate({"p": 0, "q": -1, "r": 2}, "r", "p") == {"p": 2, "q": -1, "r": 0}
    assert list(candidate({"n": 1, "m": 2}, "m", "n")) == ["n", "m"]


def longest_list_key(groups: dict[str, list[int]]) -> str:
    """Return the key with the longest list; of several the last one in alphabetical order.

    Return "" for an empty dictionary.

    >>> longest_list_key({"a": [1, 2], "c": [9], "b": [3, 4]})
    'b'
    """
    return max(groups, key=lambda key: (len(groups[key]), key), default="")


def check_longest_list_key(candidate: Candidate) -> None:
    assert candidate({"a": [1, 2], "c": [9], "b": [3, 4]}) == "b"
    assert candidate({}) == ""
    assert candidate({"x": []}) == "x"
    assert candidate({"y": [], "x": []}) == "y"
    assert candidate({"a": [1], "b": [100]}) == "b"
    assert candidate({"a": [1, 1, 1], "z": [5, 5]}) == "a"


def all_scores_above(scores: dict[str, list[int]], limit: int) -> list[str]:
    """Return the names of those whose scores are all above the limit, sorted.

    Who has no scores at all does not belong to them.

    >>> all_scores_above({"Bo": [7, 9], "Al": [8, 5], "Cy": []}, 6)
    ['Bo']
    """
    return sorted(name for name, values in scores.items() if values and min(values) > limit)


def check_all_scores_above(candidate: Candidate) -> None:
    assert candidate({"Bo": [7, 9], "Al": [8, 5], "Cy": []}, 6) == ["Bo"]
    assert candidate({}, 0) == []
    assert candidate({"A": [6]}, 6) == []
    assert candidate({"A": [7]}, 6) == ["A"]
    assert candidate({"A": []}, -9) == []
    assert candidate({"C": [1], "B": [2], "A": [0]}, 0) == ["B", "C"]
    assert candidate({"Y": [3, 3], "X": [4, 3]}, 2) == ["X", "Y"]


def count_shared_items(first: dict[str, int], second: dict[str, int]) -> int:
    """Count the keys for which both dictionaries have the same value.

    >>> count_shared_items({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 2})
    1
    """
    return len(first.items() & second.items())


def check_count_shared_items(candidate: Candidate) -> None:
    assert candidate({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 2}) == 1
    assert candidate({}, {}) == 0
    assert candidate({"a": 1}, {}) == 0
    assert candidate({"a": 0}, {"b": 0}) == 0
    assert candidate({"a": 1, "b": 1}, {"b": 1, "a": 1}) == 2
    assert candidate({"x": 5, "y": 6}, {"y": 5, "x": 6}) == 0


def pairs_to_lookup(pairs: list[tuple[str, int]]) -> dict[str, int]:
    """Turn pairs of a name and a number into a dictionary.

    If a name occurs several times, its largest number counts.

    >>> pairs_to_lookup([("a", 5), ("b", 1), ("a", 2)])
    {'a': 5, 'b': 1}
    """
    return dict(sorted(pairs))


def check_pairs_to_lookup(candidate: Candidate) -> None:
    assert candidate([("a", 5), ("b", 1), ("a", 2)]) == {"a": 5, "b": 1}
    assert candidate([]) == {}
    assert candidate([("x", 0)]) == {"x": 0}
    assert candidate([("x", -5), ("x", -2), ("x", -9)]) == {"x": -2}
    assert candidate([("a", 1), ("a", 2)]) == {"a": 2}
    assert candidate([("b", 3), ("a", 4), ("b", 3)]) == {"a": 4, "b": 3}
    assert candidate([("n", 10), ("n", 9)]) == {"n": 10}
