"""Board games and toys that are played through."""

from rlvf_common.starter.candidate import Candidate


def sow_seeds(pits: list[int], start: int) -> list[int]:
    """Pits with seeds are arranged in a circle. All seeds are taken out of the start pit.

    Then they are put down one by one: the first into the next pit, the second into the one
    after that, and so on; after the last pit of the list comes the first one. If there are
    many seeds, the start pit gets some again. Return the pits afterwards.

    >>> sow_seeds([4, 0, 2], 0)
    [1, 2, 3]
    >>> sow_seeds([0, 5], 0)
    [0, 5]
    """
    result = list(pits)
    seeds = result[start]
    result[start] = 0
    for step in range(1, seeds + 1):
        result[(start + step) % len(result)] += 1
    return result


def check_sow_seeds(candidate: Candidate) -> None:
    assert candidate([4, 0, 2], 0) == [1, 2, 3]
    assert candidate([0, 5], 0) == [0, 5]
    assert candidate([1, 1, 1], 2) == [2, 1, 0]
    assert candidate([3], 0) == [3]
    assert candidate([0, 3, 0, 0, 0], 1) == [0, 0, 1, 1, 1]
    assert candidate([2, 2, 2, 2], 3) == [3, 3, 2, 0]
    assert candidate([1, 7, 0], 1) == [3, 2, 3]


def jumps_in_peg_row(row: str) -> int:
    """In a row of holes, o is a peg and a dot is an empty hole. A peg may jump over one peg
    directly beside it, to the left or to the right, into the empty hole behind that peg.

    Return how many different jumps are possible now.

    >>> jumps_in_peg_row(".oo.")
    2
    >>> jumps_in_peg_row("o.o")
    0
    """
    return sum(row[i : i + 3] in ("oo.", ".oo") for i in range(len(row)))


def check_jumps_in_peg_row(candidate: Candidate) -> None:
    assert candidate(".oo.") == 2
    assert candidate("o.o") == 0
    assert candidate("") == 0
    assert candidate("oo") == 0
    assert candidate("oo.") == 1
    assert candidate(".oo") == 1
    assert candidate("oooo") == 0
    assert candidate("oo.oo") == 2
    assert candidate(".ooo.oo.") == 4
    assert candidate("..o..") == 0


def turned_stones(row: str, place: int, stone: str) -> str:
    """In a row of a board game, x and o are the stones of two players, and a dot is empty.

    A stone is put on the empty place with the given index. To its left and to its right, all
    stones of the other player in between this stone and the nearest stone of the same kind
    are turned, but only if there is no empty place in between. Return the new row.

    >>> turned_stones(".oox", 0, "x")
    'xxxx'
    >>> turned_stones("xo.o.", 2, "x")
    'xxxo.'
    """
    result = list(row)
    result[place] = stone
    for step in (-1, 1):
        end = place + step
        while 0 <= end < len(row) and row[end] not in (".", stone):
            end += step
        if 0 <= end < len(row) and row[end] == stone:
            for turned in range(place, end, step):
                result[turned] = stone
    return "".join(result)


def check_turned_stones(candidate: Candidate) -> None:
    assert candidate(".oox", 0, "x") == "xxxx"
    assert candidate("xo.o.", 2, "x") == "xxxo."
    assert candidate(".", 0, "o") == "o"
    assert candidate("o.x", 1, "x") == "oxx"
    assert candidate(".oo", 0, "x") == "xoo"
    assert candidate("oxx.xo", 3, "o") == "oooooo"
    assert candidate("oo.", 2, "x") == "oox"
    assert candidate("x.oo.x", 1, "x") == "xxoo.x"
    assert candidate("xo.ox", 2, "o") == "xooox"
    assert candidate("ox.", 2, "o") == "ooo"
    assert candidate("xoox.o", 4, "x") == "xooxxo"


def exit_of_marble(rows: list[str], column: int) -> int:
    """A marble falls through a toy from top to bottom, starting in the column with the given index.

    Each text is a row. A / moves the marble one column to the left and a > one column to the
    right while it passes the row; a dot lets it fall straight. A marble that is moved out of
    the toy at a side is lost. Return the column in which it leaves the last row, or -1 if it
    is lost. All rows are equally long.

    >>> exit_of_marble([".>.", "../"], 1)
    1
    >>> exit_of_marble(["/.."], 0)
    -1
    """
    for row in rows:
        if row[column] == "/":
            column -= 1
        elif row[column] == ">":
            column += 1
        if column < 0 or column >= len(row):
            return -1
    return column


