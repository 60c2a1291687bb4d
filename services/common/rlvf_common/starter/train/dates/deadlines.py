"""Deadlines, bookings and repeating events."""

from calendar import monthrange
from datetime import date, timedelta

from rlvf_common.starter.candidate import Candidate


def days_left(today: str, deadline: str) -> int:
    """Return how many days are left until the deadline; 0 if it is today or already over.

    Dates are "YYYY-MM-DD".

    >>> days_left("2024-02-27", "2024-03-01")
    3
    """
    return max((date.fromisoformat(deadline) - date.fromisoformat(today)).days, 0)


def check_days_left(candidate: Candidate) -> None:
    assert candidate("2024-02-27", "2024-03-01") == 3
    assert candidate("2023-02-27", "2023-03-01") == 2
    assert candidate("2024-05-05", "2024-05-05") == 0
    assert candidate("2024-05-06", "2024-05-05") == 0
    assert candidate("2023-12-31", "2024-01-01") == 1
    assert candidate("2023-01-01", "2024-01-01") == 365


def latest_of_dates(dates: list[str]) -> str:
    """Return the latest of some dates "YYYY-MM-DD", or "never" if there are none.

    >>> latest_of_dates(["2024-01-09", "2024-01-10"])
    '2024-01-10'
    """
    return max(dates, default="never")


def check_latest_of_dates(candidate: Candidate) -> None:
    assert candidate(["2024-01-09", "2024-01-10"]) == "2024-01-10"
    assert candidate([]) == "never"
    assert candidate(["1999-12-31"]) == "1999-12-31"
    assert candidate(["2024-02-01", "2024-01-31"]) == "2024-02-01"
    assert candidate(["2023-12-31", "2024-01-01", "2022-06-06"]) == "2024-01-01"
    assert candidate(["2024-05-05", "2024-05-05"]) == "2024-05-05"


def nights_of_stay(arrival: str, departure: str) -> list[str]:
    """Return the dates of all nights of a stay: from the arrival to the day before the departure.

    Dates are "YYYY-MM-DD". If the departure is not after the arrival, there are none.

    >>> nights_of_stay("2024-02-28", "2024-03-01")
    ['2024-02-28', '2024-02-29']
    """
    first = date.fromisoformat(arrival).toordinal()
    end = date.fromisoformat(departure).toordinal()
    return [date.fromordinal(day).isoformat() for day in range(first, end)]


def check_nights_of_stay(candidate: Candidate) -> None:
    assert candidate("2024-02-28", "2024-03-01") == ["2024-02-28", "2024-02-29"]
    assert candidate("2024-05-01", "2024-05-01") == []
    assert candidate("2024-05-02", "2024-05-01") == []
    assert candidate("2023-12-31", "2024-01-01") == ["2023-12-31"]
    assert candidate("2023-02-28", "2023-03-02") == ["2023-02-28", "2023-03-01"]
    assert candidate("2024-05-30", "2024-06-02") == ["2024-05-30", "2024-05-31", "2024-06-01"]


def bookings_clash(bookings: list[tuple[str, str]]) -> bool:
    """Return True if two bookings of a room overlap.

    A booking is (arrival, departure), both "YYYY-MM-DD", with the arrival before the departure.
    A guest may arrive on the day on which another one leaves.

    >>> bookings_clash([("2024-05-04", "2024-05-06"), ("2024-05-01", "2024-05-04")])
    False
    """
    ordered = sorted(bookings)
    return any(ordered[place][0] < ordered[place - 1][1] for place in range(1, len(ordered)))


def check_bookings_clash(candidate: Candidate) -> None:
    assert candidate([("2024-05-04", "2024-05-06"), ("2024-05-01", "2024-05-04")]) is False
    assert candidate([("2024-05-04", "2024-05-06"), ("2024-05-01", "2024-05-05")]) is True
    assert candidate([]) is False
    assert candidate([("2024-05-04", "2024-05-06")]) is False
    assert candidate([("2024-05-04", "2024-05-06"), ("2024-05-04", "2024-05-06")]) is True
    assert candidate([("2024-01-01", "2024-12-31"), ("2024-05-04", "2024-05-06")]) is True
    assert candidate([("2024-02-01", "2024-02-02"), ("2023-02-01", "2023-02-02")]) is False
    assert (
        candidate(
            [
                ("2024-05-09", "2024-05-12"),
                ("2024-05-01", "2024-05-03"),
                ("2024-05-11", "2024-05-13"),
            ]
        )
        is True
    )


