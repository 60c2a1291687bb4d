"""Rules and formulas for one or a few numbers."""

from math import gcd

from rlvf_common.starter.candidate import Candidate


def hours_to_pay(minutes: int) -> int:
    """Return how many hours of parking must be paid.

    The first 20 minutes are free: up to 20 minutes cost nothing. After that every hour that has
    begun must be paid, counted from the beginning.

    >>> hours_to_pay(61)
    2
    """
    return 0 if minutes <= 20 else (minutes + 59) // 60


def check_hours_to_pay(candidate: Candidate) -> None:
    assert candidate(61) == 2
    assert candidate(0) == 0
    assert candidate(20) == 0
    assert candidate(21) == 1
    assert candidate(60) == 1
    assert candidate(120) == 2
    assert candidate(121) == 3


def one_divides_other(first: int, second: int) -> bool:
    """Return True if one of the two numbers is a whole multiple of the other one.

    0 is a multiple of every number, but only 0 itself is a multiple of 0. Signs do not matter.

    >>> one_divides_other(3, -12)
    True
    >>> one_divides_other(8, 12)
    False
    """
    small, large = sorted((abs(first), abs(second)))
    return small == 0 or large % small == 0


def check_one_divides_other(candidate: Candidate) -> None:
    assert candidate(3, -12) is True
    assert candidate(8, 12) is False
    assert candidate(12, 3) is True
    assert candidate(0, 5) is True
    assert candidate(5, 0) is True
    assert candidate(0, 0) is True
    assert candidate(-7, -7) is True
    assert candidate(1, 100) is True
    assert candidate(-12, 3) is True
    assert candidate(-4, 6) is False
    assert candidate(6, -4) is False


def wider_gap(left: int, middle: int, right: int) -> str:
    """Say which gap is wider: "left" between left and middle, or "right" between middle and right.

    If both are equally wide, return "both". The three numbers come in rising order.

    >>> wider_gap(1, 4, 9)
    'right'
    """
    difference = (middle - left) - (right - middle)
    if difference == 0:
        return "both"
    return "left" if difference > 0 else "right"


def check_wider_gap(candidate: Candidate) -> None:
    assert candidate(1, 4, 9) == "right"
    assert candidate(1, 6, 9) == "left"
    assert candidate(1, 5, 9) == "both"
    assert candidate(0, 0, 0) == "both"
    assert candidate(0, 1, 1) == "left"
    assert candidate(0, 0, 1) == "right"
    assert candidate(-10, -5, -1) == "left"
    assert candidate(-10, -6, -1) == "right"


def toward_zero_half(number: int) -> int:
    """Return half of the number, cut off toward zero.

    >>> toward_zero_half(-7)
    -3
    """
    return number // 2 if number > 0 else -(-number // 2)


def check_toward_zero_half(candidate: Candidate) -> None:
    assert candidate(-7) == -3
    assert candidate(7) == 3
    assert candidate(0) == 0
    assert candidate(1) == 0
    assert candidate(-1) == 0
    assert candidate(-8) == -4
    assert candidate(2 * 10**17 + 1) == 10**17


def cups_of_coffee(beans: int, per_cup: int, spare: int) -> int:
    """Return for how many cups the beans are enough if `spare` beans must be left at the end.

    >>> cups_of_coffee(100, 30, 20)
    2
    """
    return max(beans - spare, 0) // per_cup


def check_cups_of_coffee(candidate: Candidate) -> None:
    assert candidate(100, 30, 20) == 2
    assert candidate(100, 30, 10) == 3
    assert candidate(100, 30, 11) == 2
    assert candidate(0, 5, 0) == 0
    assert candidate(5, 5, 0) == 1
    assert candidate(5, 5, 1) == 0
    assert candidate(5, 1, 5) == 0
    assert candidate(5, 3, 20) == 0
    assert candidate(9, 1, 4) == 5


def days_until_empty(stock: int, per_day: int, refill: int) -> int:
    """Return on which day the stock first cannot cover what is needed.

    In the morning of each day `per_day` pieces are needed; in the evening `refill` pieces arrive.
    Day 1 is the first day. If the stock never runs short, return -1.

    >>> days_until_empty(10, 4, 1)
    4
    """
    if stock >= per_day and refill >= per_day:
        return -1
    day = 1
    while stock >= per_day:
        stock += refill - per_day
        day += 1
    return day


def check_days_until_empty(candidate: Candidate) -> None:
    assert candidate(10, 4, 1) == 4
    assert candidate(3, 4, 100) == 1
    assert candidate(4, 4, 4) == -1
    assert candidate(4, 4, 3) == 2
    assert candidate(8, 4, 0) == 3
    assert candidate(0, 1, 0) == 1
    assert candidate(5, 2, 9) == -1
    assert candidate(100, 11, 10) == 91


def grade_letter(points: int, maximum: int) -> str:
    """Return the grade for points out of a maximum.

    From 90 percent on the grade is "A", from 75 percent "B", from 50 percent "C", and else "F".
    Do not round. More points than the maximum are an "A", too.

    >>> grade_letter(27, 30)
    'A'
    """
    for grade, percent in (("A", 90), ("B", 75), ("C", 50)):
        if points * 100 >= percent * maximum:
            return grade
    return "F"


