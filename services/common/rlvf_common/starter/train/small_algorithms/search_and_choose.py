"""Searching through possibilities and choosing the best one."""

from rlvf_common.starter.candidate import Candidate


def best_pair_below(numbers: list[int], limit: int) -> int | None:
    """Return the largest sum of two numbers at different places that is still at most the limit.

    Return None if no two numbers have such a sum.

    >>> best_pair_below([5, 1, 4, 8], 10)
    9
    """
    sums = [
        numbers[first] + numbers[second] for first in range(len(numbers)) for second in range(first)
    ]
    return max((total for total in sums if total <= limit), default=None)


def check_best_pair_below(candidate: Candidate) -> None:
    assert candidate([5, 1, 4, 8], 10) == 9
    assert candidate([], 10) is None
    assert candidate([5], 10) is None
    assert candidate([5, 5], 10) == 10
    assert candidate([5, 6], 10) is None
    assert candidate([5, 9, 9], 10) is None
    assert candidate([-4, -6, 3], 0) == -1
    assert candidate([0, 0], 7) == 0
    assert candidate([1, 2, 3, 4], 6) == 6
    assert candidate([10, 1], 100) == 11


def guesses_needed(secret: int, low: int, high: int) -> int:
    """Return how many guesses it takes to find a secret number between low and high, inclusive.

    The guess is always the middle of the remaining range, rounded down. If it is too small or too
    large, the range goes on just above or just below it. The right guess counts, too.

    >>> guesses_needed(5, 1, 9)
    1
    """
    guesses = 0
    while True:
        guess = (low + high) // 2
        guesses += 1
        if guess == secret:
            return guesses
        if guess < secret:
            low = guess + 1
        else:
            high = guess - 1


def check_guesses_needed(candidate: Candidate) -> None:
    assert candidate(5, 1, 9) == 1
    assert candidate(7, 7, 7) == 1
    assert candidate(1, 1, 2) == 1
    assert candidate(2, 1, 2) == 2
    assert candidate(2, 1, 9) == 2
    assert candidate(9, 1, 9) == 4
    assert candidate(6, 1, 9) == 3
    assert candidate(1, 1, 100) == 6
    assert candidate(100, 1, 100) == 7
    assert candidate(-3, -4, 0) == 3


def smallest_enough(packs: list[int], needed: int) -> int | None:
    """Return the size of the smallest pack that is at least as large as needed.

    If there is none, return the largest pack; without any packs return None.

    >>> smallest_enough([10, 4, 6], 5)
    6
    """
    enough = [pack for pack in packs if pack >= needed]
    return min(enough) if enough else max(packs, default=None)


def check_smallest_enough(candidate: Candidate) -> None:
    assert candidate([10, 4, 6], 5) == 6
    assert candidate([10, 4, 6], 6) == 6
    assert candidate([10, 4, 6], 11) == 10
    assert candidate([], 1) is None
    assert candidate([3], 9) == 3
    assert candidate([3], 0) == 3
    assert candidate([7, 2, 7, 2], 1) == 2


def best_trade_days(prices: list[int]) -> tuple[int, int] | None:
    """Return on which day to buy and on which later day to sell for the largest gain.

    Days count from 0. Of several such pairs of days take the one that buys first, and then the one
    that sells first. Return None if no trade brings a gain above 0.

    >>> best_trade_days([5, 2, 9, 4])
    (1, 2)
    """
    best = None
    gain = 0
    for buy in range(len(prices)):
        for sell in range(buy + 1, len(prices)):
            if prices[sell] - prices[buy] > gain:
                gain = prices[sell] - prices[buy]
                best = (buy, sell)
    return best


def check_best_trade_days(candidate: Candidate) -> None:
    assert candidate([5, 2, 9, 4]) == (1, 2)
    assert candidate([]) is None
    assert candidate([5]) is None
    assert candidate([5, 4, 3]) is None
    assert candidate([3, 3]) is None
    assert candidate([1, 2]) == (0, 1)
    assert candidate([1, 5, 1, 5]) == (0, 1)
    assert candidate([9, 1, 3, 0, 2]) == (1, 2)
    assert candidate([4, 8, 1, 2, 7, 7]) == (2, 4)


