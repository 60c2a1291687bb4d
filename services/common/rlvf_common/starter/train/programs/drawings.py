"""Programs that draw with characters."""

import sys

from rlvf_common.starter.candidate import Program


def line_of_dashes() -> None:
    """Read a whole number that is not negative. Print one line of so many dashes.

    Example input:
        5
    Example output:
        -----
    """
    print("-" * int(input()))


def check_line_of_dashes(program: Program) -> None:
    assert program("5\n") == "-----\n"
    assert program("1\n") == "-\n"
    assert program("0\n") == "\n"
    assert program("2\n") == "--\n"
    assert program("8\n") == "--------\n"
    assert program("12\n") == "------------\n"


def staircase_right() -> None:
    """Read a whole number n. Print n lines: the first has n - 1 spaces and one `#`, the second n -
    2 spaces and two `#`, and so on; the last has no space and n times `#`.

    Example input:
        3
    Example output:
          #
         ##
        ###
    """
    n = int(input())
    for row in range(1, n + 1):
        print(" " * (n - row) + "#" * row)


def check_staircase_right(program: Program) -> None:
    assert program("3\n") == "  #\n ##\n###\n"
    assert program("1\n") == "#\n"
    assert program("0\n") == ""
    assert program("2\n") == " #\n##\n"
    assert program("4\n") == "   #\n  ##\n ###\n####\n"
    assert program("5\n") == "    #\n   ##\n  ###\n ####\n#####\n"


def chess_board() -> None:
    """Read two whole numbers on one line: how many rows and how many columns. Draw a board.

    Its fields are `#` and `.`, and no two neighbors in a row or in a column are the same. The field
    at the top left is `#`.

    Example input:
        2 5
    Example output:
        #.#.#
        .#.#.
    """
    rows, columns = map(int, input().split())
    for row in range(rows):
        print("".join("#" if (row + column) % 2 == 0 else "." for column in range(columns)))


def check_chess_board(program: Program) -> None:
    assert program("2 5\n") == "#.#.#\n.#.#.\n"
    assert program("1 1\n") == "#\n"
    assert program("1 4\n") == "#.#.\n"
    assert program("3 1\n") == "#\n.\n#\n"
    assert program("3 3\n") == "#.#\n.#.\n#.#\n"
    assert program("4 2\n") == "#.\n.#\n#.\n.#\n"


def framed_text() -> None:
    """Read a line of text. Print it in a frame of stars, with a space on either side, as shown.

    Example input:
        Hi you
    Example output:
        **********
        * Hi you *
        **********
    """
    text = input()
    edge = "*" * (len(text) + 4)
    print(edge)
    print(f"* {text} *")
    print(edge)


def check_framed_text(program: Program) -> None:
    assert program("Hi you\n") == "**********\n* Hi you *\n**********\n"
    assert program("a\n") == "*****\n* a *\n*****\n"
    assert program("12\n") == "******\n* 12 *\n******\n"
    assert program("*\n") == "*****\n* * *\n*****\n"
    assert program("a b c\n") == "*********\n* a b c *\n*********\n"
    assert program("frame\n") == "*********\n* frame *\n*********\n"


def hollow_box() -> None:
    """Read a width and a height on one line, both at least 2. Draw a box of that size with `+` in
    the corners, `-` along the top and the bottom, `|` along the sides, and spaces inside.

    Example input:
        5 3
    Example output:
        +---+
        |   |
        +---+
    """
    width, height = map(int, input().split())
    edge = "+" + "-" * (width - 2) + "+"
    print(edge)
    for _ in range(height - 2):
        print("|" + " " * (width - 2) + "|")
    print(edge)


def check_hollow_box(program: Program) -> None:
    assert program("5 3\n") == "+---+\n|   |\n+---+\n"
    assert program("2 2\n") == "++\n++\n"
    assert program("4 2\n") == "+--+\n+--+\n"
    assert program("2 4\n") == "++\n||\n||\n++\n"
    assert program("3 3\n") == "+-+\n| |\n+-+\n"
    assert program("6 5\n") == "+----+\n|    |\n|    |\n|    |\n+----+\n"


def standing_bars() -> None:
    """Read one line with whole numbers, none negative and at least one greater than zero. Draw them
    as bars that stand side by side.

    There are as many lines as the largest number. Each number has one column: a `#` in as many of
    the lowest lines as the number says, and a `.` in the lines above.

    Example input:
        1 3 2
    Example output:
        .#.
        .##
        ###
    """
    numbers = [int(word) for word in input().split()]
    for level in range(max(numbers), 0, -1):
        print("".join("#" if number >= level else "." for number in numbers))


def check_standing_bars(program: Program) -> None:
    assert program("1 3 2\n") == ".#.\n.##\n###\n"
    assert program("1\n") == "#\n"
    assert program("3\n") == "#\n#\n#\n"
    assert program("0 1 0\n") == ".#.\n"
    assert program("2 2\n") == "##\n##\n"
    assert program("4 0 1 2\n") == "#...\n#...\n#..#\n#.##\n"


def picture_mirrored() -> None:
    """The input is a picture: lines of characters without spaces, not all equally long.

    Print it mirrored from left to right. First fill all lines up with dots on the right, to the
    length of the longest line. There is at least one line.

    Example input:
        /_
        a--b
    Example output:
        .._/
        b--a
    """
    lines = sys.stdin.read().split()
    width = max(map(len, lines))
    for line in lines:
        print(line.ljust(width, ".")[::-1])


def check_picture_mirrored(program: Program) -> None:
    assert program("/_\na--b\n") == ".._/\nb--a\n"
    assert program("abc\n") == "cba\n"
    assert program("a\n") == "a\n"
    assert program("a\nbb\nccc\n") == "..a\n.bb\nccc\n"
    assert program("12345\n1\n") == "54321\n....1\n"
    assert program("xo\nox\n") == "ox\nxo\n"
