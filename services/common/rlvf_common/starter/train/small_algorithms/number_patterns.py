"""Sequences of numbers that follow a rule."""

from rlvf_common.starter.candidate import Candidate


def bouncing_numbers(limit: int, count: int) -> list[int]:
    """Return the first numbers of the sequence that runs from 0 up to the limit and back, for ever.

    With the limit 2 it is 0, 1, 2, 1, 0, 1, 2 and so on. The limit is at least 1.

    >>> bouncing_numbers(2, 6)
    [0, 1, 2, 1, 0, 1]
    """
    return [limit - abs(limit - place % (2 * limit)) for place in range(count)]


def check_bouncing_numbers(candidate: Candidate) -> None:
    assert candidate(2, 6) == [0, 1, 2, 1, 0, 1]
    assert candidate(1, 5) == [0, 1, 0, 1, 0]
    assert candidate(3, 0) == []
    assert candidate(3, 1) == [0]
    assert candidate(3, 8) == [0, 1, 2, 3, 2, 1, 0, 1]
    assert candidate(10, 3) == [0, 1, 2]


def said_number(digits: str) -> str:
    """Read a row of digits aloud: write for each run of equal digits its length and the digit.

    >>> said_number("1121")
    '211211'
    """
    result = ""
    start = 0
    for place in range(1, len(digits) + 1):
        if place == len(digits) or digits[place] != digits[start]:
            result += str(place - start) + digits[start]
            start = place
    return result


def check_said_number(candidate: Candidate) -> None:
    assert candidate("1121") == "211211"
    assert candidate("") == ""
    assert candidate("5") == "15"
    assert candidate("55") == "25"
    assert candidate("1234") == "11121314"
    assert candidate("000000000000") == "120"
    assert candidate("100") == "1120"
    assert candidate("121") == "111211"


def difference_rows(numbers: list[int]) -> list[list[int]]:
    """Return the rows that come from taking the differences of neighbors again and again.

    The first row is the list itself. A difference is the right number minus the left one. Stop
    after a row that has only zeros, or only one number, or none.

    >>> difference_rows([1, 4, 9])
    [[1, 4, 9], [3, 5], [2]]
    """
    rows = [numbers]
    while len(rows[-1]) > 1 and any(rows[-1]):
        last = rows[-1]
        rows.append([last[place] - last[place - 1] for place in range(1, len(last))])
    return rows


def check_difference_rows(candidate: Candidate) -> None:
    assert candidate([1, 4, 9]) == [[1, 4, 9], [3, 5], [2]]
    assert candidate([]) == [[]]
    assert candidate([7]) == [[7]]
    assert candidate([0, 0, 0]) == [[0, 0, 0]]
    assert candidate([5, 5]) == [[5, 5], [0]]
    assert candidate([2, 4, 6, 8]) == [[2, 4, 6, 8], [2, 2, 2], [0, 0]]
    assert candidate([3, 0]) == [[3, 0], [-3]]
    assert candidate([0, 0, 1]) == [[0, 0, 1], [0, 1], [1]]


def next_in_series(numbers: list[int]) -> int | None:
    """Return the number that continues the series.

    If all steps between neighbors are equal, add the same step. Otherwise, if every number is the
    same whole multiple of the one before, multiply once more. Return None if neither fits, and for
    fewer than three numbers. No number is 0 unless all steps are equal.

    >>> next_in_series([2, 6, 18])
    54
    """
    if len(numbers) < 3:
        return None
    places = range(1, len(numbers))
    step = numbers[1] - numbers[0]
    if all(numbers[place] - numbers[place - 1] == step for place in places):
        return numbers[-1] + step
    factor = numbers[1] // numbers[0]
    if all(numbers[place] == numbers[place - 1] * factor for place in places):
        return numbers[-1] * factor
    return None


def check_next_in_series(candidate: Candidate) -> None:
    assert candidate([2, 6, 18]) == 54
    assert candidate([2, 6, 10]) == 14
    assert candidate([]) is None
    assert candidate([1, 2]) is None
    assert candidate([5, 5, 5]) == 5
    assert candidate([1, -2, 4, -8]) == 16
    assert candidate([0, -3, -6]) == -9
    assert candidate([1, 2, 4, 7]) is None
    assert candidate([8, 4, 2]) is None
    assert candidate([1, 2, 3, 5]) is None
    assert candidate([0, 0, 0]) == 0


def josephus_order(names: list[str], step: int) -> list[str]:
    """Children stand in a circle and are counted out; return the order in which they leave.

    Counting begins with the first child as 1. Who is counted as `step` leaves, and counting begins
    again as 1 with the next child. The step is at least 1.

    >>> josephus_order(["a", "b", "c", "d"], 3)
    ['c', 'b', 'd', 'a']
    """
    circle = list(names)
    leaving = []
    place = 0
    while circle:
        place = (place + step - 1) % len(circle)
        leaving.append(circle.pop(place))
    return leaving


def check_josephus_order(candidate: Candidate) -> None:
    assert candidate(["a", "b", "c", "d"], 3) == ["c", "b", "d", "a"]
    assert candidate([], 3) == []
    assert candidate(["x"], 7) == ["x"]
    assert candidate(["a", "b", "c"], 1) == ["a", "b", "c"]
    assert candidate(["a", "b", "c", "d", "e"], 2) == ["b", "d", "a", "e", "c"]
    names = ["p", "q"]
    assert candidate(names, 2) == ["q", "p"]
    assert names == ["p", "q"]
    assert candidate(["a", "b"], 4) == ["b", "a"]
    assert candidate(["a", "b", "c"], 5) == ["b", "c", "a"]


