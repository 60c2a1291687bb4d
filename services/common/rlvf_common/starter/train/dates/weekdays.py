"""Days of the week, weeks and repeating days."""

from calendar import monthrange
from datetime import date, timedelta

from rlvf_common.starter.candidate import Candidate


def weekday_short(name: str) -> str:
    """Return the first two letters of the name of a weekday, the first one a capital.

    The name may be written in any case and with spaces around it.

    >>> weekday_short(" MONDAY")
    'Mo'
    """
    return name.strip()[:2].capitalize()


def check_weekday_short(candidate: Candidate) -> None:
    assert candidate(" MONDAY") == "Mo"
    assert candidate("tuesday") == "Tu"
    assert candidate("Wednesday") == "We"
    assert candidate("tHURSDAY  ") == "Th"
    assert candidate("  friday  ") == "Fr"
    assert candidate("sAturday") == "Sa"
    assert candidate("SUnday") == "Su"


def weekend_days(first: int, days: int) -> int:
    """Count the Saturdays and Sundays among some days in a row.

    `first` is the weekday of the first day: 0 is Monday, 5 is Saturday and 6 is Sunday.

    >>> weekend_days(4, 4)
    2
    """
    return sum((first + offset) % 7 >= 5 for offset in range(days))


def check_weekend_days(candidate: Candidate) -> None:
    assert candidate(4, 4) == 2
    assert candidate(0, 0) == 0
    assert candidate(0, 5) == 0
    assert candidate(0, 6) == 1
    assert candidate(5, 1) == 1
    assert candidate(6, 1) == 1
    assert candidate(6, 7) == 2
    assert candidate(5, 9) == 4
    assert candidate(1, 365) == 104


def weekday_name(day: str) -> str:
    """Return the English name of the weekday of a date "YYYY-MM-DD", in small letters.

    >>> weekday_name("2024-02-29")
    'thursday'
    """
    names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    return names[date.fromisoformat(day).weekday()]


def check_weekday_name(candidate: Candidate) -> None:
    assert candidate("2024-02-29") == "thursday"
    assert candidate("2000-01-01") == "saturday"
    assert candidate("1999-12-31") == "friday"
    assert candidate("2023-10-01") == "sunday"
    assert candidate("2023-10-02") == "monday"
    assert candidate("2023-10-03") == "tuesday"
    assert candidate("1970-01-07") == "wednesday"


def next_workday(day: str) -> str:
    """Return the first day after the given one that is neither a Saturday nor a Sunday.

    Days are written as "YYYY-MM-DD".

    >>> next_workday("2024-03-01")
    '2024-03-04'
    """
    following = date.fromisoformat(day) + timedelta(days=1)
    while following.weekday() >= 5:
        following += timedelta(days=1)
    return following.isoformat()


def check_next_workday(candidate: Candidate) -> None:
    assert candidate("2024-03-01") == "2024-03-04"
    assert candidate("2024-03-02") == "2024-03-04"
    assert candidate("2024-03-03") == "2024-03-04"
    assert candidate("2024-03-04") == "2024-03-05"
    assert candidate("2024-02-28") == "2024-02-29"
    assert candidate("2023-12-29") == "2024-01-01"
    assert candidate("2024-02-29") == "2024-03-01"


def count_workdays(first: str, last: str) -> int:
    """Count the days from Monday to Friday between two dates, both dates included.

    Dates are written as "YYYY-MM-DD". If the last date is before the first one, there are none.

    >>> count_workdays("2024-03-01", "2024-03-05")
    3
    """
    start = date.fromisoformat(first)
    days = (date.fromisoformat(last) - start).days + 1
    return sum((start + timedelta(days=offset)).weekday() < 5 for offset in range(days))


def check_count_workdays(candidate: Candidate) -> None:
    assert candidate("2024-03-01", "2024-03-05") == 3
    assert candidate("2024-03-02", "2024-03-03") == 0
    assert candidate("2024-03-04", "2024-03-04") == 1
    assert candidate("2024-03-05", "2024-03-04") == 0
    assert candidate("2024-02-26", "2024-03-03") == 5
    assert candidate("2023-12-30", "2024-01-02") == 2
    assert candidate("2024-01-01", "2024-12-31") == 262


def nth_weekday_of_month(year: int, month: int, weekday: int, number: int) -> int | None:
    """Return the day of the month on which the weekday occurs for the given time.

    Weekdays are 0 (Monday) to 6 (Sunday); number 1 is the first occurrence in the month. Return
    None if the weekday does not occur that often.

    >>> nth_weekday_of_month(2024, 11, 3, 4)
    28
    """
    days = [
        day
        for day in range(1, monthrange(year, month)[1] + 1)
        if date(year, month, day).weekday() == weekday
    ]
    return days[number - 1] if number <= len(days) else None


def check_nth_weekday_of_month(candidate: Candidate) -> None:
    assert candidate(2024, 11, 3, 4) == 28
    assert candidate(2024, 3, 4, 1) == 1
    assert candidate(2024, 3, 4, 5) == 29
    assert candidate(2024, 3, 0, 5) is None
    assert candidate(2024, 3, 6, 5) == 31
    assert candidate(2023, 2, 2, 1) == 1
    assert candidate(2023, 2, 1, 4) == 28
    assert candidate(2023, 2, 2, 5) is None
    assert candidate(2024, 2, 3, 5) == 29


