"""Sorting, ranking and rearranging lists."""

from rlvf_common.starter.candidate import Candidate


def sorted_by_last_letter(words: list[str]) -> list[str]:
    """Sort the words by their last letter. Words with the same last letter keep their order.

    No word is empty.

    >>> sorted_by_last_letter(["tea", "sob", "spa"])
    ['tea', 'spa', 'sob']
    """
    return sorted(words, key=lambda word: word[-1])


def check_sorted_by_last_letter(candidate: Candidate) -> None:
    assert candidate(["tea", "sob", "spa"]) == ["tea", "spa", "sob"]
    assert candidate([]) == []
    assert candidate(["x"]) == ["x"]
    assert candidate(["az", "by", "cx"]) == ["cx", "by", "az"]
    assert candidate(["za", "ya", "xa"]) == ["za", "ya", "xa"]
    assert candidate(["ab", "aB"]) == ["aB", "ab"]
    assert candidate(["bee", "ant", "fly", "ape"]) == ["bee", "ape", "ant", "fly"]


def by_distance_from_zero(numbers: list[int]) -> list[int]:
    """Sort the numbers by how far they are from zero, nearest first.

    Of two numbers at the same distance, the positive one comes first.

    >>> by_distance_from_zero([-2, 1, 2, -1])
    [1, -1, 2, -2]
    """
    return sorted(numbers, key=lambda number: (abs(number), -number))


def check_by_distance_from_zero(candidate: Candidate) -> None:
    assert candidate([-2, 1, 2, -1]) == [1, -1, 2, -2]
    assert candidate([]) == []
    assert candidate([-7]) == [-7]
    assert candidate([0, -3, 3, 0]) == [0, 0, 3, -3]
    assert candidate([10, -1, 5]) == [-1, 5, 10]
    assert candidate([-4, 4, -4]) == [4, -4, -4]
    assert candidate([3, 2, 1]) == [1, 2, 3]


def swap_halves(items: list[int]) -> list[int]:
    """Exchange the first half of the list with the second half.

    If the length is odd, the middle item stays in the middle.

    >>> swap_halves([1, 2, 3, 4, 5])
    [4, 5, 3, 1, 2]
    """
    half = len(items) // 2
    return items[len(items) - half :] + items[half : len(items) - half] + items[:half]


def check_swap_halves(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4, 5]) == [4, 5, 3, 1, 2]
    assert candidate([]) == []
    assert candidate([7]) == [7]
    assert candidate([7, 8]) == [8, 7]
    assert candidate([7, 8, 9]) == [9, 8, 7]
    assert candidate([1, 2, 3, 4]) == [3, 4, 1, 2]
    assert candidate([0, 0, 5, 1, 1, 1]) == [1, 1, 1, 0, 0, 5]


def rotate_to_smallest(numbers: list[int]) -> list[int]:
    """Move numbers from the front to the back until the smallest one stands in front.

    If the smallest number occurs several times, stop at its first occurrence.

    >>> rotate_to_smallest([5, 9, 2, 7])
    [2, 7, 5, 9]
    """
    start = numbers.index(min(numbers)) if numbers else 0
    return numbers[start:] + numbers[:start]


def check_rotate_to_smallest(candidate: Candidate) -> None:
    assert candidate([5, 9, 2, 7]) == [2, 7, 5, 9]
    assert candidate([]) == []
    assert candidate([3]) == [3]
    assert candidate([1, 2, 3]) == [1, 2, 3]
    assert candidate([3, 2, 1]) == [1, 3, 2]
    assert candidate([4, 1, 5, 1, 6]) == [1, 5, 1, 6, 4]
    assert candidate([0, -8, 8]) == [-8, 8, 0]


def version_order(versions: list[str]) -> list[str]:
    """Sort version numbers such as "1.10.2" from the oldest to the newest.

    The parts between the dots are compared as numbers from left to right. All versions have the
    same number of parts.

    >>> version_order(["1.10", "1.9", "0.20"])
    ['0.20', '1.9', '1.10']
    """
    return sorted(versions, key=lambda version: [int(part) for part in version.split(".")])