def pascal_neighbors(row: list[int], steps: int) -> list[int]:
    """Replace a row of numbers by the sums of its neighbors, some times in a row.

    A step makes a row that is one number longer: its numbers are the sums of each two neighbors,
    where a 0 is thought at both ends.

    >>> pascal_neighbors([1, 2], 1)
    [1, 3, 2]
    """
    for _ in range(steps):
        row = [a + b for a, b in zip([0, *row], [*row, 0], strict=True)]
    return row


def check_pascal_neighbors(candidate: Candidate) -> None:
    assert candidate([1, 2], 1) == [1, 3, 2]
    assert candidate([1], 4) == [1, 4, 6, 4, 1]
    assert candidate([5, 6], 0) == [5, 6]
    assert candidate([], 1) == [0]
    assert candidate([3], 1) == [3, 3]
    assert candidate([1, -1], 2) == [1, 1, -1, -1]
    assert candidate([2, 0, 2], 1) == [2, 2, 2, 2]


def growing_steps(limit: int) -> list[int]:
    """Return all numbers up to the limit, inclusive, of the sequence that begins 1, 2, 4, 7, 11.

    The steps between its numbers are 1, 2, 3, 4 and so on.

    >>> growing_steps(8)
    [1, 2, 4, 7]
    """
    numbers = []
    number = 1
    step = 1
    while number <= limit:
        numbers.append(number)
        number += step
        step += 1
    return numbers


def check_growing_steps(candidate: Candidate) -> None:
    assert candidate(8) == [1, 2, 4, 7]
    assert candidate(0) == []
    assert candidate(-4) == []
    assert candidate(1) == [1]
    assert candidate(3) == [1, 2]
    assert candidate(11) == [1, 2, 4, 7, 11]
    assert candidate(30) == [1, 2, 4, 7, 11, 16, 22, 29]


def cycle_start(following: list[int], start: int) -> tuple[int, int]:
    """Follow arrows from place to place until you come to a place for the second time.

    `following[p]` is the place that the arrow of place p points at. Return how many different steps
    are made before the circle begins and how many steps the circle has.

    >>> cycle_start([1, 2, 3, 1], 0)
    (1, 3)
    """
    visited: list[int] = []
    place = start
    while place not in visited:
        visited.append(place)
        place = following[place]
    before = visited.index(place)
    return before, len(visited) - before


def check_cycle_start(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 1], 0) == (1, 3)
    assert candidate([0], 0) == (0, 1)
    assert candidate([1, 0], 0) == (0, 2)
    assert candidate([1, 1], 0) == (1, 1)
    assert candidate([1, 2, 3, 4, 4], 0) == (4, 1)
    assert candidate([1, 2, 3, 4, 4], 3) == (1, 1)
    assert candidate([2, 0, 4, 1, 3], 1) == (0, 5)
    assert candidate([3, 2, 1, 2], 0) == (2, 2)


def magic_table(table: list[list[int]]) -> bool:
    """Return True if all rows and all columns of a square table have the same sum.

    The diagonals do not matter. An empty table counts as one that fits.

    >>> magic_table([[1, 2], [2, 1]])
    True
    """
    sums = {sum(row) for row in table}
    sums |= {sum(column) for column in zip(*table, strict=True)}
    return len(sums) <= 1


def check_magic_table(candidate: Candidate) -> None:
    assert candidate([[1, 2], [2, 1]]) is True
    assert candidate([]) is True
    assert candidate([[7]]) is True
    assert candidate([[1, 2], [1, 2]]) is False
    assert candidate([[1, 0], [0, 2]]) is False
    assert candidate([[1, 1], [2, 2]]) is False
    assert candidate([[2, 7, 6], [9, 5, 1], [4, 3, 8]]) is True
    assert candidate([[2, 7, 6], [9, 5, 1], [4, 8, 3]]) is False
    assert candidate([[1, 0, 0], [0, 1, 0], [0, 0, 1]]) is True


def fraction_digits(numerator: int, denominator: int, count: int) -> str:
    """Return the first digits after the decimal point of a fraction, without rounding.

    The numerator is not negative and the denominator is positive.

    >>> fraction_digits(1, 7, 5)
    '14285'
    """
    digits = ""
    rest = numerator % denominator
    for _ in range(count):
        digit, rest = divmod(rest * 10, denominator)
        digits += str(digit)
    return digits


def check_fraction_digits(candidate: Candidate) -> None:
    assert candidate(1, 7, 5) == "14285"
    assert candidate(1, 2, 3) == "500"
    assert candidate(5, 4, 2) == "25"
    assert candidate(0, 9, 2) == "00"
    assert candidate(2, 3, 4) == "6666"
    assert candidate(10, 5, 1) == "0"
    assert candidate(1, 8, 0) == ""
    assert candidate(1, 200, 4) == "0050"
    assert candidate(1, 97, 40) == "0103092783505154639175257731958762886597"


def multiples_of_just_one(limit: int, first: int, second: int) -> list[int]:
    """Return the positive numbers up to the limit that are multiples of exactly one of two numbers.

    Both numbers are positive. The limit is included.

    >>> multiples_of_just_one(10, 2, 3)
    [2, 3, 4, 8, 9, 10]
    """
    return [
        number for number in range(1, limit + 1) if (number % first == 0) != (number % second == 0)
    ]


def check_multiples_of_just_one(candidate: Candidate) -> None:
    assert candidate(10, 2, 3) == [2, 3, 4, 8, 9, 10]
    assert candidate(0, 2, 3) == []
    assert candidate(5, 1, 2) == [1, 3, 5]
    assert candidate(9, 3, 3) == []
    assert candidate(12, 4, 6) == [4, 6, 8]
    assert candidate(8, 3, 5) == [3, 5, 6]
    assert candidate(7, 7, 5) == [5, 7]
    assert candidate(1, 1, 2) == [1]
