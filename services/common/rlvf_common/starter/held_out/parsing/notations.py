"""Short notations: sizes, colors, amounts, fractions, marks."""

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


def width_of_range(text: str) -> int:
    """A range of whole numbers is written with two dots, such as 3..10 or -5..2.

    Return its second number minus its first one.

    >>> width_of_range("3..10")
    7
    >>> width_of_range("-5..2")
    7
    """
    low, high = text.split("..")
    return int(high) - int(low)


def check_width_of_range(candidate: Candidate) -> None:
    assert candidate("3..10") == 7
    assert candidate("-5..2") == 7
    assert candidate("0..0") == 0
    assert candidate("-9..-4") == 5
    assert candidate("8..6") == -2
    assert candidate("100..1000") == 900
    assert candidate("4..-4") == -8


def seats_in_block(block: str) -> int:
    """A block of seats in one row is written with its first and last seat, such as 12A-12D.

    A seat is the number of the row and a capital letter. The last letter is never before the
    first one in the alphabet. Return how many seats the block has, both ends included.

    >>> seats_in_block("12A-12D")
    4
    >>> seats_in_block("7F-7F")
    1
    """
    first, last = block.split("-")
    return ord(last[-1]) - ord(first[-1]) + 1


def check_seats_in_block(candidate: Candidate) -> None:
    assert candidate("12A-12D") == 4
    assert candidate("7F-7F") == 1
    assert candidate("1A-1B") == 2
    assert candidate("103C-103K") == 9
    assert candidate("20B-20Z") == 25
    assert candidate("9E-9G") == 3


def marked_days(week: str) -> list[int]:
    """A week is written with one character for each day, Monday first, such as M-W-F--.

    A dash means that nothing happens on the day; any other character marks the day. Return
    the indices of the marked days; Monday has index 0.

    >>> marked_days("M-W-F--")
    [0, 2, 4]
    >>> marked_days("-------")
    []
    """
    return [day for day, mark in enumerate(week) if mark != "-"]


def check_marked_days(candidate: Candidate) -> None:
    assert candidate("M-W-F--") == [0, 2, 4]
    assert candidate("-------") == []
    assert candidate("MTWTFSS") == [0, 1, 2, 3, 4, 5, 6]
    assert candidate("------S") == [6]
    assert candidate("x------") == [0]
    assert candidate("-T-T-S-") == [1, 3, 5]
    assert candidate("--  ---") == [2, 3]


def average_stars(reviews: list[str]) -> float:
    """Each review is five characters, stars first and then dots, such as "***..".

    Return the average number of stars, or 0.0 if there are no reviews.

    >>> average_stars(["***..", "*****"])
    4.0
    >>> average_stars([])
    0.0
    """
    if not reviews:
        return 0.0
    return sum(review.count("*") for review in reviews) / len(reviews)


def check_average_stars(candidate: Candidate) -> None:
    assert abs(candidate(["***..", "*****"]) - 4.0) < 1e-9
    assert abs(candidate([]) - 0.0) < 1e-9
    assert abs(candidate(["....."]) - 0.0) < 1e-9
    assert abs(candidate(["*****"]) - 5.0) < 1e-9
    assert abs(candidate(["*....", "**..."]) - 1.5) < 1e-9
    assert abs(candidate(["****.", ".....", "****.", "....."]) - 2.0) < 1e-9
    assert abs(candidate(["*....", "*....", "****."]) - 2.0) < 1e-9


def row_of_board(code: str) -> str:
    """A row of a board is written short: a letter is a piece, and a digit from 1 to 9 stands for
    that many empty squares.

    Return the row with one character for each square; an empty square is a dot.

    >>> row_of_board("3p4")
    '...p....'
    >>> row_of_board("RK")
    'RK'
    """
    return "".join("." * int(char) if char.isdigit() else char for char in code)


def check_row_of_board(candidate: Candidate) -> None:
    assert candidate("3p4") == "...p...."
    assert candidate("RK") == "RK"
    assert candidate("") == ""
    assert candidate("8") == "........"
    assert candidate("1q1") == ".q."
    assert candidate("p2p2p") == "p..p..p"
    assert candidate("11") == ".."
    assert candidate("n9") == "n........."


def permission_number(rights: str) -> int:
    """The rights to a file are written with nine characters, such as rwxr-x--x: three groups of
    three, for the owner, the group and all others.

    In each group r is worth 4, w is worth 2, x is worth 1 and a dash 0. The sums of the three
    groups are the three digits of a number. Return this number.

    >>> permission_number("rwxr-x--x")
    751
    >>> permission_number("----w----")
    20
    """
    number = 0
    for start in (0, 3, 6):
        group = rights[start : start + 3]
        digit = 4 * group.count("r") + 2 * group.count("w") + group.count("x")
        number = number * 10 + digit
    return number


def check_permission_number(candidate: Candidate) -> None:
    assert candidate("rwxr-x--x") == 751
    assert candidate("----w----") == 20
    assert candidate("---------") == 0
    assert candidate("rwxrwxrwx") == 777
    assert candidate("rw-r--r--") == 644
    assert candidate("r--------") == 400
    assert candidate("-wx-wx--x") == 331
    assert candidate("------rw-") == 6
    assert candidate("--xr--w--") == 142
    assert candidate("r--r-xr--") == 454
