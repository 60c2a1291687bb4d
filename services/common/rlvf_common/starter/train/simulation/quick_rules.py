"""One rule of a game, a device or a trip, in a line or two."""

from rlvf_common.starter.candidate import Candidate


def seats_after_musical_chairs(players: int, rounds: int) -> int:
    """Return how many players are left in musical chairs after some rounds.

    In each round one player drops out, but the last one stays.

    >>> seats_after_musical_chairs(5, 2)
    3
    """
    return max(players - rounds, min(players, 1))


def check_seats_after_musical_chairs(candidate: Candidate) -> None:
    assert candidate(5, 2) == 3
    assert candidate(5, 4) == 1
    assert candidate(5, 9) == 1
    assert candidate(1, 3) == 1
    assert candidate(0, 2) == 0
    assert candidate(7, 0) == 7
    assert candidate(2, 1) == 1


def people_behind(line: list[str], name: str) -> int:
    """Return how many people stand behind somebody in a line.

    The first person of the list stands in front. If that person is not there, return 0. All names
    in the line are different.

    >>> people_behind(["Al", "Bo", "Cy"], "Al")
    2
    """
    return len(line) - 1 - line.index(name) if name in line else 0


def check_people_behind(candidate: Candidate) -> None:
    assert candidate(["Al", "Bo", "Cy"], "Al") == 2
    assert candidate(["Al", "Bo", "Cy"], "Cy") == 0
    assert candidate(["Al", "Bo", "Cy", "Di"], "Bo") == 2
    assert candidate([], "Al") == 0
    assert candidate(["Al"], "Bo") == 0
    assert candidate(["Al", "Bo"], "al") == 0
    assert candidate(["Al"], "Al") == 0


def fan_speed(speed: int, presses: int) -> int:
    """Return the speed of a fan after its button was pressed some times.

    The speeds are 0, 1, 2 and 3; each press goes one up, and after 3 comes 0 again.

    >>> fan_speed(2, 3)
    1
    """
    return (speed + presses) % 4


def check_fan_speed(candidate: Candidate) -> None:
    assert candidate(2, 3) == 1
    assert candidate(0, 0) == 0
    assert candidate(3, 1) == 0
    assert candidate(0, 3) == 3
    assert candidate(1, 8) == 1
    assert candidate(3, 102) == 1


def score_of_quiz(answers: str, solution: str) -> int:
    """Return the points of a quiz: 2 for a right answer, -1 for a wrong one, 0 for none.

    Both texts have one letter for each question, the answers may have "-" for none.

    >>> score_of_quiz("ab-c", "abcd")
    3
    """
    return sum(
        2 if given == right else -(given != "-")
        for given, right in zip(answers, solution, strict=True)
    )


def check_score_of_quiz(candidate: Candidate) -> None:
    assert candidate("ab-c", "abcd") == 3
    assert candidate("", "") == 0
    assert candidate("---", "abc") == 0
    assert candidate("abc", "abc") == 6
    assert candidate("cba", "abc") == 0
    assert candidate("dd", "ab") == -2
    assert candidate("A", "a") == -1


def snail_days(height: int, up: int, down: int) -> int:
    """A snail climbs a wall: up in the day, down in the night. Return on which day it is on top.

    It stays on top as soon as it has reached the height. It climbs more in a day than it slides
    down in a night. The wall is at least 1 high.

    >>> snail_days(10, 3, 2)
    8
    """
    return 1 + max(-(-(height - up) // (up - down)), 0)


def check_snail_days(candidate: Candidate) -> None:
    assert candidate(10, 3, 2) == 8
    assert candidate(3, 3, 2) == 1
    assert candidate(1, 5, 4) == 1
    assert candidate(4, 3, 2) == 2
    assert candidate(12, 4, 0) == 3
    assert candidate(13, 4, 0) == 4
    assert candidate(20, 7, 3) == 5


def cards_left(cards: list[int], drawn: list[int]) -> list[int]:
    """Return the cards that are left after some were drawn by their place.

    A place counts from 0 in the cards as they are at the beginning. Places that do not exist are
    ignored, and drawing a place twice has no further effect.

    >>> cards_left([7, 8, 9, 7], [0, 2, 0])
    [8, 7]
    """
    return [card for place, card in enumerate(cards) if place not in drawn]


def check_cards_left(candidate: Candidate) -> None:
    assert candidate([7, 8, 9, 7], [0, 2, 0]) == [8, 7]
    assert candidate([], [0]) == []
    assert candidate([1, 2], []) == [1, 2]
    assert candidate([1, 2], [5, -1]) == [1, 2]
    assert candidate([4, 4, 4], [1]) == [4, 4]
    assert candidate([1, 2, 3], [2, 1, 0]) == []
    assert candidate([0, 1, 2], [1]) == [0, 2]
