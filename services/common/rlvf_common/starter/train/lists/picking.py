"""Choosing items of a list by their place or by their value."""

from rlvf_common.starter.candidate import Candidate


def every_second_from_end(items: list[int]) -> list[int]:
    """Return the last item, the third from the end, the fifth from the end and so on.

    They stand in the result in the order of the list.

    >>> every_second_from_end([1, 2, 3, 4])
    [2, 4]
    """
    return items[::-2][::-1]


def check_every_second_from_end(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4]) == [2, 4]
    assert candidate([]) == []
    assert candidate([9]) == [9]
    assert candidate([8, 9]) == [9]
    assert candidate([1, 2, 3]) == [1, 3]
    assert candidate([5, 4, 3, 2, 1]) == [5, 3, 1]
    assert candidate([0, 0, 7, 7]) == [0, 7]


def middle_items(items: list[str]) -> list[str]:
    """Return the middle item of the list, or the two middle ones if its length is even.

    >>> middle_items(["a", "b", "c"])
    ['b']
    >>> middle_items(["a", "b", "c", "d"])
    ['b', 'c']
    """
    return items[(len(items) - 1) // 2 : len(items) // 2 + 1]


def check_middle_items(candidate: Candidate) -> None:
    assert candidate(["a", "b", "c"]) == ["b"]
    assert candidate(["a", "b", "c", "d"]) == ["b", "c"]
    assert candidate([]) == []
    assert candidate(["x"]) == ["x"]
    assert candidate(["x", "y"]) == ["x", "y"]
    assert candidate(["x", "y", "z", "y", "x"]) == ["z"]
    assert candidate(["1", "2", "3", "4", "5", "6"]) == ["3", "4"]


def item_at_wrapped(items: list[int], place: int) -> int:
    """Return the item at the place when the list is repeated without end in both directions.

    Place 0 is the first item. The list is not empty.

    >>> item_at_wrapped([10, 20, 30], 4)
    20
    """
    return items[place % len(items)]


def check_item_at_wrapped(candidate: Candidate) -> None:
    assert candidate([10, 20, 30], 4) == 20
    assert candidate([10, 20, 30], 0) == 10
    assert candidate([10, 20, 30], 3) == 10
    assert candidate([10, 20, 30], -1) == 30
    assert candidate([10, 20, 30], -4) == 30
    assert candidate([7], 100) == 7
    assert candidate([1, 2], -5) == 2


def top_three_levels(scores: list[int]) -> list[int]:
    """Keep every score that equals one of the three highest different scores, in the given order.

    If there are fewer than three different scores, everything is kept.

    >>> top_three_levels([4, 9, 9, 1, 7])
    [4, 9, 9, 7]
    """
    return [score for score in scores if score in sorted(set(scores))[-3:]]


def check_top_three_levels(candidate: Candidate) -> None:
    assert candidate([4, 9, 9, 1, 7]) == [4, 9, 9, 7]
    assert candidate([]) == []
    assert candidate([3]) == [3]
    assert candidate([2, 1, 2]) == [2, 1, 2]
    assert candidate([-5, -1, -3, -2]) == [-1, -3, -2]
    assert candidate([1, 2, 3, 4, 4, 4]) == [2, 3, 4, 4, 4]
    assert candidate([0, 8, 0, 7, 6, 8]) == [8, 7, 6, 8]


def place_of_last(items: list[int], wanted: int) -> int:
    """Return the place of the last occurrence of the wanted item, counted from 1, or 0 without one.

    >>> place_of_last([5, 6, 5, 7], 5)
    3
    """
    return max((place for place, item in enumerate(items, 1) if item == wanted), default=0)


def check_place_of_last(candidate: Candidate) -> None:
    assert candidate([5, 6, 5, 7], 5) == 3
    assert candidate([], 5) == 0
    assert candidate([1, 2], 3) == 0
    assert candidate([3], 3) == 1
    assert candidate([3, 4, 4], 3) == 1
    assert candidate([0, 0, 0], 0) == 3
    assert candidate([-1, 1, -1, 2], -1) == 3


def values_at_places(values: list[int], places: list[int]) -> list[int]:
    """Return the values at the given places, in the order of the places.

    Places count from 0. A place below 0 or behind the end of the values is left out.

    >>> values_at_places([5, 6, 7], [2, 0, 3, 2])
    [7, 5, 7]
    """
    return [values[place] for place in places if 0 <= place < len(values)]


def check_values_at_places(candidate: Candidate) -> None:
    assert candidate([5, 6, 7], [2, 0, 3, 2]) == [7, 5, 7]
    assert candidate([], [0, 1]) == []
    assert candidate([1, 2], []) == []
    assert candidate([1, 2], [-1, 1]) == [2]
    assert candidate([1, 2], [2]) == []
    assert candidate([4], [0, 0, 0]) == [4, 4, 4]
    assert candidate([9, 8, 7, 6], [3, 1]) == [6, 8]


def between_first_pair(items: list[str], mark: str) -> list[str]:
    """Return the items between the first and the second occurrence of the mark.

    If the mark occurs fewer than two times, the result is empty.

    >>> between_first_pair(["a", "|", "b", "c", "|", "d"], "|")
    ['b', 'c']
    """
    if items.count(mark) < 2:
        return []
    start = items.index(mark)
    return items[start + 1 : items.index(mark, start + 1)]


def check_between_first_pair(candidate: Candidate) -> None:
    assert candidate(["a", "|", "b", "c", "|", "d"], "|") == ["b", "c"]
    assert candidate([], "x") == []
    assert candidate(["x", "a", "b"], "x") == []
    assert candidate(["x", "x"], "x") == []
    assert candidate(["x", "1", "x", "2", "x"], "x") == ["1"]
    assert candidate(["a", "b"], "x") == []
    assert candidate(["-", "-", "a", "-"], "-") == []
    assert candidate(["-", "q", "-"], "-") == ["q"]


def all_but_extremes(numbers: list[int]) -> list[int]:
    """Leave out every number that equals the smallest or the largest one of the list.

    >>> all_but_extremes([3, 1, 2, 3, 1])
    [2]
    """
    return [number for number in numbers if min(numbers) < number < max(numbers)]


def check_all_but_extremes(candidate: Candidate) -> None:
    assert candidate([3, 1, 2, 3, 1]) == [2]
    assert candidate([]) == []
    assert candidate([4]) == []
    assert candidate([4, 4, 4]) == []
    assert candidate([1, 2]) == []
    assert candidate([5, 3, 4, 3, 1]) == [3, 4, 3]
    assert candidate([-2, 0, -1, 7]) == [0, -1]


def bigger_than_average(numbers: list[int]) -> list[int]:
    """Return the numbers that are above the average of all of them, in their order.

    >>> bigger_than_average([1, 5, 3, 3])
    [5]
    """
    return [number for number in numbers if number * len(numbers) > sum(numbers)]


def check_bigger_than_average(candidate: Candidate) -> None:
    assert candidate([1, 5, 3, 3]) == [5]
    assert candidate([]) == []
    assert candidate([4]) == []
    assert candidate([2, 2, 2]) == []
    assert candidate([9, 0, 8, 1]) == [9, 8]
    assert candidate([-1, -2, -3]) == [-1]
    assert candidate([1, 2]) == [2]
    assert candidate([0, 0, 1]) == [1]


def nearest_value(values: list[int], wanted: int) -> int | None:
    """Return the value that is nearest to the wanted one.

    Of two values at the same distance the smaller one is taken. Without values return None.

    >>> nearest_value([1, 4, 8], 6)
    4
    """
    return min(values, key=lambda value: (abs(value - wanted), value), default=None)


def check_nearest_value(candidate: Candidate) -> None:
    assert candidate([1, 4, 8], 6) == 4
    assert candidate([], 3) is None
    assert candidate([8, 4, 1], 6) == 4
    assert candidate([8, 4, 1], 7) == 8
    assert candidate([5], -100) == 5
    assert candidate([-3, 3], 0) == -3
    assert candidate([3, -3], 0) == -3
    assert candidate([2, 9], 9) == 9


def longest_name_last(names: list[str]) -> str:
    """Return the longest name. Among names of the same length take the one nearest to the end.

    Return "" if there are no names.

    >>> longest_name_last(["Ida", "Tom", "Al"])
    'Tom'
    """
    longest = ""
    for name in names:
        if len(name) >= len(longest):
            longest = name
    return longest


def check_longest_name_last(candidate: Candidate) -> None:
    assert candidate(["Ida", "Tom", "Al"]) == "Tom"
    assert candidate([]) == ""
    assert candidate(["Eve"]) == "Eve"
    assert candidate(["Zoe", "Amy"]) == "Amy"
    assert candidate(["Amy", "Zoe"]) == "Zoe"
    assert candidate(["Benjamin", "Kim"]) == "Benjamin"
    assert candidate(["A", "Bo", "C", "Di", "E"]) == "Di"


def remove_once(items: list[int], unwanted: list[int]) -> list[int]:
    """Take each unwanted item out of the list once, at its first occurrence.

    An item that stands twice among the unwanted ones is taken out twice. What the list does not
    have is ignored. The given lists must not be changed.

    >>> remove_once([1, 2, 1, 3, 1], [1, 3, 1])
    [2, 1]
    """
    kept = list(items)
    for item in unwanted:
        if item in kept:
            kept.remove(item)
    return kept


def check_remove_once(candidate: Candidate) -> None:
    assert candidate([1, 2, 1, 3, 1], [1, 3, 1]) == [2, 1]
    assert candidate([], [1]) == []
    assert candidate([1, 2], []) == [1, 2]
    assert candidate([1, 2], [3]) == [1, 2]
    assert candidate([4, 4], [4, 4, 4]) == []
    assert candidate([5, 6, 5], [5]) == [6, 5]
    items = [7, 8, 7]
    assert candidate(items, [7]) == [8, 7]
    assert items == [7, 8, 7]


def first_of_each_size(words: list[str]) -> list[str]:
    """Keep a word only if no earlier word of the list has the same length.

    >>> first_of_each_size(["to", "be", "or", "not"])
    ['to', 'not']
    """
    sizes: set[int] = set()
    kept = []
    for word in words:
        if len(word) not in sizes:
            kept.append(word)
        sizes.add(len(word))
    return kept


def check_first_of_each_size(candidate: Candidate) -> None:
    assert candidate(["to", "be", "or", "not"]) == ["to", "not"]
    assert candidate([]) == []
    assert candidate([""]) == [""]
    assert candidate(["abc", "de", "fgh", "ij", "k"]) == ["abc", "de", "k"]
    assert candidate(["", "a", "", "b"]) == ["", "a"]
    assert candidate(["same", "same"]) == ["same"]
    assert candidate(["four", "three", "two", "one"]) == ["four", "three", "two"]


def record_days(values: list[int]) -> list[int]:
    """Return the days on which a value is higher than all values before it.

    Days count from 1. The first day is always such a day.

    >>> record_days([3, 3, 5, 4, 9])
    [1, 3, 5]
    """
    days: list[int] = []
    for day, value in enumerate(values, start=1):
        if not days or value > values[days[-1] - 1]:
            days.append(day)
    return days


def check_record_days(candidate: Candidate) -> None:
    assert candidate([3, 3, 5, 4, 9]) == [1, 3, 5]
    assert candidate([]) == []
    assert candidate([0]) == [1]
    assert candidate([5, 4, 3]) == [1]
    assert candidate([-3, -2, -1]) == [1, 2, 3]
    assert candidate([2, 2, 2]) == [1]
    assert candidate([4, 1, 3, 5, 5, 6]) == [1, 4, 6]
