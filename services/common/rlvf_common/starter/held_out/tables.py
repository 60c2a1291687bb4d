"""Dictionaries, sets and grids."""

from rlvf_common.starter.candidate import Candidate


def after_birthday(ages: dict[str, int], name: str) -> dict[str, int]:
    """It is the birthday of one person. Return the ages with that person one year older.

    If the name is not among the ages, nothing changes.

    >>> after_birthday({"Ann": 30, "Bob": 25}, "Bob")
    {'Ann': 30, 'Bob': 26}
    >>> after_birthday({"Ann": 30}, "Eve")
    {'Ann': 30}
    """
    return {person: age + 1 if person == name else age for person, age in ages.items()}


def check_after_birthday(candidate: Candidate) -> None:
    assert candidate({"Ann": 30, "Bob": 25}, "Bob") == {"Ann": 30, "Bob": 26}
    assert candidate({"Ann": 30}, "Eve") == {"Ann": 30}
    assert candidate({}, "Ann") == {}
    assert candidate({"x": 0}, "x") == {"x": 1}
    assert candidate({"a": 1, "b": 1}, "a") == {"a": 2, "b": 1}
    assert candidate({"Ann": 30}, "ann") == {"Ann": 30}


def number_of_keys(table: dict[str, int]) -> int:
    """Return how many keys the dictionary has.

    >>> number_of_keys({"a": 5, "b": 6})
    2
    >>> number_of_keys({})
    0
    """
    return len(table)


def check_number_of_keys(candidate: Candidate) -> None:
    assert candidate({"a": 5, "b": 6}) == 2
    assert candidate({}) == 0
    assert candidate({"x": 9}) == 1
    assert candidate({"a": 0, "b": 0, "c": 0}) == 3
    assert candidate({"k": 2, "m": -2}) == 2
    assert candidate({"": 4}) == 1


def more_expensive_item(prices: dict[str, int], first: str, second: str) -> str:
    """Return the name of the item that has the higher price. Both items are in the prices.

    If the two prices are the same, return the first item.

    >>> more_expensive_item({"tea": 3, "pie": 5}, "tea", "pie")
    'pie'
    >>> more_expensive_item({"b": 2, "a": 2}, "b", "a")
    'b'
    """
    if prices[second] > prices[first]:
        return second
    return first


def check_more_expensive_item(candidate: Candidate) -> None:
    assert candidate({"tea": 3, "pie": 5}, "tea", "pie") == "pie"
    assert candidate({"b": 2, "a": 2}, "b", "a") == "b"
    assert candidate({"b": 2, "a": 2}, "a", "b") == "a"
    assert candidate({"c": 9, "a": 8, "b": 1}, "a", "b") == "a"
    assert candidate({"a": 4, "z": -1}, "z", "a") == "a"
    assert candidate({"x": 0}, "x", "x") == "x"


def rename_key(table: dict[str, int], old: str, new: str) -> dict[str, int]:
    """Return the table with the old key renamed to the new key. Its value stays the same.

    If the old key is not in the table, nothing changes. The new key is never in the table.

    >>> rename_key({"tea": 3, "pie": 5}, "pie", "cake")
    {'tea': 3, 'cake': 5}
    >>> rename_key({}, "a", "b")
    {}
    """
    return {new if key == old else key: value for key, value in table.items()}


def check_rename_key(candidate: Candidate) -> None:
    assert candidate({"tea": 3, "pie": 5}, "pie", "cake") == {"tea": 3, "cake": 5}
    assert candidate({}, "a", "b") == {}
    assert candidate({"a": 0}, "a", "b") == {"b": 0}
    assert candidate({"x": 5}, "y", "z") == {"x": 5}
    assert candidate({"p": 1, "q": 1}, "p", "r") == {"r": 1, "q": 1}
    assert candidate({"A": 4}, "a", "b") == {"A": 4}


def points_of_word(word: str, points: dict[str, int]) -> int:
    """Add up the points of all letters of the word. A letter without points counts as 1.

    >>> points_of_word("cab", {"c": 3, "b": 4})
    8
    >>> points_of_word("aaa", {})
    3
    """
    return sum(points.get(letter, 1) for letter in word)


def check_points_of_word(candidate: Candidate) -> None:
    assert candidate("cab", {"c": 3, "b": 4}) == 8
    assert candidate("aaa", {}) == 3
    assert candidate("", {"a": 9}) == 0
    assert candidate("zz", {"z": 10}) == 20
    assert candidate("Ab", {"a": 5, "b": 2}) == 3
    assert candidate("q", {"q": 0}) == 0


def count_in_exactly_one(first: set[str], second: set[str]) -> int:
    """Count the strings that are in one of the two sets but not in both.

    >>> count_in_exactly_one({"a", "b", "c"}, {"b"})
    2
    >>> count_in_exactly_one({"a"}, {"a"})
    0
    """
    return len(first ^ second)


def check_count_in_exactly_one(candidate: Candidate) -> None:
    assert candidate({"a", "b", "c"}, {"b"}) == 2
    assert candidate({"a"}, {"a"}) == 0
    assert candidate(set(), {"x"}) == 1
    assert candidate({"x"}, set()) == 1
    assert candidate({"p", "q"}, {"r", "s", "t"}) == 5
    assert candidate({"a", "b"}, {"b", "c"}) == 2


