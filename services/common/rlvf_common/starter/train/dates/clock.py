"""Times of day and lengths of time."""

from rlvf_common.starter.candidate import Candidate


def time_text_to_minutes(time: str) -> int:
    """Return how many minutes after midnight a time such as "7:05" or "19:30" is.

    >>> time_text_to_minutes("7:05")
    425
    """
    return int(time.split(":")[0]) * 60 + int(time.split(":")[1])


def check_time_text_to_minutes(candidate: Candidate) -> None:
    assert candidate("7:05") == 425
    assert candidate("19:30") == 1170
    assert candidate("0:00") == 0
    assert candidate("00:59") == 59
    assert candidate("23:59") == 1439
    assert candidate("10:10") == 610
    assert candidate("08:09") == 489


def minutes_to_time_text(minutes: int) -> str:
    """Return the time of day, such as "07:05", that many minutes after midnight.

    After 24 hours the clock begins again at 00:00; negative minutes are before midnight. Hours and
    minutes have two digits.

    >>> minutes_to_time_text(1505)
    '01:05'
    """
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def check_minutes_to_time_text(candidate: Candidate) -> None:
    assert candidate(1505) == "01:05"
    assert candidate(0) == "00:00"
    assert candidate(59) == "00:59"
    assert candidate(60) == "01:00"
    assert candidate(1439) == "23:59"
    assert candidate(1440) == "00:00"
    assert candidate(-1) == "23:59"
    assert candidate(754) == "12:34"


def minutes_slept(asleep: int, awake: int) -> int:
    """Return how long somebody slept, in minutes. Both times are minutes after midnight.

    The sleep is shorter than a day and may go over midnight. Equal times mean no sleep.

    >>> minutes_slept(1380, 420)
    480
    """
    return (awake - asleep) % 1440


def check_minutes_slept(candidate: Candidate) -> None:
    assert candidate(1380, 420) == 480
    assert candidate(60, 420) == 360
    assert candidate(0, 0) == 0
    assert candidate(300, 300) == 0
    assert candidate(1439, 0) == 1
    assert candidate(1, 0) == 1439
    assert candidate(720, 725) == 5


def film_length_text(minutes: int) -> str:
    """Write the length of a film as "1h 45m"; full hours as "2h", less than an hour as "50m".

    A length of 0 is "0m".

    >>> film_length_text(105)
    '1h 45m'
    >>> film_length_text(120)
    '2h'
    """
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours}h"] if hours else []
    if rest or not hours:
        parts.append(f"{rest}m")
    return " ".join(parts)


def check_film_length_text(candidate: Candidate) -> None:
    assert candidate(105) == "1h 45m"
    assert candidate(120) == "2h"
    assert candidate(0) == "0m"
    assert candidate(50) == "50m"
    assert candidate(60) == "1h"
    assert candidate(61) == "1h 1m"
    assert candidate(59) == "59m"
    assert candidate(1500) == "25h"


def part_of_day(hour: int) -> str:
    """Name the part of the day for an hour from 0 to 23.

    "morning" is from 5 to 11, "noon" is 12, "afternoon" from 13 to 17, "evening" from 18 to 21,
    and all other hours are "night".

    >>> part_of_day(12)
    'noon'
    """
    for name, last in (("night", 4), ("morning", 11), ("noon", 12), ("afternoon", 17)):
        if hour <= last:
            return name
    return "evening" if hour <= 21 else "night"


def check_part_of_day(candidate: Candidate) -> None:
    assert candidate(12) == "noon"
    assert candidate(0) == "night"
    assert candidate(4) == "night"
    assert candidate(5) == "morning"
    assert candidate(11) == "morning"
    assert candidate(13) == "afternoon"
    assert candidate(17) == "afternoon"
    assert candidate(18) == "evening"
    assert candidate(21) == "evening"
    assert candidate(22) == "night"
    assert candidate(23) == "night"


