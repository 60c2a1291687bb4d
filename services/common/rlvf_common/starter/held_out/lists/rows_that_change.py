"""Rows of numbers that are changed by a rule."""

from rlvf_common.starter.candidate import Candidate


def without_long_runs(numbers: list[int], size: int) -> list[int]:
    """Equal numbers directly beside each other are a run. Remove every run that has at least
    size numbers, which is at least 1, and keep all others.

    Runs that only come to stand side by side because of a removal are not looked at again.

    >>> without_long_runs([5, 5, 5, 1, 2, 2], 3)
    [1, 2, 2]
    >>> without_long_runs([3, 4, 4, 3], 2)
    [3, 3]
    """
    kept: list[int] = []
    run: list[int] = []
    for number in numbers:
        if run and run[0] != number:
            if len(run) < size:
                kept += run
            run = []
        run.append(number)
    return kept + run if len(run) < size else kept


def check_without_long_runs(candidate: Candidate) -> None:
    assert candidate([5, 5, 5, 1, 2, 2], 3) == [1, 2, 2]
    assert candidate([3, 4, 4, 3], 2) == [3, 3]
    assert candidate([], 2) == []
    assert candidate([7], 1) == []
    assert candidate([7], 2) == [7]
    assert candidate([1, 1, 1, 1], 3) == []
    assert candidate([1, 1, 2, 2, 2], 3) == [1, 1]
    assert candidate([6, 1, 6, 6, 6], 4) == [6, 1, 6, 6, 6]
    assert candidate([0, 0, 9, 0, 0, 0], 3) == [0, 0, 9]


def after_sharing_round(sweets: list[int]) -> list[int]:
    """Children sit in a circle, each with some sweets. The teacher first gives one more sweet to
    every child that has an odd number of them.

    Then all children at the same time give half of their sweets to the next child; the last
    one gives to the first. Return how many each of them has after that.

    >>> after_sharing_round([4, 7])
    [6, 6]
    >>> after_sharing_round([3])
    [4]
    """
    halves = [(count + 1) // 2 for count in sweets]
    return [half + halves[place - 1] for place, half in enumerate(halves)]


def check_after_sharing_round(candidate: Candidate) -> None:
    assert candidate([4, 7]) == [6, 6]
    assert candidate([3]) == [4]
    assert candidate([]) == []
    assert candidate([0, 0, 6]) == [3, 0, 3]
    assert candidate([10, 2, 8]) == [9, 6, 5]
    assert candidate([1, 0, 0, 0]) == [1, 1, 0, 0]
    assert candidate([5, 3, 8]) == [7, 5, 6]


def weather_trends(temperatures: list[int]) -> list[str]:
    """Tell for each day from the second one on how the temperature has changed.

    Write "same" if it differs from the day before by at most 1 degree. Otherwise write "warmer"
    or "colder", with "much " before it if the difference is more than 5 degrees.

    >>> weather_trends([10, 11, 15, 2])
    ['same', 'warmer', 'much colder']
    >>> weather_trends([10])
    []
    """
    trends = []
    for i in range(1, len(temperatures)):
        change = temperatures[i] - temperatures[i - 1]
        if abs(change) <= 1:
            trends.append("same")
        else:
            word = "warmer" if change > 0 else "colder"
            trends.append("much " + word if abs(change) > 5 else word)
    return trends


def check_weather_trends(candidate: Candidate) -> None:
    assert candidate([10, 11, 15, 2]) == ["same", "warmer", "much colder"]
    assert candidate([10]) == []
    assert candidate([]) == []
    assert candidate([3, 2]) == ["same"]
    assert candidate([3, 3]) == ["same"]
    assert candidate([0, 2, 0]) == ["warmer", "colder"]
    assert candidate([0, 5, 11]) == ["warmer", "much warmer"]
    assert candidate([6, 1, -5, -3]) == ["colder", "much colder", "warmer"]


def pours_until_level(glasses: list[int]) -> int:
    """Glasses hold some spoons of water each. With each pour, one spoon is taken from the fullest
    glass to the emptiest one; of several, it does not matter which.

    Pouring ends when no two glasses differ by more than one spoon. Return the number of pours.

    >>> pours_until_level([5, 1, 3])
    2
    >>> pours_until_level([2, 3])
    0
    """
    levels = sorted(glasses)
    pours = 0
    while levels and levels[-1] - levels[0] > 1:
        levels[-1] -= 1
        levels[0] += 1
        levels.sort()
        pours += 1
    return pours


def check_pours_until_level(candidate: Candidate) -> None:
    assert candidate([5, 1, 3]) == 2
    assert candidate([2, 3]) == 0
    assert candidate([]) == 0
    assert candidate([9]) == 0
    assert candidate([0, 2]) == 1
    assert candidate([0, 3]) == 1
    assert candidate([4, 4, 4]) == 0
    assert candidate([0, 0, 9]) == 6
    assert candidate([10, 0, 0, 2]) == 7
