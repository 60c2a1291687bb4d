"""Digits and divisors of whole numbers."""

from rlvf_common.starter.candidate import Candidate


def number_of_last_two(number: int) -> int:
    """Return the number that the last two digits form. The sign does not matter.

    >>> number_of_last_two(-1205)
    5
    """
    return abs(number) % 100


def check_number_of_last_two(candidate: Candidate) -> None:
    assert candidate(-1205) == 5
    assert candidate(1234) == 34
    assert candidate(0) == 0
    assert candidate(7) == 7
    assert candidate(100) == 0
    assert candidate(-99) == 99
    assert candidate(-150) == 50


def digits_upward(number: int) -> int:
    """Sort the digits of a number that is not negative upward; zeros at the front fall away.

    >>> digits_upward(3021)
    123
    """
    return int("".join(sorted(str(number))))


def check_digits_upward(candidate: Candidate) -> None:
    assert candidate(3021) == 123
    assert candidate(0) == 0
    assert candidate(5) == 5
    assert candidate(100) == 1
    assert candidate(987) == 789
    assert candidate(1221) == 1122
    assert candidate(40404) == 444


def digit_at(number: int, place: int) -> int:
    """Return the digit at a place of the number: place 0 is the last digit, place 1 the one before.

    The number is not negative. Where it has no more digits, the digit is 0.

    >>> digit_at(572, 1)
    7
    """
    return int(str(number).zfill(place + 1)[-1 - place])


def check_digit_at(candidate: Candidate) -> None:
    assert candidate(572, 1) == 7
    assert candidate(572, 0) == 2
    assert candidate(572, 2) == 5
    assert candidate(572, 3) == 0
    assert candidate(0, 0) == 0
    assert candidate(9, 5) == 0
    assert candidate(9081726354, 9) == 9


