"""Timetables and clocks that are worked through minute by minute."""

from datetime import date, timedelta

from rlvf_common.starter.candidate import Candidate


def visits_by_weekday(days: list[str]) -> list[int]:
    """The days are dates such as 2024-06-03, which was a Monday. A date may occur several times.

    Return seven numbers: how many of the dates are Mondays, Tuesdays and so on until Sunday.

    >>> visits_by_weekday(["2024-06-03", "2024-06-09", "2024-06-10"])
    [2, 0, 0, 0, 0, 0, 1]
    >>> visits_by_weekday([])
    [0, 0, 0, 0, 0, 0, 0]
    """
    counts = [0] * 7
    for day in days:
        counts[date.fromisoformat(day).weekday()] += 1
    return counts


def check_visits_by_weekday(candidate: Candidate) -> None:
    assert candidate(["2024-06-03", "2024-06-09", "2024-06-10"]) == [2, 0, 0, 0, 0, 0, 1]
    assert candidate([]) == [0, 0, 0, 0, 0, 0, 0]
    assert candidate(["2024-02-29"]) == [0, 0, 0, 1, 0, 0, 0]
    assert candidate(["2024-02-29", "2024-02-29"]) == [0, 0, 0, 2, 0, 0, 0]
    assert candidate(["2023-12-31", "2024-01-01"]) == [1, 0, 0, 0, 0, 0, 1]
    assert candidate(["2024-06-04", "2024-06-05", "2024-06-08"]) == [0, 1, 1, 0, 0, 1, 0]
    assert candidate(["2024-06-07", "2024-06-14", "2024-06-05"]) == [0, 0, 1, 0, 2, 0, 0]


def lesson_at_minute(minute: int) -> int:
    """School begins at minute 0. There are six lessons of 45 minutes each.

    After every lesson there is a break of 5 minutes, but after the second one it lasts 20
    minutes. A lesson or break does not include the minute at which the next one begins. Return
    the number of the lesson, from 1 to 6, at the given minute, or 0 if there is a break or
    school is over. The minute is never negative.

    >>> lesson_at_minute(50)
    2
    >>> lesson_at_minute(45)
    0
    """
    start = 0
    for lesson in range(1, 7):
        if start <= minute < start + 45:
            return lesson
        start += 45 + (20 if lesson == 2 else 5)
    return 0


def check_lesson_at_minute(candidate: Candidate) -> None:
    assert candidate(50) == 2
    assert candidate(45) == 0
    assert candidate(0) == 1
    assert candidate(44) == 1
    assert candidate(49) == 0
    assert candidate(94) == 2
    assert candidate(95) == 0
    assert candidate(114) == 0
    assert candidate(115) == 3
    assert candidate(165) == 4
    assert candidate(265) == 6
    assert candidate(309) == 6
    assert candidate(310) == 0
    assert candidate(500) == 0


def latest_possible_time(shown: str) -> str:
    """Some digits of a digital clock, which shows times from 00:00 to 23:59, are broken and are
    written as question marks, such as 1?:?5.

    Return the latest time that the clock may show. At least one time is possible.

    >>> latest_possible_time("1?:?5")
    '19:55'
    >>> latest_possible_time("?4:30")
    '14:30'
    """
    for minute in reversed(range(24 * 60)):
        time = f"{minute // 60:02d}:{minute % 60:02d}"
        if all(mark in ("?", char) for mark, char in zip(shown, time, strict=True)):
            return time
    return ""


def check_latest_possible_time(candidate: Candidate) -> None:
    assert candidate("1?:?5") == "19:55"
    assert candidate("?4:30") == "14:30"
    assert candidate("??:??") == "23:59"
    assert candidate("07:41") == "07:41"
    assert candidate("?3:00") == "23:00"
    assert candidate("2?:1?") == "23:19"
    assert candidate("0?:?0") == "09:50"
    assert candidate("??:05") == "23:05"


def minutes_of_escalator(arrivals: list[int], pause: int) -> int:
    """An escalator runs only when it is needed. The arrivals are minutes, in rising order, at
    which somebody steps on it.

    With each arrival it starts, or goes on running, until pause minutes after that arrival,
    and then it stops unless somebody else has come by then. Return for how many minutes it
    runs in all. Several people may arrive in the same minute. The pause is at least 1.

    >>> minutes_of_escalator([0, 3, 20], 5)
    13
    >>> minutes_of_escalator([7], 2)
    2
    """
    total = 0
    runs_until = 0
    for arrival in arrivals:
        total += arrival + pause - max(arrival, runs_until)
        runs_until = arrival + pause
    return total


def check_minutes_of_escalator(candidate: Candidate) -> None:
    assert candidate([0, 3, 20], 5) == 13
    assert candidate([7], 2) == 2
    assert candidate([], 4) == 0
    assert candidate([1, 1, 1], 3) == 3
    assert candidate([0, 5], 5) == 10
    assert candidate([0, 4], 5) == 9
    assert candidate([0, 6], 5) == 10
    assert candidate([2, 3, 4, 5], 10) == 13


def hours_in_weeks(entries: list[tuple[str, int]]) -> dict[str, int]:
    """Every entry is a date such as 2024-02-01 and the hours that were worked on it.

    Return the hours of each week with an entry. A week goes from Monday to Sunday and is named
    by the date of its Monday. The weeks stand in the order of time.

    >>> hours_in_weeks([("2024-06-09", 2), ("2024-06-03", 8), ("2024-06-10", 4)])
    {'2024-06-03': 10, '2024-06-10': 4}
    >>> hours_in_weeks([])
    {}
    """
    weeks: dict[str, int] = {}
    for text, hours in sorted(entries):
        day = date.fromisoformat(text)
        monday = (day - timedelta(days=day.weekday())).isoformat()
        weeks[monday] = weeks.get(monday, 0) + hours
    return weeks


def check_hours_in_weeks(candidate: Candidate) -> None:
    assert candidate([("2024-06-09", 2), ("2024-06-03", 8), ("2024-06-10", 4)]) == {
        "2024-06-03": 10,
        "2024-06-10": 4,
    }
    assert candidate([]) == {}
    assert candidate([("2024-01-03", 5)]) == {"2024-01-01": 5}
    assert candidate([("2023-01-01", 5)]) == {"2022-12-26": 5}
    assert candidate([("2024-03-01", 1), ("2024-02-26", 2)]) == {"2024-02-26": 3}
    assert candidate([("2024-06-05", 3), ("2024-06-05", 3)]) == {"2024-06-03": 6}
    assert list(candidate([("2024-06-17", 1), ("2024-06-09", 1)])) == ["2024-06-03", "2024-06-17"]