def students_by_grade(grades: dict[str, str]) -> dict[str, list[str]]:
    """The dictionary maps students to grades. Return a dictionary that maps each grade to the
    list of its students in alphabetical order.

    >>> students_by_grade({"Bo": "A", "Al": "A", "Cy": "B"})
    {'A': ['Al', 'Bo'], 'B': ['Cy']}
    >>> students_by_grade({"Ed": "C"})
    {'C': ['Ed']}
    """
    result: dict[str, list[str]] = {}
    for student in sorted(grades):
        result.setdefault(grades[student], []).append(student)
    return result


def check_students_by_grade(candidate: Candidate) -> None:
    assert candidate({"Bo": "A", "Al": "A", "Cy": "B"}) == {"A": ["Al", "Bo"], "B": ["Cy"]}
    assert candidate({"Ed": "C"}) == {"C": ["Ed"]}
    assert candidate({}) == {}
    assert candidate({"z": "A", "y": "B", "x": "A"}) == {"A": ["x", "z"], "B": ["y"]}
    assert candidate({"a": "F", "b": "F", "c": "F"}) == {"F": ["a", "b", "c"]}
    assert candidate({"m": "1", "n": "2"}) == {"1": ["m"], "2": ["n"]}
    assert candidate({"v": "A+", "u": "A"}) == {"A": ["u"], "A+": ["v"]}


def rows_have_same_length(grid: list[list[int]]) -> bool:
    """Return True if all rows of the grid are equally long. A grid without rows is fine as well.

    >>> rows_have_same_length([[1, 2], [3, 4]])
    True
    >>> rows_have_same_length([[1], [7, 8]])
    False
    """
    return all(len(row) == len(grid[0]) for row in grid)


def check_rows_have_same_length(candidate: Candidate) -> None:
    assert candidate([[1, 2], [3, 4]]) is True
    assert candidate([[1], [7, 8]]) is False
    assert candidate([]) is True
    assert candidate([[6]]) is True
    assert candidate([[], []]) is True
    assert candidate([[1, 2], [2, 1], [3]]) is False
    assert candidate([[], [0]]) is False


def count_full_rows(rows: list[str]) -> int:
    """Each row is a text in which a dot is an empty place. Count the rows without a dot.

    >>> count_full_rows(["##", "#.", "##"])
    2
    >>> count_full_rows([".."])
    0
    """
    return sum(1 for row in rows if "." not in row)


def check_count_full_rows(candidate: Candidate) -> None:
    assert candidate(["##", "#.", "##"]) == 2
    assert candidate([".."]) == 0
    assert candidate([]) == 0
    assert candidate(["#", "x", "o"]) == 3
    assert candidate([".#", "#."]) == 0
    assert candidate(["", "."]) == 1


def draw_triangle(height: int) -> list[str]:
    """Return the lines of a triangle of stars: one star in the first line, two in the second
    line and so on, up to the given height.

    >>> draw_triangle(3)
    ['*', '**', '***']
    >>> draw_triangle(1)
    ['*']
    """
    return ["*" * size for size in range(1, height + 1)]


def check_draw_triangle(candidate: Candidate) -> None:
    assert candidate(3) == ["*", "**", "***"]
    assert candidate(1) == ["*"]
    assert candidate(0) == []
    assert candidate(2) == ["*", "**"]
    assert candidate(4) == ["*", "**", "***", "****"]
    assert candidate(5) == ["*", "**", "***", "****", "*****"]


def border_total(grid: list[list[int]]) -> int:
    """Add the numbers on the border of the grid: its first and last row and column.

    Each number is added once. All rows have the same length and there is at least one row.

    >>> border_total([[1, 1, 1], [1, 9, 1], [1, 1, 1]])
    8
    >>> border_total([[5]])
    5
    """
    last_row = len(grid) - 1
    last_column = len(grid[0]) - 1
    return sum(
        number
        for r, row in enumerate(grid)
        for c, number in enumerate(row)
        if r in (0, last_row) or c in (0, last_column)
    )


def check_border_total(candidate: Candidate) -> None:
    assert candidate([[1, 1, 1], [1, 9, 1], [1, 1, 1]]) == 8
    assert candidate([[5]]) == 5
    assert candidate([[1, 2], [3, 4]]) == 10
    assert candidate([[2, 3, 4]]) == 9
    assert candidate([[1], [2], [3]]) == 6
    assert candidate([[1, 0, 0, 2], [0, 7, 7, 0], [3, 0, 0, 4]]) == 10


def inventory_after(events: list[tuple[str, str, int]]) -> dict[str, int]:
    """Each event is the word "in" or "out", an item and an amount.

    Start with nothing. "in" adds the amount of the item. "out" takes the amount away, but it
    is ignored if less than that amount is there. Return the items with an amount above zero.

    >>> inventory_after([("in", "pen", 5), ("out", "pen", 2)])
    {'pen': 3}
    >>> inventory_after([("in", "cup", 1), ("out", "cup", 3)])
    {'cup': 1}
    """
    amounts: dict[str, int] = {}
    for kind, item, amount in events:
        have = amounts.get(item, 0)
        if kind == "in":
            amounts[item] = have + amount
        elif amount <= have:
            amounts[item] = have - amount
    return {item: amount for item, amount in amounts.items() if amount > 0}


def check_inventory_after(candidate: Candidate) -> None:
    assert candidate([("in", "pen", 5), ("out", "pen", 2)]) == {"pen": 3}
    assert candidate([("in", "cup", 1), ("out", "cup", 3)]) == {"cup": 1}
    assert candidate([]) == {}
    assert candidate([("in", "a", 2), ("out", "a", 2)]) == {}
    assert candidate([("out", "a", 1), ("in", "a", 1)]) == {"a": 1}
    assert candidate([("in", "a", 1), ("in", "b", 2), ("in", "a", 3)]) == {"a": 4, "b": 2}
