"""Boards, pictures and maps made of rows."""

from rlvf_common.starter.candidate import Candidate


def knight_targets(square: str) -> list[str]:
    """A chess square is a letter from a to h and a digit from 1 to 8, such as b1.

    A knight moves two squares along a row or column and then one square to the side. Return
    all squares of the empty board that it can reach from its square in one move, sorted
    alphabetically.

    >>> knight_targets("b1")
    ['a3', 'c3', 'd2']
    >>> knight_targets("h8")
    ['f7', 'g6']
    """
    column, row = "abcdefgh".index(square[0]), int(square[1]) - 1
    return [
        "abcdefgh"[c] + str(r + 1)
        for c in range(8)
        for r in range(8)
        if abs(c - column) * abs(r - row) == 2
    ]


def check_knight_targets(candidate: Candidate) -> None:
    assert candidate("b1") == ["a3", "c3", "d2"]
    assert candidate("h8") == ["f7", "g6"]
    assert candidate("a1") == ["b3", "c2"]
    assert candidate("a8") == ["b6", "c7"]
    assert candidate("d4") == ["b3", "b5", "c2", "c6", "e2", "e6", "f3", "f5"]
    assert candidate("h4") == ["f3", "f5", "g2", "g6"]
    assert candidate("g1") == ["e2", "f3", "h3"]
    assert candidate("e7") == ["c6", "c8", "d5", "f5", "g6", "g8"]


def is_mirror_picture(rows: list[str]) -> bool:
    """Each text is one row of a picture. Return True if its left half mirrors its right half.

    That means that every row reads the same from left to right as from right to left. Rows
    may be of different length. A picture without rows is a mirror picture.

    >>> is_mirror_picture([".##.", "#..#"])
    True
    >>> is_mirror_picture(["##.", "##."])
    False
    """
    return all(row == row[::-1] for row in rows)


def check_is_mirror_picture(candidate: Candidate) -> None:
    assert candidate([".##.", "#..#"]) is True
    assert candidate(["##.", "##."]) is False
    assert candidate([]) is True
    assert candidate(["x"]) is True
    assert candidate([".#.", "#.."]) is False
    assert candidate(["#..", ".#.", "..#"]) is False
    assert candidate(["", "##", "#.#"]) is True
    assert candidate(["#..#", "#.#.", "#..#"]) is False


def saddle_points(grid: list[list[int]]) -> list[tuple[int, int]]:
    """Find the numbers that are the largest of their row and also the smallest of their column.

    Another number of the row or column may be equal to it. Return the row index and column
    index of each of them, from the top row to the bottom row and from left to right. All rows
    have the same length.

    >>> saddle_points([[1, 5], [9, 7]])
    [(0, 1)]
    >>> saddle_points([[1, 9], [8, 2]])
    []
    """
    found = []
    for r, row in enumerate(grid):
        for c, number in enumerate(row):
            column = [other[c] for other in grid]
            if number == max(row) and number == min(column):
                found.append((r, c))
    return found


def check_saddle_points(candidate: Candidate) -> None:
    assert candidate([[1, 5], [9, 7]]) == [(0, 1)]
    assert candidate([[1, 9], [8, 2]]) == []
    assert candidate([]) == []
    assert candidate([[4]]) == [(0, 0)]
    assert candidate([[3, 3]]) == [(0, 0), (0, 1)]
    assert candidate([[2], [1], [1]]) == [(1, 0), (2, 0)]
    assert candidate([[6, 4], [5, 1], [8, 7]]) == [(1, 0)]
    assert candidate([[0, -1, -2], [3, 1, 2], [4, 9, -9]]) == [(0, 0)]


def is_number_square(grid: list[list[int]]) -> bool:
    """The grid is square and has at least one row. Let n be the number of its rows.

    Return True if every row and every column contains each of the numbers 1 to n exactly once.

    >>> is_number_square([[1, 2], [2, 1]])
    True
    >>> is_number_square([[1, 2], [1, 2]])
    False
    """
    wanted = list(range(1, len(grid) + 1))
    columns = [[row[c] for row in grid] for c in range(len(grid))]
    return all(sorted(line) == wanted for line in grid + columns)


def check_is_number_square(candidate: Candidate) -> None:
    assert candidate([[1, 2], [2, 1]]) is True
    assert candidate([[1, 2], [1, 2]]) is False
    assert candidate([[1]]) is True
    assert candidate([[2]]) is False
    assert candidate([[1, 1], [2, 2]]) is False
    assert candidate([[1, 2, 3], [2, 3, 1], [3, 1, 2]]) is True
    assert candidate([[1, 2, 3], [3, 1, 2], [2, 3, 3]]) is False
    assert candidate([[0, 1], [1, 0]]) is False
    assert candidate([[2, 2, 2], [2, 2, 2], [2, 2, 2]]) is False


def fence_around(field: list[str]) -> int:
    """Each text is a row of a map, all equally long. A # is a square of garden.

    Return how many sides of garden squares need a fence: those sides that are at the edge of
    the map or touch a square that is no garden.

    >>> fence_around(["##"])
    6
    >>> fence_around([".#.", "###"])
    10
    """
    garden = {(r, c) for r, row in enumerate(field) for c, cell in enumerate(row) if cell == "#"}
    sides = 0
    for r, c in garden:
        for neighbor in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            if neighbor not in garden:
                sides += 1
    return sides


def check_fence_around(candidate: Candidate) -> None:
    assert candidate(["##"]) == 6
    assert candidate([".#.", "###"]) == 10
    assert candidate([]) == 0
    assert candidate(["..", ".."]) == 0
    assert candidate(["#"]) == 4
    assert candidate(["#.", ".#"]) == 8
    assert candidate(["##", "##"]) == 8
    assert candidate(["###", "#.#", "###"]) == 16
    assert candidate(["#", "#", "#"]) == 8


def diagonals_of_grid(grid: list[list[int]]) -> list[list[int]]:
    """Read the grid along its diagonals that go up to the right. All rows are equally long.

    The first diagonal is the top left number alone, the next one starts directly below it and
    goes up to the right, and so on until the bottom right number. Return the diagonals, each
    from its lowest to its highest number.

    >>> diagonals_of_grid([[1, 2], [3, 4]])
    [[1], [3, 2], [4]]
    >>> diagonals_of_grid([[5, 6, 7]])
    [[5], [6], [7]]
    """
    if not grid:
        return []
    lines: list[list[int]] = [[] for _ in range(len(grid) + len(grid[0]) - 1)]
    for r, row in enumerate(grid):
        for c, number in enumerate(row):
            lines[r + c].insert(0, number)
    return lines


def check_diagonals_of_grid(candidate: Candidate) -> None:
    assert candidate([[1, 2], [3, 4]]) == [[1], [3, 2], [4]]
    assert candidate([[5, 6, 7]]) == [[5], [6], [7]]
    assert candidate([]) == []
    assert candidate([[9]]) == [[9]]
    assert candidate([[1], [2], [3]]) == [[1], [2], [3]]
    assert candidate([[1, 2, 3], [4, 5, 6]]) == [[1], [4, 2], [5, 3], [6]]
    assert candidate([[1, 2], [3, 4], [5, 6]]) == [[1], [3, 2], [5, 4], [6]]
    assert candidate([[1, 2, 3], [4, 5, 6], [7, 8, 9]]) == [[1], [4, 2], [7, 5, 3], [8, 6], [9]]
