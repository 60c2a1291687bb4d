"""Building a new list from an old one."""

from rlvf_common.starter.candidate import Candidate


def double_each(numbers: list[int]) -> list[int]:
    """Return a list with every number doubled.

    >>> double_each([1, 2, 3])
    [2, 4, 6]
    >>> double_each([])
    []
    """
    return [number * 2 for number in numbers]


def check_double_each(candidate: Candidate) -> None:
    assert candidate([1, 2, 3]) == [2, 4, 6]
    assert candidate([]) == []
    assert candidate([0]) == [0]
    assert candidate([-4, 5]) == [-8, 10]
    assert candidate([1, 1]) == [2, 2]
    assert candidate([10, 0, 3]) == [20, 0, 6]


def without_zeros(numbers: list[int]) -> list[int]:
    """Return the numbers of the list that are not zero, in the same order.

    >>> without_zeros([1, 0, 2, 0])
    [1, 2]
    >>> without_zeros([0, 0])
    []
    """
    return [number for number in numbers if number != 0]


def check_without_zeros(candidate: Candidate) -> None:
    assert candidate([1, 0, 2, 0]) == [1, 2]
    assert candidate([0, 0]) == []
    assert candidate([]) == []
    assert candidate([3]) == [3]
    assert candidate([-1, 0, 1]) == [-1, 1]
    assert candidate([0, 5, 5]) == [5, 5]


def keep_between(numbers: list[int], low: int, high: int) -> list[int]:
    """Return the numbers that are at least low and at most high, in the same order.

    >>> keep_between([1, 5, 9], 2, 8)
    [5]
    >>> keep_between([3, 4], 3, 4)
    [3, 4]
    """
    return [number for number in numbers if low <= number <= high]


def check_keep_between(candidate: Candidate) -> None:
    assert candidate([1, 5, 9], 2, 8) == [5]
    assert candidate([3, 4], 3, 4) == [3, 4]
    assert candidate([], 0, 10) == []
    assert candidate([7, 1, 7], 5, 9) == [7, 7]
    assert candidate([-3, 0, 3], -1, 1) == [0]
    assert candidate([2, 9, 3, 8], 3, 8) == [3, 8]


def lengths_of_words(words: list[str]) -> list[int]:
    """Return a list with the length of each word.

    >>> lengths_of_words(["a", "bbb"])
    [1, 3]
    >>> lengths_of_words([])
    []
    """
    return [len(word) for word in words]


def check_lengths_of_words(candidate: Candidate) -> None:
    assert candidate(["a", "bbb"]) == [1, 3]
    assert candidate([]) == []
    assert candidate(["hello"]) == [5]
    assert candidate(["", "x"]) == [0, 1]
    assert candidate(["ab", "cd", "efgh"]) == [2, 2, 4]
    assert candidate(["two words"]) == [9]


def countdown_from(start: int) -> list[int]:
    """Return the whole numbers from start down to 1. The start is zero or greater.

    >>> countdown_from(3)
    [3, 2, 1]
    >>> countdown_from(1)
    [1]
    """
    return list(range(start, 0, -1))


def check_countdown_from(candidate: Candidate) -> None:
    assert candidate(3) == [3, 2, 1]
    assert candidate(1) == [1]
    assert candidate(0) == []
    assert candidate(5) == [5, 4, 3, 2, 1]
    assert candidate(2) == [2, 1]
    assert candidate(8) == [8, 7, 6, 5, 4, 3, 2, 1]


def list_of_squares(count: int) -> list[int]:
    """Return the squares of the numbers from 1 to count, both included.

    >>> list_of_squares(4)
    [1, 4, 9, 16]
    >>> list_of_squares(1)
    [1]
    """
    return [number * number for number in range(1, count + 1)]


def check_list_of_squares(candidate: Candidate) -> None:
    assert candidate(4) == [1, 4, 9, 16]
    assert candidate(1) == [1]
    assert candidate(0) == []
    assert candidate(2) == [1, 4]
    assert candidate(3) == [1, 4, 9]
    assert candidate(6) == [1, 4, 9, 16, 25, 36]


def add_item_at_both_ends(items: list[int], item: int) -> list[int]:
    """Return a list with the item put before and after the given items.

    >>> add_item_at_both_ends([1, 2], 0)
    [0, 1, 2, 0]
    >>> add_item_at_both_ends([], 5)
    [5, 5]
    """
    return [item, *items, item]


def check_add_item_at_both_ends(candidate: Candidate) -> None:
    assert candidate([1, 2], 0) == [0, 1, 2, 0]
    assert candidate([], 5) == [5, 5]
    assert candidate([3], 3) == [3, 3, 3]
    assert candidate([9, 8, 7], -1) == [-1, 9, 8, 7, -1]
    assert candidate([0], 1) == [1, 0, 1]
    assert candidate([4, 4], 6) == [6, 4, 4, 6]


