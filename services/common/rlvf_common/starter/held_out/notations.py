"""Reading short notations: durations, ranges, versions, colours, quantities."""

from rlvf_common.starter.candidate import Candidate


def area_from_size(size: str) -> int:
    """A size is written as width, the letter x and height, such as "30x20" or "30 x 20".

    Return the width times the height. The x may be a capital letter.

    >>> area_from_size("30x20")
    600
    >>> area_from_size("7 X 3")
    21
    """
    width, height = size.lower().split("x")
    return int(width) * int(height)


def check_area_from_size(candidate: Candidate) -> None:
    assert candidate("30x20") == 600
    assert candidate("7 X 3") == 21
    assert candidate("1x1") == 1
    assert candidate("0 x 5") == 0
    assert candidate("12x110") == 1320
    assert candidate("9X9") == 81
    assert candidate("100 x 2") == 200


def signed_latitude(text: str) -> float:
    """A latitude is written as a number and a letter: N for north or S for south of the equator.

    Return it as a number that is negative in the south, as in the examples.

    >>> signed_latitude("33.5S")
    -33.5
    >>> signed_latitude("8N")
    8.0
    """
    degrees = float(text[:-1])
    return -degrees if text[-1] == "S" else degrees


def check_signed_latitude(candidate: Candidate) -> None:
    assert abs(candidate("33.5S") - -33.5) < 1e-9
    assert abs(candidate("8N") - 8.0) < 1e-9
    assert abs(candidate("0N") - 0.0) < 1e-9
    assert abs(candidate("90S") - -90.0) < 1e-9
    assert abs(candidate("51.25N") - 51.25) < 1e-9
    assert abs(candidate("0.5S") - -0.5) < 1e-9


def minutes_from_duration(text: str) -> int:
    """The text is a duration such as "1h20m", "45m" or "2h". Return it in minutes.

    The hours, if there are any, come first and end with h; the minutes end with m. Minutes
    may be greater than 59. An empty text is 0 minutes.

    >>> minutes_from_duration("1h20m")
    80
    >>> minutes_from_duration("45m")
    45
    """
    total = 0
    number = ""
    for char in text:
        if char == "h":
            total += int(number) * 60
            number = ""
        elif char == "m":
            total += int(number)
        else:
            number += char
    return total


def check_minutes_from_duration(candidate: Candidate) -> None:
    assert candidate("1h20m") == 80
    assert candidate("45m") == 45
    assert candidate("2h") == 120
    assert candidate("") == 0
    assert candidate("0h5m") == 5
    assert candidate("10h0m") == 600
    assert candidate("90m") == 90
    assert candidate("12h34m") == 754


def is_newer_version(first: str, second: str) -> bool:
    """Versions are whole numbers with dots between, such as 1.10.2.

    Return True if the first version is newer than the second one. Compare the numbers from
    left to right; the first difference decides. A number that one of the versions lacks at
    the end counts as 0, so that 2.0 and 2 are equally new.

    >>> is_newer_version("1.10", "1.9.5")
    True
    >>> is_newer_version("2.0", "2")
    False
    """
    left = [int(part) for part in first.split(".")]
    right = [int(part) for part in second.split(".")]
    size = max(len(left), len(right))
    left += [0] * (size - len(left))
    right += [0] * (size - len(right))
    return left > right


def check_is_newer_version(candidate: Candidate) -> None:
    assert candidate("1.10", "1.9.5") is True
    assert candidate("2.0", "2") is False
    assert candidate("2", "2.0") is False
    assert candidate("2.0.1", "2") is True
    assert candidate("1.9.9", "1.10") is False
    assert candidate("3.1", "3.1") is False
    assert candidate("0.9", "1.0") is False
    assert candidate("10", "9.99") is True
    assert candidate("1.2", "1.2.0.1") is False


