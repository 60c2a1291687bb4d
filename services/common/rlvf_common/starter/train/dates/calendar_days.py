"""Dates, months and years."""

from datetime import date

from rlvf_common.starter.candidate import Candidate


def century_of_year(year: int) -> int:
    """Return the century that a positive year belongs to. The year 2000 is in the 20th century.

    >>> century_of_year(2001)
    21
    """
    return (year - 1) // 100 + 1


def check_century_of_year(candidate: Candidate) -> None:
    assert candidate(2001) == 21
    assert candidate(2000) == 20
    assert candidate(1) == 1
    assert candidate(100) == 1
    assert candidate(101) == 2
    assert candidate(1999) == 20
    assert candidate(476) == 5


def decade_text(year: int) -> str:
    """Return the decade of a year as text: "1980s" for the years 1980 to 1989.

    >>> decade_text(1987)
    '1980s'
    """
    return f"{year // 10 * 10}s"


def check_decade_text(candidate: Candidate) -> None:
    assert candidate(1987) == "1980s"
    assert candidate(1980) == "1980s"
    assert candidate(1989) == "1980s"
    assert candidate(2000) == "2000s"
    assert candidate(1999) == "1990s"
    assert candidate(805) == "800s"


def quarter_of_month(month: int) -> str:
    """Return the quarter of the year for a month from 1 to 12: "Q1" to "Q4".

    >>> quarter_of_month(4)
    'Q2'
    """
    return f"Q{(month + 2) // 3}"


def check_quarter_of_month(candidate: Candidate) -> None:
    assert candidate(4) == "Q2"
    assert candidate(1) == "Q1"
    assert candidate(3) == "Q1"
    assert candidate(6) == "Q2"
    assert candidate(7) == "Q3"
    assert candidate(9) == "Q3"
    assert candidate(10) == "Q4"
    assert candidate(12) == "Q4"


def months_apart(first: tuple[int, int], second: tuple[int, int]) -> int:
    """Return how many months the second month is after the first one; negative if it is before.

    A month is (year, number of the month).

    >>> months_apart((2023, 11), (2024, 2))
    3
    """
    return (second[0] - first[0]) * 12 + second[1] - first[1]


def check_months_apart(candidate: Candidate) -> None:
    assert candidate((2023, 11), (2024, 2)) == 3
    assert candidate((2024, 2), (2023, 11)) == -3
    assert candidate((2020, 5), (2020, 5)) == 0
    assert candidate((2020, 1), (2020, 12)) == 11
    assert candidate((2019, 12), (2020, 1)) == 1
    assert candidate((2000, 6), (2010, 6)) == 120
    assert candidate((1, 1), (0, 12)) == -1


def add_months(year: int, month: int, count: int) -> tuple[int, int]:
    """Return the month that comes `count` months later (earlier for a negative count).

    The result is (year, month) with the month from 1 to 12.

    >>> add_months(2024, 11, 3)
    (2025, 2)
    """
    years, rest = divmod(month - 1 + count, 12)
    return year + years, rest + 1


def check_add_months(candidate: Candidate) -> None:
    assert candidate(2024, 11, 3) == (2025, 2)
    assert candidate(2024, 11, 1) == (2024, 12)
    assert candidate(2024, 12, 1) == (2025, 1)
    assert candidate(2024, 1, -1) == (2023, 12)
    assert candidate(2024, 6, 0) == (2024, 6)
    assert candidate(2024, 5, 24) == (2026, 5)
    assert candidate(2024, 3, -15) == (2022, 12)


def day_of_year(day: int, month: int, leap: bool) -> int:
    """Return which day of the year a date is. The first of January is day 1.

    `leap` says whether February has 29 days in that year, or else 28.

    >>> day_of_year(1, 3, False)
    60
    """
    lengths = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30]
    return sum(lengths[: month - 1]) + day


