"""Walks on a grid and things that change step by step."""

from rlvf_common.starter.candidate import Candidate


def steps_home(moves: str) -> int:
    """Return how many steps it takes to come back to the start after some moves on a grid.

    Moves are "N", "S", "E" and "W"; every step goes to one of the four neighboring fields.

    >>> steps_home("NNEW")
    2
    """
    return abs(moves.count("N") - moves.count("S")) + abs(moves.count("E") - moves.count("W"))


def check_steps_home(candidate: Candidate) -> None:
    assert candidate("NNEW") == 2
    assert candidate("") == 0
    assert candidate("NESW") == 0
    assert candidate("SSS") == 3
    assert candidate("WWWE") == 2
    assert candidate("NNEE") == 4
    assert candidate("SSWWN") == 3


def turtle_end(commands: str) -> tuple[int, int]:
    """Return where a turtle ends that begins at (0, 0) and looks up.

    "F" is a step forward, "B" a step backward, "L" a turn to the left and "R" a turn to the right,
    both by 90 degrees. The first number grows to the right, the second one upward.

    >>> turtle_end("FRFF")
    (2, 1)
    """
    x, y = 0, 0
    dx, dy = 0, 1
    for command in commands:
        if command == "L":
            dx, dy = -dy, dx
        elif command == "R":
            dx, dy = dy, -dx
        else:
            sign = 1 if command == "F" else -1
            x += sign * dx
            y += sign * dy
    return x, y


def check_turtle_end(candidate: Candidate) -> None:
    assert candidate("FRFF") == (2, 1)
    assert candidate("") == (0, 0)
    assert candidate("B") == (0, -1)
    assert candidate("LF") == (-1, 0)
    assert candidate("RB") == (-1, 0)
    assert candidate("RRF") == (0, -1)
    assert candidate("LLLF") == (1, 0)
    assert candidate("FLFLFLF") == (0, 0)
    assert candidate("FFRFFRF") == (2, 1)


def treasure_walk(grid: list[str], moves: str) -> int:
    """Return how many treasures are collected on a walk through a cave.

    The walk begins in the upper left corner; "*" is a treasure, "#" a rock and "." empty. Moves are
    "U", "D", "L" and "R". A move into a rock or out of the cave is not made. Each treasure can be
    collected once, also one on the first field.

    >>> treasure_walk([".*", "#*"], "RDLL")
    2
    """
    row = column = 0
    collected = {(0, 0)} if grid[0][0] == "*" else set()
    steps = {"U": (-1, 0), "D": (1, 0), "L": (0, -1), "R": (0, 1)}
    for move in moves:
        new_row = row + steps[move][0]
        new_column = column + steps[move][1]
        if not (0 <= new_row < len(grid) and 0 <= new_column < len(grid[0])):
            continue
        if grid[new_row][new_column] == "#":
            continue
        row, column = new_row, new_column
        if grid[row][column] == "*":
            collected.add((row, column))
    return len(collected)


def check_treasure_walk(candidate: Candidate) -> None:
    assert candidate([".*", "#*"], "RDLL") == 2
    assert candidate(["*"], "") == 1
    assert candidate(["**"], "R") == 2
    assert candidate([".*"], "L") == 0
    assert candidate([".", "*"], "U") == 0
    assert candidate(["...", ".*.", "*.."], "DDUR") == 2
    assert candidate([".**", ".**", "..."], "DDUU") == 0
    assert candidate(["....", "..*."], "RRRDL") == 1
    assert candidate(["."], "UDLR") == 0
    assert candidate(["**"], "RLR") == 2
    assert candidate([".#*"], "RR") == 0
    assert candidate([".", "*"], "LDDD") == 1
    assert candidate(["..*", "...", "*.*"], "RRDDLL") == 3
    assert candidate([".*."], "LLR") == 1
    assert candidate([".", "*", "."], "DDUU") == 1
    assert candidate(["*.", ".*"], "UURD") == 2


def falling_sand(grid: list[str]) -> list[str]:
    """Let the sand "o" in each column fall down as far as it can.

    Stones "#" stay where they are and stop the sand above them; "." is empty. All rows have the
    same length.

    >>> falling_sand(["oo", ".#", ".."])
    ['.o', '.#', 'o.']
    """
    columns = []
    for column in zip(*grid, strict=True):
        parts = "".join(column).split("#")
        fallen = ["." * part.count(".") + "o" * part.count("o") for part in parts]
        columns.append("#".join(fallen))
    return ["".join(row) for row in zip(*columns, strict=True)]


