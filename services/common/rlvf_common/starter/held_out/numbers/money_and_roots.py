"""Old money, counters, and numbers that are searched for by a rule."""

from rlvf_common.starter.candidate import Candidate


def old_money_total(amounts: list[tuple[int, int, int]]) -> tuple[int, int, int]:
    """In old English money, 12 pence were a shilling and 20 shillings a pound.

    Each amount is a number of pounds, shillings and pence. Add all of them and return the
    total as pounds, shillings and pence, with fewer than 12 pence and fewer than 20 shillings.

    >>> old_money_total([(1, 15, 8), (0, 5, 6)])
    (2, 1, 2)
    >>> old_money_total([])
    (0, 0, 0)
    """
    pence = 0
    for pounds, shillings, rest in amounts:
        pence += (pounds * 20 + shillings) * 12 + rest
    return pence // 240, pence // 12 % 20, pence % 12


def check_old_money_total(candidate: Candidate) -> None:
    assert candidate([(1, 15, 8), (0, 5, 6)]) == (2, 1, 2)
    assert candidate([]) == (0, 0, 0)
    assert candidate([(0, 0, 12)]) == (0, 1, 0)
    assert candidate([(0, 20, 0)]) == (1, 0, 0)
    assert candidate([(0, 19, 11), (0, 0, 1)]) == (1, 0, 0)
    assert candidate([(3, 2, 1)]) == (3, 2, 1)
    assert candidate([(0, 19, 11)]) == (0, 19, 11)
    assert candidate([(0, 0, 250)]) == (1, 0, 10)
    assert candidate([(0, 7, 7), (0, 7, 7), (0, 7, 7)]) == (1, 2, 9)


def root_taken_apart(number: int) -> tuple[int, int]:
    """Write the square root of a number, at least 1, as a whole number times a smaller square
    root: the root of 72 is 6 times the root of 2.

    Return both numbers, here 6 and 2. The number below the root must be as small as possible.

    >>> root_taken_apart(72)
    (6, 2)
    >>> root_taken_apart(7)
    (1, 7)
    """
    outside = 1
    for factor in range(2, number + 1):
        while number % (factor * factor) == 0:
            number //= factor * factor
            outside *= factor
    return outside, number


def check_root_taken_apart(candidate: Candidate) -> None:
    assert candidate(72) == (6, 2)
    assert candidate(7) == (1, 7)
    assert candidate(1) == (1, 1)
    assert candidate(4) == (2, 1)
    assert candidate(8) == (2, 2)
    assert candidate(16) == (4, 1)
    assert candidate(45) == (3, 5)
    assert candidate(98) == (7, 2)
    assert candidate(360) == (6, 10)
    assert candidate(30) == (1, 30)


def steps_to_mirror_number(number: int) -> int:
    """A mirror number reads the same from both sides, such as 7 or 1221.

    If a number is none, add to it the number with the same digits from right to left, and look
    again. Return how many such steps lead from the given number to a mirror number. The given
    number is at least 1 and leads to one.

    >>> steps_to_mirror_number(19)
    2
    >>> steps_to_mirror_number(44)
    0
    """
    steps = 0
    while str(number) != str(number)[::-1]:
        number += int(str(number)[::-1])
        steps += 1
    return steps


def check_steps_to_mirror_number(candidate: Candidate) -> None:
    assert candidate(19) == 2
    assert candidate(44) == 0
    assert candidate(5) == 0
    assert candidate(10) == 1
    assert candidate(12) == 1
    assert candidate(59) == 3
    assert candidate(87) == 4
    assert candidate(100) == 1
    assert candidate(89) == 24


def next_with_equal_digit_sum(number: int) -> int:
    """Return the smallest number that is greater than the given one, which is at least 1, and
    whose digits have the same sum.

    >>> next_with_equal_digit_sum(15)
    24
    >>> next_with_equal_digit_sum(9)
    18
    """
    wanted = sum(map(int, str(number)))
    other = number + 1
    while sum(map(int, str(other))) != wanted:
        other += 1
    return other


def check_next_with_equal_digit_sum(candidate: Candidate) -> None:
    assert candidate(15) == 24
    assert candidate(9) == 18
    assert candidate(1) == 10
    assert candidate(10) == 100
    assert candidate(51) == 60
    assert candidate(60) == 105
    assert candidate(99) == 189
    assert candidate(130) == 202
    assert candidate(998) == 1799


def numbers_that_fit(highest: int, clues: list[str]) -> list[int]:
    """Somebody thinks of a whole number from 1 to the highest one and gives clues about it.

    The clue ">5" says that it is greater than 5, "<20" that it is smaller than 20, "/3" that it
    can be divided by 3, and "!7" that it has no digit 7. Return all numbers for which all clues
    are true, in rising order.

    >>> numbers_that_fit(30, [">5", "<20", "/3", "!2"])
    [6, 9, 15, 18]
    >>> numbers_that_fit(3, [])
    [1, 2, 3]
    """
    numbers = list(range(1, highest + 1))
    for clue in clues:
        kind, value = clue[0], int(clue[1:])
        if kind == ">":
            numbers = [number for number in numbers if number > value]
        elif kind == "<":
            numbers = [number for number in numbers if number < value]
        elif kind == "/":
            numbers = [number for number in numbers if number % value == 0]
        else:
            numbers = [number for number in numbers if clue[1:] not in str(number)]
    return numbers


def check_numbers_that_fit(candidate: Candidate) -> None:
    assert candidate(30, [">5", "<20", "/3", "!2"]) == [6, 9, 15, 18]
    assert candidate(3, []) == [1, 2, 3]
    assert candidate(0, [">1"]) == []
    assert candidate(10, [">8"]) == [9, 10]
    assert candidate(10, ["<3"]) == [1, 2]
    assert candidate(12, ["/5"]) == [5, 10]
    assert candidate(21, [">8", "!1"]) == [9, 20]
    assert candidate(9, [">5", ">3", "!7", "!6"]) == [8, 9]
    assert candidate(40, ["/10", ">10", "<40"]) == [20, 30]


def turns_of_counter_wheels(start: int, steps: int) -> int:
    """A counter with wheels for its digits goes up by one in each step. It begins at start, which
    is zero or greater, and has enough wheels; those in front of the number show 0.

    In a step from 199 to 200, three wheels turn, because three digits change. Return how many
    turns of single wheels there are in all of the given steps.

    >>> turns_of_counter_wheels(199, 1)
    3
    >>> turns_of_counter_wheels(8, 3)
    4
    """
    turns = 0
    for number in range(start, start + steps):
        turns += 1
        while number % 10 == 9:
            turns += 1
            number //= 10
    return turns


def check_turns_of_counter_wheels(candidate: Candidate) -> None:
    assert candidate(199, 1) == 3
    assert candidate(8, 3) == 4
    assert candidate(0, 0) == 0
    assert candidate(0, 9) == 9
    assert candidate(0, 10) == 11
    assert candidate(9, 1) == 2
    assert candidate(99, 1) == 3
    assert candidate(0, 100) == 111
    assert candidate(190, 5) == 5
    assert candidate(989, 12) == 16
