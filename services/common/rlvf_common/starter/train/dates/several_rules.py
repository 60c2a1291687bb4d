"""Calendars and clocks with several rules at once."""

from datetime import date, timedelta

from rlvf_common.starter.candidate import Candidate


def birthday_countdown(born: str, today: str) -> str:
    """Say how long it is until the next birthday.

    Dates are "YYYY-MM-DD". Return "today" on the birthday itself, "tomorrow" on the day before,
    else "in N days". Who was born on the 29th of February celebrates on the 1st of March in years
    that do not have that day.

    >>> birthday_countdown("1990-06-15", "2024-06-10")
    'in 5 days'
    """
    now = date.fromisoformat(today)
    month, day = int(born[5:7]), int(born[8:])
    for year in (now.year, now.year + 1):
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        shifted = (month, day) == (2, 29) and not leap
        birthday = date(year, 3, 1) if shifted else date(year, month, day)
        if birthday >= now:
            break
    days = (birthday - now).days
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def check_birthday_countdown(candidate: Candidate) -> None:
    assert candidate("1990-06-15", "2024-06-10") == "in 5 days"
    assert candidate("1990-06-15", "2024-06-15") == "today"
    assert candidate("1990-06-15", "2024-06-14") == "tomorrow"
    assert candidate("1990-06-15", "2024-06-13") == "in 2 days"
    assert candidate("1990-06-15", "2024-06-16") == "in 364 days"
    assert candidate("1990-01-01", "2023-12-31") == "tomorrow"
    assert candidate("1980-12-24", "2024-12-23") == "tomorrow"
    assert candidate("2000-02-29", "2023-02-28") == "tomorrow"
    assert candidate("2000-02-29", "2023-03-01") == "today"
    assert candidate("2000-02-29", "2024-02-28") == "tomorrow"
    assert candidate("2000-02-29", "2024-03-01") == "in 365 days"
    assert candidate("2000-02-29", "2100-02-28") == "tomorrow"
    assert candidate("2000-02-29", "2099-12-31") == "in 60 days"
    assert candidate("1960-02-29", "2000-02-29") == "today"
    assert candidate("2001-03-01", "2024-02-28") == "in 2 days"


def time_ago(seconds: int) -> str:
    """Describe how long ago something was.

    Less than 10 seconds are "just now". Otherwise use the largest fitting unit of second, minute
    (60 seconds), hour (60 minutes), day (24 hours) and week (7 days), rounded down, such as "5
    minutes ago". One minute is "a minute ago", one hour "an hour ago", one day "yesterday" and one
    week "last week". A negative number is "in the future".

    >>> time_ago(7300)
    '2 hours ago'
    """
    if seconds < 0:
        return "in the future"
    if seconds < 10:
        return "just now"
    units = [
        (604800, "week", "last week"),
        (86400, "day", "yesterday"),
        (3600, "hour", "an hour ago"),
        (60, "minute", "a minute ago"),
    ]
    for length, name, single in units:
        count = seconds // length
        if count == 1:
            return single
        if count > 1:
            return f"{count} {name}s ago"
    return f"{seconds} seconds ago"


def check_time_ago(candidate: Candidate) -> None:
    assert candidate(7300) == "2 hours ago"
    assert candidate(-1) == "in the future"
    assert candidate(0) == "just now"
    assert candidate(9) == "just now"
    assert candidate(10) == "10 seconds ago"
    assert candidate(59) == "59 seconds ago"
    assert candidate(60) == "a minute ago"
    assert candidate(119) == "a minute ago"
    assert candidate(120) == "2 minutes ago"
    assert candidate(3599) == "59 minutes ago"
    assert candidate(3600) == "an hour ago"
    assert candidate(86399) == "23 hours ago"
    assert candidate(86400) == "yesterday"
    assert candidate(200000) == "2 days ago"
    assert candidate(604799) == "6 days ago"
    assert candidate(604800) == "last week"
    assert candidate(1209600) == "2 weeks ago"