def to_24_hours(time: str) -> str:
    """Turn a time such as "7:05 pm" into the form "19:05".

    12:00 am is midnight and 12:00 pm is noon. The hour of the result has two digits. The ending
    may be written in capitals.

    >>> to_24_hours("7:05 pm")
    '19:05'
    >>> to_24_hours("12:30 AM")
    '00:30'
    """
    clock, half = time.lower().split()
    hour, minute = clock.split(":")
    number = int(hour) % 12 + (12 if half == "pm" else 0)
    return f"{number:02d}:{minute}"


def check_to_24_hours(candidate: Candidate) -> None:
    assert candidate("7:05 pm") == "19:05"
    assert candidate("12:30 AM") == "00:30"
    assert candidate("12:30 pm") == "12:30"
    assert candidate("1:00 am") == "01:00"
    assert candidate("11:59 PM") == "23:59"
    assert candidate("11:59 am") == "11:59"
    assert candidate("10:10 Pm") == "22:10"
    assert candidate("12:00 am") == "00:00"


def sum_of_durations(durations: list[str]) -> str:
    """Add up lengths such as "1:30" (hours and minutes) and return the sum in the same form.

    The hours are written without zeros in front, the minutes with two digits.

    >>> sum_of_durations(["1:30", "0:45"])
    '2:15'
    """
    minutes = 0
    for duration in durations:
        hours, _, rest = duration.partition(":")
        minutes += int(hours) * 60 + int(rest)
    return f"{minutes // 60}:{minutes % 60:02d}"


def check_sum_of_durations(candidate: Candidate) -> None:
    assert candidate(["1:30", "0:45"]) == "2:15"
    assert candidate([]) == "0:00"
    assert candidate(["0:05"]) == "0:05"
    assert candidate(["0:59", "0:01"]) == "1:00"
    assert candidate(["12:00", "13:30"]) == "25:30"
    assert candidate(["0:40", "0:40", "0:40"]) == "2:00"
    assert candidate(["30:00", "30:00"]) == "60:00"
    assert candidate(["9:09", "1:01"]) == "10:10"


def next_bus(departures: list[str], now: str) -> str:
    """Return the first departure at or after the time now.

    Times are "HH:MM" with two digits each; the departures are in any order. If no bus goes any
    more today, return the first one of tomorrow. Return "none" without departures.

    >>> next_bus(["18:10", "06:40", "12:00"], "12:01")
    '18:10'
    """
    later = [departure for departure in departures if departure >= now]
    return min(later or departures, default="none")


def check_next_bus(candidate: Candidate) -> None:
    assert candidate(["18:10", "06:40", "12:00"], "12:01") == "18:10"
    assert candidate(["18:10", "06:40", "12:00"], "12:00") == "12:00"
    assert candidate(["18:10", "06:40", "12:00"], "18:11") == "06:40"
    assert candidate([], "10:00") == "none"
    assert candidate(["09:59"], "10:00") == "09:59"
    assert candidate(["10:30", "10:05", "10:20"], "10:06") == "10:20"
    assert candidate(["23:59", "00:00"], "00:00") == "00:00"
    assert candidate(["23:59", "00:01"], "00:02") == "23:59"


def is_open(time: str, opening: str, closing: str) -> bool:
    """Return True if a bar is open at the time. Times are "HH:MM" with two digits each.

    It is open from the opening time on and closed from the closing time on. If closing is earlier
    than opening, it is open over midnight. If both are equal, it is always open.

    >>> is_open("01:30", "20:00", "02:00")
    True
    """
    if opening < closing:
        return opening <= time < closing
    return time >= opening or time < closing


