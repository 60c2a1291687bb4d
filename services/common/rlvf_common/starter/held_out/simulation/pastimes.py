"""What people do in their free time, with a little counting."""

from rlvf_common.starter.candidate import Candidate


def lighthouses_flashing(second: int, periods: list[int]) -> int:
    """All lighthouses flash at second 0. Then each one flashes again after its period, and again
    after the same time, and so on.

    The list has the period of each lighthouse in seconds, at least 1. Return how many of them
    flash at the given second.

    >>> lighthouses_flashing(12, [3, 5, 6])
    2
    >>> lighthouses_flashing(0, [4, 9])
    2
    """
    return sum(second % period == 0 for period in periods)


def check_lighthouses_flashing(candidate: Candidate) -> None:
    assert candidate(12, [3, 5, 6]) == 2
    assert candidate(0, [4, 9]) == 2
    assert candidate(7, []) == 0
    assert candidate(7, [1, 7, 14]) == 2
    assert candidate(3, [6, 9]) == 0
    assert candidate(10, [5, 5, 4]) == 2
    assert candidate(1, [1]) == 1


def jars_of_honey(kilograms: list[int], grams: int) -> int:
    """A beekeeper puts the honey of all hives together. The list has the kilograms of each hive.

    The honey is filled into jars that hold the given number of grams. Return how many jars
    become full.

    >>> jars_of_honey([3, 2], 400)
    12
    >>> jars_of_honey([1], 1001)
    0
    """
    return sum(kilograms) * 1000 // grams


def check_jars_of_honey(candidate: Candidate) -> None:
    assert candidate([3, 2], 400) == 12
    assert candidate([1], 1001) == 0
    assert candidate([], 500) == 0
    assert candidate([1], 1000) == 1
    assert candidate([1, 1], 1500) == 1
    assert candidate([7], 250) == 28
    assert candidate([0, 5, 4], 700) == 12