def opening_text(hours: list[str]) -> str:
    """Write the opening hours of a week in short.

    `hours` has seven texts, from Monday to Sunday, such as "9-17", or "" for a closed day. Days in
    a row with the same hours are put together: "Mo-Fr 9-17". Use the names Mo, Tu, We, Th, Fr, Sa
    and Su, and write groups of two days with "-", too. Groups are separated by "; ", and closed
    days are left out. If every day is closed, return "closed".

    >>> opening_text(["9-17", "9-17", "9-12", "", "", "10-14", ""])
    'Mo-Tu 9-17; We 9-12; Sa 10-14'
    """
    names = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    parts = []
    start = 0
    for day in range(1, 8):
        if day < 7 and hours[day] == hours[start]:
            continue
        days = names[start] if day - start == 1 else f"{names[start]}-{names[day - 1]}"
        if hours[start]:
            parts.append(f"{days} {hours[start]}")
        start = day
    return "; ".join(parts) or "closed"


def check_opening_text(candidate: Candidate) -> None:
    assert candidate(["9-17", "9-17", "9-12", "", "", "10-14", ""]) == (
        "Mo-Tu 9-17; We 9-12; Sa 10-14"
    )
    assert candidate([""] * 7) == "closed"
    assert candidate(["8-20"] * 7) == "Mo-Su 8-20"
    assert candidate(["", "", "", "", "", "", "9-10"]) == "Su 9-10"
    assert candidate(["1-2", "", "1-2", "", "1-2", "", "1-2"]) == ("Mo 1-2; We 1-2; Fr 1-2; Su 1-2")
    assert candidate(["", "9-17", "9-17", "9-17", "9-18", "9-18", ""]) == "Tu-Th 9-17; Fr-Sa 9-18"
    assert candidate(["", "", "", "", "", "a", "b"]) == "Sa a; Su b"


def wake_up_time(first_lesson: str, minutes_needed: int, weekend: bool) -> str:
    """Return when the alarm clock should ring, as "HH:MM".

    Usually it rings `minutes_needed` before the first lesson, rounded down to full five minutes of
    the clock. It never rings before 05:00, and on weekends never before 09:00; it rings then at
    that time. If there is no lesson (""), it rings at 08:00, or on weekends at 10:00. It does not
    matter how long one needs then.

    >>> wake_up_time("08:00", 52, False)
    '07:05'
    """
    if not first_lesson:
        return "10:00" if weekend else "08:00"
    hour, minute = map(int, first_lesson.split(":"))
    ring = hour * 60 + minute - minutes_needed
    ring -= ring % 5
    ring = max(ring, 540 if weekend else 300)
    return f"{ring // 60:02d}:{ring % 60:02d}"


def check_wake_up_time(candidate: Candidate) -> None:
    assert candidate("08:00", 52, False) == "07:05"
    assert candidate("08:00", 0, False) == "08:00"
    assert candidate("", 60, False) == "08:00"
    assert candidate("", 60, True) == "10:00"
    assert candidate("06:00", 61, False) == "05:00"
    assert candidate("06:00", 59, False) == "05:00"
    assert candidate("06:00", 55, False) == "05:05"
    assert candidate("10:00", 90, True) == "09:00"
    assert candidate("10:33", 60, True) == "09:30"
    assert candidate("00:30", 60, False) == "05:00"
    assert candidate("12:04", 5, False) == "11:55"


def vacation_plan(
    first: str, last: str, holidays: list[str], available: int
) -> tuple[int, int] | None:
    """Return how many days of leave a vacation costs and how many are left then.

    The vacation goes from the first to the last date, both included; dates are "YYYY-MM-DD".
    Saturdays, Sundays and holidays cost nothing, and the 24th and 31st of December cost half a day
    each; the sum is rounded up to full days. Return None if more days are needed than are
    available.

    >>> vacation_plan("2024-12-23", "2024-12-27", ["2024-12-25", "2024-12-26"], 10)
    (3, 7)
    """
    day = date.fromisoformat(first)
    halves = 0
    while day <= date.fromisoformat(last):
        if day.weekday() < 5 and day.isoformat() not in holidays:
            halves += 1 if day.month == 12 and day.day in (24, 31) else 2
        day += timedelta(days=1)
    needed = (halves + 1) // 2
    return (needed, available - needed) if needed <= available else None