def check_falling_sand(candidate: Candidate) -> None:
    assert candidate(["oo", ".#", ".."]) == [".o", ".#", "o."]
    assert candidate([]) == []
    assert candidate(["o#."]) == ["o#."]
    assert candidate(["o", "."]) == [".", "o"]
    assert candidate(["o", "o", ".", "."]) == [".", ".", "o", "o"]
    assert candidate([".", "#", "o", ".", "#"]) == [".", "#", ".", "o", "#"]
    assert candidate(["o.", "#o", "o.", ".."]) == ["o.", "#.", "..", "oo"]


def lamp_row(lamps: str, presses: list[int]) -> str:
    """Return a row of lamps after some switches were pressed.

    "1" is on and "0" is off. Pressing the switch of a lamp changes this lamp and its direct
    neighbors. Lamps are counted from 0; presses outside of the row do nothing.

    >>> lamp_row("0000", [1])
    '1110'
    """
    states = [lamp == "1" for lamp in lamps]
    for press in presses:
        if not 0 <= press < len(states):
            continue
        for place in range(max(press - 1, 0), min(press + 2, len(states))):
            states[place] = not states[place]
    return "".join("1" if state else "0" for state in states)


def check_lamp_row(candidate: Candidate) -> None:
    assert candidate("0000", [1]) == "1110"
    assert candidate("", [0]) == ""
    assert candidate("1", [0]) == "0"
    assert candidate("0000", [0]) == "1100"
    assert candidate("0000", [3]) == "0011"
    assert candidate("0000", [4]) == "0000"
    assert candidate("0000", [-1]) == "0000"
    assert candidate("10101", [2, 2]) == "10101"
    assert candidate("10101", [1, 3]) == "01110"
    assert candidate("00000", [2, 3]) == "01001"


def moss_days(row: str) -> int:
    """Moss "m" spreads in a row. Return after how many days it does not spread any further.

    Every day each empty field "." next to moss becomes moss, all at the same time. Stones "#" stop
    it.

    >>> moss_days("m..#..")
    2
    """
    days = 0
    while ".m" in row or "m." in row:
        neighbors = "#" + row + "#"
        row = "".join(
            "m" if sign == "." and "m" in (neighbors[place], neighbors[place + 2]) else sign
            for place, sign in enumerate(row)
        )
        days += 1
    return days


def check_moss_days(candidate: Candidate) -> None:
    assert candidate("m..#..") == 2
    assert candidate("") == 0
    assert candidate("....") == 0
    assert candidate("m") == 0
    assert candidate("m.....") == 5
    assert candidate("m...m") == 2
    assert candidate("..m...") == 3
    assert candidate("#m#") == 0
    assert candidate("...m#m.") == 3
    assert candidate("m.m#..") == 1
    assert candidate("m....m") == 2


def puddle_water(heights: list[int]) -> list[int]:
    """Rain fills the dips between the columns of a landscape. Return the water above each column.

    Water stands as high as the lower one of the highest columns on its two sides; where the column
    itself is at least as high, there is none. It flows off at both ends.

    >>> puddle_water([3, 1, 2])
    [0, 1, 0]
    """
    water = []
    for place, height in enumerate(heights):
        level = min(max(heights[: place + 1]), max(heights[place:]))
        water.append(level - height)
    return water


def check_puddle_water(candidate: Candidate) -> None:
    assert candidate([3, 1, 2]) == [0, 1, 0]
    assert candidate([]) == []
    assert candidate([5]) == [0]
    assert candidate([1, 2, 3]) == [0, 0, 0]
    assert candidate([3, 0, 0, 3]) == [0, 3, 3, 0]
    assert candidate([2, 0, 1, 0, 4]) == [0, 2, 1, 2, 0]
    assert candidate([4, 1, 3, 1, 2]) == [0, 2, 0, 1, 0]
    assert candidate([0, 1, 0]) == [0, 0, 0]


