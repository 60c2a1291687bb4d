"""Tasks on lists of lists."""

from rlvf_common.starter.candidate import Candidate


def sum_of_grid(grid: list[list[int]]) -> int:
    """Return the sum of all numbers in all rows of the grid.

    >>> sum_of_grid([[1, 2], [3, 4]])
    10
    >>> sum_of_grid([[5]])
    5
    """
    return sum(sum(row) for row in grid)


def check_sum_of_grid(candidate: Candidate) -> None:
    assert candidate([[1, 2], [3, 4]]) == 10
    assert candidate([[5]]) == 5
    assert candidate([]) == 0
    assert candidate([[], []]) == 0
    assert candidate([[-1, 1], [2, -2]]) == 0
    assert candidate([[1], [2, 3], [4, 5, 6]]) == 21


def biggest_row_sum(grid: list[list[int]]) -> int:
    """Return the largest sum of a single row. The grid has at least one row.

    >>> biggest_row_sum([[1, 2], [5, 0]])
    5
    >>> biggest_row_sum([[7]])
    7
    """
    return max(sum(row) for row in grid)


def check_biggest_row_sum(candidate: Candidate) -> None:
    assert candidate([[1, 2], [5, 0]]) == 5
    assert candidate([[7]]) == 7
    assert candidate([[-1, -2], [-5]]) == -3
    assert candidate([[], [-4]]) == 0
    assert candidate([[3, 3], [9, -9], [6, 1]]) == 7
    assert candidate([[10], [1, 2, 3]]) == 10


def last_number_of_rows(grid: list[list[int]]) -> list[int]:
    """Return the last number of each row, from top to bottom. No row is empty.

    >>> last_number_of_rows([[1, 2], [3, 4]])
    [2, 4]
    >>> last_number_of_rows([[9]])
    [9]
    """
    return [row[-1] for row in grid]


def check_last_number_of_rows(candidate: Candidate) -> None:
    assert candidate([[1, 2], [3, 4]]) == [2, 4]
    assert candidate([[9]]) == [9]
    assert candidate([]) == []
    assert candidate([[1, 5, 2], [0, 5], [3]]) == [2, 5, 3]
    assert candidate([[4, 4], [8, 0]]) == [4, 0]
    assert candidate([[-1, 1], [1, -1], [0, 6]]) == [1, -1, 6]


def empty_board(rows: int, columns: int) -> list[list[str]]:
    """Return a board as a list of rows. Every cell of the board is a dot.

    >>> empty_board(2, 3)
    [['.', '.', '.'], ['.', '.', '.']]
    >>> empty_board(1, 1)
    [['.']]
    """
    return [["."] * columns for _ in range(rows)]


def check_empty_board(candidate: Candidate) -> None:
    assert candidate(2, 3) == [[".", ".", "."], [".", ".", "."]]
    assert candidate(1, 1) == [["."]]
    assert candidate(0, 5) == []
    assert candidate(2, 0) == [[], []]
    assert candidate(3, 1) == [["."], ["."], ["."]]
    assert candidate(1, 4) == [[".", ".", ".", "."]]


def diagonal_total(grid: list[list[int]]) -> int:
    """The grid is square. Add the numbers on the line from the top left to the bottom right.

    >>> diagonal_total([[1, 2], [3, 4]])
    5
    >>> diagonal_total([[7]])
    7
    """
    return sum(grid[index][index] for index in range(len(grid)))


def check_diagonal_total(candidate: Candidate) -> None:
    assert candidate([[1, 2], [3, 4]]) == 5
    assert candidate([[7]]) == 7
    assert candidate([]) == 0
    assert candidate([[1, 0, 0], [0, 1, 0], [9, 0, 1]]) == 3
    assert candidate([[-5, 8], [8, 5]]) == 0
    assert candidate([[2, 9, 9], [9, 3, 9], [9, 9, 4]]) == 9


def count_empty_seats(rows: list[str]) -> int:
    """Each row of a cinema is written as text, where a dot is an empty seat.

    Return how many seats are empty in all rows together.

    >>> count_empty_seats(["#.#", "..#"])
    3
    >>> count_empty_seats(["###"])
    0
    """
    return sum(row.count(".") for row in rows)


def check_count_empty_seats(candidate: Candidate) -> None:
    assert candidate(["#.#", "..#"]) == 3
    assert candidate(["###"]) == 0
    assert candidate([]) == 0
    assert candidate(["...."]) == 4
    assert candidate(["", "."]) == 1
    assert candidate([".#", "#.", ".."]) == 4


def find_in_grid(grid: list[list[int]], wanted: int) -> tuple[int, int] | None:
    """Return the row index and the column index of the wanted number.

    If it occurs several times, return the place in the highest row, and there the one
    furthest to the left. Return None if the number is not in the grid.

    >>> find_in_grid([[1, 2], [3, 4]], 3)
    (1, 0)
    >>> find_in_grid([[1, 2], [3, 4]], 9)
    """
    for row_index, row in enumerate(grid):
        for column_index, number in enumerate(row):
            if number == wanted:
                return row_index, column_index
    return None


