"""Dates in the calendar."""

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise

from rlvf_common.starter.candidate import Candidate


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
    the same day have 0 days between them, and visits on neighboring days have 1 day.
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


def moon_on_day(day: int) -> str:
    """On a far planet the moon goes through four phases of exactly 7 days each, again and again.

    They are called new, growing, full and shrinking, in this order. Day 0 is the first day of
    a new moon. Return the phase on the given day, which is zero or greater.

    >>> moon_on_day(6)
    'new'
    >>> moon_on_day(7)
    'growing'
    """
    return ["new", "growing", "full", "shrinking"][day // 7 % 4]


def check_moon_on_day(candidate: Candidate) -> None:
    assert candidate(6) == "new"
    assert candidate(7) == "growing"
    assert candidate(0) == "new"
    assert candidate(14) == "full"
    assert candidate(20) == "full"
    assert candidate(21) == "shrinking"
    assert candidate(27) == "shrinking"
    assert candidate(28) == "new"
    assert candidate(35) == "growing"
    assert candidate(100) == "full"


def is_mirror_date(text: str) -> bool:
    """The text is a date such as 12.02.2021, with two digits for day and month and four for the
    year.

    Return True if its eight digits, without the dots, read the same from right to left.

    >>> is_mirror_date("12.02.2021")
    True
    >>> is_mirror_date("11.11.2022")
    False
    """
    digits = text.replace(".", "")
    return digits == digits[::-1]


def check_is_mirror_date(candidate: Candidate) -> None:
    assert candidate("12.02.2021") is True
    assert candidate("11.11.2022") is False
    assert candidate("11.11.1111") is True
    assert candidate("02.02.2020") is True
    assert candidate("20.02.2002") is True
    assert candidate("12.12.1212") is False
    assert candidate("01.01.2010") is False
    assert candidate("30.11.1103") is True


def is_even_week(text: str) -> bool:
    """The bins are emptied in weeks with an even number. The text is a date such as 2024-01-10.

    Weeks are numbered as usual in calendars (ISO 8601): they begin on a Monday, and week 1 is
    the week with the first Thursday of the year. Return True if the date is in an even week.

    >>> is_even_week("2024-01-10")
    True
    >>> is_even_week("2024-01-07")
    False
    """
    return date.fromisoformat(text).isocalendar().week % 2 == 0


def check_is_even_week(candidate: Candidate) -> None:
    assert candidate("2024-01-10") is True
    assert candidate("2024-01-07") is False
    assert candidate("2024-01-08") is True
    assert candidate("2024-01-14") is True
    assert candidate("2024-01-15") is False
    assert candidate("2023-01-01") is True
    assert candidate("2021-01-01") is False
    assert candidate("2020-12-31") is False
    assert candidate("2024-12-30") is False
    assert candidate("2024-12-28") is True


def unlucky_months(year: int) -> list[int]:
    """Return the months, as numbers from 1 to 12, in which the 13th of the month is a Friday.

    The months of the given year stand in rising order.

    >>> unlucky_months(2023)
    [1, 10]
    >>> unlucky_months(2022)
    [5]
    """
    return [month for month in range(1, 13) if date(year, month, 13).weekday() == 4]


def check_unlucky_months(candidate: Candidate) -> None:
    assert candidate(2023) == [1, 10]
    assert candidate(2022) == [5]
    assert candidate(2024) == [9, 12]
    assert candidate(2015) == [2, 3, 11]
    assert candidate(2026) == [2, 3, 11]
    assert candidate(2012) == [1, 4, 7]
    assert candidate(2021) == [8]
    assert candidate(2018) == [4, 7]


def halfway_date(early: str, late: str) -> str:
    """Return the date in the middle between two dates, which are written like 2024-02-28.

    The early date is never after the late one. If there are two days in the middle,
    return the earlier one.

    >>> halfway_date("2024-02-28", "2024-03-01")
    '2024-02-29'
    >>> halfway_date("2024-01-01", "2024-01-04")
    '2024-01-02'
    """
    begin, end = date.fromisoformat(early), date.fromisoformat(late)
    return (begin + timedelta(days=(end - begin).days // 2)).isoformat()


def check_halfway_date(candidate: Candidate) -> None:
    assert candidate("2024-02-28", "2024-03-01") == "2024-02-29"
    assert candidate("2024-01-01", "2024-01-04") == "2024-01-02"
    assert candidate("2024-05-05", "2024-05-05") == "2024-05-05"
    assert candidate("2023-12-31", "2024-01-01") == "2023-12-31"
    assert candidate("2023-12-31", "2024-01-02") == "2024-01-01"
    assert candidate("2023-01-01", "2024-01-01") == "2023-07-02"
    assert candidate("2021-06-10", "2021-06-20") == "2021-06-15"


def next_year_with_same_calendar(year: int) -> int:
    """Return the next year after the given one for which the same wall calendar can be used.

    That is a year whose 1st of January and 31st of December fall on the same weekdays as in
    the given year.

    >>> next_year_with_same_calendar(2023)
    2034
    >>> next_year_with_same_calendar(2024)
    2052
    """
    later = year + 1
    while any(
        date(later, month, day).weekday() != date(year, month, day).weekday()
        for month, day in ((1, 1), (12, 31))
    ):
        later += 1
    return later


def check_next_year_with_same_calendar(candidate: Candidate) -> None:
    assert candidate(2023) == 2034
    assert candidate(2024) == 2052
    assert candidate(2021) == 2027
    assert candidate(2022) == 2033
    assert candidate(2025) == 2031
    assert candidate(2026) == 2037
    assert candidate(1900) == 1906
    assert candidate(2096) == 2108


def first_advent_sunday(year: int) -> str:
    """Advent begins on the fourth Sunday before the 25th of December.

    If the 25th is a Sunday itself, it does not count as one of the four. Return the date on
    which Advent begins in the given year, written like 2024-12-01.

    >>> first_advent_sunday(2024)
    '2024-12-01'
    >>> first_advent_sunday(2022)
    '2022-11-27'
    """
    day = date(year, 12, 24)
    while day.weekday() != 6:
        day -= timedelta(days=1)
    return (day - timedelta(days=21)).isoformat()


def check_first_advent_sunday(candidate: Candidate) -> None:
    assert candidate(2024) == "2024-12-01"
    assert candidate(2022) == "2022-11-27"
    assert candidate(2023) == "2023-12-03"
    assert candidate(2021) == "2021-11-28"
    assert candidate(2020) == "2020-11-29"
    assert candidate(2019) == "2019-12-01"
    assert candidate(2016) == "2016-11-27"
    assert candidate(2025) == "2025-11-30"