def check_version_order(candidate: Candidate) -> None:
    assert candidate(["1.10", "1.9", "0.20"]) == ["0.20", "1.9", "1.10"]
    assert candidate([]) == []
    assert candidate(["3"]) == ["3"]
    assert candidate(["10", "9", "100"]) == ["9", "10", "100"]
    assert candidate(["2.0.1", "2.0.0", "1.99.99"]) == ["1.99.99", "2.0.0", "2.0.1"]
    assert candidate(["1.2.30", "1.20.3", "1.2.4"]) == ["1.2.4", "1.2.30", "1.20.3"]
    assert candidate(["0.1", "0.0"]) == ["0.0", "0.1"]


def results_table(results: list[tuple[str, int]]) -> list[str]:
    """Return the names by points, most points first; with equal points by name.

    Each result is a name and its points.

    >>> results_table([("Bo", 3), ("Al", 3), ("Cy", 8)])
    ['Cy', 'Al', 'Bo']
    """
    return [name for name, points in sorted(results, key=lambda result: (-result[1], result[0]))]


def check_results_table(candidate: Candidate) -> None:
    assert candidate([("Bo", 3), ("Al", 3), ("Cy", 8)]) == ["Cy", "Al", "Bo"]
    assert candidate([]) == []
    assert candidate([("Zoe", 0)]) == ["Zoe"]
    assert candidate([("A", 1), ("B", 2), ("C", 3)]) == ["C", "B", "A"]
    assert candidate([("C", 5), ("B", 5), ("A", 5)]) == ["A", "B", "C"]
    assert candidate([("X", -2), ("Y", -1)]) == ["Y", "X"]
    assert candidate([("m", 4), ("M", 4), ("k", 9)]) == ["k", "M", "m"]


def deal_cards(cards: list[int], players: int) -> list[list[int]]:
    """Deal the cards one by one to the players in turn; return the hand of each player.

    The first card goes to the first player. If the cards do not come out even, the first players
    have one card more.

    >>> deal_cards([1, 2, 3, 4, 5], 2)
    [[1, 3, 5], [2, 4]]
    """
    return [cards[player::players] for player in range(players)]


def check_deal_cards(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4, 5], 2) == [[1, 3, 5], [2, 4]]
    assert candidate([], 2) == [[], []]
    assert candidate([7, 8], 1) == [[7, 8]]
    assert candidate([7, 8], 3) == [[7], [8], []]
    assert candidate([1, 2, 3, 4, 5, 6], 3) == [[1, 4], [2, 5], [3, 6]]
    assert candidate([9, 9, 9], 3) == [[9], [9], [9]]


def weave_blocks(first: list[int], second: list[int], size: int) -> list[int]:
    """Take blocks of `size` items from both lists in turn, beginning with the first list.

    A block at the end of a list may be shorter. If a list is used up, go on with the blocks of the
    other one.

    >>> weave_blocks([1, 2, 3, 4, 5], [10, 20, 30], 2)
    [1, 2, 10, 20, 3, 4, 30, 5]
    """
    woven = []
    for place in range(0, max(len(first), len(second)), size):
        woven += first[place : place + size]
        woven += second[place : place + size]
    return woven


def check_weave_blocks(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4, 5], [10, 20, 30], 2) == [1, 2, 10, 20, 3, 4, 30, 5]
    assert candidate([], [], 3) == []
    assert candidate([], [5, 6], 1) == [5, 6]
    assert candidate([5, 6], [], 1) == [5, 6]
    assert candidate([1], [2, 3, 4], 2) == [1, 2, 3, 4]
    assert candidate([1, 3], [2, 4], 1) == [1, 2, 3, 4]
    assert candidate([1, 2], [3, 4], 9) == [1, 2, 3, 4]
    assert candidate([1, 2, 3, 4], [9, 8, 7, 6], 3) == [1, 2, 3, 9, 8, 7, 4, 6]


def outside_in(items: list[int]) -> list[int]:
    """Return the first item, the last one, the second, the second to last and so on.

    >>> outside_in([1, 2, 3, 4, 5])
    [1, 5, 2, 4, 3]
    """
    result = []
    left = 0
    right = len(items) - 1
    while left <= right:
        result.append(items[left])
        if left < right:
            result.append(items[right])
        left += 1
        right -= 1
    return result


def check_outside_in(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4, 5]) == [1, 5, 2, 4, 3]
    assert candidate([]) == []
    assert candidate([6]) == [6]
    assert candidate([6, 7]) == [6, 7]
    assert candidate([1, 2, 3]) == [1, 3, 2]
    assert candidate([4, 3, 2, 1]) == [4, 1, 3, 2]
    assert candidate([5, 5, 0, 5]) == [5, 5, 5, 0]