def renewal_date(start: str, months: int) -> str:
    """Return the date on which a contract of so many months must be renewed.

    It is the same day of the month, that many months later. If that month is too short, it is the
    last day of that month. Dates are "YYYY-MM-DD".

    >>> renewal_date("2024-01-31", 1)
    '2024-02-29'
    """
    day = date.fromisoformat(start)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    length = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, length)).isoformat()


def check_renewal_date(candidate: Candidate) -> None:
    assert candidate("2024-01-31", 1) == "2024-02-29"
    assert candidate("2023-01-31", 1) == "2023-02-28"
    assert candidate("2024-03-15", 12) == "2025-03-15"
    assert candidate("2024-02-29", 12) == "2025-02-28"
    assert candidate("2024-11-30", 1) == "2024-12-30"
    assert candidate("2024-12-01", 1) == "2025-01-01"
    assert candidate("2024-10-31", 0) == "2024-10-31"
    assert candidate("2024-08-31", 1) == "2024-09-30"
    assert candidate("2024-05-10", 30) == "2026-11-10"


def invoice_state(issued: str, today: str, paid: bool) -> str:
    """Return the state of an invoice.

    It must be paid within 14 days after it was issued, so that the 14th day is still in time.
    Return "paid" if it is paid, "open" until that day, "overdue" for the 30 days after it, and
    "court" after that. Dates are "YYYY-MM-DD".

    >>> invoice_state("2024-05-01", "2024-05-16", False)
    'overdue'
    """
    if paid:
        return "paid"
    days = (date.fromisoformat(today) - date.fromisoformat(issued)).days
    if days <= 14:
        return "open"
    return "overdue" if days <= 44 else "court"


def check_invoice_state(candidate: Candidate) -> None:
    assert candidate("2024-05-01", "2024-05-16", False) == "overdue"
    assert candidate("2024-05-01", "2024-05-15", False) == "open"
    assert candidate("2024-05-01", "2024-05-01", False) == "open"
    assert candidate("2024-05-01", "2024-06-14", False) == "overdue"
    assert candidate("2024-05-01", "2024-06-15", False) == "court"
    assert candidate("2024-05-01", "2025-05-01", True) == "paid"
    assert candidate("2024-02-20", "2024-03-05", False) == "open"
    assert candidate("2023-02-20", "2023-03-07", False) == "overdue"
    assert candidate("2020-01-01", "2024-01-01", False) == "court"


def due_reminders(tasks: dict[str, str], today: str, ahead: int) -> list[str]:
    """Return the names of the tasks that are due from today on within the next `ahead` days.

    `tasks` has a date "YYYY-MM-DD" for each name. A task that is due today, or in exactly that
    many days, belongs to the result; one that was due before does not. Sort by date, then by name.

    >>> due_reminders({"tax": "2024-05-03", "rent": "2024-05-01"}, "2024-05-01", 1)
    ['rent']
    """
    last = (date.fromisoformat(today) + timedelta(days=ahead)).isoformat()
    due = [(day, name) for name, day in tasks.items() if today <= day <= last]
    return [name for _, name in sorted(due)]


def check_due_reminders(candidate: Candidate) -> None:
    tasks = {"tax": "2024-05-03", "rent": "2024-05-01", "gym": "2024-05-09", "cat": "2024-05-03"}
    assert candidate(tasks, "2024-05-01", 2) == ["rent", "cat", "tax"]
    assert candidate(tasks, "2024-05-02", 2) == ["cat", "tax"]
    assert candidate(tasks, "2024-05-01", 1) == ["rent"]
    assert candidate(tasks, "2024-05-09", 0) == ["gym"]
    assert candidate(tasks, "2024-05-10", 30) == []
    assert candidate({}, "2024-05-10", 30) == []
    assert candidate({"a": "2024-03-01"}, "2024-02-28", 2) == ["a"]
    assert candidate({"a": "2023-03-02"}, "2023-02-28", 1) == []


def repeat_every(first: str, step: int, until: str) -> list[str]:
    """Return all dates of an event that repeats every `step` days.

    It takes place on the first date and then every `step` days up to the date `until`, which is
    included. If the date is a Sunday, the event falls out, but the counting goes on. Dates are
    "YYYY-MM-DD".

    >>> repeat_every("2024-05-03", 2, "2024-05-09")
    ['2024-05-03', '2024-05-07', '2024-05-09']
    """
    day = date.fromisoformat(first)
    dates = []
    while day <= date.fromisoformat(until):
        if day.weekday() != 6:
            dates.append(day.isoformat())
        day += timedelta(days=step)
    return dates