def fill_bag(weights: list[int], limit: int) -> int:
    """Return the largest total weight, at most the limit, that some of the things have together.

    Each thing can be taken at most once. Taking nothing weighs 0.

    >>> fill_bag([5, 4, 3], 8)
    8
    """
    totals = {0}
    for weight in weights:
        totals |= {total + weight for total in totals if total + weight <= limit}
    return max(totals)


def check_fill_bag(candidate: Candidate) -> None:
    assert candidate([5, 4, 3], 8) == 8
    assert candidate([5, 4, 3], 6) == 5
    assert candidate([], 10) == 0
    assert candidate([11], 10) == 0
    assert candidate([10], 10) == 10
    assert candidate([2, 2, 2], 5) == 4
    assert candidate([6, 5, 5], 10) == 10
    assert candidate([3], 9) == 3
    assert candidate([7, 8, 9], 0) == 0


def even_split_exists(numbers: list[int]) -> bool:
    """Tell whether the numbers can be divided into two groups with the same sum.

    Every number belongs to exactly one group; a group may be empty and has the sum 0 then. No
    number is negative.

    >>> even_split_exists([3, 1, 2])
    True
    """
    sums = {0}
    for number in numbers:
        sums = {total + number for total in sums} | {abs(total - number) for total in sums}
    return 0 in sums


def check_even_split_exists(candidate: Candidate) -> None:
    assert candidate([3, 1, 2]) is True
    assert candidate([]) is True
    assert candidate([4]) is False
    assert candidate([0]) is True
    assert candidate([4, 4]) is True
    assert candidate([1, 2]) is False
    assert candidate([5, 3, 3]) is False
    assert candidate([8, 7, 6, 5, 4]) is True
    assert candidate([1, 1, 1, 1, 6]) is False
    assert candidate([3, 3, 4, 4, 4]) is False
    assert candidate([3, 3, 3, 3, 4, 4, 4]) is True


def select_talks(talks: list[tuple[int, int, str]]) -> list[str]:
    """Choose talks so that you hear as many as possible, and return their titles in order.

    A talk is (start, end, title). Always take the talk that ends first among those that begin not
    before the end of the last one taken; if several end at the same time, the one that begins last.
    Every talk is longer than 0, and no two talks have the same start and end.

    >>> select_talks([(9, 12, "long"), (9, 10, "a"), (10, 11, "b")])
    ['a', 'b']
    """
    chosen = []
    free_from = None
    for start, end, title in sorted(talks, key=lambda talk: (talk[1], -talk[0])):
        if free_from is None or start >= free_from:
            chosen.append(title)
            free_from = end
    return chosen


def check_select_talks(candidate: Candidate) -> None:
    assert candidate([(9, 12, "long"), (9, 10, "a"), (10, 11, "b")]) == ["a", "b"]
    assert candidate([]) == []
    assert candidate([(1, 2, "x")]) == ["x"]
    assert candidate([(1, 3, "x"), (2, 3, "y")]) == ["y"]
    assert candidate([(2, 3, "y"), (1, 3, "x")]) == ["y"]
    assert candidate([(1, 4, "x"), (3, 5, "y"), (4, 6, "z")]) == ["x", "z"]
    assert candidate([(-5, -3, "p"), (-3, 0, "q"), (-4, -1, "r")]) == ["p", "q"]
    assert candidate([(5, 6, "late"), (1, 2, "early")]) == ["early", "late"]
    assert candidate([(0, 9, "all"), (1, 2, "a"), (3, 4, "b"), (5, 9, "c")]) == ["a", "b", "c"]


def cheapest_way_down(stairs: list[int]) -> int:
    """Return the lowest cost to get down some stairs.

    Every stair has a cost that is paid for standing on it. From the floor before the first stair,
    and from every stair, you may go one or two stairs further; the last stair must be used.
    Without stairs the cost is 0.

    >>> cheapest_way_down([5, 1, 9, 2])
    3
    """
    before = last = 0
    for cost in stairs:
        before, last = last, min(before, last) + cost
    return last