def steps_out_of_order(numbers: list[int]) -> int:
    """Count the numbers that are smaller than the number directly before them.

    >>> steps_out_of_order([1, 3, 2, 2, 1])
    2
    """
    return sum(numbers[place] < numbers[place - 1] for place in range(1, len(numbers)))


def check_steps_out_of_order(candidate: Candidate) -> None:
    assert candidate([1, 3, 2, 2, 1]) == 2
    assert candidate([]) == 0
    assert candidate([5]) == 0
    assert candidate([1, 2, 3]) == 0
    assert candidate([2, 2, 2]) == 0
    assert candidate([3, 2, 1]) == 2
    assert candidate([1, 2, 0]) == 1
    assert candidate([0, -1, 5, 4, 6]) == 2


def shared_ranks(scores: list[int]) -> list[float]:
    """Return the rank of every score. The highest one has rank 1.

    Equal scores share the average of the ranks that they take up together: two scores on the
    ranks 2 and 3 both have rank 2.5.

    >>> shared_ranks([50, 70, 50])
    [2.5, 1.0, 2.5]
    """
    ranks = []
    for score in scores:
        better = sum(other > score for other in scores)
        equal = scores.count(score)
        ranks.append(better + (equal + 1) / 2)
    return ranks


def check_shared_ranks(candidate: Candidate) -> None:
    assert candidate([50, 70, 50]) == [2.5, 1.0, 2.5]
    assert candidate([]) == []
    assert candidate([3]) == [1.0]
    assert candidate([1, 2, 3]) == [3.0, 2.0, 1.0]
    assert candidate([4, 4, 4]) == [2.0, 2.0, 2.0]
    assert candidate([9, 1, 9, 1]) == [1.5, 3.5, 1.5, 3.5]
    assert candidate([-1, 0, -1, -1]) == [3.0, 1.0, 3.0, 3.0]


def queue_with_priority(people: list[tuple[str, bool]]) -> list[str]:
    """Return the names in the order in which they are served.

    Each person has a name and may be urgent. Urgent people are served before all others; apart
    from that everybody is served in the given order, but among the urgent ones the last comes
    first.

    >>> queue_with_priority([("A", False), ("B", True), ("C", True), ("D", False)])
    ['C', 'B', 'A', 'D']
    """
    urgent = [name for name, is_urgent in people if is_urgent]
    others = [name for name, is_urgent in people if not is_urgent]
    return urgent[::-1] + others


def check_queue_with_priority(candidate: Candidate) -> None:
    assert candidate([("A", False), ("B", True), ("C", True), ("D", False)]) == [
        "C",
        "B",
        "A",
        "D",
    ]
    assert candidate([]) == []
    assert candidate([("A", False)]) == ["A"]
    assert candidate([("A", True)]) == ["A"]
    assert candidate([("A", False), ("B", False)]) == ["A", "B"]
    assert candidate([("A", True), ("B", True)]) == ["B", "A"]
    assert candidate([("Z", False), ("Y", True)]) == ["Y", "Z"]


def insert_by_length(words: list[str], word: str) -> list[str]:
    """Insert a word into words that are sorted by length, shortest first.

    The new word comes behind all words that are not longer than it. The given list must not be
    changed.

    >>> insert_by_length(["a", "to", "ants"], "be")
    ['a', 'to', 'be', 'ants']
    """
    place = sum(len(other) <= len(word) for other in words)
    return [*words[:place], word, *words[place:]]


def check_insert_by_length(candidate: Candidate) -> None:
    words = ["a", "to", "ants"]
    assert candidate(words, "be") == ["a", "to", "be", "ants"]
    assert words == ["a", "to", "ants"]
    assert candidate([], "x") == ["x"]
    assert candidate(["b"], "") == ["", "b"]
    assert candidate(["b"], "a") == ["b", "a"]
    assert candidate(["b", "cc"], "long") == ["b", "cc", "long"]
    assert candidate(["bb", "aa", "ddd"], "cc") == ["bb", "aa", "cc", "ddd"]
    assert candidate(["bb", "ddd"], "z") == ["z", "bb", "ddd"]