def check_is_open(candidate: Candidate) -> None:
    assert candidate("01:30", "20:00", "02:00") is True
    assert candidate("20:00", "20:00", "02:00") is True
    assert candidate("02:00", "20:00", "02:00") is False
    assert candidate("19:59", "20:00", "02:00") is False
    assert candidate("12:00", "09:00", "18:00") is True
    assert candidate("09:00", "09:00", "18:00") is True
    assert candidate("18:00", "09:00", "18:00") is False
    assert candidate("23:00", "09:00", "18:00") is False
    assert candidate("08:59", "09:00", "18:00") is False
    assert candidate("05:00", "07:00", "07:00") is True
    assert candidate("07:00", "07:00", "07:00") is True


def alarm_times(first: str, count: int, pause: int) -> list[str]:
    """Return the times at which an alarm clock rings.

    It rings `count` times, first at the given time and then every `pause` minutes. Times are
    "HH:MM"; after 23:59 comes 00:00.

    >>> alarm_times("23:50", 3, 9)
    ['23:50', '23:59', '00:08']
    """
    hour, minute = map(int, first.split(":"))
    times = []
    for ring in range(count):
        total = hour * 60 + minute + ring * pause
        times.append(f"{total // 60 % 24:02d}:{total % 60:02d}")
    return times


def check_alarm_times(candidate: Candidate) -> None:
    assert candidate("23:50", 3, 9) == ["23:50", "23:59", "00:08"]
    assert candidate("06:00", 0, 5) == []
    assert candidate("06:00", 1, 5) == ["06:00"]
    assert candidate("06:55", 2, 5) == ["06:55", "07:00"]
    assert candidate("00:00", 3, 60) == ["00:00", "01:00", "02:00"]
    assert candidate("09:05", 2, 0) == ["09:05", "09:05"]
    assert candidate("12:30", 3, 720) == ["12:30", "00:30", "12:30"]


def hand_angle(time: str) -> int:
    """Return the smaller angle between the two hands of a clock, in half degrees.

    The time is "H:MM". The minute hand moves 12 half degrees a minute, the hour hand one half
    degree a minute, and a full circle has 720 half degrees.

    >>> hand_angle("3:00")
    180
    >>> hand_angle("12:30")
    330
    """
    hour, minute = map(int, time.split(":"))
    difference = abs(hour % 12 * 60 + minute - 12 * minute)
    return min(difference, 720 - difference)


def check_hand_angle(candidate: Candidate) -> None:
    assert candidate("3:00") == 180
    assert candidate("12:30") == 330
    assert candidate("0:00") == 0
    assert candidate("6:00") == 360
    assert candidate("9:00") == 180
    assert candidate("15:00") == 180
    assert candidate("1:05") == 5
    assert candidate("11:59") == 11
    assert candidate("10:10") == 230


def total_work_time(stamps: list[str]) -> int | None:
    """Return the minutes that somebody has worked on one day.

    Stamps are times "HH:MM" in order: coming, leaving, coming, leaving, and so on. Of every
    stretch longer than 360 minutes 30 are taken off for a break. If the last leaving is missing,
    return None.

    >>> total_work_time(["08:00", "12:00", "13:00", "13:45"])
    285
    """
    if len(stamps) % 2:
        return None
    total = 0
    for place in range(0, len(stamps), 2):
        start, end = (
            int(stamp[:2]) * 60 + int(stamp[3:]) for stamp in (stamps[place], stamps[place + 1])
        )
        stretch = end - start
        total += stretch - 30 if stretch > 360 else stretch
    return total


def check_total_work_time(candidate: Candidate) -> None:
    assert candidate(["08:00", "12:00", "13:00", "13:45"]) == 285
    assert candidate([]) == 0
    assert candidate(["08:00"]) is None
    assert candidate(["08:00", "14:00"]) == 360
    assert candidate(["08:00", "14:01"]) == 331
    assert candidate(["09:10", "09:10"]) == 0
    assert candidate(["07:30", "15:30", "16:15"]) is None
    assert candidate(["00:00", "07:00", "12:05", "19:05"]) == 780
    assert candidate(["10:59", "12:01"]) == 62