def check_cheapest_way_down(candidate: Candidate) -> None:
    assert candidate([5, 1, 9, 2]) == 3
    assert candidate([]) == 0
    assert candidate([4]) == 4
    assert candidate([4, 3]) == 3
    assert candidate([1, 2, 3]) == 4
    assert candidate([9, 9, 1]) == 10
    assert candidate([1, 9, 9, 1, 1]) == 11
    assert candidate([2, 5, 5, 2, 5]) == 12


def match_by_distance(workers: list[int], jobs: list[int]) -> list[tuple[int, int]]:
    """Match workers with jobs by distance and return the pairs (worker, job) in the order found.

    Workers and jobs stand on a line at the given positions and are numbered from 0. Again and again
    the pair with the smallest distance among those still free is matched; with equal distances the
    lower number of the worker counts first, then the lower number of the job. Stop when workers or
    jobs are used up.

    >>> match_by_distance([0, 10], [9, 3])
    [(1, 0), (0, 1)]
    """
    pairs = sorted(
        (abs(place - target), worker, job)
        for worker, place in enumerate(workers)
        for job, target in enumerate(jobs)
    )
    matched: list[tuple[int, int]] = []
    for _, worker, job in pairs:
        if all(worker != other and job != taken for other, taken in matched):
            matched.append((worker, job))
    return matched


def check_match_by_distance(candidate: Candidate) -> None:
    assert candidate([0, 10], [9, 3]) == [(1, 0), (0, 1)]
    assert candidate([], [1]) == []
    assert candidate([1], []) == []
    assert candidate([5], [9, 4, 6]) == [(0, 1)]
    assert candidate([4, 6], [5]) == [(0, 0)]
    assert candidate([1, 2, 3], [3, 2, 1]) == [(0, 2), (1, 1), (2, 0)]
    assert candidate([0, 4], [2, 2]) == [(0, 0), (1, 1)]
    assert candidate([0, -5, 7], [-4, 1]) == [(0, 1), (1, 0)]


def vote_rounds(ballots: list[list[str]]) -> str:
    """Find the winner of an election with ranked ballots, or return "" without ballots.

    Each ballot lists all candidates, the favorite first. In each round count only the first
    remaining candidate of every ballot, and remove the candidate who has the fewest (of several
    the last one in the alphabet). Who is left in the end wins.

    >>> vote_rounds([["a", "b", "c"], ["b", "a", "c"], ["c", "b", "a"]])
    'b'
    """
    remaining = sorted(ballots[0]) if ballots else []
    while len(remaining) > 1:
        firsts = [next(name for name in ballot if name in remaining) for ballot in ballots]
        remaining.remove(min(reversed(remaining), key=firsts.count))
    return "".join(remaining)


def check_vote_rounds(candidate: Candidate) -> None:
    abc = [["a", "b", "c"], ["b", "a", "c"], ["c", "b", "a"], ["b", "c", "a"], ["a", "c", "b"]]
    assert candidate(abc) == "b"
    assert candidate([]) == ""
    assert candidate([["x"]]) == "x"
    assert candidate([["cat", "ant"]]) == "cat"
    assert candidate([["c", "b", "a"], ["c", "a", "b"], ["b", "c", "a"], ["a", "b", "c"]]) == "c"
    assert candidate([["a", "b", "c"], ["c", "b", "a"], ["c", "a", "b"]]) == "c"
    assert candidate([["a", "b", "c"], ["a", "b", "c"], ["b", "a", "c"]]) == "a"
    assert candidate([["x", "y"], ["y", "x"]]) == "x"
    assert candidate([["y", "x"], ["y", "x"], ["x", "y"]]) == "y"
    assert candidate([["a", "b", "c"], ["b", "a", "c"], ["b", "c", "a"], ["c", "a", "b"]]) == "a"
    assert candidate([["a", "c", "b"], ["b", "c", "a"], ["c", "a", "b"]]) == "a"
    assert candidate([["a", "b", "c"], ["a", "b", "c"], ["b", "c", "a"], ["c", "b", "a"]]) == "a"
    assert (
        candidate(
            [["a", "b", "c"], ["a", "b", "c"], ["b", "c", "a"], ["c", "b", "a"], ["b", "c", "a"]]
        )
        == "b"
    )