def check_repeat_every(candidate: Candidate) -> None:
    assert candidate("2024-05-03", 2, "2024-05-09") == ["2024-05-03", "2024-05-07", "2024-05-09"]
    assert candidate("2024-05-03", 2, "2024-05-08") == ["2024-05-03", "2024-05-07"]
    assert candidate("2024-05-05", 7, "2024-06-01") == []
    assert candidate("2024-05-04", 7, "2024-05-11") == ["2024-05-04", "2024-05-11"]
    assert candidate("2024-05-02", 1, "2024-05-01") == []
    assert candidate("2024-05-01", 5, "2024-05-01") == ["2024-05-01"]
    assert candidate("2024-02-28", 1, "2024-03-01") == ["2024-02-28", "2024-02-29", "2024-03-01"]
    assert candidate("2024-04-29", 30, "2024-07-31") == [
        "2024-04-29",
        "2024-05-29",
        "2024-06-28",
    ]


def pay_days(year: int) -> list[str]:
    """Return the twelve pay days of a year as "MM-DD".

    Pay day is the 15th of each month. If that is a Saturday or a Sunday, it is the Friday before.

    >>> pay_days(2024)[5]
    '06-14'
    """
    days = []
    for month in range(1, 13):
        pay_day = date(year, month, 15)
        late = max(pay_day.weekday() - 4, 0)
        days.append(f"{month:02d}-{15 - late:02d}")
    return days


def check_pay_days(candidate: Candidate) -> None:
    assert candidate(2024)[5] == "06-14"
    assert candidate(2024)[8] == "09-13"
    assert candidate(2024)[0] == "01-15"
    assert candidate(2024)[10] == "11-15"
    assert candidate(2023)[9] == "10-13"
    assert candidate(2023)[3] == "04-14"
    assert len(candidate(2030)) == 12
    assert candidate(2022) == [
        "01-14",
        "02-15",
        "03-15",
        "04-15",
        "05-13",
        "06-15",
        "07-15",
        "08-15",
        "09-15",
        "10-14",
        "11-15",
        "12-15",
    ]


def subscription_months(start: str, end: str, price: int) -> int:
    """Return what a subscription has cost.

    Every calendar month that the subscription touches costs the price, with one exception: a
    first month in which it begins after the 15th is free. Dates are "YYYY-MM-DD", both included;
    the end is not before the start.

    >>> subscription_months("2024-01-20", "2024-03-01", 10)
    20
    """
    first_year, first_month, first_day = map(int, start.split("-"))
    last_year, last_month, _ = map(int, end.split("-"))
    months = (last_year - first_year) * 12 + last_month - first_month + 1
    if first_day > 15:
        months -= 1
    return months * price


def check_subscription_months(candidate: Candidate) -> None:
    assert candidate("2024-01-20", "2024-03-01", 10) == 20
    assert candidate("2024-01-15", "2024-03-01", 10) == 30
    assert candidate("2024-01-16", "2024-01-31", 10) == 0
    assert candidate("2024-01-01", "2024-01-01", 7) == 7
    assert candidate("2023-12-31", "2024-01-01", 5) == 5
    assert candidate("2023-12-01", "2024-01-31", 5) == 10
    assert candidate("2022-06-10", "2024-06-10", 1) == 25
    assert candidate("2023-11-28", "2025-02-02", 2) == 30


def time_zone_meeting(hour: int, offsets: dict[str, int]) -> dict[str, str]:
    """Return the local time of a meeting in each city.

    The meeting begins at a full hour in world time. `offsets` says by how many hours the clock of
    a city is ahead of world time (negative if it is behind). Write the hour with two digits and
    ":00", and append "+1" if it is the next day there, or "-1" if it is the day before.

    >>> time_zone_meeting(22, {"Rome": 2, "Lima": -5})
    {'Rome': '00:00+1', 'Lima': '17:00'}
    """
    times = {}
    for city, offset in offsets.items():
        days, local = divmod(hour + offset, 24)
        mark = f"{days:+d}" if days else ""
        times[city] = f"{local:02d}:00{mark}"
    return times


def check_time_zone_meeting(candidate: Candidate) -> None:
    assert candidate(22, {"Rome": 2, "Lima": -5}) == {"Rome": "00:00+1", "Lima": "17:00"}
    assert candidate(5, {}) == {}
    assert candidate(0, {"A": 0}) == {"A": "00:00"}
    assert candidate(23, {"A": 0, "B": 1}) == {"A": "23:00", "B": "00:00+1"}
    assert candidate(0, {"A": -1}) == {"A": "23:00-1"}
    assert candidate(9, {"A": 13, "B": -9, "C": -10}) == {
        "A": "22:00",
        "B": "00:00",
        "C": "23:00-1",
    }
    assert candidate(11, {"A": 14}) == {"A": "01:00+1"}
