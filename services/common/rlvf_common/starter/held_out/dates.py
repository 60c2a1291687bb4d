"""Dates in the calendar."""

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise

from rlvf_common.starter.candidate import Candidate


def quarter_label(month: int) -> str:
    """Months have the numbers 1 to 12. Return the quarter of the year that the month is in.

    The quarter is written as the letter Q and a number from 1 to 4.

    >>> quarter_label(5)
    'Q2'
    >>> quarter_label(12)
    'Q4'
    """
    return f"Q{(month + 2) // 3}"


def check_quarter_label(candidate: Candidate) -> None:
    assert candidate(5) == "Q2"
    assert candidate(12) == "Q4"
    assert candidate(1) == "Q1"
    assert candidate(3) == "Q1"
    assert candidate(4) == "Q2"
    assert candidate(6) == "Q2"
    assert candidate(7) == "Q3"
    assert candidate(9) == "Q3"
    assert candidate(10) == "Q4"


def years_to_round_birthday(age: int) -> int:
    """An age is round if it ends with the digit 0. Somebody has just reached the given age.

    Return in how many years the next round age is reached. It is never 0: somebody who is
    exactly 30 waits ten years.

    >>> years_to_round_birthday(27)
    3
    >>> years_to_round_birthday(30)
    10
    """
    return 10 - age % 10


def check_years_to_round_birthday(candidate: Candidate) -> None:
    assert candidate(27) == 3
    assert candidate(30) == 10
    assert candidate(0) == 10
    assert candidate(1) == 9
    assert candidate(9) == 1
    assert candidate(99) == 1
    assert candidate(100) == 10
    assert candidate(45) == 5


def age_on_day(birth: str, day: str) -> int:
    """Both dates are written like 2024-03-09, and the birth is never after the day.

    Return how many birthdays the person has had up to the day, a birthday on the day itself
    included. The day of birth is not a birthday, so that a newborn child has age 0.
    Nobody here was born on the 29th of February.

    >>> age_on_day("2000-05-10", "2020-05-10")
    20
    >>> age_on_day("2000-05-10", "2020-05-09")
    19
    """
    years = int(day[:4]) - int(birth[:4])
    return years - 1 if day[5:] < birth[5:] else years


def check_age_on_day(candidate: Candidate) -> None:
    assert candidate("2000-05-10", "2020-05-10") == 20
    assert candidate("2000-05-10", "2020-05-09") == 19
    assert candidate("1999-12-31", "2000-01-01") == 0
    assert candidate("2010-06-01", "2010-06-01") == 0
    assert candidate("1990-03-20", "2021-04-02") == 31
    assert candidate("1990-04-20", "2021-04-02") == 30
    assert candidate("1980-11-05", "2022-02-28") == 41
    assert candidate("1985-02-05", "2022-11-01") == 37


def weekend_days_between(first: str, last: str) -> int:
    """Count the Saturdays and Sundays from the first date to the last date, both included.

    Dates are written like 2024-06-01, which was a Saturday. The first date is never later
    than the last one.

    >>> weekend_days_between("2024-06-01", "2024-06-09")
    4
    >>> weekend_days_between("2024-06-03", "2024-06-07")
    0
    """
    day = date.fromisoformat(first)
    count = 0
    while day <= date.fromisoformat(last):
        if day.weekday() >= 5:
            count += 1
        day += timedelta(days=1)
    return count


def check_weekend_days_between(candidate: Candidate) -> None:
    assert candidate("2024-06-01", "2024-06-09") == 4
    assert candidate("2024-06-03", "2024-06-07") == 0
    assert candidate("2024-06-01", "2024-06-01") == 1
    assert candidate("2024-06-02", "2024-06-02") == 1
    assert candidate("2024-06-03", "2024-06-03") == 0
    assert candidate("2024-05-31", "2024-05-31") == 0
    assert candidate("2024-06-02", "2024-06-08") == 2
    assert candidate("2023-12-30", "2024-01-07") == 4
    assert candidate("2024-02-01", "2024-02-29") == 8


def iso_from_dotted_date(text: str) -> str:
    """The text is a date in the order day, month, year, with dots between, such as 4.7.2024.

    Return it in the order year, month, day with dashes between. Day and month get two digits
    in the result even if they were written with one. The year always has four digits.

    >>> iso_from_dotted_date("4.7.2024")
    '2024-07-04'
    >>> iso_from_dotted_date("31.12.1999")
    '1999-12-31'
    """
    day, month, year = text.split(".")
    return f"{year}-{month.zfill(2)}-{day.zfill(2)}"


def check_iso_from_dotted_date(candidate: Candidate) -> None:
    assert candidate("4.7.2024") == "2024-07-04"
    assert candidate("31.12.1999") == "1999-12-31"
    assert candidate("01.02.2003") == "2003-02-01"
    assert candidate("9.10.2010") == "2010-10-09"
    assert candidate("10.9.2010") == "2010-09-10"
    assert candidate("05.6.1987") == "1987-06-05"


