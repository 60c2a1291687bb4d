"""Finding stretches, peaks, ranks and other patterns in lists and texts."""

from rlvf_common.starter.candidate import Candidate


def first_repeating_neighbor(text: str) -> str:
    """Return the first character that is directly followed by the same character.

    Return an empty string if there is no such character.

    >>> first_repeating_neighbor("balloon")
    'l'
    >>> first_repeating_neighbor("abab")
    ''
    """
    for index in range(len(text) - 1):
        if text[index] == text[index + 1]:
            return text[index]
    return ""


def check_first_repeating_neighbor(candidate: Candidate) -> None:
    assert candidate("balloon") == "l"
    assert candidate("abab") == ""
    assert candidate("") == ""
    assert candidate("aa") == "a"
    assert candidate("abcc") == "c"
    assert candidate("x") == ""
    assert candidate("aabb") == "a"


def reading_time(text: str, words_per_minute: int) -> int:
    """Return how many minutes it takes to read the text, rounded up to a full minute.

    A text without words takes 0 minutes.

    >>> reading_time("one two three", 2)
    2
    >>> reading_time("one two", 2)
    1
    """
    words = len(text.split())
    return (words + words_per_minute - 1) // words_per_minute


def check_reading_time(candidate: Candidate) -> None:
    assert candidate("one two three", 2) == 2
    assert candidate("one two", 2) == 1
    assert candidate("", 10) == 0
    assert candidate("a", 100) == 1
    assert candidate("a b c d e f", 3) == 2
    assert candidate("a b c d e f g", 3) == 3
    assert candidate("x y z", 1) == 3


def most_used_word(sentence: str) -> str:
    """Return the word that is used most often in the sentence.

    If several words are used equally often, return the one that comes first.
    Return an empty string if there are no words.

    >>> most_used_word("the cat and the dog")
    'the'
    >>> most_used_word("one two")
    'one'
    """
    words = sentence.split()
    best = ""
    for word in words:
        if words.count(word) > words.count(best):
            best = word
    return best


def check_most_used_word(candidate: Candidate) -> None:
    assert candidate("the cat and the dog") == "the"
    assert candidate("one two") == "one"
    assert candidate("") == ""
    assert candidate("b a a b") == "b"
    assert candidate("x y y") == "y"
    assert candidate("a b b c c c") == "c"
    assert candidate("z") == "z"


def count_sign_changes(numbers: list[int]) -> int:
    """Count how often a number and the number right after it have different signs.

    The list does not contain zero.

    >>> count_sign_changes([1, -2, 3])
    2
    >>> count_sign_changes([4, 5, -1])
    1
    """
    changes = 0
    for index in range(1, len(numbers)):
        if (numbers[index - 1] < 0) != (numbers[index] < 0):
            changes += 1
    return changes


def check_count_sign_changes(candidate: Candidate) -> None:
    assert candidate([1, -2, 3]) == 2
    assert candidate([4, 5, -1]) == 1
    assert candidate([]) == 0
    assert candidate([7]) == 0
    assert candidate([-1, -2, -3]) == 0
    assert candidate([-1, 1, 1, -1]) == 2
    assert candidate([1, -1, 1, -1]) == 3


def second_highest(numbers: list[int]) -> int | None:
    """Return the second highest of the different values in the list.

    Return None if the list has fewer than two different values.

    >>> second_highest([4, 9, 7])
    7
    >>> second_highest([5, 5, 3])
    3
    """
    values = sorted(set(numbers))
    if len(values) < 2:
        return None
    return values[-2]


def check_second_highest(candidate: Candidate) -> None:
    assert candidate([4, 9, 7]) == 7
    assert candidate([5, 5, 3]) == 3
    assert candidate([2, 2]) is None
    assert candidate([]) is None
    assert candidate([1]) is None
    assert candidate([-1, -2]) == -2
    assert candidate([8, 8, 6, 6, 1]) == 6


def count_local_peaks(heights: list[int]) -> int:
    """Count the heights that are greater than both their left and right neighbors.

    The first and the last height have only one neighbor and never count.

    >>> count_local_peaks([1, 3, 2, 5, 4])
    2
    >>> count_local_peaks([1, 2, 3])
    0
    """
    peaks = 0
    for index in range(1, len(heights) - 1):
        if heights[index - 1] < heights[index] > heights[index + 1]:
            peaks += 1
    return peaks


def check_count_local_peaks(candidate: Candidate) -> None:
    assert candidate([1, 3, 2, 5, 4]) == 2
    assert candidate([1, 2, 3]) == 0
    assert candidate([]) == 0
    assert candidate([5, 1, 5]) == 0
    assert candidate([1, 2, 2, 1]) == 0
    assert candidate([0, 9, 0]) == 1
    assert candidate([2, 1, 1, 4, 1]) == 1