def next_multiple(number: int, step: int) -> int:
    """Return the smallest multiple of the positive step that is larger than the number.

    A number that is a multiple itself gives the following one.

    >>> next_multiple(7, 5)
    10
    >>> next_multiple(10, 5)
    15
    """
    return (number // step + 1) * step


def check_next_multiple(candidate: Candidate) -> None:
    assert candidate(7, 5) == 10
    assert candidate(10, 5) == 15
    assert candidate(0, 4) == 4
    assert candidate(-3, 4) == 0
    assert candidate(-4, 4) == 0
    assert candidate(-5, 4) == -4
    assert candidate(8, 1) == 9
    assert candidate(2, 100) == 100


def round_half_up(number: int) -> int:
    """Round a whole number that is not negative to the nearest ten. A five is rounded up.

    >>> round_half_up(25)
    30
    """
    return (number + 5) // 10 * 10


def check_round_half_up(candidate: Candidate) -> None:
    assert candidate(25) == 30
    assert candidate(35) == 40
    assert candidate(0) == 0
    assert candidate(4) == 0
    assert candidate(5) == 10
    assert candidate(99) == 100
    assert candidate(94) == 90
    assert candidate(110) == 110


def divisible_by_all(number: int, divisors: list[int]) -> bool:
    """Return True if the number can be divided by every divisor without a rest.

    Nothing can be divided by 0. Without divisors the answer is True.

    >>> divisible_by_all(12, [2, 3])
    True
    >>> divisible_by_all(12, [2, 0])
    False
    """
    return all(divisor != 0 and number % divisor == 0 for divisor in divisors)


def check_divisible_by_all(candidate: Candidate) -> None:
    assert candidate(12, [2, 3]) is True
    assert candidate(12, [2, 0]) is False
    assert candidate(12, []) is True
    assert candidate(12, [5]) is False
    assert candidate(0, [7, 9]) is True
    assert candidate(0, [0]) is False
    assert candidate(-12, [4, -6]) is True
    assert candidate(12, [2, 3, 8]) is False
    assert candidate(12, [24]) is False


def count_round_numbers(first: int, last: int) -> int:
    """Count the numbers from first to last, both included, that end with a zero.

    >>> count_round_numbers(8, 30)
    3
    """
    return last // 10 - (first - 1) // 10


def check_count_round_numbers(candidate: Candidate) -> None:
    assert candidate(8, 30) == 3
    assert candidate(1, 9) == 0
    assert candidate(10, 10) == 1
    assert candidate(0, 9) == 1
    assert candidate(-10, 10) == 3
    assert candidate(11, 19) == 0
    assert candidate(1, 1000) == 100
    assert candidate(-5, 0) == 1


def digit_changes(first: int, second: int) -> int:
    """Return at how many places the digits of two numbers differ.

    Both numbers are not negative. The shorter one is filled with zeros at the front.

    >>> digit_changes(1234, 39)
    3
    """
    width = max(len(str(first)), len(str(second)))
    pairs = zip(str(first).zfill(width), str(second).zfill(width), strict=True)
    return sum(a != b for a, b in pairs)


def check_digit_changes(candidate: Candidate) -> None:
    assert candidate(1234, 39) == 3
    assert candidate(1234, 34) == 2
    assert candidate(0, 0) == 0
    assert candidate(7, 7) == 0
    assert candidate(0, 10) == 1
    assert candidate(100, 1) == 2
    assert candidate(5, 1005) == 1
    assert candidate(12, 21) == 2


def even_digits_first(number: int) -> int:
    """Move the even digits of a number to the front; otherwise the digits keep their order.

    0 is even. The number is not negative; zeros that come to the front fall away.

    >>> even_digits_first(12345)
    24135
    """
    digits = str(number)
    even = [digit for digit in digits if digit in "02468"]
    odd = [digit for digit in digits if digit not in "02468"]
    return int("".join(even + odd))


def check_even_digits_first(candidate: Candidate) -> None:
    assert candidate(12345) == 24135
    assert candidate(0) == 0
    assert candidate(7) == 7
    assert candidate(135) == 135
    assert candidate(10) == 1
    assert candidate(5036) == 653
    assert candidate(9876) == 8697
    assert candidate(2468) == 2468


def common_digits(numbers: list[int]) -> list[int]:
    """Return the digits that occur in every one of the numbers, smallest first.

    Signs do not count. Without any numbers there are no such digits.

    >>> common_digits([123, -321, 2133])
    [1, 2, 3]
    """
    if not numbers:
        return []
    return [digit for digit in range(10) if all(str(digit) in str(number) for number in numbers)]


def check_common_digits(candidate: Candidate) -> None:
    assert candidate([123, -321, 2133]) == [1, 2, 3]
    assert candidate([]) == []
    assert candidate([9071]) == [0, 1, 7, 9]
    assert candidate([12, 34]) == []
    assert candidate([0]) == [0]
    assert candidate([10, 210]) == [0, 1]
    assert candidate([-5, 55, 65]) == [5]
    assert candidate([102, 120, 8021]) == [0, 1, 2]


def without_digit(number: int, digit: int) -> int:
    """Strike a digit out of a number everywhere. The sign of the number stays.

    If no digit is left, the result is 0.

    >>> without_digit(-1312, 1)
    -32
    """
    rest = str(abs(number)).replace(str(digit), "")
    value = int(rest) if rest else 0
    return value if number >= 0 else -value


def check_without_digit(candidate: Candidate) -> None:
    assert candidate(-1312, 1) == -32
    assert candidate(1312, 1) == 32
    assert candidate(77, 7) == 0
    assert candidate(0, 0) == 0
    assert candidate(105, 1) == 5
    assert candidate(45, 6) == 45
    assert candidate(-4, 4) == 0
    assert candidate(-1, 2) == -1
    assert candidate(-90, 9) == 0
    assert candidate(1, 2) == 1


def split_at_biggest_digit(number: int) -> tuple[int, int]:
    """Cut a positive number before its biggest digit; return the left and the right part.

    If the biggest digit occurs several times, cut before the first of them. An empty left part
    is 0.

    >>> split_at_biggest_digit(3185)
    (31, 85)
    """
    digits = str(number)
    place = digits.index(max(digits))
    return int(digits[:place] or "0"), int(digits[place:])


def check_split_at_biggest_digit(candidate: Candidate) -> None:
    assert candidate(3185) == (31, 85)
    assert candidate(5) == (0, 5)
    assert candidate(91) == (0, 91)
    assert candidate(19) == (1, 9)
    assert candidate(1717) == (1, 717)
    assert candidate(222) == (0, 222)
    assert candidate(10203) == (1020, 3)


def steps_to_repeat(number: int) -> int:
    """Replace the number by the sum of the squares of its digits again and again.

    Return after how many steps a number comes up that was there before; the beginning counts as
    there before. The number is not negative.

    >>> steps_to_repeat(1)
    1
    >>> steps_to_repeat(10)
    2
    """
    seen = set()
    steps = 0
    while number not in seen:
        seen.add(number)
        number = sum(int(digit) ** 2 for digit in str(number))
        steps += 1
    return steps


def check_steps_to_repeat(candidate: Candidate) -> None:
    assert candidate(1) == 1
    assert candidate(10) == 2
    assert candidate(0) == 1
    assert candidate(7) == 6
    assert candidate(4) == 8
    assert candidate(2) == 9
    assert candidate(13) == 3
    assert candidate(100) == 2


def fits_check_digit(number: int) -> bool:
    """Return True if the last digit of the number is the check digit of the digits before it.

    Weight these digits from right to left with 3, 1, 3, 1 and so on, add them up, and take what is
    missing to the next multiple of ten (0 if nothing is missing). That is the check digit. The
    number is not negative; a number of one digit fits only if it is 0.

    >>> fits_check_digit(24)
    True
    """
    digits = [int(digit) for digit in str(number)]
    weighted = [digit * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits[-2::-1])]
    return (sum(weighted) + digits[-1]) % 10 == 0


def check_fits_check_digit(candidate: Candidate) -> None:
    assert candidate(24) is True
    assert candidate(0) is True
    assert candidate(5) is False
    assert candidate(130) is True
    assert candidate(136) is False
    assert candidate(31) is True
    assert candidate(30) is False
    assert candidate(4006381333931) is True
    assert candidate(4006381333913) is False
    assert candidate(178) is True
    assert candidate(718) is False
    assert candidate(9782) is True
