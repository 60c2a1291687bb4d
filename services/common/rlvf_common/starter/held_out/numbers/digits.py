"""Whole numbers and the digits they are written with."""

from math import gcd

from rlvf_common.starter.candidate import Candidate


def digits_for_page_numbers(pages: int) -> int:
    """The pages of a book are numbered 1, 2, 3 and so on. Return how many digits that takes.

    A book without pages takes none.

    >>> digits_for_page_numbers(11)
    13
    >>> digits_for_page_numbers(3)
    3
    """
    return sum(len(str(page)) for page in range(1, pages + 1))


def check_digits_for_page_numbers(candidate: Candidate) -> None:
    assert candidate(11) == 13
    assert candidate(3) == 3
    assert candidate(0) == 0
    assert candidate(1) == 1
    assert candidate(9) == 9
    assert candidate(10) == 11
    assert candidate(99) == 189
    assert candidate(100) == 192


def span_of_digits(number: int) -> int:
    """Return the largest digit of the number minus its smallest digit.

    The sign of a negative number is no digit and plays no role.

    >>> span_of_digits(3927)
    7
    >>> span_of_digits(-40)
    4
    """
    digits = [int(digit) for digit in str(abs(number))]
    return max(digits) - min(digits)


def check_span_of_digits(candidate: Candidate) -> None:
    assert candidate(3927) == 7
    assert candidate(-40) == 4
    assert candidate(0) == 0
    assert candidate(8) == 0
    assert candidate(555) == 0
    assert candidate(-12) == 1
    assert candidate(1009) == 9
    assert candidate(73) == 4


def digits_only_climb(number: int) -> bool:
    """Return True if every digit of the number is greater than the digit to its left.

    The number is zero or greater. A number with a single digit climbs.

    >>> digits_only_climb(259)
    True
    >>> digits_only_climb(2559)
    False
    """
    text = str(number)
    return text == "".join(sorted(set(text)))


def check_digits_only_climb(candidate: Candidate) -> None:
    assert candidate(259) is True
    assert candidate(2559) is False
    assert candidate(7) is True
    assert candidate(0) is True
    assert candidate(10) is False
    assert candidate(11) is False
    assert candidate(12) is True
    assert candidate(132) is False
    assert candidate(123456789) is True
    assert candidate(1230) is False


def number_plus_mirror(number: int) -> int:
    """Read the digits of the number from right to left and add the result to the number.

    The number is zero or greater. Zeros at the front of the mirrored number are dropped.

    >>> number_plus_mirror(47)
    121
    >>> number_plus_mirror(30)
    33
    """
    return number + int(str(number)[::-1])


def check_number_plus_mirror(candidate: Candidate) -> None:
    assert candidate(47) == 121
    assert candidate(30) == 33
    assert candidate(0) == 0
    assert candidate(6) == 12
    assert candidate(100) == 101
    assert candidate(123) == 444
    assert candidate(909) == 1818
    assert candidate(1020) == 1221


def segments_lit(number: int) -> int:
    """A display shows digits with up to seven glowing segments each.

    The digits 0 to 9 need 6, 2, 5, 5, 4, 5, 6, 3, 7 and 6 segments, and a minus sign needs 1.
    Return how many segments glow when the number is shown.

    >>> segments_lit(18)
    9
    >>> segments_lit(-7)
    4
    """
    needed = dict(zip("0123456789-", [6, 2, 5, 5, 4, 5, 6, 3, 7, 6, 1], strict=True))
    return sum(needed[char] for char in str(number))


def check_segments_lit(candidate: Candidate) -> None:
    assert candidate(18) == 9
    assert candidate(-7) == 4
    assert candidate(0) == 6
    assert candidate(11) == 4
    assert candidate(2345) == 19
    assert candidate(69) == 12
    assert candidate(-100) == 15
    assert candidate(888) == 21


def has_neighboring_ones(number: int) -> bool:
    """Return True if two ones stand next to each other when the number is written in base 2.

    The number is zero or greater. For example, 6 is 110 in base 2, and 5 is 101.

    >>> has_neighboring_ones(6)
    True
    >>> has_neighboring_ones(5)
    False
    """
    return "11" in f"{number:b}"


def check_has_neighboring_ones(candidate: Candidate) -> None:
    assert candidate(6) is True
    assert candidate(5) is False
    assert candidate(0) is False
    assert candidate(1) is False
    assert candidate(3) is True
    assert candidate(11) is True
    assert candidate(21) is False
    assert candidate(8) is False
    assert candidate(25) is True
    assert candidate(1048576) is False


def fraction_in_lowest_terms(top: int, bottom: int) -> tuple[int, int]:
    """Return the fraction top / bottom in lowest terms, as the pair of its new top and bottom.

    The new bottom is always positive; a negative fraction has a negative top. The given bottom
    is not zero. The fraction zero has the bottom 1.

    >>> fraction_in_lowest_terms(6, -8)
    (-3, 4)
    >>> fraction_in_lowest_terms(0, 5)
    (0, 1)
    """
    shared = gcd(top, bottom)
    if bottom < 0:
        shared = -shared
    return top // shared, bottom // shared


def check_fraction_in_lowest_terms(candidate: Candidate) -> None:
    assert candidate(6, -8) == (-3, 4)
    assert candidate(0, 5) == (0, 1)
    assert candidate(1, 2) == (1, 2)
    assert candidate(-10, -4) == (5, 2)
    assert candidate(-9, 3) == (-3, 1)
    assert candidate(12, 18) == (2, 3)
    assert candidate(0, -7) == (0, 1)
    assert candidate(7, 7) == (1, 1)
    assert candidate(3, -1) == (-3, 1)


def widest_gap_of_zeros(number: int) -> int:
    """Write the number, which is greater than zero, in base 2.

    Return the length of its longest group of neighboring zeros that has a one on both sides,
    or 0 if there is no such group. For example, 9 is 1001, and 8 is 1000.

    >>> widest_gap_of_zeros(9)
    2
    >>> widest_gap_of_zeros(8)
    0
    """
    groups = f"{number:b}".strip("0").split("1")
    return max(len(group) for group in groups)


def check_widest_gap_of_zeros(candidate: Candidate) -> None:
    assert candidate(9) == 2
    assert candidate(8) == 0
    assert candidate(1) == 0
    assert candidate(7) == 0
    assert candidate(5) == 1
    assert candidate(20) == 1
    assert candidate(529) == 4
    assert candidate(137) == 3
    assert candidate(1041) == 5
    assert candidate(80) == 1


def digit_that_is_missing(digits: str) -> str:
    """The text holds nine of the ten digits 0 to 9, each once, in whatever order.

    Return the digit that is missing.

    >>> digit_that_is_missing("012345678")
    '9'
    >>> digit_that_is_missing("987654320")
    '1'
    """
    return str(45 - sum(int(digit) for digit in digits))


def check_digit_that_is_missing(candidate: Candidate) -> None:
    assert candidate("012345678") == "9"
    assert candidate("987654320") == "1"
    assert candidate("123456789") == "0"
    assert candidate("302817469") == "5"
    assert candidate("024681357") == "9"
    assert candidate("135790248") == "6"
    assert candidate("509813672") == "4"
