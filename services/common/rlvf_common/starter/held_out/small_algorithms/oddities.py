"""Unusual questions about numbers, words and pictures."""

from itertools import pairwise

from rlvf_common.starter.candidate import Candidate


def holes_in_digits(number: int) -> int:
    """Some digits are drawn with holes: 0, 6 and 9 have one hole, 8 has two, others have none.

    Return how many holes there are when the number is written. It may be negative.

    >>> holes_in_digits(1689)
    4
    >>> holes_in_digits(-7)
    0
    """
    text = str(number)
    return sum(text.count(digit) for digit in "06898")


def check_holes_in_digits(candidate: Candidate) -> None:
    assert candidate(1689) == 4
    assert candidate(-7) == 0
    assert candidate(0) == 1
    assert candidate(8) == 2
    assert candidate(100) == 2
    assert candidate(-88) == 4
    assert candidate(12345) == 0
    assert candidate(9) == 1
    assert candidate(6) == 1


def vowels_climb(word: str) -> bool:
    """Return True if the vowels a, e, i, o and u of the word stand in alphabetical order.

    Other letters do not matter, and a vowel may occur several times in a row. The word has only
    lower-case letters.

    >>> vowels_climb("begin")
    True
    >>> vowels_climb("river")
    False
    """
    vowels = [letter for letter in word if letter in "aeiou"]
    return vowels == sorted(vowels)


def check_vowels_climb(candidate: Candidate) -> None:
    assert candidate("begin") is True
    assert candidate("river") is False
    assert candidate("") is True
    assert candidate("sky") is True
    assert candidate("banana") is True
    assert candidate("facetious") is True
    assert candidate("queen") is False
    assert candidate("zebra") is False
    assert candidate("alone") is False
    assert candidate("tree") is True


def hands_take_turns(word: str) -> bool:
    """Who types with ten fingers uses the left hand for the letters qwertasdfgzxcvb and the right
    hand for all other letters.

    Return True if no two neighboring letters of the word are typed with the same hand. The
    word has only lower-case letters.

    >>> hands_take_turns("dock")
    True
    >>> hands_take_turns("tree")
    False
    """
    left = [letter in "qwertasdfgzxcvb" for letter in word]
    return all(first != second for first, second in pairwise(left))


def check_hands_take_turns(candidate: Candidate) -> None:
    assert candidate("dock") is True
    assert candidate("tree") is False
    assert candidate("") is True
    assert candidate("a") is True
    assert candidate("pi") is False
    assert candidate("an") is True
    assert candidate("maps") is True
    assert candidate("map") is True
    assert candidate("socks") is True
    assert candidate("hat") is False
    assert candidate("moon") is False


def sums_of_ring_neighbors(numbers: list[int]) -> list[int]:
    """The numbers stand in a ring: the last one is a neighbor of the first one.

    For each number return the sum of its left and its right neighbor, without the number
    itself. A number that stands alone is its own neighbor on both sides.

    >>> sums_of_ring_neighbors([1, 2, 3, 4])
    [6, 4, 6, 4]
    >>> sums_of_ring_neighbors([5])
    [10]
    """
    size = len(numbers)
    return [numbers[i - 1] + numbers[(i + 1) % size] for i in range(size)]


def check_sums_of_ring_neighbors(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4]) == [6, 4, 6, 4]
    assert candidate([5]) == [10]
    assert candidate([]) == []
    assert candidate([1, 7]) == [14, 2]
    assert candidate([10, 20, 40]) == [60, 50, 30]
    assert candidate([0, 0, 9]) == [9, 9, 0]
    assert candidate([-1, 4, -2, 8, 3]) == [7, -3, 12, 1, 7]


def sum_before_repeat(numbers: list[int]) -> int:
    """Add up the numbers from the left until one comes that was there before; stop before it.

    If no number occurs twice, add up all of them.

    >>> sum_before_repeat([2, 5, 2, 9])
    7
    >>> sum_before_repeat([1, 2])
    3
    """
    seen: set[int] = set()
    for number in numbers:
        if number in seen:
            break
        seen.add(number)
    return sum(seen)


def check_sum_before_repeat(candidate: Candidate) -> None:
    assert candidate([2, 5, 2, 9]) == 7
    assert candidate([1, 2]) == 3
    assert candidate([]) == 0
    assert candidate([4, 4, 1]) == 4
    assert candidate([3, 1, 6, 1, 3]) == 10
    assert candidate([-5, 5, 10, -5]) == 10
    assert candidate([0, 0, 8]) == 0
    assert candidate([7, 8, 9, 9, 7]) == 24


def sum_as_text(numbers: list[int]) -> str:
    """Write the sum of the numbers as a calculation with its result, such as "2 + 3 = 5".

    Negative numbers are put in parentheses, but the result is not. There is at least one number.

    >>> sum_as_text([4, -6])
    '4 + (-6) = -2'
    >>> sum_as_text([8])
    '8 = 8'
    """
    parts = [f"({number})" if number < 0 else f"{number}" for number in numbers]
    return " + ".join(parts) + f" = {sum(numbers)}"


