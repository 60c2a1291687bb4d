"""Times of the day, opening hours and durations."""

from rlvf_common.starter.candidate import Candidate


def clock_after_minutes(clock: str, minutes: int) -> str:
    """The clock shows a time from 00:00 to 23:59. Return what it shows the given minutes later.

    After 23:59 it goes on at 00:00. Negative minutes go back in time, and there may be more
    minutes than a day has.

    >>> clock_after_minutes("23:50", 20)
    '00:10'
    >>> clock_after_minutes("00:05", -10)
    '23:55'
    """
    now = int(clock[:2]) * 60 + int(clock[3:]) + minutes
    return f"{now // 60 % 24:02d}:{now % 60:02d}"


def check_clock_after_minutes(candidate: Candidate) -> None:
    assert candidate("23:50", 20) == "00:10"
    assert candidate("00:05", -10) == "23:55"
    assert candidate("08:15", 0) == "08:15"
    assert candidate("08:15", 45) == "09:00"
    assert candidate("09:00", -1) == "08:59"
    assert candidate("12:34", 1440) == "12:34"
    assert candidate("12:34", -2881) == "12:33"
    assert candidate("22:59", 61) == "00:00"


def minutes_until_alarm(now: str, alarm: str) -> int:
    """Both times are written like 07:30 on a clock with 24 hours.

    Return how many minutes pass from now until the alarm rings for the first time. An alarm
    that is earlier on the clock rings the next day. An alarm set to this very minute rings
    at once, after 0 minutes.

    >>> minutes_until_alarm("22:00", "06:30")
    510
    >>> minutes_until_alarm("06:30", "06:45")
    15
    """
    now_hour, now_minute = now.split(":")
    hour, minute = alarm.split(":")
    wait = int(hour) * 60 + int(minute) - int(now_hour) * 60 - int(now_minute)
    return wait % 1440


def check_minutes_until_alarm(candidate: Candidate) -> None:
    assert candidate("22:00", "06:30") == 510
    assert candidate("06:30", "06:45") == 15
    assert candidate("07:00", "07:00") == 0
    assert candidate("07:01", "07:00") == 1439
    assert candidate("00:00", "23:59") == 1439
    assert candidate("23:59", "00:00") == 1
    assert candidate("09:50", "10:05") == 15
    assert candidate("10:05", "09:50") == 1425


def is_shop_open(day: str, hour: int) -> bool:
    """The shop opens at 9 and closes at 17. On Saturday it opens at 10 and closes at 14.

    On Sunday it stays closed. It is open at the opening hour itself, but no longer at the
    closing hour. The day is one of Mon, Tue, Wed, Thu, Fri, Sat and Sun.

    >>> is_shop_open("Tue", 9)
    True
    >>> is_shop_open("Sat", 14)
    False
    """
    if day == "Sun":
        return False
    if day == "Sat":
        return 10 <= hour < 14
    return 9 <= hour < 17


def check_is_shop_open(candidate: Candidate) -> None:
    assert candidate("Tue", 9) is True
    assert candidate("Sat", 14) is False
    assert candidate("Mon", 8) is False
    assert candidate("Fri", 16) is True
    assert candidate("Fri", 17) is False
    assert candidate("Sat", 9) is False
    assert candidate("Sat", 10) is True
    assert candidate("Sat", 13) is True
    assert candidate("Sun", 12) is False
    assert candidate("Wed", 23) is False


def angle_between_hands(hour: int, minute: int) -> float:
    """Return the smaller angle, in degrees, between the two hands of a clock face.

    The minute hand moves 6 degrees in a minute. The hour hand moves too: 30 degrees in an
    hour and half a degree in a minute. Both point straight up at twelve. The hour is from
    1 to 12. The answer is from 0 to 180.

    >>> angle_between_hands(3, 0)
    90.0
    >>> angle_between_hands(12, 30)
    165.0
    """
    angle = abs((hour % 12) * 30 + minute * 0.5 - minute * 6)
    return min(angle, 360 - angle)


def check_angle_between_hands(candidate: Candidate) -> None:
    assert abs(candidate(3, 0) - 90.0) < 1e-9
    assert abs(candidate(12, 30) - 165.0) < 1e-9
    assert abs(candidate(12, 0) - 0.0) < 1e-9
    assert abs(candidate(6, 0) - 180.0) < 1e-9
    assert abs(candidate(9, 0) - 90.0) < 1e-9
    assert abs(candidate(1, 5) - 2.5) < 1e-9
    assert abs(candidate(12, 59) - 35.5) < 1e-9
    assert abs(candidate(7, 20) - 100.0) < 1e-9