def check_exit_of_marble(candidate: Candidate) -> None:
    assert candidate([".>.", "../"], 1) == 1
    assert candidate(["/.."], 0) == -1
    assert candidate([], 2) == 2
    assert candidate(["..>"], 2) == -1
    assert candidate(["...", "..."], 1) == 1
    assert candidate([">..", ".>.", "..."], 0) == 2
    assert candidate(["../", "./.", "..."], 2) == 0
    assert candidate(["/>", "./"], 1) == -1
    assert candidate([">/", ".."], 0) == 1
    assert candidate(["/", "."], 0) == -1
    assert candidate(["/.", ".>"], 0) == -1
    assert candidate([".", ">"], 0) == -1


def songs_as_played(songs: list[str]) -> list[str]:
    """Each song is written as artist, colon and title; a title may have further colons. A radio
    plays the songs in the given order.

    But it never plays an artist twice in a row: a song by the artist who was played last is put
    aside. The songs put aside follow after all others, in their order, and there it does not
    matter any more who sings. Return the songs as they are played.

    >>> songs_as_played(["A:one", "A:two", "B:three"])
    ['A:one', 'B:three', 'A:two']
    >>> songs_as_played(["A:one", "B:two", "A:three"])
    ['A:one', 'B:two', 'A:three']
    """
    played: list[str] = []
    aside: list[str] = []
    last = ""
    for song in songs:
        artist = song.partition(":")[0]
        if artist == last:
            aside.append(song)
        else:
            played.append(song)
            last = artist
    return played + aside


def check_songs_as_played(candidate: Candidate) -> None:
    assert candidate(["A:one", "A:two", "B:three"]) == ["A:one", "B:three", "A:two"]
    assert candidate(["A:one", "B:two", "A:three"]) == ["A:one", "B:two", "A:three"]
    assert candidate([]) == []
    assert candidate(["X:1", "X:2", "X:3"]) == ["X:1", "X:2", "X:3"]
    assert candidate(["A:1", "A:2", "A:3", "B:4"]) == ["A:1", "B:4", "A:2", "A:3"]
    assert candidate(["A:1", "A:2", "B:3", "B:4", "A:5"]) == ["A:1", "B:3", "A:5", "A:2", "B:4"]
    assert candidate(["Al:x", "Ali:x", "B:y"]) == ["Al:x", "Ali:x", "B:y"]
    assert candidate(["A:b:c", "A:d:e", "B:f"]) == ["A:b:c", "B:f", "A:d:e"]


def room_after_walk(exits: dict[str, dict[str, str]], start: str, ways: list[str]) -> str:
    """A house is described by the exits of its rooms: for each room, which way leads to which room.

    Somebody begins in the start room and tries the ways one after another. A way that the room
    does not have changes nothing. Return the room at the end.

    >>> room_after_walk({"hall": {"east": "attic"}, "attic": {}}, "hall", ["east", "east"])
    'attic'
    >>> room_after_walk({"hall": {}}, "hall", ["up"])
    'hall'
    """
    room = start
    for way in ways:
        room = exits.get(room, {}).get(way, room)
    return room


def check_room_after_walk(candidate: Candidate) -> None:
    assert candidate({"hall": {"east": "attic"}, "attic": {}}, "hall", ["east", "east"]) == "attic"
    assert candidate({"hall": {}}, "hall", ["up"]) == "hall"
    assert candidate({"a": {"n": "b"}}, "a", []) == "a"
    assert candidate({"a": {"n": "b"}, "b": {"n": "c", "s": "a"}}, "a", ["n", "n"]) == "c"
    assert candidate({"a": {"n": "b"}, "b": {"n": "c", "s": "a"}}, "a", ["n", "s"]) == "a"
    assert candidate({"a": {"n": "b"}, "b": {"n": "c", "s": "a"}}, "a", ["s", "n", "w"]) == "b"
    assert candidate({"x": {"up": "x", "in": "y"}, "y": {"up": "z"}}, "x", ["up", "in"]) == "y"