def rgb_from_hex(color: str) -> tuple[int, int, int]:
    """A color is written as # and six digits of base 16: two for red, two for green, two for blue.

    Return the three parts as numbers from 0 to 255. A short form has only three digits, each
    of which stands for the same digit twice: #f80 is #ff8800. Digits may be upper or lower case.

    >>> rgb_from_hex("#ff8000")
    (255, 128, 0)
    >>> rgb_from_hex("#f80")
    (255, 136, 0)
    """
    digits = color[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def check_rgb_from_hex(candidate: Candidate) -> None:
    assert candidate("#ff8000") == (255, 128, 0)
    assert candidate("#f80") == (255, 136, 0)
    assert candidate("#000000") == (0, 0, 0)
    assert candidate("#FFF") == (255, 255, 255)
    assert candidate("#0a0B10") == (10, 11, 16)
    assert candidate("#123") == (17, 34, 51)
    assert candidate("#010203") == (1, 2, 3)


def amount_from_ledger(text: str) -> int:
    """A bookkeeper writes amounts with commas between thousands, such as 1,250.

    A negative amount stands in parentheses instead of having a minus sign. Return the amount
    as a number.

    >>> amount_from_ledger("(1,250)")
    -1250
    >>> amount_from_ledger("900")
    900
    """
    number = int(text.strip("()").replace(",", ""))
    return -number if text.startswith("(") else number


def check_amount_from_ledger(candidate: Candidate) -> None:
    assert candidate("(1,250)") == -1250
    assert candidate("900") == 900
    assert candidate("0") == 0
    assert candidate("(7)") == -7
    assert candidate("12,000,300") == 12000300
    assert candidate("(1,000,000)") == -1000000
    assert candidate("1,050") == 1050


def value_of_mixed_number(text: str) -> float:
    """The text is a whole number, a fraction or both: "3", "1/2" or "2 3/4".

    The parts of a fraction are divided by a slash; a space stands between the whole number
    and the fraction, which are added. Nothing is negative. Return the value.

    >>> value_of_mixed_number("2 3/4")
    2.75
    >>> value_of_mixed_number("3")
    3.0
    """
    value = 0.0
    for part in text.split():
        top, _, bottom = part.partition("/")
        value += int(top) / int(bottom or 1)
    return value


def check_value_of_mixed_number(candidate: Candidate) -> None:
    assert abs(candidate("2 3/4") - 2.75) < 1e-9
    assert abs(candidate("3") - 3.0) < 1e-9
    assert abs(candidate("1/2") - 0.5) < 1e-9
    assert abs(candidate("10 1/8") - 10.125) < 1e-9
    assert abs(candidate("7/4") - 1.75) < 1e-9
    assert abs(candidate("0") - 0.0) < 1e-9
    assert abs(candidate("12 12/10") - 13.2) < 1e-9


def indices_of_chess_square(square: str) -> tuple[int, int]:
    """A square of a chess board is a letter from a to h and a digit from 1 to 8, such as e4.

    The board is kept as a list of 8 rows. Row 0 holds the squares with the digit 8, and row 7
    those with the digit 1. Column 0 holds the squares with the letter a.
    Return the row and the column of the square.

    >>> indices_of_chess_square("a8")
    (0, 0)
    >>> indices_of_chess_square("e4")
    (4, 4)
    """
    return 8 - int(square[1]), "abcdefgh".index(square[0])


def check_indices_of_chess_square(candidate: Candidate) -> None:
    assert candidate("a8") == (0, 0)
    assert candidate("e4") == (4, 4)
    assert candidate("h1") == (7, 7)
    assert candidate("a1") == (7, 0)
    assert candidate("h8") == (0, 7)
    assert candidate("c7") == (1, 2)
    assert candidate("g2") == (6, 6)


def running_calculator(text: str) -> int:
    """The text is a calculation such as "2 + 3 * 4", with single spaces between its parts.

    A simple calculator works from left to right, each step at once, and knows +, - and *.
    So multiplication does not go first here. Return the result.

    >>> running_calculator("2 + 3 * 4")
    20
    >>> running_calculator("7")
    7
    """
    parts = text.split()
    result = int(parts[0])
    for sign, number in zip(parts[1::2], parts[2::2], strict=True):
        if sign == "+":
            result += int(number)
        elif sign == "-":
            result -= int(number)
        else:
            result *= int(number)
    return result


def check_running_calculator(candidate: Candidate) -> None:
    assert candidate("2 + 3 * 4") == 20
    assert candidate("7") == 7
    assert candidate("10 - 4 - 3") == 3
    assert candidate("1 - 2 * 5") == -5
    assert candidate("2 * 3 + 4") == 10
    assert candidate("12 + 30") == 42
    assert candidate("5 * 0 - 6 * -2") == 12
    assert candidate("-3 + 1") == -2