def snake_length(moves: str, apples: list[int]) -> int:
    """A snake crawls along a line. Return its length at the end.

    It begins at place 0 with length 1. "r" moves it one place to the right, "l" one to the left.
    Whenever its head comes to a place with an apple, it eats one and grows by 1; several apples may
    lie on one place, and each visit eats one of them. An apple on place 0 is not eaten at the
    beginning, only when the snake comes back.

    >>> snake_length("rrl", [2, 1, 1])
    4
    """
    left = list(apples)
    place = 0
    length = 1
    for move in moves:
        place += 1 if move == "r" else -1
        if place in left:
            left.remove(place)
            length += 1
    return length


def check_snake_length(candidate: Candidate) -> None:
    assert candidate("rrl", [2, 1, 1]) == 4
    assert candidate("", [0]) == 1
    assert candidate("r", []) == 1
    assert candidate("rl", [0]) == 2
    assert candidate("lll", [-3, 3]) == 2
    assert candidate("rlrl", [1]) == 2
    assert candidate("rlrl", [1, 1, 1]) == 3
    apples = [1]
    assert candidate("r", apples) == 2
    assert apples == [1]


def view_from_left(heights: list[list[int]]) -> int:
    """Count the houses that can be seen from the left side of a town.

    Each row of the grid is a street with the heights of its houses from left to right. A house can
    be seen if all houses in front of it in its street are lower. A height of 0 is a free place and
    is never counted.

    >>> view_from_left([[1, 2, 2], [3, 1, 4]])
    4
    """
    seen = 0
    for street in heights:
        tallest = 0
        for height in street:
            if height > tallest:
                seen += 1
                tallest = height
    return seen


def check_view_from_left(candidate: Candidate) -> None:
    assert candidate([[1, 2, 2], [3, 1, 4]]) == 4
    assert candidate([]) == 0
    assert candidate([[]]) == 0
    assert candidate([[0, 0]]) == 0
    assert candidate([[0, 1]]) == 1
    assert candidate([[5, 4, 3]]) == 1
    assert candidate([[1, 2, 3]]) == 3
    assert candidate([[2, 2], [1, 1], [0, 3]]) == 3


def ship_hits(grid: list[str], shots: list[tuple[int, int]]) -> list[str]:
    """Return the answer to each shot in a game of ships: "water", "hit" or "sunk".

    Ships lie in rows; a ship is a longest run of "s" in one row. A shot is (row, column). "sunk"
    answers the shot that hits the last field of a ship not hit before. A shot at a field that was
    shot at before is answered with "water", and so is one beside the grid.

    >>> ship_hits(["ss.s"], [(0, 0), (0, 2), (0, 1), (0, 3)])
    ['hit', 'water', 'sunk', 'sunk']
    """
    fields = [list(row) for row in grid]
    answers = []
    for row, column in shots:
        inside = 0 <= row < len(fields) and 0 <= column < len(fields[row])
        if not inside or fields[row][column] != "s":
            answers.append("water")
            continue
        fields[row][column] = "x"
        end = start = column
        while start > 0 and fields[row][start - 1] in "sx":
            start -= 1
        while end < len(fields[row]) and fields[row][end] in "sx":
            end += 1
        answers.append("hit" if "s" in fields[row][start:end] else "sunk")
    return answers


def check_ship_hits(candidate: Candidate) -> None:
    assert candidate(["ss.s"], [(0, 0), (0, 2), (0, 1), (0, 3)]) == [
        "hit",
        "water",
        "sunk",
        "sunk",
    ]
    assert candidate(["s"], []) == []
    assert candidate(["s"], [(0, 0), (0, 0)]) == ["sunk", "water"]
    assert candidate(["s"], [(0, -1), (-1, 0), (1, 0), (0, 1)]) == ["water"] * 4
    assert candidate(["s", "s"], [(1, 0), (0, 0)]) == ["sunk", "sunk"]
    assert candidate(["sss"], [(0, 1), (0, 0), (0, 2)]) == ["hit", "hit", "sunk"]
    assert candidate([".ss.ss"], [(0, 2), (0, 4), (0, 5)]) == ["hit", "hit", "sunk"]
    assert candidate(["ssss"], [(0, 3), (0, 2), (0, 1), (0, 0)]) == ["hit", "hit", "hit", "sunk"]
    assert candidate(["ss", "ss"], [(0, 0), (1, 1), (1, 0)]) == ["hit", "hit", "sunk"]
    grid = ["ss"]
    assert candidate(grid, [(0, 0)]) == ["hit"]
