"""Amounts: how many are needed, how far it is, where a limit lies."""

from rlvf_common.starter.candidate import Candidate


def posts_for_fence(length: int, gap: int) -> int:
    """A straight fence of the given length has posts at both ends and in between.

    The distance from one post to the next must not be greater than the gap, which is at least
    1. Return how many posts are needed at least. The length is at least 1.

    >>> posts_for_fence(10, 5)
    3
    >>> posts_for_fence(11, 5)
    4
    """
    return (length + gap - 1) // gap + 1


def check_posts_for_fence(candidate: Candidate) -> None:
    assert candidate(10, 5) == 3
    assert candidate(11, 5) == 4
    assert candidate(1, 1) == 2
    assert candidate(3, 10) == 2
    assert candidate(9, 1) == 10
    assert candidate(14, 5) == 4
    assert candidate(15, 5) == 4
    assert candidate(100, 33) == 5


def glasses_clinked(guests: int) -> int:
    """At a table every guest clinks glasses exactly once with every other guest.

    Return how many clinks there are. Two guests make one clink.

    >>> glasses_clinked(3)
    3
    >>> glasses_clinked(2)
    1
    """
    return guests * (guests - 1) // 2


def check_glasses_clinked(candidate: Candidate) -> None:
    assert candidate(3) == 3
    assert candidate(2) == 1
    assert candidate(0) == 0
    assert candidate(1) == 0
    assert candidate(4) == 6
    assert candidate(5) == 10
    assert candidate(20) == 190


def label_of_floor(floor: int) -> int:
    """The floors of a hotel are counted from 1 upward, but no floor may have the label 13.

    So the floor after the one with the label 12 gets the label 14, and all floors above it
    are one ahead as well. Return the label of the floor.

    >>> label_of_floor(12)
    12
    >>> label_of_floor(13)
    14
    """
    return floor + (floor >= 13)


def check_label_of_floor(candidate: Candidate) -> None:
    assert candidate(12) == 12
    assert candidate(13) == 14
    assert candidate(1) == 1
    assert candidate(14) == 15
    assert candidate(11) == 11
    assert candidate(25) == 26
    assert candidate(100) == 101


def step_toward(place: int, target: int, stride: int) -> int:
    """Somebody stands at a place and moves toward the target by the stride, but not past it.

    Return the new place. The target may be on either side. The stride is zero or greater.

    >>> step_toward(2, 10, 3)
    5
    >>> step_toward(9, 10, 3)
    10
    """
    if place < target:
        return min(place + stride, target)
    return max(place - stride, target)


def check_step_toward(candidate: Candidate) -> None:
    assert candidate(2, 10, 3) == 5
    assert candidate(9, 10, 3) == 10
    assert candidate(10, 2, 3) == 7
    assert candidate(3, 2, 5) == 2
    assert candidate(4, 4, 2) == 4
    assert candidate(-6, 0, 6) == 0
    assert candidate(1, -9, 4) == -3
    assert candidate(8, 1, 0) == 8


def questions_to_find(count: int) -> int:
    """Somebody thinks of one of count different things; count is at least 1.

    Each question with the answer yes or no can leave half of the things that are still
    possible, or the larger half if they cannot be halved evenly. Return how many questions
    are needed in the worst case until only one thing is possible.

    >>> questions_to_find(8)
    3
    >>> questions_to_find(9)
    4
    """
    return (count - 1).bit_length()


def check_questions_to_find(candidate: Candidate) -> None:
    assert candidate(8) == 3
    assert candidate(9) == 4
    assert candidate(1) == 0
    assert candidate(2) == 1
    assert candidate(3) == 2
    assert candidate(4) == 2
    assert candidate(5) == 3
    assert candidate(1000) == 10
    assert candidate(1024) == 10
    assert candidate(1025) == 11


def seconds_to_catch(lead: int, fast: int, slow: int) -> int:
    """A cat runs after a mouse that is ahead by the lead, in meters, which is zero or greater.

    In each second the cat runs fast meters and the mouse slow meters. Return after how many
    whole seconds the cat has caught up or is ahead for the first time, or -1 if it never is.
    With a lead of 0 the mouse is caught at once.

    >>> seconds_to_catch(10, 5, 3)
    5
    >>> seconds_to_catch(10, 3, 3)
    -1
    """
    if lead == 0:
        return 0
    if fast <= slow:
        return -1
    closer = fast - slow
    return (lead + closer - 1) // closer