def numbers_as_text(numbers: list[int]) -> str:
    """Write the numbers one after another, with a comma and a space between them.

    >>> numbers_as_text([1, 2, 3])
    '1, 2, 3'
    >>> numbers_as_text([7])
    '7'
    """
    return ", ".join(str(number) for number in numbers)


def check_numbers_as_text(candidate: Candidate) -> None:
    assert candidate([1, 2, 3]) == "1, 2, 3"
    assert candidate([7]) == "7"
    assert candidate([]) == ""
    assert candidate([-1, 0]) == "-1, 0"
    assert candidate([10, 10]) == "10, 10"
    assert candidate([5, 4, 3, 2]) == "5, 4, 3, 2"


def number_the_words(words: list[str]) -> list[str]:
    """Put the position of each word before it, as in the examples. Positions start at 1.

    >>> number_the_words(["tea", "pie"])
    ['1. tea', '2. pie']
    >>> number_the_words(["x"])
    ['1. x']
    """
    return [f"{position}. {word}" for position, word in enumerate(words, start=1)]


def check_number_the_words(candidate: Candidate) -> None:
    assert candidate(["tea", "pie"]) == ["1. tea", "2. pie"]
    assert candidate(["x"]) == ["1. x"]
    assert candidate([]) == []
    assert candidate(["a", "a", "a"]) == ["1. a", "2. a", "3. a"]
    assert candidate(["", "b"]) == ["1. ", "2. b"]
    assert candidate(["two words", "ok"]) == ["1. two words", "2. ok"]


def negatives_to_zero(numbers: list[int]) -> list[int]:
    """Return the list with every negative number replaced by zero.

    >>> negatives_to_zero([3, -1, 2])
    [3, 0, 2]
    >>> negatives_to_zero([-5])
    [0]
    """
    return [max(number, 0) for number in numbers]


def check_negatives_to_zero(candidate: Candidate) -> None:
    assert candidate([3, -1, 2]) == [3, 0, 2]
    assert candidate([-5]) == [0]
    assert candidate([]) == []
    assert candidate([0, 0, 1]) == [0, 0, 1]
    assert candidate([-1, -2, -3]) == [0, 0, 0]
    assert candidate([7, 8, -9, 10]) == [7, 8, 0, 10]


def without_first_and_last(items: list[int]) -> list[int]:
    """Return the items without the first one and the last one.

    >>> without_first_and_last([1, 2, 3, 4])
    [2, 3]
    >>> without_first_and_last([5, 6])
    []
    """
    return items[1:-1]


def check_without_first_and_last(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4]) == [2, 3]
    assert candidate([5, 6]) == []
    assert candidate([]) == []
    assert candidate([9]) == []
    assert candidate([1, 1, 1]) == [1]
    assert candidate([4, 0, 7, 2, 4]) == [0, 7, 2]


def bigger_neighbor_values(numbers: list[int]) -> list[int]:
    """For each two numbers that stand side by side, return the bigger of the two.

    The answer has one item less than the list. It is empty for an empty list.

    >>> bigger_neighbor_values([1, 4, 2])
    [4, 4]
    >>> bigger_neighbor_values([5, 2])
    [5]
    """
    return [max(numbers[i], numbers[i + 1]) for i in range(len(numbers) - 1)]


def check_bigger_neighbor_values(candidate: Candidate) -> None:
    assert candidate([1, 4, 2]) == [4, 4]
    assert candidate([5, 2]) == [5]
    assert candidate([]) == []
    assert candidate([8]) == []
    assert candidate([3, 3, 3]) == [3, 3]
    assert candidate([0, -1, 1, 0]) == [0, 1, 1]


def totals_so_far(numbers: list[int]) -> list[int]:
    """For each position return the sum of all numbers up to and including that position.

    >>> totals_so_far([1, 2, 3])
    [1, 3, 6]
    >>> totals_so_far([5])
    [5]
    """
    totals = []
    total = 0
    for number in numbers:
        total += number
        totals.append(total)
    return totals


def check_totals_so_far(candidate: Candidate) -> None:
    assert candidate([1, 2, 3]) == [1, 3, 6]
    assert candidate([5]) == [5]
    assert candidate([]) == []
    assert candidate([4, -4, 2]) == [4, 0, 2]
    assert candidate([0, 0, 1]) == [0, 0, 1]
    assert candidate([10, 1, 10, 1]) == [10, 11, 21, 22]


def repeat_each_item(items: list[int], times: int) -> list[int]:
    """Return a list in which every item is repeated the given number of times in a row.

    >>> repeat_each_item([1, 2], 2)
    [1, 1, 2, 2]
    >>> repeat_each_item([5], 3)
    [5, 5, 5]
    """
    return [item for item in items for _ in range(times)]


def check_repeat_each_item(candidate: Candidate) -> None:
    assert candidate([1, 2], 2) == [1, 1, 2, 2]
    assert candidate([5], 3) == [5, 5, 5]
    assert candidate([], 4) == []
    assert candidate([7, 8], 0) == []
    assert candidate([3, 3], 1) == [3, 3]
    assert candidate([1, 2, 1], 2) == [1, 1, 2, 2, 1, 1]
