"""Neighbors, runs, groups and windows in lists."""

from rlvf_common.starter.candidate import Candidate


def largest_jump(numbers: list[int]) -> int:
    """Return the largest difference between two neighbors, whichever of them is larger.

    A list with fewer than two numbers has the largest jump 0.

    >>> largest_jump([4, 9, 1])
    8
    """
    jumps = [abs(numbers[place] - numbers[place - 1]) for place in range(1, len(numbers))]
    return max(jumps, default=0)


def check_largest_jump(candidate: Candidate) -> None:
    assert candidate([4, 9, 1]) == 8
    assert candidate([]) == 0
    assert candidate([5]) == 0
    assert candidate([2, 2]) == 0
    assert candidate([1, 10, 12]) == 9
    assert candidate([-3, 3, -4]) == 7
    assert candidate([0, 1, 0, 6]) == 6


def with_neighbor_sums(numbers: list[int]) -> list[int]:
    """Return the list with the sum of each two neighbors put between them.

    >>> with_neighbor_sums([1, 2, 5])
    [1, 3, 2, 7, 5]
    """
    result = numbers[:1]
    for place in range(1, len(numbers)):
        result += [numbers[place - 1] + numbers[place], numbers[place]]
    return result


def check_with_neighbor_sums(candidate: Candidate) -> None:
    assert candidate([1, 2, 5]) == [1, 3, 2, 7, 5]
    assert candidate([]) == []
    assert candidate([8]) == [8]
    assert candidate([0, 0]) == [0, 0, 0]
    assert candidate([-1, 1, -1]) == [-1, 0, 1, 0, -1]
    assert candidate([3, 4]) == [3, 7, 4]
    assert candidate([1, 10, 100, 1000]) == [1, 11, 10, 110, 100, 1100, 1000]