def check_vacation_plan(candidate: Candidate) -> None:
    christmas = ["2024-12-25", "2024-12-26"]
    assert candidate("2024-12-23", "2024-12-27", christmas, 10) == (3, 7)
    assert candidate("2024-12-24", "2024-12-24", christmas, 1) == (1, 0)
    assert candidate("2024-12-24", "2024-12-31", christmas, 3) == (3, 0)
    assert candidate("2024-12-24", "2024-12-31", christmas, 2) is None
    assert candidate("2024-12-24", "2024-12-30", [*christmas, "2024-12-27"], 5) == (2, 3)
    assert candidate("2024-05-04", "2024-05-05", [], 0) == (0, 0)
    assert candidate("2024-05-01", "2024-05-10", ["2024-05-01", "2024-05-09"], 30) == (6, 24)
    assert candidate("2024-05-06", "2024-05-06", ["2024-05-05"], 1) == (1, 0)
    assert candidate("2024-02-26", "2024-03-01", [], 5) == (5, 0)
    assert candidate("2024-10-24", "2024-10-31", [], 9) == (6, 3)
    assert candidate("2022-12-24", "2022-12-31", [], 9) == (5, 4)


def stopwatch_splits(presses: list[tuple[str, int]]) -> list[int]:
    """Return the times that a stopwatch shows, one for each press of "lap" that counts.

    A press is a button and the second at which it is pressed. "start" starts the watch or lets it
    go on, "stop" stops it, "reset" sets a stopped watch back to 0. While the watch runs, "lap"
    shows the seconds since the last counted lap, or, for the first one since 0, the seconds in all;
    time during which the watch stood is not counted. "lap" on a stopped watch, "start" on a running
    one, "stop" on a stopped one and "reset" on a running one do nothing.

    >>> stopwatch_splits([("start", 5), ("lap", 8), ("stop", 10), ("start", 20), ("lap", 21)])
    [3, 3]
    """
    splits = []
    total = 0
    shown = 0
    running_since = None
    for button, second in presses:
        if running_since is None:
            if button == "start":
                running_since = second
            elif button == "reset":
                total = shown = 0
        elif button == "stop":
            total += second - running_since
            running_since = None
        elif button == "lap":
            elapsed = total + second - running_since
            splits.append(elapsed - shown)
            shown = elapsed
    return splits


def check_stopwatch_splits(candidate: Candidate) -> None:
    laps = [("start", 5), ("lap", 8), ("stop", 10), ("start", 20), ("lap", 21)]
    assert candidate(laps) == [3, 3]
    assert candidate([]) == []
    assert candidate([("lap", 3)]) == []
    assert candidate([("start", 0), ("lap", 7), ("lap", 9), ("lap", 9)]) == [7, 2, 0]
    assert candidate([("start", 0), ("start", 5), ("lap", 6)]) == [6]
    assert candidate([("start", 1), ("stop", 4), ("lap", 5), ("stop", 9)]) == []
    assert candidate([("start", 1), ("stop", 4), ("reset", 5), ("start", 6), ("lap", 8)]) == [2]
    assert candidate([("start", 0), ("stop", 3), ("lap", 4), ("start", 5), ("lap", 6)]) == [4]
    assert candidate([("start", 1), ("reset", 2), ("lap", 4)]) == [3]
    assert candidate(
        [("start", 0), ("lap", 2), ("stop", 3), ("reset", 4), ("start", 10), ("lap", 11)]
    ) == [2, 1]
    assert candidate(
        [("start", 0), ("stop", 2), ("start", 4), ("stop", 7), ("start", 9), ("lap", 10)]
    ) == [6]


def tide_state(hour: int, minute: int) -> str:
    """Describe the tide at a time after the last high tide, which was at hour 0, minute 0.

    The water falls for 6 hours and 12 minutes to low tide, then rises for 6 hours and 13 minutes to
    high tide, and so on. Return "falling" or "rising", a space, and the minutes until the next turn
    of the tide. At low tide the water already rises, and at high tide it already falls.

    >>> tide_state(6, 0)
    'falling 12'
    """
    now = (hour * 60 + minute) % 745
    if now < 372:
        return f"falling {372 - now}"
    return f"rising {745 - now}"


def check_tide_state(candidate: Candidate) -> None:
    assert candidate(6, 0) == "falling 12"
    assert candidate(0, 0) == "falling 372"
    assert candidate(6, 11) == "falling 1"
    assert candidate(6, 12) == "rising 373"
    assert candidate(12, 24) == "rising 1"
    assert candidate(12, 25) == "falling 372"
    assert candidate(24, 49) == "rising 1"
    assert candidate(24, 50) == "falling 372"
    assert candidate(20, 0) == "rising 290"
    assert candidate(13, 0) == "falling 337"
