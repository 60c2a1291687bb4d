"""Puzzles that are solved by trying, counting or filling in."""

from itertools import product

from rlvf_common.starter.candidate import Candidate


def sudoku_conflicts(grid: list[str]) -> list[tuple[int, int]]:
    """Return the fields of a small sudoku that break its rules.

    The grid has four rows of four signs: "1" to "4", or "." for an empty field. A field breaks the
    rules if its number stands a second time in its row, its column or its block; the blocks are the
    four squares of two by two fields. Return (row, column) of all such fields, from 0 on, sorted.

    >>> sudoku_conflicts(["1.1.", "....", "....", "...."])
    [(0, 0), (0, 2)]
    """
    fields = [(row, column) for row in range(4) for column in range(4)]
    conflicts = []
    for row, column in fields:
        for other_row, other_column in fields:
            same_block = row // 2 == other_row // 2 and column // 2 == other_column // 2
            together = row == other_row or column == other_column or same_block
            if together and (row, column) != (other_row, other_column):
                number = grid[row][column]
                if number != "." and number == grid[other_row][other_column]:
                    conflicts.append((row, column))
                    break
    return conflicts


def check_sudoku_conflicts(candidate: Candidate) -> None:
    assert candidate(["1.1.", "....", "....", "...."]) == [(0, 0), (0, 2)]
    assert candidate(["....", "....", "....", "...."]) == []
    assert candidate(["1234", "3412", "2143", "4321"]) == []
    assert candidate(["2...", "....", "....", "2..."]) == [(0, 0), (3, 0)]
    assert candidate(["3...", ".3..", "....", "...."]) == [(0, 0), (1, 1)]
    assert candidate(["....", ".3..", "..3.", "...."]) == []
    assert candidate(["....", "....", "..4.", "...4"]) == [(2, 2), (3, 3)]
    assert candidate(["4..4", "...4", "....", "4..."]) == [(0, 0), (0, 3), (1, 3), (3, 0)]
    assert candidate(["....", "..2.", ".2..", "...."]) == []


def nonogram_line(clue: list[int], length: int) -> list[str]:
    """Return all ways to fill a line of a picture puzzle.

    The clue says how many fields are black in each block, from left to right. Between two blocks is
    at least one white field. Write black as "#" and white as ".". Sort the lines so that those
    whose first block begins further to the left come first, then the second block, and so on.

    >>> nonogram_line([2, 1], 5)
    ['##.#.', '##..#', '.##.#']
    """
    if not clue:
        return ["." * length]
    lines = []
    block = clue[0]
    for start in range(length - block + 1):
        begin = "." * start + "#" * block
        if len(clue) == 1:
            lines.append(begin.ljust(length, "."))
        elif len(begin) < length:
            rest = nonogram_line(clue[1:], length - len(begin) - 1)
            lines += [begin + "." + line for line in rest]
    return lines


def check_nonogram_line(candidate: Candidate) -> None:
    assert candidate([2, 1], 5) == ["##.#.", "##..#", ".##.#"]
    assert candidate([], 3) == ["..."]
    assert candidate([3], 3) == ["###"]
    assert candidate([4], 3) == []
    assert candidate([1], 3) == ["#..", ".#.", "..#"]
    assert candidate([1, 1], 3) == ["#.#"]
    assert candidate([1, 1], 2) == []
    assert candidate([2, 2], 6) == ["##.##.", "##..##", ".##.##"]
    assert len(candidate([1, 1, 1], 8)) == 20


