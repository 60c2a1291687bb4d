"""Games, auctions and votes with rules of their own."""

from rlvf_common.starter.candidate import Candidate


def name_of_dice_hand(dice: list[int]) -> str:
    """Name what five dice show, the best of these that fits.

    "five" equal dice, "four" equal dice, a "full house" (three equal dice and two other equal
    ones), a "triple" (three equal dice), "two pairs" (of different numbers), a "pair", or
    "nothing" if all dice differ.

    >>> name_of_dice_hand([2, 5, 2, 5, 2])
    'full house'
    >>> name_of_dice_hand([6, 1, 3, 1, 4])
    'pair'
    """
    counts = sorted((dice.count(number) for number in set(dice)), reverse=True)
    if counts[0] == 5:
        return "five"
    if counts[0] == 4:
        return "four"
    if counts[0] == 3:
        return "full house" if counts[1] == 2 else "triple"
    if counts[0] == 2:
        return "two pairs" if counts[1] == 2 else "pair"
    return "nothing"


def check_name_of_dice_hand(candidate: Candidate) -> None:
    assert candidate([2, 5, 2, 5, 2]) == "full house"
    assert candidate([6, 1, 3, 1, 4]) == "pair"
    assert candidate([4, 4, 4, 4, 4]) == "five"
    assert candidate([3, 6, 3, 3, 3]) == "four"
    assert candidate([1, 2, 3, 4, 5]) == "nothing"
    assert candidate([1, 1, 6, 6, 2]) == "two pairs"
    assert candidate([5, 1, 5, 2, 5]) == "triple"
    assert candidate([2, 3, 4, 6, 1]) == "nothing"
    assert candidate([1, 6, 6, 1, 6]) == "full house"
    assert candidate([4, 3, 2, 3, 4]) == "two pairs"


def sets_won(rallies: str) -> tuple[int, int]:
    """Two teams, A and B, play volleyball. Each letter is the team that wins a rally, and a point.

    A set is won by the first team that has at least 5 points and at least two points more than
    the other team. Then both start the next set with 0 points. Return how many sets A and B
    have won. A set that is not over at the end counts for nobody.

    >>> sets_won("AAAAABBABBBB")
    (1, 1)
    >>> sets_won("ABABABABA")
    (0, 0)
    """
    sets = {"A": 0, "B": 0}
    points = {"A": 0, "B": 0}
    for team in rallies:
        other = "B" if team == "A" else "A"
        points[team] += 1
        if points[team] >= 5 and points[team] - points[other] >= 2:
            sets[team] += 1
            points = {"A": 0, "B": 0}
    return sets["A"], sets["B"]


def check_sets_won(candidate: Candidate) -> None:
    assert candidate("AAAAABBABBBB") == (1, 1)
    assert candidate("ABABABABA") == (0, 0)
    assert candidate("") == (0, 0)
    assert candidate("BBBBB") == (0, 1)
    assert candidate("AAAA") == (0, 0)
    assert candidate("AAABBBAA") == (1, 0)
    assert candidate("ABABABABAA") == (1, 0)
    assert candidate("ABABABABABBB") == (0, 1)
    assert candidate("AAAAAAAAAA") == (2, 0)
    assert candidate("BBBBBBAAAAAA") == (1, 1)
    assert candidate("AAAAAAAAA") == (1, 0)
    assert candidate("BBBBBBBBB") == (0, 1)
    assert candidate("AAAAABBBBB") == (1, 1)


def moves_without_detours(moves: str) -> str:
    """The moves are letters: N, S, E and W. North and south undo each other, and so do east and
    west.

    As long as two moves directly after each other undo each other, remove both. Return the
    moves that are left, in their order.

    >>> moves_without_detours("NES")
    'NES'
    >>> moves_without_detours("NEWSSW")
    'SW'
    """
    opposite = {"N": "S", "S": "N", "E": "W", "W": "E"}
    kept: list[str] = []
    for move in moves:
        if kept and kept[-1] == opposite[move]:
            kept.pop()
        else:
            kept.append(move)
    return "".join(kept)


def check_moves_without_detours(candidate: Candidate) -> None:
    assert candidate("NES") == "NES"
    assert candidate("NEWSSW") == "SW"
    assert candidate("") == ""
    assert candidate("NS") == ""
    assert candidate("WE") == ""
    assert candidate("EEE") == "EEE"
    assert candidate("NNSEEW") == "NE"
    assert candidate("SNS") == "S"
    assert candidate("NENWSE") == "NENWSE"
    assert candidate("EENSWWN") == "N"


def crates_after_moves(stacks: list[str], moves: list[tuple[int, int, int]]) -> list[str]:
    """Each stack of crates is a text of letters; its last letter is the crate on top.

    A move (count, source, target) lifts that many crates together from the top of one stack
    onto another stack, so that they keep their order. Stacks have the numbers 0, 1, 2 and so
    on. There are always enough crates. Return the stacks after all moves.

    >>> crates_after_moves(["ABC", "D"], [(2, 0, 1)])
    ['A', 'DBC']
    >>> crates_after_moves(["XY", ""], [(1, 0, 1), (1, 0, 1)])
    ['', 'YX']
    """
    result = list(stacks)
    for count, source, target in moves:
        cut = len(result[source]) - count
        lifted = result[source][cut:]
        result[source] = result[source][:cut]
        result[target] += lifted
    return result


def check_crates_after_moves(candidate: Candidate) -> None:
    assert candidate(["ABC", "D"], [(2, 0, 1)]) == ["A", "DBC"]
    assert candidate(["XY", ""], [(1, 0, 1), (1, 0, 1)]) == ["", "YX"]
    assert candidate([], []) == []
    assert candidate(["AB"], []) == ["AB"]
    assert candidate(["AB", "C", "D"], [(0, 0, 1), (1, 2, 0)]) == ["ABD", "C", ""]
    assert candidate(["", "PQRS"], [(4, 1, 0)]) == ["PQRS", ""]
    assert candidate(["ABC", "", ""], [(2, 0, 1), (1, 1, 2), (1, 0, 2)]) == ["", "B", "CA"]


def can_leave_depot(entered: str, leaving: str) -> bool:
    """Trams enter a depot with a single track in the order of the letters, all different.

    At any moment the tram that came last among those inside may leave, out of the same end of
    the track; then more trams may enter. Return True if the trams can leave in the given
    order, which has the same letters.

    >>> can_leave_depot("ABC", "BAC")
    True
    >>> can_leave_depot("ABC", "CAB")
    False
    """
    track: list[str] = []
    left = 0
    for tram in entered:
        track.append(tram)
        while track and track[-1] == leaving[left]:
            track.pop()
            left += 1
    return not track


def check_can_leave_depot(candidate: Candidate) -> None:
    assert candidate("ABC", "BAC") is True
    assert candidate("ABC", "CAB") is False
    assert candidate("", "") is True
    assert candidate("X", "X") is True
    assert candidate("AB", "AB") is True
    assert candidate("ABC", "CBA") is True
    assert candidate("ABCD", "BDCA") is True
    assert candidate("ABCD", "DBCA") is False
    assert candidate("ABCDE", "ACBED") is True
    assert candidate("ABCDE", "CADBE") is False
    assert candidate("ZYX", "XZY") is False