def bin_collection(day: str) -> list[str]:
    """Return which bins are collected on a date "YYYY-MM-DD".

    "paper" is collected on the first Monday of each month, "glass" on every Thursday, and "rest"
    on all days of the month whose number can be divided by 10. The order is paper, glass, rest.

    >>> bin_collection("2024-10-10")
    ['glass', 'rest']
    """
    when = date.fromisoformat(day)
    bins = []
    if when.weekday() == 0 and when.day <= 7:
        bins.append("paper")
    if when.weekday() == 3:
        bins.append("glass")
    if when.day % 10 == 0:
        bins.append("rest")
    return bins


def check_bin_collection(candidate: Candidate) -> None:
    assert candidate("2024-10-10") == ["glass", "rest"]
    assert candidate("2024-10-07") == ["paper"]
    assert candidate("2024-04-01") == ["paper"]
    assert candidate("2024-04-08") == []
    assert candidate("2024-04-15") == []
    assert candidate("2024-10-02") == []
    assert candidate("2024-10-03") == ["glass"]
    assert candidate("2024-06-30") == ["rest"]
    assert candidate("2024-06-20") == ["glass", "rest"]
    assert candidate("2024-07-20") == ["rest"]


def shift_of_day(pattern: str, first_day: str, day: str) -> str:
    """Return the shift of somebody who works in a repeating pattern.

    The pattern has one letter a day, such as "EELLNN--", and begins on the first day. Days are
    "YYYY-MM-DD". Before the first day nobody works: return "-".

    >>> shift_of_day("EELL--", "2024-05-01", "2024-05-09")
    'L'
    """
    days = (date.fromisoformat(day) - date.fromisoformat(first_day)).days
    return pattern[days % len(pattern)] if days >= 0 else "-"


def check_shift_of_day(candidate: Candidate) -> None:
    assert candidate("EELL--", "2024-05-01", "2024-05-09") == "L"
    assert candidate("EELL--", "2024-05-01", "2024-05-01") == "E"
    assert candidate("EELL--", "2024-05-01", "2024-05-03") == "L"
    assert candidate("EELL--", "2024-05-01", "2024-05-06") == "-"
    assert candidate("EELL--", "2024-05-01", "2024-05-07") == "E"
    assert candidate("EL", "2024-05-01", "2024-04-30") == "-"
    assert candidate("N", "2023-12-31", "2024-12-31") == "N"
    assert candidate("AB", "2024-02-28", "2024-03-01") == "A"


def rota(names: list[str], days: list[str], away: dict[str, list[str]]) -> dict[str, str]:
    """Plan who cleans the kitchen on which day.

    The names take turns in their order, beginning with the first one, and after the last name the
    first one follows. If the person whose turn it is is away on that day, the turn goes to the
    next one, and the one who was away has lost the turn. If everybody is away, the day gets "-",
    and the turn stays where it was. `away` lists the days on which a person is away.

    >>> rota(["Al", "Bo"], ["mon", "tue", "wed"], {"Bo": ["tue"]})
    {'mon': 'Al', 'tue': 'Al', 'wed': 'Bo'}
    """
    plan = {}
    turn = 0
    for day in days:
        plan[day] = "-"
        for step in range(len(names)):
            name = names[(turn + step) % len(names)]
            if day not in away.get(name, []):
                plan[day] = name
                turn += step + 1
                break
    return plan


def check_rota(candidate: Candidate) -> None:
    assert candidate(["Al", "Bo"], ["mon", "tue", "wed"], {"Bo": ["tue"]}) == {
        "mon": "Al",
        "tue": "Al",
        "wed": "Bo",
    }
    assert candidate([], ["mon"], {}) == {"mon": "-"}
    assert candidate(["A"], [], {}) == {}
    assert candidate(["A"], ["1", "2"], {"A": ["1"]}) == {"1": "-", "2": "A"}
    assert candidate(["A", "B", "C"], ["1", "2", "3", "4"], {}) == {
        "1": "A",
        "2": "B",
        "3": "C",
        "4": "A",
    }
    assert candidate(["A", "B", "C"], ["1", "2"], {"A": ["1"]}) == {"1": "B", "2": "C"}
    assert candidate(["A", "B"], ["1", "2"], {"A": ["1"], "B": ["1"]}) == {"1": "-", "2": "A"}
    assert candidate(["A", "B", "C"], ["1", "2", "3"], {"B": ["2"], "C": ["2"]}) == {
        "1": "A",
        "2": "A",
        "3": "B",
    }


def longest_streak(days: list[str]) -> int:
    """Return the largest number of days in a row on which somebody practiced.

    Days are "YYYY-MM-DD", in any order, and a day may stand in the list several times.

    >>> longest_streak(["2024-02-28", "2024-03-01", "2024-02-29"])
    3
    """
    numbers = {date.fromisoformat(day).toordinal() for day in days}
    longest = 0
    for number in numbers:
        length = 0
        while number + length in numbers:
            length += 1
        longest = max(longest, length)
    return longest


def check_longest_streak(candidate: Candidate) -> None:
    assert candidate(["2024-02-28", "2024-03-01", "2024-02-29"]) == 3
    assert candidate([]) == 0
    assert candidate(["2024-01-01"]) == 1
    assert candidate(["2024-01-01", "2024-01-01"]) == 1
    assert candidate(["2023-02-28", "2023-03-01"]) == 2
    assert candidate(["2024-02-28", "2024-03-01"]) == 1
    assert candidate(["2023-12-31", "2024-01-01", "2024-01-03"]) == 2
    assert candidate(["2024-05-05", "2024-05-07", "2024-05-06", "2024-05-09"]) == 3