def check_seconds_to_catch(candidate: Candidate) -> None:
    assert candidate(10, 5, 3) == 5
    assert candidate(10, 3, 3) == -1
    assert candidate(0, 1, 9) == 0
    assert candidate(0, 2, 2) == 0
    assert candidate(7, 4, 2) == 4
    assert candidate(1, 9, 2) == 1
    assert candidate(1, 2, 9) == -1
    assert candidate(12, 7, 4) == 4
    assert candidate(13, 7, 4) == 5


def boxes_with_limits(weights: list[int], limit: int) -> int:
    """Count the boxes that may travel: those that weigh more than nothing and at most the limit.

    If the limit is 0, no limit is set, and every box that weighs more than nothing may travel.

    >>> boxes_with_limits([5, 12, 0, 10], 10)
    2
    >>> boxes_with_limits([5, 12, 0], 0)
    2
    """
    return sum(weight > 0 and (limit == 0 or weight <= limit) for weight in weights)


def check_boxes_with_limits(candidate: Candidate) -> None:
    assert candidate([5, 12, 0, 10], 10) == 2
    assert candidate([5, 12, 0], 0) == 2
    assert candidate([], 4) == 0
    assert candidate([0, 0], 0) == 0
    assert candidate([1], 1) == 1
    assert candidate([2], 1) == 0
    assert candidate([7, 7, 8], 7) == 2
    assert candidate([-3, 3], 5) == 1
    assert candidate([0, 1, 9], 3) == 1


def discount_for_stamps(stamps: int) -> int:
    """A loyalty card gives 5 percent off for every full 4 stamps, but never more than 20 percent.

    Whoever has at least 3 stamps, but fewer than 4, gets 2 percent. Return the discount in
    percent.

    >>> discount_for_stamps(9)
    10
    >>> discount_for_stamps(3)
    2
    """
    if stamps == 3:
        return 2
    return min(stamps // 4 * 5, 20)


def check_discount_for_stamps(candidate: Candidate) -> None:
    assert candidate(9) == 10
    assert candidate(3) == 2
    assert candidate(0) == 0
    assert candidate(2) == 0
    assert candidate(4) == 5
    assert candidate(7) == 5
    assert candidate(15) == 15
    assert candidate(16) == 20
    assert candidate(40) == 20


def painted_cubes(side: int) -> int:
    """A big cube is built from small cubes, side of them along each edge. The side is at least 1.

    The big cube is painted on the outside, on all six faces. Return how many of the small
    cubes have paint on them.

    >>> painted_cubes(3)
    26
    >>> painted_cubes(2)
    8
    """
    inside = max(side - 2, 0)
    return side**3 - inside**3


def check_painted_cubes(candidate: Candidate) -> None:
    assert candidate(3) == 26
    assert candidate(2) == 8
    assert candidate(1) == 1
    assert candidate(4) == 56
    assert candidate(5) == 98
    assert candidate(10) == 488


def games_in_knockout(players: int) -> int:
    """In a tournament whoever loses a game is out, and no game ends in a draw.

    Games are played until only one player is left. Return how many games that takes, for any
    number of players. With no player or one, nothing is played.

    >>> games_in_knockout(8)
    7
    >>> games_in_knockout(5)
    4
    """
    return max(players - 1, 0)


def check_games_in_knockout(candidate: Candidate) -> None:
    assert candidate(8) == 7
    assert candidate(5) == 4
    assert candidate(0) == 0
    assert candidate(1) == 0
    assert candidate(2) == 1
    assert candidate(3) == 2
    assert candidate(128) == 127


def dots_underneath(tops: list[int]) -> int:
    """Two opposite faces of a die have 7 dots together. Several dice lie on a table.

    The list has the number of dots on top of each of them. Return how many dots are on their
    bottom faces in all.

    >>> dots_underneath([6, 1])
    7
    >>> dots_underneath([2])
    5
    """
    return 7 * len(tops) - sum(tops)


def check_dots_underneath(candidate: Candidate) -> None:
    assert candidate([6, 1]) == 7
    assert candidate([2]) == 5
    assert candidate([]) == 0
    assert candidate([6, 6, 6]) == 3
    assert candidate([1, 1]) == 12
    assert candidate([3, 4, 5]) == 9
    assert candidate([2, 1, 3, 1]) == 21
