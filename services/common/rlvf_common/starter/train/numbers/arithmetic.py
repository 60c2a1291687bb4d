"""Small calculations with one, two or three numbers."""

from rlvf_common.starter.candidate import Candidate


def double_number(number: int) -> int:
    """Return the number multiplied by two.

    >>> double_number(4)
    8
    >>> double_number(-3)
    -6
    """
    return number * 2


def check_double_number(candidate: Candidate) -> None:
    assert candidate(4) == 8
    assert candidate(-3) == -6
    assert candidate(0) == 0
    assert candidate(1) == 2
    assert candidate(50) == 100
    assert candidate(7) == 14


def subtract_five(number: int) -> int:
    """Return the number minus five.

    >>> subtract_five(12)
    7
    >>> subtract_five(5)
    0
    """
    return number - 5


def check_subtract_five(candidate: Candidate) -> None:
    assert candidate(12) == 7
    assert candidate(5) == 0
    assert candidate(0) == -5
    assert candidate(-5) == -10
    assert candidate(100) == 95
    assert candidate(6) == 1


def half_of_number(number: int) -> float:
    """Return half of the number as a float.

    >>> half_of_number(10)
    5.0
    >>> half_of_number(7)
    3.5
    """
    return number / 2


def check_half_of_number(candidate: Candidate) -> None:
    assert abs(candidate(10) - 5.0) < 1e-9
    assert abs(candidate(7) - 3.5) < 1e-9
    assert abs(candidate(0) - 0.0) < 1e-9
    assert abs(candidate(-3) - -1.5) < 1e-9
    assert abs(candidate(1) - 0.5) < 1e-9
    assert abs(candidate(100) - 50.0) < 1e-9


def square_of_number(number: int) -> int:
    """Return the number multiplied by itself.

    >>> square_of_number(5)
    25
    >>> square_of_number(-4)
    16
    """
    return number * number


def check_square_of_number(candidate: Candidate) -> None:
    assert candidate(5) == 25
    assert candidate(-4) == 16
    assert candidate(0) == 0
    assert candidate(1) == 1
    assert candidate(12) == 144
    assert candidate(-1) == 1
    assert candidate(3) == 9


def average_of_two(first: float, second: float) -> float:
    """Return the average of the two numbers.

    >>> average_of_two(4.0, 8.0)
    6.0
    >>> average_of_two(1.0, 2.0)
    1.5
    """
    return (first + second) / 2


def check_average_of_two(candidate: Candidate) -> None:
    assert abs(candidate(4.0, 8.0) - 6.0) < 1e-9
    assert abs(candidate(1.0, 2.0) - 1.5) < 1e-9
    assert abs(candidate(0.0, 0.0) - 0.0) < 1e-9
    assert abs(candidate(-3.0, 3.0) - 0.0) < 1e-9
    assert abs(candidate(10.0, 0.0) - 5.0) < 1e-9
    assert abs(candidate(-2.0, -4.0) - -3.0) < 1e-9


def product_of_three(a: int, b: int, c: int) -> int:
    """Multiply the three numbers together and return the result.

    >>> product_of_three(2, 3, 4)
    24
    >>> product_of_three(5, 0, 9)
    0
    """
    return a * b * c


def check_product_of_three(candidate: Candidate) -> None:
    assert candidate(2, 3, 4) == 24
    assert candidate(5, 0, 9) == 0
    assert candidate(1, 1, 1) == 1
    assert candidate(-1, 2, 3) == -6
    assert candidate(-2, -2, -2) == -8
    assert candidate(10, 1, 7) == 70


def positive_gap(first: int, second: int) -> int:
    """Return how far apart the two numbers are. The answer is never negative.

    >>> positive_gap(3, 10)
    7
    >>> positive_gap(10, 3)
    7
    """
    return abs(first - second)


def check_positive_gap(candidate: Candidate) -> None:
    assert candidate(3, 10) == 7
    assert candidate(10, 3) == 7
    assert candidate(5, 5) == 0
    assert candidate(-2, 2) == 4
    assert candidate(0, -6) == 6
    assert candidate(-8, -3) == 5


def tens_digit(number: int) -> int:
    """Return the tens digit of a number that is zero or greater.

    A number below ten has the tens digit 0.

    >>> tens_digit(47)
    4
    >>> tens_digit(1250)
    5
    """
    return number // 10 % 10


def check_tens_digit(candidate: Candidate) -> None:
    assert candidate(47) == 4
    assert candidate(1250) == 5
    assert candidate(8) == 0
    assert candidate(10) == 1
    assert candidate(99) == 9
    assert candidate(306) == 0
    assert candidate(0) == 0