def water_jugs(first: int, second: int, wanted: int) -> int:
    """Return the fewest steps to measure an amount of water with two jugs, or -1 if impossible.

    The jugs hold `first` and `second` liters and are empty at the beginning. A step fills a jug to
    the top, empties a jug, or pours from one jug into the other until the one is empty or the other
    is full. The amount is reached when one of the jugs has exactly the wanted liters.

    >>> water_jugs(3, 5, 4)
    6
    """
    states = {(0, 0)}
    seen = set(states)
    steps = 0
    while states:
        if any(wanted in state for state in states):
            return steps
        following = set()
        for a, b in states:
            to_second = min(a, second - b)
            to_first = min(b, first - a)
            following |= {(first, b), (a, second), (0, b), (a, 0)}
            following |= {(a - to_second, b + to_second), (a + to_first, b - to_first)}
        states = following - seen
        seen |= states
        steps += 1
    return -1


def check_water_jugs(candidate: Candidate) -> None:
    assert candidate(3, 5, 4) == 6
    assert candidate(5, 3, 4) == 6
    assert candidate(3, 5, 0) == 0
    assert candidate(3, 5, 5) == 1
    assert candidate(3, 5, 2) == 2
    assert candidate(5, 3, 2) == 2
    assert candidate(2, 4, 3) == -1
    assert candidate(2, 4, 2) == 1
    assert candidate(3, 5, 8) == -1
    assert candidate(1, 6, 4) == 4
    assert candidate(7, 4, 6) == 6


def safe_queens(queens: list[tuple[int, int]]) -> bool:
    """Return True if no queen on a chess board can take another one.

    Queens are (row, column), on different fields. A queen takes along her row, her column and both
    of her diagonals.

    >>> safe_queens([(0, 0), (1, 2)])
    True
    """
    rows = {row for row, _ in queens}
    columns = {column for _, column in queens}
    falling = {row - column for row, column in queens}
    rising = {row + column for row, column in queens}
    return all(len(lines) == len(queens) for lines in (rows, columns, falling, rising))


def check_safe_queens(candidate: Candidate) -> None:
    assert candidate([(0, 0), (1, 2)]) is True
    assert candidate([]) is True
    assert candidate([(3, 3)]) is True
    assert candidate([(0, 0), (0, 5)]) is False
    assert candidate([(0, 4), (7, 4)]) is False
    assert candidate([(1, 1), (6, 6)]) is False
    assert candidate([(0, 7), (7, 0)]) is False
    assert candidate([(0, 1), (1, 3), (2, 0), (3, 2)]) is True
    assert candidate([(0, 1), (1, 3), (2, 0), (3, 1)]) is False


def tower_moves(towers: list[list[int]], moves: list[tuple[int, int]]) -> list[list[int]] | None:
    """Make moves with the disks of some towers and return the towers, or None for a wrong move.

    Each tower lists the sizes of its disks from bottom to top. A move (from, to) takes the top disk
    of one tower to the top of another one. It is wrong if the first tower is empty, if both are the
    same, or if the disk below would not be larger. Do not change the given towers.

    >>> tower_moves([[3, 1], [2], []], [(0, 2), (1, 0)])
    [[3, 2], [], [1]]
    """
    result = [list(tower) for tower in towers]
    for source, target in moves:
        if not result[source] or source == target:
            return None
        disk = result[source].pop()
        if result[target] and result[target][-1] <= disk:
            return None
        result[target].append(disk)
    return result


def check_tower_moves(candidate: Candidate) -> None:
    towers = [[3, 1], [2], []]
    assert candidate(towers, [(0, 2), (1, 0)]) == [[3, 2], [], [1]]
    assert towers == [[3, 1], [2], []]
    assert candidate(towers, []) == [[3, 1], [2], []]
    assert candidate(towers, [(2, 0)]) is None
    assert candidate(towers, [(1, 1)]) is None
    assert candidate(towers, [(1, 0)]) is None
    assert candidate([[2], [2]], [(0, 1)]) is None
    assert candidate([[1], []], [(0, 1), (1, 0)]) == [[1], []]
    assert candidate(towers, [(0, 1), (0, 2), (1, 2)]) == [[], [2], [3, 1]]


