"""Cards, dice, boards and machines."""

from rlvf_common.starter.candidate import Candidate


def card_beats(first: str, second: str, trump: str) -> bool:
    """A card is a suit, one of the letters A, B, C and D, and a rank from 2 to 14, such as B11.

    Of two cards of the same suit, the one with the higher rank beats the other. A card of the
    trump suit beats every card of another suit. In all other cases the first card beats
    nothing. Return True if the first card beats the second one.

    >>> card_beats("B11", "B9", "D")
    True
    >>> card_beats("A14", "D2", "D")
    False
    """
    if first[0] == second[0]:
        return int(first[1:]) > int(second[1:])
    return first[0] == trump


def check_card_beats(candidate: Candidate) -> None:
    assert candidate("B11", "B9", "D") is True
    assert candidate("A14", "D2", "D") is False
    assert candidate("D2", "A14", "D") is True
    assert candidate("C5", "C5", "A") is False
    assert candidate("B3", "B12", "A") is False
    assert candidate("B14", "C3", "A") is False
    assert candidate("C10", "C2", "C") is True
    assert candidate("C7", "C13", "C") is False
    assert candidate("A6", "B5", "B") is False


def piles_after_war(first: list[int], second: list[int], rounds: int) -> tuple[int, int]:
    """Two players have piles of cards; the top card of a pile is the first one in its list.

    In each round both turn over their top card. Whoever has the higher card puts both cards
    under the own pile, the higher one first. Equal cards are put aside for good. The game
    ends after the given rounds, or earlier if a pile is empty. Return the sizes of the piles.

    >>> piles_after_war([5, 2], [3, 2], 2)
    (2, 0)
    >>> piles_after_war([1], [9], 10)
    (0, 2)
    """
    mine, other = list(first), list(second)
    for _ in range(rounds):
        if not mine or not other:
            break
        a, b = mine.pop(0), other.pop(0)
        if a > b:
            mine += [a, b]
        elif b > a:
            other += [b, a]
    return len(mine), len(other)


def check_piles_after_war(candidate: Candidate) -> None:
    assert candidate([5, 2], [3, 2], 2) == (2, 0)
    assert candidate([1], [9], 10) == (0, 2)
    assert candidate([], [4, 4], 3) == (0, 2)
    assert candidate([7], [7], 1) == (0, 0)
    assert candidate([4], [], 2) == (1, 0)
    assert candidate([6, 1], [2, 8], 0) == (2, 2)
    assert candidate([6, 1], [2, 8], 1) == (3, 1)
    assert candidate([6, 1], [2, 8], 2) == (2, 2)
    assert candidate([6, 1], [2, 8], 3) == (1, 3)
    assert candidate([4, 9, 2], [3, 5, 6], 3) == (4, 2)
    assert candidate([9, 1, 1], [2, 2, 2], 5) == (4, 2)


def score_of_dice_turn(rolls: list[int]) -> int:
    """In this game of dice, a turn is worth the sum of its rolls, but a 1 makes it worth nothing.

    Two equal rolls directly after each other end the turn: later rolls no longer count, not
    even a 1. Both of the equal rolls are still part of the sum.

    >>> score_of_dice_turn([4, 6, 3])
    13
    >>> score_of_dice_turn([5, 5, 1])
    10
    """
    total = 0
    for place, roll in enumerate(rolls):
        if roll == 1:
            return 0
        total += roll
        if place > 0 and rolls[place - 1] == roll:
            break
    return total


def check_score_of_dice_turn(candidate: Candidate) -> None:
    assert candidate([4, 6, 3]) == 13
    assert candidate([5, 5, 1]) == 10
    assert candidate([]) == 0
    assert candidate([1]) == 0
    assert candidate([6, 2, 1, 4]) == 0
    assert candidate([2, 3, 2, 3]) == 10
    assert candidate([2, 6, 6, 6, 4]) == 14
    assert candidate([1, 1, 5]) == 0
    assert candidate([3, 4, 3]) == 10
    assert candidate([5, 5, 5]) == 10


def drop_piece(board: list[str], column: int, piece: str) -> list[str]:
    """A board stands upright. Each text is a row, the top row first; a dot is an empty cell.

    No empty cell is below a piece. Drop a piece into the column with the given index: it falls
    to the lowest empty cell of the column. Return the new board. If the column has no empty
    cell, the board stays as it is.

    >>> drop_piece(["...", "..X"], 2, "O")
    ['..O', '..X']
    >>> drop_piece(["...", "..X"], 0, "O")
    ['...', 'O.X']
    """
    free = [row for row in range(len(board)) if board[row][column] == "."]
    result = list(board)
    if free:
        line = board[free[-1]]
        result[free[-1]] = line[:column] + piece + line[column + 1 :]
    return result


def check_drop_piece(candidate: Candidate) -> None:
    assert candidate(["...", "..X"], 2, "O") == ["..O", "..X"]
    assert candidate(["...", "..X"], 0, "O") == ["...", "O.X"]
    assert candidate(["X.", "OX"], 0, "X") == ["X.", "OX"]
    assert candidate(["."], 0, "X") == ["X"]
    assert candidate(["..", "..", ".."], 1, "X") == ["..", "..", ".X"]
    assert candidate(["...", "...", "XOX"], 1, "X") == ["...", ".X.", "XOX"]
    assert candidate(["O", "X"], 0, "O") == ["O", "X"]


def next_row_of_cells(row: str) -> str:
    """Each character of the row is a living cell, #, or a dead cell, a dot.

    In the next row a cell lives exactly if one of its two neighbors, left and right, lives
    now and the other one does not. Cells outside the row count as dead. Return the next row.

    >>> next_row_of_cells("..#..")
    '.#.#.'
    >>> next_row_of_cells("##.")
    '###'
    """
    wide = "." + row + "."
    return "".join("#" if wide[i] != wide[i + 2] else "." for i in range(len(row)))


def check_next_row_of_cells(candidate: Candidate) -> None:
    assert candidate("..#..") == ".#.#."
    assert candidate("##.") == "###"
    assert candidate("") == ""
    assert candidate("#") == "."
    assert candidate("...") == "..."
    assert candidate("#.#") == "..."
    assert candidate("#...") == ".#.."
    assert candidate("###") == "#.#"
    assert candidate("#..#.") == ".##.#"


def marks_for_guess(secret: str, guess: str) -> tuple[int, int]:
    """Both words are equally long. Compare the guess with the secret word.

    Return two numbers: first how many letters of the guess stand in the right place, then how
    many of its other letters are in the secret word, but elsewhere. No letter of the secret
    word is used twice: it is counted for one letter of the guess only.

    >>> marks_for_guess("plate", "petal")
    (1, 4)
    >>> marks_for_guess("abc", "aaa")
    (1, 0)
    """
    exact = sum(a == b for a, b in zip(secret, guess, strict=True))
    shared = sum(min(secret.count(char), guess.count(char)) for char in set(guess))
    return exact, shared - exact


def check_marks_for_guess(candidate: Candidate) -> None:
    assert candidate("plate", "petal") == (1, 4)
    assert candidate("abc", "aaa") == (1, 0)
    assert candidate("", "") == (0, 0)
    assert candidate("abcd", "dcba") == (0, 4)
    assert candidate("abcd", "efgh") == (0, 0)
    assert candidate("aabb", "bbaa") == (0, 4)
    assert candidate("aabb", "abbb") == (3, 0)
    assert candidate("same", "same") == (4, 0)
    assert candidate("abca", "xaax") == (0, 2)