def check_day_of_year(candidate: Candidate) -> None:
    assert candidate(1, 3, False) == 60
    assert candidate(1, 3, True) == 61
    assert candidate(1, 1, False) == 1
    assert candidate(29, 2, True) == 60
    assert candidate(31, 12, False) == 365
    assert candidate(31, 12, True) == 366
    assert candidate(4, 7, False) == 185
    assert candidate(30, 9, False) == 273
    assert candidate(1, 11, True) == 306
    assert candidate(15, 5, False) == 135
    assert candidate(2, 8, False) == 214
    assert candidate(31, 1, True) == 31


def age_on(born: str, day: str) -> int:
    """Return how many full years old somebody is on a day.

    Both dates are "YYYY-MM-DD". One gets older on the birthday itself. Who was born on the 29th
    of February gets older on the 1st of March in other years. Before the birth return -1.

    >>> age_on("1990-06-15", "2024-06-14")
    33
    """
    if day < born:
        return -1
    had_birthday = day[5:] >= born[5:]
    return int(day[:4]) - int(born[:4]) - (0 if had_birthday else 1)


def check_age_on(candidate: Candidate) -> None:
    assert candidate("1990-06-15", "2024-06-14") == 33
    assert candidate("1990-06-15", "2024-06-15") == 34
    assert candidate("1990-06-15", "2024-07-01") == 34
    assert candidate("1990-06-15", "2024-05-31") == 33
    assert candidate("2024-01-01", "2024-01-01") == 0
    assert candidate("2024-01-02", "2024-01-01") == -1
    assert candidate("2000-02-29", "2023-02-28") == 22
    assert candidate("2000-02-29", "2023-03-01") == 23
    assert candidate("2000-02-29", "2024-02-29") == 24
    assert candidate("1999-12-31", "2000-01-01") == 0
    assert candidate("2035-03-01", "2024-12-31") == -1


def date_in_words(day: str) -> str:
    """Write a date "YYYY-MM-DD" in words, such as "3rd of May 2024".

    The number of the day ends with "st" for 1, 21 and 31, with "nd" for 2 and 22, with "rd" for
    3 and 23, and else with "th".

    >>> date_in_words("2024-05-03")
    '3rd of May 2024'
    """
    year, month, number = (int(part) for part in day.split("-"))
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    if 11 <= number <= 13:
        ending = "th"
    names = "January February March April May June July August September October November December"
    return f"{number}{ending} of {names.split()[month - 1]} {year}"


def check_date_in_words(candidate: Candidate) -> None:
    assert candidate("2024-05-03") == "3rd of May 2024"
    assert candidate("2024-01-01") == "1st of January 2024"
    assert candidate("2024-02-02") == "2nd of February 2024"
    assert candidate("1999-12-31") == "31st of December 1999"
    assert candidate("2023-11-11") == "11th of November 2023"
    assert candidate("2023-08-12") == "12th of August 2023"
    assert candidate("2023-03-13") == "13th of March 2023"
    assert candidate("2023-04-10") == "10th of April 2023"
    assert candidate("2023-06-22") == "22nd of June 2023"
    assert candidate("2023-07-23") == "23rd of July 2023"
    assert candidate("2023-09-14") == "14th of September 2023"
    assert candidate("2023-10-21") == "21st of October 2023"


def sort_dates(dates: list[str]) -> list[str]:
    """Sort dates of the form "D.M.YYYY" from the earliest to the latest.

    Days and months may have one or two digits; the texts come back as they are.

    >>> sort_dates(["2.10.2024", "11.9.2024", "30.12.2023"])
    ['30.12.2023', '11.9.2024', '2.10.2024']
    """
    return sorted(dates, key=lambda text: [int(part) for part in reversed(text.split("."))])