def parking_price(minutes: int) -> int:
    """The first half hour of parking is free. Every hour that is begun after that costs 2 coins.

    A stay of 30 minutes is free, 31 minutes cost 2 coins and so do 90 minutes. No stay costs
    more than 12 coins.

    >>> parking_price(90)
    2
    >>> parking_price(91)
    4
    """
    paid = max(minutes - 30, 0)
    return min((paid + 59) // 60 * 2, 12)


def check_parking_price(candidate: Candidate) -> None:
    assert candidate(90) == 2
    assert candidate(91) == 4
    assert candidate(0) == 0
    assert candidate(10) == 0
    assert candidate(30) == 0
    assert candidate(31) == 2
    assert candidate(150) == 4
    assert candidate(330) == 10
    assert candidate(331) == 12
    assert candidate(391) == 12
    assert candidate(2000) == 12


def start_of_meeting(plan: list[tuple[str, int]], name: str) -> int:
    """The plan is a list of meetings, each with a name and a length in minutes.

    After each meeting, except the last one of the plan, there is a break of 5 minutes.
    Return how many minutes after the beginning of the plan the meeting with the given name
    starts, or -1 if there is no such meeting. If it is there twice, the first one counts.

    >>> start_of_meeting([("news", 10), ("budget", 30)], "budget")
    15
    >>> start_of_meeting([("news", 10)], "news")
    0
    """
    start = 0
    for meeting, length in plan:
        if meeting == name:
            return start
        start += length + 5
    return -1


def check_start_of_meeting(candidate: Candidate) -> None:
    assert candidate([("news", 10), ("budget", 30)], "budget") == 15
    assert candidate([("news", 10)], "news") == 0
    assert candidate([], "news") == -1
    assert candidate([("a", 20), ("b", 20)], "c") == -1
    assert candidate([("a", 20), ("b", 0), ("c", 7)], "c") == 30
    assert candidate([("x", 1), ("a", 3), ("a", 9)], "a") == 6
    assert candidate([("News", 10), ("news", 5)], "news") == 15


def hour_in_words(hour: int) -> str:
    """Write an hour from 0 to 23 in words: the hour on a clock with twelve hours, then the part
    of the day.

    The hours 0 to 11 are "in the morning", 12 to 17 "in the afternoon" and all later ones
    "in the evening". The hour 0 is written as 12, and 13 as 1.

    >>> hour_in_words(15)
    '3 in the afternoon'
    >>> hour_in_words(0)
    '12 in the morning'
    """
    if hour < 12:
        part = "morning"
    elif hour < 18:
        part = "afternoon"
    else:
        part = "evening"
    return f"{(hour + 11) % 12 + 1} in the {part}"


def check_hour_in_words(candidate: Candidate) -> None:
    assert candidate(15) == "3 in the afternoon"
    assert candidate(0) == "12 in the morning"
    assert candidate(1) == "1 in the morning"
    assert candidate(11) == "11 in the morning"
    assert candidate(12) == "12 in the afternoon"
    assert candidate(13) == "1 in the afternoon"
    assert candidate(17) == "5 in the afternoon"
    assert candidate(18) == "6 in the evening"
    assert candidate(23) == "11 in the evening"


def time_until_full(percent: int, minutes_per_percent: int) -> str:
    """A phone is charged to the given percent. Return how long it takes to reach 100 percent.

    Charging one percent takes the given number of minutes. The answer has full hours and the
    minutes that are left over, such as 2h 5m. Both parts are always written, even if they
    are 0.

    >>> time_until_full(75, 5)
    '2h 5m'
    >>> time_until_full(100, 3)
    '0h 0m'
    """
    hours, minutes = divmod((100 - percent) * minutes_per_percent, 60)
    return f"{hours}h {minutes}m"


def check_time_until_full(candidate: Candidate) -> None:
    assert candidate(75, 5) == "2h 5m"
    assert candidate(100, 3) == "0h 0m"
    assert candidate(99, 1) == "0h 1m"
    assert candidate(0, 1) == "1h 40m"
    assert candidate(40, 1) == "1h 0m"
    assert candidate(41, 1) == "0h 59m"
    assert candidate(10, 4) == "6h 0m"


def night_hours(start: int, end: int) -> int:
    """Somebody works from the start hour to the end hour, both from 0 to 23, for less than a day.

    If the end is smaller than the start, the work ends on the next day. The hours that begin
    at 22, 23, 0, 1, 2, 3, 4 and 5 o'clock are night hours. Return how many hours of the work
    are night hours.

    >>> night_hours(20, 2)
    4
    >>> night_hours(8, 16)
    0
    """
    count = 0
    hour = start
    while hour != end:
        if hour >= 22 or hour < 6:
            count += 1
        hour = (hour + 1) % 24
    return count


def check_night_hours(candidate: Candidate) -> None:
    assert candidate(20, 2) == 4
    assert candidate(8, 16) == 0
    assert candidate(7, 7) == 0
    assert candidate(22, 6) == 8
    assert candidate(21, 7) == 8
    assert candidate(21, 22) == 0
    assert candidate(21, 23) == 1
    assert candidate(4, 12) == 2
    assert candidate(5, 4) == 7
    assert candidate(0, 23) == 7
    assert candidate(6, 5) == 7


def next_train_to_catch(now: str, trains: list[str]) -> str:
    """Trains leave at the given times, written like 09:05 and in no particular order.

    Return the earliest time that is not before now. A train that leaves this very minute can
    still be caught. If all trains have left, return the word "walk".

    >>> next_train_to_catch("08:10", ["09:05", "08:30", "08:00"])
    '08:30'
    >>> next_train_to_catch("23:00", ["22:15"])
    'walk'
    """
    return min((train for train in trains if train >= now), default="walk")


def check_next_train_to_catch(candidate: Candidate) -> None:
    assert candidate("08:10", ["09:05", "08:30", "08:00"]) == "08:30"
    assert candidate("23:00", ["22:15"]) == "walk"
    assert candidate("12:00", []) == "walk"
    assert candidate("12:00", ["12:00", "12:01"]) == "12:00"
    assert candidate("09:59", ["10:20", "10:00", "09:58"]) == "10:00"
    assert candidate("00:00", ["23:59", "05:00"]) == "05:00"
    assert candidate("10:01", ["10:00", "18:45"]) == "18:45"
