"""Small algorithms: greedy plans, searches and simple games."""

from itertools import product

from rlvf_common.starter.candidate import Candidate


def first_player_wins(stones: int, most: int) -> bool:
    """Two players take stones from a heap in turn: at least 1 and at most the given number.

    Whoever takes the last stone wins. Return True if the player who moves first can win, no
    matter what the other one does. The heap has at least one stone.

    >>> first_player_wins(5, 3)
    True
    >>> first_player_wins(4, 3)
    False
    """
    return stones % (most + 1) != 0


def check_first_player_wins(candidate: Candidate) -> None:
    assert candidate(5, 3) is True
    assert candidate(4, 3) is False
    assert candidate(1, 3) is True
    assert candidate(3, 3) is True
    assert candidate(8, 3) is False
    assert candidate(2, 1) is False
    assert candidate(7, 1) is True
    assert candidate(9, 2) is False
    assert candidate(10, 2) is True
    assert candidate(12, 5) is False


def switch_settings(count: int) -> list[str]:
    """There are count switches, at least one, each either 0 or 1.

    Return all their settings as texts of 0 and 1, ordered like the numbers that they are in
    base 2.

    >>> switch_settings(2)
    ['00', '01', '10', '11']
    >>> switch_settings(1)
    ['0', '1']
    """
    return [f"{number:0{count}b}" for number in range(2**count)]


def check_switch_settings(candidate: Candidate) -> None:
    assert candidate(2) == ["00", "01", "10", "11"]
    assert candidate(1) == ["0", "1"]
    assert candidate(3) == ["000", "001", "010", "011", "100", "101", "110", "111"]
    assert candidate(4) == ["".join(digits) for digits in product("01", repeat=4)]
    assert candidate(5) == ["".join(digits) for digits in product("01", repeat=5)]
    assert candidate(7) == ["".join(digits) for digits in product("01", repeat=7)]


def dominoes_fit(tiles: list[tuple[int, int]]) -> bool:
    """Domino tiles lie in a row. Each one has a left number and a right number.

    Return True if the right number of every tile equals the left number of the tile after it.
    Tiles may not be turned. A row of no tile or a single one always fits.

    >>> dominoes_fit([(1, 4), (4, 4), (4, 2)])
    True
    >>> dominoes_fit([(1, 4), (2, 4)])
    False
    """
    return all(tiles[i][1] == tiles[i + 1][0] for i in range(len(tiles) - 1))


def check_dominoes_fit(candidate: Candidate) -> None:
    assert candidate([(1, 4), (4, 4), (4, 2)]) is True
    assert candidate([(1, 4), (2, 4)]) is False
    assert candidate([]) is True
    assert candidate([(3, 5)]) is True
    assert candidate([(0, 6), (6, 1), (2, 1)]) is False
    assert candidate([(2, 3), (1, 2)]) is False
    assert candidate([(1, 2), (2, 3), (3, 1)]) is True
    assert candidate([(1, 2), (3, 3), (3, 4)]) is False


def most_gifts_for(prices: list[int], money: int) -> int:
    """Every gift can be bought once. Return the largest number of gifts that the money buys.

    No price is negative.

    >>> most_gifts_for([8, 3, 5, 4], 12)
    3
    >>> most_gifts_for([9], 5)
    0
    """
    count = 0
    for price in sorted(prices):
        if price > money:
            break
        money -= price
        count += 1
    return count


def check_most_gifts_for(candidate: Candidate) -> None:
    assert candidate([8, 3, 5, 4], 12) == 3
    assert candidate([9], 5) == 0
    assert candidate([], 10) == 0
    assert candidate([5, 5], 10) == 2
    assert candidate([5, 5], 9) == 1
    assert candidate([6, 1, 1, 1], 8) == 3
    assert candidate([0, 7, 0], 0) == 2
    assert candidate([10, 2, 20], 32) == 3
    assert candidate([4, 4, 4], 11) == 2


def boats_for_group(weights: list[int], limit: int) -> int:
    """A boat carries one or two people whose weights together are at most the limit.

    Nobody is heavier than the limit. Return the smallest number of boats for all people.

    >>> boats_for_group([60, 80, 40, 90], 100)
    3
    >>> boats_for_group([50, 50], 100)
    1
    """
    people = sorted(weights)
    boats = 0
    while people:
        heaviest = people.pop()
        if people and people[0] + heaviest <= limit:
            people.pop(0)
        boats += 1
    return boats


def check_boats_for_group(candidate: Candidate) -> None:
    assert candidate([60, 80, 40, 90], 100) == 3
    assert candidate([50, 50], 100) == 1
    assert candidate([], 80) == 0
    assert candidate([70], 70) == 1
    assert candidate([30, 30, 30, 30], 100) == 2
    assert candidate([90, 90, 90], 100) == 3
    assert candidate([10, 20, 80, 90], 100) == 2
    assert candidate([51, 50], 100) == 2
    assert candidate([10, 30, 80, 90], 100) == 3
    assert candidate([40, 60, 55, 45, 20], 100) == 3


def rings_of_gifts(gives_to: list[int]) -> int:
    """People have the numbers 0, 1, 2 and so on. Person i gives a gift to person gives_to[i].

    Everybody gets exactly one gift, maybe from himself. Following the gifts from person to
    person leads back to the start: such people form a ring. Return the number of rings.

    >>> rings_of_gifts([1, 0, 2])
    2
    >>> rings_of_gifts([1, 2, 0])
    1
    """
    rings = 0
    seen: set[int] = set()
    for person in range(len(gives_to)):
        if person not in seen:
            rings += 1
        while person not in seen:
            seen.add(person)
            person = gives_to[person]
    return rings


def check_rings_of_gifts(candidate: Candidate) -> None:
    assert candidate([1, 0, 2]) == 2
    assert candidate([1, 2, 0]) == 1
    assert candidate([]) == 0
    assert candidate([0]) == 1
    assert candidate([0, 1, 2, 3]) == 4
    assert candidate([3, 2, 1, 0]) == 2
    assert candidate([4, 0, 3, 2, 1]) == 2
    assert candidate([5, 4, 3, 0, 1, 2]) == 2
    assert candidate([2, 0, 1, 4, 3, 5]) == 3