def letter_sum_puzzle(words: list[str], result: str, digits: dict[str, int]) -> str:
    """Check a solution of a puzzle in which words stand for numbers that are added up.

    `digits` gives a digit for each letter. Return "unknown" if a letter has no digit; else "shared"
    if two letters of the puzzle have the same digit; else "zero" if a word or the result of more
    than one letter begins with the digit 0; else "right" if the sum of the words is the result, or
    "wrong". Digits of letters that do not occur do not matter.

    >>> letter_sum_puzzle(["ab", "b"], "ca", {"a": 1, "b": 5, "c": 2})
    'wrong'
    """
    letters = set("".join(words) + result)
    if not letters <= digits.keys():
        return "unknown"
    if len({digits[letter] for letter in letters}) < len(letters):
        return "shared"
    numbers = []
    for word in [*words, result]:
        if len(word) > 1 and digits[word[0]] == 0:
            return "zero"
        numbers.append(int("".join(str(digits[letter]) for letter in word)))
    return "right" if sum(numbers[:-1]) == numbers[-1] else "wrong"


def check_letter_sum_puzzle(candidate: Candidate) -> None:
    assert candidate(["ab", "b"], "ca", {"a": 1, "b": 5, "c": 2}) == "wrong"
    assert candidate(["ab", "b"], "cd", {"a": 1, "b": 5, "c": 2, "d": 0}) == "right"
    assert candidate(["ab", "b"], "cd", {"a": 1, "b": 5, "c": 2}) == "unknown"
    assert candidate(["a", "a"], "b", {"a": 3, "b": 6, "x": 6}) == "right"
    assert candidate(["a", "b"], "c", {"a": 2, "b": 2, "c": 4}) == "shared"
    assert candidate(["ab"], "ab", {"a": 0, "b": 7}) == "zero"
    assert candidate(["a", "b"], "b", {"a": 0, "b": 7}) == "right"
    assert candidate(["b"], "ab", {"a": 0, "b": 7}) == "zero"
    digits = {"s": 9, "e": 5, "n": 6, "d": 7, "m": 1, "o": 0, "r": 8, "y": 2}
    assert candidate(["send", "more"], "money", digits) == "right"
    assert candidate(["ab"], "ba", {"a": 1, "b": 2}) == "wrong"


def balance_scale(weights: list[int], load: int) -> tuple[list[int], list[int]] | None:
    """Put weights on a scale so that it balances, and return those on the left and on the right.

    The load lies on the left side. Every weight may lie on the left, on the right or beside the
    scale. Use as few weights as possible; among such ways take the one with the smallest list of
    weights on the left (as Python compares lists), then on the right. Both lists are sorted. Return
    None if there is no way. There are at most five weights.

    >>> balance_scale([1, 3, 9], 5)
    ([1, 3], [9])
    """
    found = []
    for sides in product((-1, 0, 1), repeat=len(weights)):
        left = sorted(weight for weight, side in zip(weights, sides, strict=True) if side < 0)
        right = sorted(weight for weight, side in zip(weights, sides, strict=True) if side > 0)
        if load + sum(left) == sum(right):
            found.append((len(left) + len(right), left, right))
    if not found:
        return None
    _, left, right = min(found)
    return left, right


def check_balance_scale(candidate: Candidate) -> None:
    assert candidate([1, 3, 9], 5) == ([1, 3], [9])
    assert candidate([], 0) == ([], [])
    assert candidate([1, 2], 0) == ([], [])
    assert candidate([1, 2], 9) is None
    assert candidate([4], 4) == ([], [4])
    assert candidate([5, 2], 3) == ([2], [5])
    assert candidate([2, 1, 3], 3) == ([], [3])
    assert candidate([6, 2, 4, 8], 6) == ([], [6])
    assert candidate([7, 1, 3, 9], 6) == ([1], [7])
    assert candidate([1, 1, 1], 3) == ([], [1, 1, 1])
    assert candidate([10, 4, 7, 1], 13) == ([1], [4, 10])