def first_monday_of_month(year: int, month: int) -> int:
    """Return on which day of the month, from 1 to 7, its first Monday falls.

    >>> first_monday_of_month(2024, 6)
    3
    >>> first_monday_of_month(2024, 7)
    1
    """
    return 1 + (7 - date(year, month, 1).weekday()) % 7


def check_first_monday_of_month(candidate: Candidate) -> None:
    assert candidate(2024, 6) == 3
    assert candidate(2024, 7) == 1
    assert candidate(2024, 5) == 6
    assert candidate(2024, 9) == 2
    assert candidate(2024, 10) == 7
    assert candidate(2024, 2) == 5
    assert candidate(2023, 11) == 6
    assert candidate(2022, 12) == 5
    assert candidate(2025, 9) == 1


def days_until_new_year(text: str) -> int:
    """The text is a date such as 2024-12-30. Return how many days later it is the 1st of January.

    The answer is at least 1: on the 1st of January the next one is a whole year away.

    >>> days_until_new_year("2024-12-30")
    2
    >>> days_until_new_year("2023-01-01")
    365
    """
    day = date.fromisoformat(text)
    return (date(day.year + 1, 1, 1) - day).days


def check_days_until_new_year(candidate: Candidate) -> None:
    assert candidate("2024-12-30") == 2
    assert candidate("2023-01-01") == 365
    assert candidate("2024-01-01") == 366
    assert candidate("2023-12-31") == 1
    assert candidate("2024-02-29") == 307
    assert candidate("2021-12-01") == 31
    assert candidate("1999-11-30") == 32


def longest_pause_in_days(visits: list[str]) -> int:
    """The visits are dates such as 2024-01-31, in no particular order.

    Sort them and return the largest number of days from one visit to the next. Two visits on
    the same day have 0 days between them, and visits on neighbouring days have 1 day.
    With fewer than two visits, return 0.

    >>> longest_pause_in_days(["2024-01-10", "2024-01-01", "2024-01-12"])
    9
    >>> longest_pause_in_days(["2024-05-05"])
    0
    """
    days = sorted(date.fromisoformat(visit) for visit in visits)
    pauses = [(later - earlier).days for earlier, later in pairwise(days)]
    return max(pauses, default=0)


def check_longest_pause_in_days(candidate: Candidate) -> None:
    assert candidate(["2024-01-10", "2024-01-01", "2024-01-12"]) == 9
    assert candidate(["2024-05-05"]) == 0
    assert candidate([]) == 0
    assert candidate(["2024-03-01", "2024-03-01"]) == 0
    assert candidate(["2024-02-28", "2024-03-01"]) == 2
    assert candidate(["2023-02-28", "2023-03-01"]) == 1
    assert candidate(["2022-12-31", "2024-01-01"]) == 366
    assert candidate(["2024-01-09", "2024-01-04", "2024-01-01", "2024-01-02"]) == 5


def days_left_in_month(text: str) -> int:
    """The text is a date such as 2024-02-27. Return how many days of its month come after it.

    The date itself is not counted, so that the answer is 0 on the last day of a month.

    >>> days_left_in_month("2024-02-27")
    2
    >>> days_left_in_month("2023-04-30")
    0
    """
    year, month, day = map(int, text.split("-"))
    return monthrange(year, month)[1] - day


def check_days_left_in_month(candidate: Candidate) -> None:
    assert candidate("2024-02-27") == 2
    assert candidate("2023-04-30") == 0
    assert candidate("2023-02-27") == 1
    assert candidate("2021-12-31") == 0
    assert candidate("2021-12-01") == 30
    assert candidate("2022-09-01") == 29
    assert candidate("2000-02-01") == 28
    assert candidate("1900-02-01") == 27
    assert candidate("2024-07-08") == 23


def day_with_suffix(day: int) -> str:
    """Write the day of a month, from 1 to 31, with its English ending, as in the 1st, 2nd, 3rd.

    Numbers that end with 1 get st, with 2 get nd, with 3 get rd, and all others get th.
    The numbers 11, 12 and 13 are special: they get th as well.

    >>> day_with_suffix(22)
    '22nd'
    >>> day_with_suffix(11)
    '11th'
    """
    if 11 <= day <= 13:
        return f"{day}th"
    return f"{day}" + {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def check_day_with_suffix(candidate: Candidate) -> None:
    assert candidate(22) == "22nd"
    assert candidate(11) == "11th"
    assert candidate(1) == "1st"
    assert candidate(2) == "2nd"
    assert candidate(3) == "3rd"
    assert candidate(4) == "4th"
    assert candidate(10) == "10th"
    assert candidate(12) == "12th"
    assert candidate(13) == "13th"
    assert candidate(14) == "14th"
    assert candidate(20) == "20th"
    assert candidate(23) == "23rd"
    assert candidate(31) == "31st"
    assert candidate(30) == "30th"