def points_of_arrow(millimeters: int, ring: int) -> int:
    """An arrow hits a target at the given distance from its center, in millimeters.

    The target has ten rings, each as wide as ring. The innermost is worth 10 points, the next
    one 9 and so on, down to 1. On the line between two rings the outer one counts. Outside of
    all rings there are no points.

    >>> points_of_arrow(25, 20)
    9
    >>> points_of_arrow(20, 20)
    9
    """
    return max(10 - millimeters // ring, 0)


def check_points_of_arrow(candidate: Candidate) -> None:
    assert candidate(25, 20) == 9
    assert candidate(20, 20) == 9
    assert candidate(0, 20) == 10
    assert candidate(19, 20) == 10
    assert candidate(199, 20) == 1
    assert candidate(200, 20) == 0
    assert candidate(500, 20) == 0
    assert candidate(35, 10) == 7


def customers_before(now: int, yours: int) -> int:
    """At a bakery, customers draw a number from 1 to 99; after 99 comes 1 again.

    The number now is the one that is being served, and yours is your own number, drawn later
    or now being served itself. Return how many customers are served after the present one and
    before you. Return 0 if you are being served.

    >>> customers_before(41, 44)
    2
    >>> customers_before(98, 1)
    1
    """
    return max((yours - now) % 99 - 1, 0)


def check_customers_before(candidate: Candidate) -> None:
    assert candidate(41, 44) == 2
    assert candidate(98, 1) == 1
    assert candidate(7, 7) == 0
    assert candidate(7, 8) == 0
    assert candidate(99, 1) == 0
    assert candidate(1, 99) == 97
    assert candidate(90, 10) == 18
    assert candidate(10, 12) == 1


def edge_pieces_of_jigsaw(rows: int, columns: int) -> int:
    """A jigsaw puzzle has rows times columns pieces, at least one of each.

    Return how many of the pieces lie on the edge of the finished picture.

    >>> edge_pieces_of_jigsaw(3, 4)
    10
    >>> edge_pieces_of_jigsaw(1, 5)
    5
    """
    return rows * columns - max(rows - 2, 0) * max(columns - 2, 0)


def check_edge_pieces_of_jigsaw(candidate: Candidate) -> None:
    assert candidate(3, 4) == 10
    assert candidate(1, 5) == 5
    assert candidate(1, 1) == 1
    assert candidate(2, 2) == 4
    assert candidate(2, 6) == 12
    assert candidate(6, 1) == 6
    assert candidate(3, 3) == 8
    assert candidate(20, 25) == 86


def pages_after_days(per_day: int, days: int) -> int:
    """Somebody reads the same number of pages every day, but nothing on every seventh day.

    Return how many pages have been read after the given number of days. The first day is a
    reading day, and so are the five days after it.

    >>> pages_after_days(10, 8)
    70
    >>> pages_after_days(3, 6)
    18
    """
    return per_day * (days - days // 7)


def check_pages_after_days(candidate: Candidate) -> None:
    assert candidate(10, 8) == 70
    assert candidate(3, 6) == 18
    assert candidate(3, 7) == 18
    assert candidate(5, 0) == 0
    assert candidate(0, 9) == 0
    assert candidate(1, 14) == 12
    assert candidate(2, 100) == 172


def tallest_truck(routes: list[list[int]]) -> int:
    """Every route is a list of the heights of its bridges, in centimeters, at least one of them.

    A truck must be lower than all bridges of a route to drive under them, by at least 10
    centimeters. It may choose the route. Return the height of the tallest truck that gets
    through. There is at least one route.

    >>> tallest_truck([[400, 350], [380, 370]])
    360
    >>> tallest_truck([[300]])
    290
    """
    return max(min(bridges) for bridges in routes) - 10


def check_tallest_truck(candidate: Candidate) -> None:
    assert candidate([[400, 350], [380, 370]]) == 360
    assert candidate([[300]]) == 290
    assert candidate([[500, 100], [200, 600]]) == 190
    assert candidate([[250, 250], [250]]) == 240
    assert candidate([[410, 420, 430], [411], [500, 409]]) == 401
    assert candidate([[900, 10]]) == 0


def is_lucky_ticket(number: str) -> bool:
    """A tram ticket has a number with an even count of digits, at least two.

    The ticket is lucky if the digits of the first half have the same sum as those of the
    second half.

    >>> is_lucky_ticket("402231")
    True
    >>> is_lucky_ticket("1010")
    True
    """
    half = len(number) // 2
    return sum(map(int, number[:half])) == sum(map(int, number[half:]))


def check_is_lucky_ticket(candidate: Candidate) -> None:
    assert candidate("402231") is True
    assert candidate("1010") is True
    assert candidate("11") is True
    assert candidate("12") is False
    assert candidate("000000") is True
    assert candidate("123322") is False
    assert candidate("9018") is True
    assert candidate("9017") is False
    assert candidate("100200") is False


def choir_rows(heights: list[int], per_row: int) -> list[list[int]]:
    """A choir stands in rows, the shortest singers in front. The first row of the result is the
    one in front.

    Every row has per_row singers, at least one, except maybe the row at the front, which
    has the rest if the number of singers cannot be divided evenly. Inside a row the singers
    stand from the shortest to the tallest.

    >>> choir_rows([170, 150, 180, 160, 165], 2)
    [[150], [160, 165], [170, 180]]
    >>> choir_rows([], 3)
    []
    """
    singers = sorted(heights)
    rows: list[list[int]] = []
    while singers:
        rows.insert(0, singers[-per_row:])
        singers = singers[:-per_row]
    return rows


def check_choir_rows(candidate: Candidate) -> None:
    assert candidate([170, 150, 180, 160, 165], 2) == [[150], [160, 165], [170, 180]]
    assert candidate([], 3) == []
    assert candidate([155], 4) == [[155]]
    assert candidate([3, 2, 1], 1) == [[1], [2], [3]]
    assert candidate([4, 3, 2, 1], 2) == [[1, 2], [3, 4]]
    assert candidate([1, 2, 3, 4], 3) == [[1], [2, 3, 4]]
    assert candidate([9, 9, 7, 8, 8], 3) == [[7, 8], [8, 9, 9]]


def teams_by_turns(players: list[str]) -> tuple[list[str], list[str]]:
    """Two captains choose players in the order of the list. To be fair, they do not simply take
    turns: the first captain takes one, the second one takes two, the first one takes two, and
    so on, always two from then on.

    Return the two teams, each in the order in which it was chosen.

    >>> teams_by_turns(["a", "b", "c", "d", "e"])
    (['a', 'd', 'e'], ['b', 'c'])
    >>> teams_by_turns([])
    ([], [])
    """
    first = [player for place, player in enumerate(players) if place % 4 in (0, 3)]
    second = [player for place, player in enumerate(players) if place % 4 in (1, 2)]
    return first, second


def check_teams_by_turns(candidate: Candidate) -> None:
    assert candidate(["a", "b", "c", "d", "e"]) == (["a", "d", "e"], ["b", "c"])
    assert candidate([]) == ([], [])
    assert candidate(["x"]) == (["x"], [])
    assert candidate(["x", "y"]) == (["x"], ["y"])
    assert candidate(["x", "y", "z"]) == (["x"], ["y", "z"])
    assert candidate(["p", "q", "r", "s"]) == (["p", "s"], ["q", "r"])
    assert candidate(list("abcdefgh")) == (["a", "d", "e", "h"], ["b", "c", "f", "g"])


def seconds_on_chess_clock(start: int, moves: list[int], bonus: int) -> int:
    """A player has start seconds on the clock. Each move uses up some of them.

    After each move that is finished in time the bonus is added. If a move uses up all that is
    left, or more, the game is lost: the clock shows 0, and nothing is added any more. Return
    what the clock shows after the moves.

    >>> seconds_on_chess_clock(60, [20, 30], 5)
    20
    >>> seconds_on_chess_clock(10, [10, 1], 30)
    0
    """
    left = start
    for move in moves:
        if move >= left:
            return 0
        left += bonus - move
    return left


def check_seconds_on_chess_clock(candidate: Candidate) -> None:
    assert candidate(60, [20, 30], 5) == 20
    assert candidate(10, [10, 1], 30) == 0
    assert candidate(100, [], 5) == 100
    assert candidate(10, [9], 0) == 1
    assert candidate(10, [11], 30) == 0
    assert candidate(10, [2, 2, 2], 3) == 13
    assert candidate(5, [4, 4], 3) == 0
    assert candidate(5, [4, 3], 3) == 4