def check_sort_dates(candidate: Candidate) -> None:
    assert candidate(["2.10.2024", "11.9.2024", "30.12.2023"]) == [
        "30.12.2023",
        "11.9.2024",
        "2.10.2024",
    ]
    assert candidate([]) == []
    assert candidate(["1.1.2000"]) == ["1.1.2000"]
    assert candidate(["2.1.2024", "1.2.2024"]) == ["2.1.2024", "1.2.2024"]
    assert candidate(["10.5.2024", "9.5.2024"]) == ["9.5.2024", "10.5.2024"]
    assert candidate(["1.10.2020", "1.2.2020"]) == ["1.2.2020", "1.10.2020"]
    assert candidate(["05.05.2021", "4.5.2021", "6.5.987"]) == [
        "6.5.987",
        "4.5.2021",
        "05.05.2021",
    ]


def dates_in_same_week(first: str, second: str) -> bool:
    """Return True if two dates "YYYY-MM-DD" lie in the same week. Weeks begin on Monday.

    >>> dates_in_same_week("2024-12-30", "2025-01-05")
    True
    """
    return (
        date.fromisoformat(first).isocalendar()[:2] == date.fromisoformat(second).isocalendar()[:2]
    )


def check_dates_in_same_week(candidate: Candidate) -> None:
    assert candidate("2024-12-30", "2025-01-05") is True
    assert candidate("2025-01-05", "2025-01-06") is False
    assert candidate("2024-12-29", "2024-12-30") is False
    assert candidate("2024-05-01", "2024-05-01") is True
    assert candidate("2024-05-05", "2024-04-29") is True
    assert candidate("2023-05-01", "2024-05-01") is False
    assert candidate("2024-05-01", "2024-05-08") is False
    assert candidate("2024-01-03", "2025-01-03") is False


def month_sheet(first_weekday: int, days: int) -> list[str]:
    """Write a month as lines of a calendar, one line a week.

    A week runs from Monday (0) to Sunday (6). `first_weekday` is the weekday of the first day of
    the month. Each day takes two columns, aligned to the right, with one space between the days;
    places before the first day are blank. Lines have no spaces at the end.

    >>> month_sheet(5, 3)
    ['                1  2', ' 3']
    """
    cells = ["  "] * first_weekday + [f"{day:2d}" for day in range(1, days + 1)]
    return [" ".join(cells[start : start + 7]) for start in range(0, len(cells), 7)]


def check_month_sheet(candidate: Candidate) -> None:
    assert candidate(5, 3) == ["                1  2", " 3"]
    assert candidate(0, 7) == [" 1  2  3  4  5  6  7"]
    assert candidate(0, 8) == [" 1  2  3  4  5  6  7", " 8"]
    assert candidate(6, 1) == ["                   1"]
    assert candidate(1, 2) == ["    1  2"]
    assert candidate(0, 28)[3] == "22 23 24 25 26 27 28"
    assert candidate(3, 31)[1] == " 5  6  7  8  9 10 11"
    assert len(candidate(6, 30)) == 6


def next_leap_day(day: str) -> str:
    """Return the first 29th of February after a date. Both are written "YYYY-MM-DD".

    A year has such a day if it can be divided by 4; but of the years that can be divided by 100,
    only those that can be divided by 400 have one.

    >>> next_leap_day("2024-02-29")
    '2028-02-29'
    """
    year = int(day[:4])
    if day[5:] >= "02-29":
        year += 1
    while year % 4 or (year % 100 == 0 and year % 400):
        year += 1
    return f"{year}-02-29"


def check_next_leap_day(candidate: Candidate) -> None:
    assert candidate("2024-02-29") == "2028-02-29"
    assert candidate("2024-02-28") == "2024-02-29"
    assert candidate("2024-03-01") == "2028-02-29"
    assert candidate("2023-12-31") == "2024-02-29"
    assert candidate("1999-06-01") == "2000-02-29"
    assert candidate("2096-05-05") == "2104-02-29"
    assert candidate("2100-01-01") == "2104-02-29"
    assert candidate("2000-01-31") == "2000-02-29"
    assert candidate("1896-10-10") == "1904-02-29"
