"""Dictionaries of people and of things that are used up."""

from rlvf_common.starter.candidate import Candidate


def captains_of_teams(teams: dict[str, list[str]], votes: dict[str, str]) -> dict[str, str]:
    """Every team lists its members, at least one. The votes tell for whom each person votes.

    Only votes for a member of the voter's own team count, and one may vote for oneself. The
    captain of a team is the member with the most votes that count; of several, the one who
    stands first in the list. Without any vote that counts, the first member is captain.
    Return the captain of each team. Nobody is in two teams.

    >>> captains_of_teams({"red": ["Al", "Bo", "Cy"]}, {"Al": "Bo", "Cy": "Bo", "Bo": "Al"})
    {'red': 'Bo'}
    >>> captains_of_teams({"red": ["Al", "Bo"]}, {"Bo": "Dan"})
    {'red': 'Al'}
    """
    captains = {}
    for team, members in teams.items():
        counts = dict.fromkeys(members, 0)
        for voter, choice in votes.items():
            if voter in counts and choice in counts:
                counts[choice] += 1
        captains[team] = max(members, key=lambda member: counts[member])
    return captains


def check_captains_of_teams(candidate: Candidate) -> None:
    assert candidate({"red": ["Al", "Bo", "Cy"]}, {"Al": "Bo", "Cy": "Bo", "Bo": "Al"}) == {
        "red": "Bo"
    }
    assert candidate({"red": ["Al", "Bo"]}, {"Bo": "Dan"}) == {"red": "Al"}
    assert candidate({}, {"Al": "Bo"}) == {}
    assert candidate({"x": ["Zed", "Amy"]}, {}) == {"x": "Zed"}
    assert candidate({"x": ["a", "b"], "y": ["c"]}, {"c": "b", "a": "a"}) == {"x": "a", "y": "c"}
    assert candidate({"x": ["a", "b"], "y": ["c", "d"]}, {"c": "b", "d": "b", "b": "a"}) == {
        "x": "a",
        "y": "c",
    }
    assert candidate({"x": ["b", "a"]}, {"a": "a", "b": "b"}) == {"x": "b"}
    assert candidate({"x": ["p", "q"]}, {"out": "q", "p": "q"}) == {"x": "q"}


def winners_of_bingo(cards: dict[str, list[int]], drawn: list[int]) -> list[str]:
    """Every player has a card with different numbers, at least one. Numbers are drawn one by one.

    The first player whose numbers have all been drawn wins, and the game ends. Several players
    may win with the same draw. Return the winners in alphabetical order; the list is empty if
    nobody has won after all draws.

    >>> winners_of_bingo({"Al": [1, 2], "Bo": [5], "Cy": [2, 9]}, [1, 2, 5])
    ['Al']
    >>> winners_of_bingo({"Bo": [7], "Al": [3, 7]}, [3, 7, 4])
    ['Al', 'Bo']
    """
    called: set[int] = set()
    for number in drawn:
        called.add(number)
        winners = [player for player, card in cards.items() if called.issuperset(card)]
        if winners:
            return sorted(winners)
    return []


def check_winners_of_bingo(candidate: Candidate) -> None:
    assert candidate({"Al": [1, 2], "Bo": [5], "Cy": [2, 9]}, [1, 2, 5]) == ["Al"]
    assert candidate({"Bo": [7], "Al": [3, 7]}, [3, 7, 4]) == ["Al", "Bo"]
    assert candidate({"Al": [1]}, []) == []
    assert candidate({}, [1, 2]) == []
    assert candidate({"Al": [4, 6]}, [6]) == []
    assert candidate({"Al": [4, 6]}, [6, 1, 4]) == ["Al"]
    assert candidate({"x": [1, 2, 3], "y": [3, 2]}, [1, 2, 3]) == ["x", "y"]
    assert candidate({"x": [1, 2, 3], "y": [3, 2]}, [2, 3, 1]) == ["y"]


def stock_after_baking(
    stock: dict[str, int], recipe: dict[str, int], wanted: int
) -> tuple[int, dict[str, int]]:
    """Cakes are baked one by one. Each one uses up what the recipe says, at least 1 of each thing.

    Baking ends when the wanted number is reached or when something for the next cake is
    missing. Things that the stock does not name are missing. Return the number of cakes and
    the stock afterwards, in which used up things have the amount 0.

    >>> stock_after_baking({"egg": 5, "salt": 1}, {"egg": 2}, 9)
    (2, {'egg': 1, 'salt': 1})
    >>> stock_after_baking({"egg": 5}, {"egg": 2, "oil": 1}, 1)
    (0, {'egg': 5})
    """
    left = dict(stock)
    baked = 0
    while baked < wanted and all(left.get(thing, 0) >= need for thing, need in recipe.items()):
        for thing, need in recipe.items():
            left[thing] -= need
        baked += 1
    return baked, left


def check_stock_after_baking(candidate: Candidate) -> None:
    assert candidate({"egg": 5, "salt": 1}, {"egg": 2}, 9) == (2, {"egg": 1, "salt": 1})
    assert candidate({"egg": 5}, {"egg": 2, "oil": 1}, 1) == (0, {"egg": 5})
    assert candidate({"egg": 5}, {"egg": 2}, 1) == (1, {"egg": 3})
    assert candidate({"egg": 4}, {"egg": 2}, 2) == (2, {"egg": 0})
    assert candidate({}, {"egg": 1}, 3) == (0, {})
    assert candidate({"a": 9, "b": 3}, {"a": 2, "b": 1}, 5) == (3, {"a": 3, "b": 0})
    assert candidate({"a": 9, "b": 3}, {"a": 2, "b": 1}, 0) == (0, {"a": 9, "b": 3})