def check_sum_as_text(candidate: Candidate) -> None:
    assert candidate([4, -6]) == "4 + (-6) = -2"
    assert candidate([8]) == "8 = 8"
    assert candidate([1, 2, 3]) == "1 + 2 + 3 = 6"
    assert candidate([0]) == "0 = 0"
    assert candidate([-1]) == "(-1) = -1"
    assert candidate([0, -2, 2]) == "0 + (-2) + 2 = 0"
    assert candidate([10, 20]) == "10 + 20 = 30"


def word_that_stands_out(words: list[str]) -> str:
    """All words of the list have the same length, except one. Return that word.

    The list has at least three words.

    >>> word_that_stands_out(["cat", "horse", "dog"])
    'horse'
    >>> word_that_stands_out(["a", "up", "on", "at"])
    'a'
    """
    lengths = [len(word) for word in words]
    return next(word for word in words if lengths.count(len(word)) == 1)


def check_word_that_stands_out(candidate: Candidate) -> None:
    assert candidate(["cat", "horse", "dog"]) == "horse"
    assert candidate(["a", "up", "on", "at"]) == "a"
    assert candidate(["up", "at", ""]) == ""
    assert candidate(["long", "tall", "wide", "big"]) == "big"
    assert candidate(["tower", "sun", "sea", "ice", "fog"]) == "tower"
    assert candidate(["x", "x", "yy"]) == "yy"
    assert candidate(["same", "same", "other", "same"]) == "other"


def rook_path_is_free(row: str, start: int, end: int) -> bool:
    """A row of a board is a text; a dot is an empty square. A rook moves along the row from the
    start index to the end index, to the right or to the left.

    Return True if all squares between the two are empty. What stands on the start and on the
    end itself does not matter. A rook that does not move is free.

    >>> rook_path_is_free("R..x.", 0, 3)
    True
    >>> rook_path_is_free("R..x.", 0, 4)
    False
    """
    low, high = sorted((start, end))
    return all(square == "." for square in row[low + 1 : high])


def check_rook_path_is_free(candidate: Candidate) -> None:
    assert candidate("R..x.", 0, 3) is True
    assert candidate("R..x.", 0, 4) is False
    assert candidate("x..R", 3, 0) is True
    assert candidate("x.x.R", 4, 0) is False
    assert candidate("xR", 1, 0) is True
    assert candidate("xRx", 1, 1) is True
    assert candidate("Rx.", 0, 2) is False
    assert candidate("..R.x", 2, 0) is True
    assert candidate("x.R.x", 2, 3) is True
    assert candidate("R.x", 0, 2) is True


def cropped_picture(rows: list[str]) -> list[str]:
    """Each text is a row of a picture, all equally long; a dot is an empty point.

    Cut off all rows and columns at the four sides that are completely empty, but nothing
    between other points. A picture that is completely empty becomes an empty list.

    >>> cropped_picture(["....", ".#.#", "...."])
    ['#.#']
    >>> cropped_picture(["...", "..."])
    []
    """
    filled = [r for r, row in enumerate(rows) if row.strip(".")]
    if not filled:
        return []
    kept = rows[filled[0] : filled[-1] + 1]
    left = min(len(row) - len(row.lstrip(".")) for row in kept)
    right = max(len(row.rstrip(".")) for row in kept)
    return [row[left:right] for row in kept]


def check_cropped_picture(candidate: Candidate) -> None:
    assert candidate(["....", ".#.#", "...."]) == ["#.#"]
    assert candidate(["...", "..."]) == []
    assert candidate([]) == []
    assert candidate(["#"]) == ["#"]
    assert candidate(["#..", "...", ".#."]) == ["#.", "..", ".#"]
    assert candidate(["...#", "...."]) == ["#"]
    assert candidate(["..x.", ".x..", "...."]) == [".x", "x."]
    assert candidate([".....", "..a..", ".....", "...b.", "....."]) == ["a.", "..", ".b"]


def boxes_nest(boxes: list[tuple[int, int]]) -> bool:
    """Every box has a length and a width. The boxes are listed from the outermost to the innermost.

    A box fits into the one before it if both of its sides are smaller than the sides there;
    for this it may be turned by a quarter. Return True if every box fits into the one before
    it. A list of no box or a single one nests.

    >>> boxes_nest([(9, 5), (4, 8), (3, 3)])
    True
    >>> boxes_nest([(9, 5), (6, 6)])
    False
    """
    sides = [sorted(box) for box in boxes]
    return all(inner[0] < outer[0] and inner[1] < outer[1] for outer, inner in pairwise(sides))


def check_boxes_nest(candidate: Candidate) -> None:
    assert candidate([(9, 5), (4, 8), (3, 3)]) is True
    assert candidate([(9, 5), (6, 6)]) is False
    assert candidate([]) is True
    assert candidate([(2, 7)]) is True
    assert candidate([(5, 5), (5, 4)]) is False
    assert candidate([(5, 6), (5, 4)]) is True
    assert candidate([(3, 3), (9, 9)]) is False
    assert candidate([(4, 9), (5, 4)]) is False
    assert candidate([(9, 9), (2, 2), (4, 4)]) is False
    assert candidate([(10, 3), (2, 10)]) is False
    assert candidate([(10, 3), (2, 9), (1, 1)]) is True