def longest_equal_run(items: list[int]) -> int:
    """Return the length of the longest stretch of equal items that stand side by side.

    >>> longest_equal_run([1, 1, 2, 2, 2, 3])
    3
    >>> longest_equal_run([5])
    1
    """
    best = 0
    current = 0
    for index, item in enumerate(items):
        if index > 0 and items[index - 1] == item:
            current += 1
        else:
            current = 1
        best = max(best, current)
    return best


def check_longest_equal_run(candidate: Candidate) -> None:
    assert candidate([1, 1, 2, 2, 2, 3]) == 3
    assert candidate([5]) == 1
    assert candidate([]) == 0
    assert candidate([1, 2, 1, 2]) == 1
    assert candidate([4, 4]) == 2
    assert candidate([7, 7, 7, 1, 7]) == 3
    assert candidate([1, 2, 2]) == 2


def small_before_big(numbers: list[int], limit: int) -> list[int]:
    """Return first the numbers below the limit and then all the others.

    Inside both groups the numbers keep their order.

    >>> small_before_big([5, 1, 7, 2], 4)
    [1, 2, 5, 7]
    >>> small_before_big([3, 2, 1], 10)
    [3, 2, 1]
    """
    small = [number for number in numbers if number < limit]
    return small + [number for number in numbers if number >= limit]


def check_small_before_big(candidate: Candidate) -> None:
    assert candidate([5, 1, 7, 2], 4) == [1, 2, 5, 7]
    assert candidate([3, 2, 1], 10) == [3, 2, 1]
    assert candidate([], 0) == []
    assert candidate([4, 3, 4], 4) == [3, 4, 4]
    assert candidate([9, 8], 5) == [9, 8]
    assert candidate([6, -1, 6, -2], 0) == [-1, -2, 6, 6]


def sums_of_groups(numbers: list[int], size: int) -> list[int]:
    """Cut the list into groups of the given size and return the sum of each group.

    The last group may be shorter than the others.

    >>> sums_of_groups([1, 2, 3, 4, 5], 2)
    [3, 7, 5]
    >>> sums_of_groups([1, 2], 5)
    [3]
    """
    return [sum(numbers[start : start + size]) for start in range(0, len(numbers), size)]


def check_sums_of_groups(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4, 5], 2) == [3, 7, 5]
    assert candidate([1, 2], 5) == [3]
    assert candidate([], 3) == []
    assert candidate([7, 8, 9], 1) == [7, 8, 9]
    assert candidate([1, 2, 3, 4], 2) == [3, 7]
    assert candidate([1, 2, 3, 4], 3) == [6, 4]


def ranks_of_scores(scores: list[int]) -> list[int]:
    """Return the rank of each score. The highest score has rank 1.

    Equal scores share a rank: one plus the number of scores that are strictly higher.

    >>> ranks_of_scores([50, 80, 60])
    [3, 1, 2]
    >>> ranks_of_scores([7, 7, 5])
    [1, 1, 3]
    """
    return [1 + sum(1 for other in scores if other > score) for score in scores]


def check_ranks_of_scores(candidate: Candidate) -> None:
    assert candidate([50, 80, 60]) == [3, 1, 2]
    assert candidate([7, 7, 5]) == [1, 1, 3]
    assert candidate([]) == []
    assert candidate([4]) == [1]
    assert candidate([1, 2, 3, 4]) == [4, 3, 2, 1]
    assert candidate([9, 3, 9, 3]) == [1, 3, 1, 3]


def votes_winner(votes: list[str]) -> str:
    """Return the name with the most votes.

    If several names have the most votes, return the one that comes first in the alphabet.
    Return an empty string if nobody voted.

    >>> votes_winner(["Bo", "Al", "Bo"])
    'Bo'
    >>> votes_winner(["Zed", "Amy"])
    'Amy'
    """
    counts: dict[str, int] = {}
    for name in votes:
        counts[name] = counts.get(name, 0) + 1
    if not counts:
        return ""
    most = max(counts.values())
    return min(name for name, count in counts.items() if count == most)


def check_votes_winner(candidate: Candidate) -> None:
    assert candidate(["Bo", "Al", "Bo"]) == "Bo"
    assert candidate(["Zed", "Amy"]) == "Amy"
    assert candidate([]) == ""
    assert candidate(["Kim"]) == "Kim"
    assert candidate(["c", "b", "b", "a", "c", "d"]) == "b"
    assert candidate(["a", "z", "z"]) == "z"
    assert candidate(["y", "y", "x", "x", "w"]) == "x"