def check_grade_letter(candidate: Candidate) -> None:
    assert candidate(27, 30) == "A"
    assert candidate(26, 30) == "B"
    assert candidate(9, 12) == "B"
    assert candidate(8, 12) == "C"
    assert candidate(5, 10) == "C"
    assert candidate(499, 1000) == "F"
    assert candidate(0, 10) == "F"
    assert candidate(11, 10) == "A"
    assert candidate(749, 1000) == "C"
    assert candidate(899, 1000) == "B"


def fair_dice_sums(sides: int, wanted: int) -> int:
    """Count the throws of two dice whose sum is the wanted one.

    Both dice have the numbers from 1 to `sides`; (1, 2) and (2, 1) are two throws.

    >>> fair_dice_sums(6, 4)
    3
    """
    return sum(1 <= wanted - first <= sides for first in range(1, sides + 1))


def check_fair_dice_sums(candidate: Candidate) -> None:
    assert candidate(6, 4) == 3
    assert candidate(6, 7) == 6
    assert candidate(6, 2) == 1
    assert candidate(6, 12) == 1
    assert candidate(6, 1) == 0
    assert candidate(6, 13) == 0
    assert candidate(1, 2) == 1
    assert candidate(4, 6) == 3
    assert candidate(3, 0) == 0


def triangular_rows(stones: int) -> tuple[int, int]:
    """Lay stones in rows: one stone in the first row, two in the second, and so on.

    Return how many rows are complete and how many stones are left over.

    >>> triangular_rows(8)
    (3, 2)
    """
    rows = 0
    while stones > rows:
        rows += 1
        stones -= rows
    return rows, stones


def check_triangular_rows(candidate: Candidate) -> None:
    assert candidate(8) == (3, 2)
    assert candidate(0) == (0, 0)
    assert candidate(1) == (1, 0)
    assert candidate(2) == (1, 1)
    assert candidate(3) == (2, 0)
    assert candidate(10) == (4, 0)
    assert candidate(9) == (3, 3)
    assert candidate(5050) == (100, 0)


def shipping_cost(weight: int, express: bool, items: int) -> int:
    """Return the shipping cost of a parcel in cents.

    The basic cost is 400. Every kilogram that has begun above 2000 grams costs 150 more.
    Express doubles the cost so far. From the fourth item on each item costs 25 for packing;
    express does not double this. Nothing is sent if there are no items: the cost is 0.

    >>> shipping_cost(2500, True, 1)
    1100
    """
    if items == 0:
        return 0
    cost = 400 + max(weight - 2000 + 999, 0) // 1000 * 150
    if express:
        cost *= 2
    return cost + max(items - 3, 0) * 25


def check_shipping_cost(candidate: Candidate) -> None:
    assert candidate(2500, True, 1) == 1100
    assert candidate(2500, False, 1) == 550
    assert candidate(2000, False, 1) == 400
    assert candidate(2001, False, 3) == 550
    assert candidate(3000, False, 1) == 550
    assert candidate(3001, False, 1) == 700
    assert candidate(500, True, 4) == 825
    assert candidate(5000, True, 0) == 0
    assert candidate(100, False, 10) == 575
    assert candidate(0, False, 3) == 400


def mixed_number(numerator: int, denominator: int) -> str:
    """Write a fraction as a whole number and a fraction in lowest terms, such as "2 1/3".

    Leave out the whole number if it is 0, and the fraction if nothing is left. The numerator is
    not negative, the denominator is positive.

    >>> mixed_number(14, 6)
    '2 1/3'
    >>> mixed_number(6, 3)
    '2'
    """
    whole, rest = divmod(numerator, denominator)
    if rest == 0:
        return str(whole)
    common = gcd(rest, denominator)
    fraction = f"{rest // common}/{denominator // common}"
    return f"{whole} {fraction}" if whole else fraction


def check_mixed_number(candidate: Candidate) -> None:
    assert candidate(14, 6) == "2 1/3"
    assert candidate(6, 3) == "2"
    assert candidate(0, 5) == "0"
    assert candidate(1, 2) == "1/2"
    assert candidate(4, 8) == "1/2"
    assert candidate(5, 5) == "1"
    assert candidate(7, 6) == "1 1/6"
    assert candidate(100, 8) == "12 1/2"
    assert candidate(9, 1) == "9"


def score_after_rounds(throws: list[int], start: int) -> int:
    """Count down from the start score in a game of darts and return the score at the end.

    Each throw is subtracted if something above 1 or exactly 0 is left; otherwise it does not
    count. When the score is 0, the game is over and all further throws are ignored.

    >>> score_after_rounds([20, 60, 19], 40)
    20
    """
    score = start
    for throw in throws:
        left = score - throw
        if score > 0 and (left > 1 or left == 0):
            score = left
    return score


def check_score_after_rounds(candidate: Candidate) -> None:
    assert candidate([20, 60, 19], 40) == 20
    assert candidate([], 40) == 40
    assert candidate([40], 40) == 0
    assert candidate([1], 1) == 0
    assert candidate([39], 40) == 40
    assert candidate([38], 40) == 2
    assert candidate([41, 40, 5], 40) == 0
    assert candidate([40, 0, -5], 40) == 0
    assert candidate([10, 10, 19, 20], 40) == 0
    assert candidate([0, 7], 9) == 2
