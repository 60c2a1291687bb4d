"""Small calculations with one, two or three numbers."""

from rlvf_common.starter.candidate import Candidate


def seven_minus(number: int) -> int:
    """Subtract the number from seven and return the result.

    >>> seven_minus(3)
    4
    >>> seven_minus(-2)
    9
    """
    return 7 - number


def check_seven_minus(candidate: Candidate) -> None:
    assert candidate(3) == 4
    assert candidate(-2) == 9
    assert candidate(0) == 7
    assert candidate(7) == 0
    assert candidate(15) == -8
    assert candidate(8) == -1


def sum_with_next(number: int) -> int:
    """Add the number and the whole number that follows it.

    >>> sum_with_next(5)
    11
    >>> sum_with_next(-1)
    -1
    """
    return number + number + 1


def check_sum_with_next(candidate: Candidate) -> None:
    assert candidate(5) == 11
    assert candidate(-1) == -1
    assert candidate(0) == 1
    assert candidate(-2) == -3
    assert candidate(99) == 199
    assert candidate(10) == 21


def grow_by_tenth(number: float) -> float:
    """Return the number plus one tenth of the number.

    >>> grow_by_tenth(10.0)
    11.0
    >>> grow_by_tenth(5.0)
    5.5
    """
    return number + number / 10


def check_grow_by_tenth(candidate: Candidate) -> None:
    assert abs(candidate(10.0) - 11.0) < 1e-9
    assert abs(candidate(5.0) - 5.5) < 1e-9
    assert abs(candidate(0.0) - 0.0) < 1e-9
    assert abs(candidate(-20.0) - -22.0) < 1e-9
    assert abs(candidate(1.0) - 1.1) < 1e-9
    assert abs(candidate(300.0) - 330.0) < 1e-9


def sum_of_four(a: int, b: int, c: int, d: int) -> int:
    """Add the four numbers and return the sum.

    >>> sum_of_four(1, 2, 3, 4)
    10
    >>> sum_of_four(0, 0, 0, 0)
    0
    """
    return a + b + c + d


def check_sum_of_four(candidate: Candidate) -> None:
    assert candidate(1, 2, 3, 4) == 10
    assert candidate(0, 0, 0, 0) == 0
    assert candidate(-1, 1, -1, 1) == 0
    assert candidate(5, 0, 0, 0) == 5
    assert candidate(0, 7, 0, 9) == 16
    assert candidate(100, 20, 3, -3) == 120


def smaller_times_three(first: int, second: int) -> int:
    """Return three times the smaller of the two numbers.

    >>> smaller_times_three(2, 5)
    6
    >>> smaller_times_three(7, 4)
    12
    """
    return 3 * min(first, second)


def check_smaller_times_three(candidate: Candidate) -> None:
    assert candidate(2, 5) == 6
    assert candidate(7, 4) == 12
    assert candidate(3, 3) == 9
    assert candidate(-1, 1) == -3
    assert candidate(0, 8) == 0
    assert candidate(-2, -6) == -18


def score_with_bonus(score: int) -> int:
    """A score of 50 or more gets a bonus of 5 points. Return the final score.

    >>> score_with_bonus(60)
    65
    >>> score_with_bonus(40)
    40
    """
    if score >= 50:
        return score + 5
    return score


def check_score_with_bonus(candidate: Candidate) -> None:
    assert candidate(60) == 65
    assert candidate(40) == 40
    assert candidate(50) == 55
    assert candidate(49) == 49
    assert candidate(0) == 0
    assert candidate(51) == 56
    assert candidate(99) == 104


def without_last_digit(number: int) -> int:
    """Remove the last digit of the number, which is zero or greater.

    Return 0 for a number with a single digit.

    >>> without_last_digit(1234)
    123
    >>> without_last_digit(7)
    0
    """
    return number // 10


def check_without_last_digit(candidate: Candidate) -> None:
    assert candidate(1234) == 123
    assert candidate(7) == 0
    assert candidate(10) == 1
    assert candidate(0) == 0
    assert candidate(99) == 9
    assert candidate(5000) == 500


def sign_of_number(number: int) -> int:
    """Return 1 for a positive number, -1 for a negative number and 0 for zero.

    >>> sign_of_number(12)
    1
    >>> sign_of_number(-7)
    -1
    """
    if number > 0:
        return 1
    if number < 0:
        return -1
    return 0


def check_sign_of_number(candidate: Candidate) -> None:
    assert candidate(12) == 1
    assert candidate(-7) == -1
    assert candidate(0) == 0
    assert candidate(1) == 1
    assert candidate(-1) == -1
    assert candidate(500) == 1


def pocket_money(age: int) -> int:
    """A child gets 2 coins for every year of age above 5. Return the number of coins.

    A child who is 5 or younger gets nothing.

    >>> pocket_money(8)
    6
    >>> pocket_money(5)
    0
    """
    if age <= 5:
        return 0
    return (age - 5) * 2


def check_pocket_money(candidate: Candidate) -> None:
    assert candidate(8) == 6
    assert candidate(5) == 0
    assert candidate(6) == 2
    assert candidate(0) == 0
    assert candidate(4) == 0
    assert candidate(15) == 20