def check_find_in_grid(candidate: Candidate) -> None:
    assert candidate([[1, 2], [3, 4]], 3) == (1, 0)
    assert candidate([[1, 2], [3, 4]], 9) is None
    assert candidate([], 1) is None
    assert candidate([[5, 6, 6]], 6) == (0, 1)
    assert candidate([[0, 1], [1, 1]], 1) == (0, 1)
    assert candidate([[], [2]], 2) == (1, 0)


def mark_cells_above(grid: list[list[int]], limit: int) -> list[str]:
    """Return one text per row. It has a # for each number above the limit and a dot for the rest.

    >>> mark_cells_above([[1, 5], [7, 2]], 3)
    ['.#', '#.']
    >>> mark_cells_above([[4, 4]], 4)
    ['..']
    """
    return ["".join("#" if number > limit else "." for number in row) for row in grid]


def check_mark_cells_above(candidate: Candidate) -> None:
    assert candidate([[1, 5], [7, 2]], 3) == [".#", "#."]
    assert candidate([[4, 4]], 4) == [".."]
    assert candidate([], 0) == []
    assert candidate([[9]], 1) == ["#"]
    assert candidate([[1], [2, 3], []], 1) == [".", "##", ""]
    assert candidate([[-1, 0, 1]], -1) == [".##"]


def turn_grid_right(grid: list[list[int]]) -> list[list[int]]:
    """Turn the grid by a quarter to the right, so that its first column, read from the
    bottom up, becomes the first row. All rows have the same length.

    >>> turn_grid_right([[1, 2], [3, 4]])
    [[3, 1], [4, 2]]
    >>> turn_grid_right([[1, 2, 3]])
    [[1], [2], [3]]
    """
    return [list(column) for column in zip(*grid[::-1], strict=True)]


def check_turn_grid_right(candidate: Candidate) -> None:
    assert candidate([[1, 2], [3, 4]]) == [[3, 1], [4, 2]]
    assert candidate([[1, 2, 3]]) == [[1], [2], [3]]
    assert candidate([]) == []
    assert candidate([[9]]) == [[9]]
    assert candidate([[1], [2]]) == [[2, 1]]
    assert candidate([[1, 2, 3], [4, 5, 6]]) == [[4, 1], [5, 2], [6, 3]]


def robot_position(moves: str) -> tuple[int, int]:
    """A robot starts at (0, 0) and follows the moves one by one.

    U adds one to y, D takes one from y, R adds one to x and L takes one from x.
    Return the final x and y.

    >>> robot_position("UUR")
    (1, 2)
    >>> robot_position("LD")
    (-1, -1)
    """
    x = moves.count("R") - moves.count("L")
    y = moves.count("U") - moves.count("D")
    return x, y


def check_robot_position(candidate: Candidate) -> None:
    assert candidate("UUR") == (1, 2)
    assert candidate("LD") == (-1, -1)
    assert candidate("") == (0, 0)
    assert candidate("UDLR") == (0, 0)
    assert candidate("RRRL") == (2, 0)
    assert candidate("DDDD") == (0, -4)


def tic_tac_toe_row_winner(board: list[str]) -> str:
    """Each of the three rows of the board is a text of three characters.

    Return the character of the first row that consists of three equal letters.
    Return an empty string if no row does. A dot is an empty cell and never wins.

    >>> tic_tac_toe_row_winner(["XOX", "OOO", "..."])
    'O'
    >>> tic_tac_toe_row_winner(["...", "X.X", "O.O"])
    ''
    """
    for row in board:
        if row[0] != "." and row == row[0] * 3:
            return row[0]
    return ""


def check_tic_tac_toe_row_winner(candidate: Candidate) -> None:
    assert candidate(["XOX", "OOO", "..."]) == "O"
    assert candidate(["...", "X.X", "O.O"]) == ""
    assert candidate(["...", "...", "..."]) == ""
    assert candidate(["XXX", "OO.", "..."]) == "X"
    assert candidate(["XOO", "XO.", "X.."]) == ""
    assert candidate(["...", ".O.", "XXX"]) == "X"
    assert candidate(["XXO", "OXX", "OOX"]) == ""


def neighbors_with_value(grid: list[list[int]], row: int, column: int) -> int:
    """Count the cells directly above, below, left and right of the given cell that hold the
    same number as that cell. All rows have the same length.

    >>> neighbors_with_value([[1, 1], [1, 2]], 0, 0)
    2
    >>> neighbors_with_value([[1, 1], [1, 2]], 1, 1)
    0
    """
    count = 0
    for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
        inside = 0 <= r < len(grid) and 0 <= c < len(grid[0])
        if inside and grid[r][c] == grid[row][column]:
            count += 1
    return count


def check_neighbors_with_value(candidate: Candidate) -> None:
    assert candidate([[1, 1], [1, 2]], 0, 0) == 2
    assert candidate([[1, 1], [1, 2]], 1, 1) == 0
    assert candidate([[5]], 0, 0) == 0
    assert candidate([[0, 3, 0], [3, 3, 3], [0, 3, 0]], 1, 1) == 4
    assert candidate([[1, 2, 1]], 0, 0) == 0
    assert candidate([[4], [4], [4]], 1, 0) == 2
    assert candidate([[6, 6], [7, 6]], 1, 1) == 1