def rising_runs(numbers: list[int]) -> list[list[int]]:
    """Cut the list into runs in which every number is larger than the one before.

    Each run is as long as possible.

    >>> rising_runs([1, 4, 4, 6, 2])
    [[1, 4], [4, 6], [2]]
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number > runs[-1][-1]:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def check_rising_runs(candidate: Candidate) -> None:
    assert candidate([1, 4, 4, 6, 2]) == [[1, 4], [4, 6], [2]]
    assert candidate([]) == []
    assert candidate([7]) == [[7]]
    assert candidate([1, 2, 3]) == [[1, 2, 3]]
    assert candidate([5, 1, 2]) == [[5], [1, 2]]
    assert candidate([3, 2, 1]) == [[3], [2], [1]]
    assert candidate([0, 0]) == [[0], [0]]
    assert candidate([-5, -4, 9, 8]) == [[-5, -4, 9], [8]]


def split_at_zeros(numbers: list[int]) -> list[list[int]]:
    """Cut the list at its zeros; the zeros themselves are left out.

    Groups without a number are left out, too.

    >>> split_at_zeros([0, 3, 4, 0, 0, 5])
    [[3, 4], [5]]
    """
    groups: list[list[int]] = [[]]
    for number in numbers:
        if number == 0:
            groups.append([])
        else:
            groups[-1].append(number)
    return [group for group in groups if group]


def check_split_at_zeros(candidate: Candidate) -> None:
    assert candidate([0, 3, 4, 0, 0, 5]) == [[3, 4], [5]]
    assert candidate([]) == []
    assert candidate([0]) == []
    assert candidate([0, 0, 0]) == []
    assert candidate([1, 2]) == [[1, 2]]
    assert candidate([1, 0]) == [[1]]
    assert candidate([-1, 0, 10, 0, 100]) == [[-1], [10], [100]]


def best_window_start(values: list[int], size: int) -> int:
    """Return where the window of `size` neighboring values with the largest sum begins.

    Places count from 0. Of several such windows the first one is taken. Return -1 if the list is
    shorter than the window. The size is at least 1.

    >>> best_window_start([1, 5, 2, 4, 3], 2)
    1
    """
    best = -1
    for start in range(len(values) - size + 1):
        if best < 0 or sum(values[start : start + size]) > sum(values[best : best + size]):
            best = start
    return best


def check_best_window_start(candidate: Candidate) -> None:
    assert candidate([1, 5, 2, 4, 3], 2) == 1
    assert candidate([], 1) == -1
    assert candidate([1, 2], 3) == -1
    assert candidate([1, 2, 3], 3) == 0
    assert candidate([4, 7, 7], 1) == 1
    assert candidate([-5, -1, -2], 2) == 1
    assert candidate([1, 1, 1, 1], 2) == 0
    assert candidate([0, 9, 0, 5, 5], 2) == 3


def clusters(positions: list[int], reach: int) -> list[list[int]]:
    """Group positions that lie close together.

    Sort the positions upward. A position belongs to the group of the one before it if the
    distance between the two is at most `reach`; otherwise it begins a new group.

    >>> clusters([9, 1, 3, 12], 3)
    [[1, 3], [9, 12]]
    """
    groups: list[list[int]] = []
    for position in sorted(positions):
        if groups and position - groups[-1][-1] <= reach:
            groups[-1].append(position)
        else:
            groups.append([position])
    return groups


def check_clusters(candidate: Candidate) -> None:
    assert candidate([9, 1, 3, 12], 3) == [[1, 3], [9, 12]]
    assert candidate([], 5) == []
    assert candidate([4], 0) == [[4]]
    assert candidate([2, 1, 2], 0) == [[1], [2, 2]]
    assert candidate([1, 2, 3, 4], 1) == [[1, 2, 3, 4]]
    assert candidate([1, 3, 5, 8], 2) == [[1, 3, 5], [8]]
    assert candidate([-4, 4, 0], 4) == [[-4, 0, 4]]
    assert candidate([10, 0], 9) == [[0], [10]]


def smooth_spikes(values: list[int]) -> list[int]:
    """Replace every value that is larger than both of its neighbors by the larger neighbor.

    The first and the last value stay.

    >>> smooth_spikes([1, 9, 2, 3, 3])
    [1, 2, 2, 3, 3]
    """
    result = list(values)
    for place in range(1, len(values) - 1):
        highest = max(values[place - 1], values[place + 1])
        result[place] = min(values[place], highest)
    return result


def check_smooth_spikes(candidate: Candidate) -> None:
    assert candidate([1, 9, 2, 3, 3]) == [1, 2, 2, 3, 3]
    assert candidate([]) == []
    assert candidate([9]) == [9]
    assert candidate([9, 1]) == [9, 1]
    assert candidate([1, 2, 3]) == [1, 2, 3]
    assert candidate([0, 5, 0, 5, 0]) == [0, 0, 0, 0, 0]
    assert candidate([5, 1, 5]) == [5, 1, 5]
    assert candidate([4, 7, 6, 8, 1]) == [4, 6, 6, 6, 1]
    assert candidate([2, 2, 1]) == [2, 2, 1]


def balance_point(weights: list[int]) -> int:
    """Return the first place where everything before it weighs as much as everything behind it.

    The item at the place itself counts on neither side. Places count from 0; nothing weighs 0.
    Return -1 if there is no such place.

    >>> balance_point([2, 3, 9, 4, 1])
    2
    """
    for place in range(len(weights)):
        if sum(weights[:place]) == sum(weights[place + 1 :]):
            return place
    return -1


def check_balance_point(candidate: Candidate) -> None:
    assert candidate([2, 3, 9, 4, 1]) == 2
    assert candidate([]) == -1
    assert candidate([7]) == 0
    assert candidate([1, 1]) == -1
    assert candidate([5, 1, -1]) == 0
    assert candidate([1, -1, 5]) == 2
    assert candidate([0, 0, 0]) == 0
    assert candidate([1, 2, 3, 3]) == 2


def plateau_lengths(heights: list[int]) -> list[int]:
    """Return the lengths of all runs of equal neighbors that have at least two members.

    They stand in the order of the runs.

    >>> plateau_lengths([1, 1, 2, 3, 3, 3])
    [2, 3]
    """
    lengths = []
    start = 0
    for place in range(1, len(heights) + 1):
        if place == len(heights) or heights[place] != heights[start]:
            if place - start >= 2:
                lengths.append(place - start)
            start = place
    return lengths


def check_plateau_lengths(candidate: Candidate) -> None:
    assert candidate([1, 1, 2, 3, 3, 3]) == [2, 3]
    assert candidate([]) == []
    assert candidate([1]) == []
    assert candidate([5, 5]) == [2]
    assert candidate([1, 2, 1, 2]) == []
    assert candidate([0, 0, 1, 0, 0, 0, 0]) == [2, 4]
    assert candidate([7, 7, 7, 8]) == [3]
    assert candidate([2, 3, 3, 2, 2]) == [2, 2]


def fill_gaps(values: list[int | None]) -> list[int]:
    """Fill the missing values (None) of a series of measurements.

    A missing value takes the last known value before it. Missing values at the beginning take the
    first known value of the series. If no value is known at all, the result is empty.

    >>> fill_gaps([None, 5, None, None, 7])
    [5, 5, 5, 5, 7]
    """
    known = [value for value in values if value is not None]
    if not known:
        return []
    current = known[0]
    filled = []
    for value in values:
        if value is not None:
            current = value
        filled.append(current)
    return filled


def check_fill_gaps(candidate: Candidate) -> None:
    assert candidate([None, 5, None, None, 7]) == [5, 5, 5, 5, 7]
    assert candidate([]) == []
    assert candidate([None, None]) == []
    assert candidate([3]) == [3]
    assert candidate([0, None]) == [0, 0]
    assert candidate([4, 0, None, 2]) == [4, 0, 0, 2]
    assert candidate([None, None, 1]) == [1, 1, 1]
    assert candidate([1, 2, 3]) == [1, 2, 3]
    assert candidate([-1, None, -2, None]) == [-1, -1, -2, -2]


def places_that_agree(first: list[int], second: list[int]) -> list[int]:
    """Return the places at which two lists have the same item, as far as both lists reach.

    Then add the place -1 if the lists have different lengths.

    >>> places_that_agree([1, 2, 3], [1, 5, 3, 4])
    [0, 2, -1]
    """
    shorter = min(len(first), len(second))
    places = [place for place in range(shorter) if first[place] == second[place]]
    if len(first) != len(second):
        places.append(-1)
    return places


def check_places_that_agree(candidate: Candidate) -> None:
    assert candidate([1, 2, 3], [1, 5, 3, 4]) == [0, 2, -1]
    assert candidate([], []) == []
    assert candidate([], [1]) == [-1]
    assert candidate([1], []) == [-1]
    assert candidate([1, 2], [2, 1]) == []
    assert candidate([4, 4], [4, 4]) == [0, 1]
    assert candidate([9, 8, 7], [9]) == [0, -1]
    assert candidate([0, 6], [5, 6]) == [1]


def shortest_stretch_with_sum(numbers: list[int], wanted: int) -> int:
    """Return the length of the shortest stretch of neighbors whose sum is at least `wanted`.

    All numbers are positive and `wanted` is at least 1. Return 0 if even the whole list is too
    small.

    >>> shortest_stretch_with_sum([2, 3, 1, 5, 4], 8)
    2
    """
    for size in range(1, len(numbers) + 1):
        for start in range(len(numbers) - size + 1):
            if sum(numbers[start : start + size]) >= wanted:
                return size
    return 0


def check_shortest_stretch_with_sum(candidate: Candidate) -> None:
    assert candidate([2, 3, 1, 5, 4], 8) == 2
    assert candidate([], 1) == 0
    assert candidate([3], 3) == 1
    assert candidate([3], 4) == 0
    assert candidate([1, 1, 1, 1], 3) == 3
    assert candidate([1, 1, 1, 1], 4) == 4
    assert candidate([1, 1, 1, 1], 5) == 0
    assert candidate([5, 1, 1, 6], 6) == 1
    assert candidate([4, 1, 1, 3, 3], 6) == 2
    assert candidate([1, 2, 9, 1], 12) == 3


def level_steps(steps: list[int]) -> list[tuple[int, int]]:
    """Describe a walk by its highest and lowest points.

    The walk begins at height 0, and each step changes the height by the given number. Return the
    pairs (highest, lowest) reached so far, one pair for each step. The beginning counts, too.

    >>> level_steps([2, -3, 1])
    [(2, 0), (2, -1), (2, -1)]
    """
    height = highest = lowest = 0
    pairs = []
    for step in steps:
        height += step
        highest = max(highest, height)
        lowest = min(lowest, height)
        pairs.append((highest, lowest))
    return pairs


def check_level_steps(candidate: Candidate) -> None:
    assert candidate([2, -3, 1]) == [(2, 0), (2, -1), (2, -1)]
    assert candidate([]) == []
    assert candidate([-1]) == [(0, -1)]
    assert candidate([1]) == [(1, 0)]
    assert candidate([0, 0]) == [(0, 0), (0, 0)]
    assert candidate([-2, 5, -9]) == [(0, -2), (3, -2), (3, -6)]
    assert candidate([1, 1, -1, 2]) == [(1, 0), (2, 0), (2, 0), (3, 0)]