def add_then_double(first: int, second: int) -> int:
    """Add the two numbers, then return twice that sum.

    >>> add_then_double(1, 2)
    6
    >>> add_then_double(5, 5)
    20
    """
    return (first + second) * 2


def check_add_then_double(candidate: Candidate) -> None:
    assert candidate(1, 2) == 6
    assert candidate(5, 5) == 20
    assert candidate(0, 0) == 0
    assert candidate(-4, 1) == -6
    assert candidate(3, 0) == 6
    assert candidate(0, 3) == 6


def opposite_number(number: int) -> int:
    """Return the number with its sign changed.

    >>> opposite_number(6)
    -6
    >>> opposite_number(-2)
    2
    """
    return -number


def check_opposite_number(candidate: Candidate) -> None:
    assert candidate(6) == -6
    assert candidate(-2) == 2
    assert candidate(0) == 0
    assert candidate(1) == -1
    assert candidate(-100) == 100
    assert candidate(45) == -45


def percentage_of_whole(part: float, whole: float) -> float:
    """Return what percentage of the whole the part is.

    Return 0.0 when the whole is zero.

    >>> percentage_of_whole(5.0, 20.0)
    25.0
    >>> percentage_of_whole(3.0, 3.0)
    100.0
    """
    if whole == 0:
        return 0.0
    return part / whole * 100


def check_percentage_of_whole(candidate: Candidate) -> None:
    assert abs(candidate(5.0, 20.0) - 25.0) < 1e-9
    assert abs(candidate(3.0, 3.0) - 100.0) < 1e-9
    assert abs(candidate(0.0, 8.0) - 0.0) < 1e-9
    assert abs(candidate(7.0, 0.0) - 0.0) < 1e-9
    assert abs(candidate(1.0, 8.0) - 12.5) < 1e-9
    assert abs(candidate(6.0, 4.0) - 150.0) < 1e-9
    assert abs(candidate(2.0, 1.0) - 200.0) < 1e-9


def round_down_to_ten(number: int) -> int:
    """Return the largest multiple of ten that is not greater than the number.

    >>> round_down_to_ten(47)
    40
    >>> round_down_to_ten(60)
    60
    """
    return number // 10 * 10


def check_round_down_to_ten(candidate: Candidate) -> None:
    assert candidate(47) == 40
    assert candidate(60) == 60
    assert candidate(0) == 0
    assert candidate(9) == 0
    assert candidate(101) == 100
    assert candidate(-1) == -10
    assert candidate(19) == 10


def larger_plus_one(first: int, second: int) -> int:
    """Take the larger of the two numbers, add one to it and return the result.

    >>> larger_plus_one(3, 8)
    9
    >>> larger_plus_one(9, 2)
    10
    """
    return max(first, second) + 1


def check_larger_plus_one(candidate: Candidate) -> None:
    assert candidate(3, 8) == 9
    assert candidate(9, 2) == 10
    assert candidate(4, 4) == 5
    assert candidate(-5, -1) == 0
    assert candidate(0, -3) == 1
    assert candidate(-7, 7) == 8


def closer_to_zero(first: int, second: int) -> int:
    """Return whichever of the two numbers is closer to zero.

    If both are equally close, return the larger one.

    >>> closer_to_zero(3, -8)
    3
    >>> closer_to_zero(-2, 2)
    2
    """
    if abs(first) < abs(second):
        return first
    if abs(second) < abs(first):
        return second
    return max(first, second)


def check_closer_to_zero(candidate: Candidate) -> None:
    assert candidate(3, -8) == 3
    assert candidate(-2, 2) == 2
    assert candidate(9, -1) == -1
    assert candidate(5, -5) == 5
    assert candidate(0, 4) == 0
    assert candidate(-6, -7) == -6
    assert candidate(4, 4) == 4
    assert candidate(10, 8) == 8


def limit_to_hundred(number: int) -> int:
    """Return the number, but return 100 when the number is greater than 100.

    >>> limit_to_hundred(42)
    42
    >>> limit_to_hundred(250)
    100
    """
    if number > 100:
        return 100
    return number


def check_limit_to_hundred(candidate: Candidate) -> None:
    assert candidate(42) == 42
    assert candidate(250) == 100
    assert candidate(100) == 100
    assert candidate(101) == 100
    assert candidate(99) == 99
    assert candidate(-300) == -300
    assert candidate(0) == 0
