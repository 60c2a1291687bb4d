"""Times of the day, opening hours and durations."""

from rlvf_common.starter.candidate import Candidate


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


def strikes_of_church_clock(first: int, last: int) -> int:
    """A church clock strikes every full hour: once at one o'clock, up to twelve times at twelve.

    Then it starts again: at 13 it strikes once, and at midnight, which is hour 0, twelve
    times. Return how often it strikes in all from the first hour to the last one of the same
    day, both included. Both are from 0 to 23, and the first is not greater than the last.

    >>> strikes_of_church_clock(11, 13)
    24
    >>> strikes_of_church_clock(0, 0)
    12
    """
    return sum((hour - 1) % 12 + 1 for hour in range(first, last + 1))


def check_strikes_of_church_clock(candidate: Candidate) -> None:
    assert candidate(11, 13) == 24
    assert candidate(0, 0) == 12
    assert candidate(1, 1) == 1
    assert candidate(12, 12) == 12
    assert candidate(1, 3) == 6
    assert candidate(22, 23) == 21
    assert candidate(0, 2) == 15
    assert candidate(0, 23) == 156


def clock_in_mirror(shown: str) -> str:
    """A round clock without numbers hangs opposite a mirror. In the mirror, left and right are
    exchanged, so that 03:00 looks like 09:00, and 12:10 like 11:50.

    The given time is what the mirror shows, from 01:00 to 12:59 with two digits for hour and
    minute. Return the true time in the same form.

    >>> clock_in_mirror("03:00")
    '09:00'
    >>> clock_in_mirror("12:10")
    '11:50'
    """
    minutes = (720 - int(shown[:2]) * 60 - int(shown[3:])) % 720
    return f"{minutes // 60 or 12:02d}:{minutes % 60:02d}"


def check_clock_in_mirror(candidate: Candidate) -> None:
    assert candidate("03:00") == "09:00"
    assert candidate("12:10") == "11:50"
    assert candidate("12:00") == "12:00"
    assert candidate("06:00") == "06:00"
    assert candidate("11:50") == "12:10"
    assert candidate("01:01") == "10:59"
    assert candidate("12:59") == "11:01"
    assert candidate("11:01") == "12:59"
    assert candidate("05:30") == "06:30"


def next_mirror_time(now: str) -> str:
    """A time such as 13:31 reads the same from left to right and from right to left.

    Return the first such time after now on a digital clock, which goes from 00:00 to 23:59 and
    then starts again. Now itself does not count.

    >>> next_mirror_time("13:30")
    '13:31'
    >>> next_mirror_time("23:32")
    '00:00'
    """
    minutes = int(now[:2]) * 60 + int(now[3:])
    while True:
        minutes = (minutes + 1) % 1440
        text = f"{minutes // 60:02d}:{minutes % 60:02d}"
        if text == text[::-1]:
            return text


def check_next_mirror_time(candidate: Candidate) -> None:
    assert candidate("13:30") == "13:31"
    assert candidate("23:32") == "00:00"
    assert candidate("00:00") == "01:10"
    assert candidate("05:50") == "10:01"
    assert candidate("13:31") == "14:41"
    assert candidate("23:59") == "00:00"
    assert candidate("12:20") == "12:21"
    assert candidate("15:51") == "20:02"


def parking_disc(arrival: str) -> str:
    """Drivers set their parking disc to the next full or half hour after they arrive.

    Whoever arrives exactly at a full or half hour sets it to that time. Times are from 00:00
    to 23:59, written with two digits each; after 23:30 the disc is set to 00:00.

    >>> parking_disc("09:05")
    '09:30'
    >>> parking_disc("09:31")
    '10:00'
    """
    hour, minute = int(arrival[:2]), int(arrival[3:])
    if minute == 0:
        return arrival
    if minute <= 30:
        return f"{hour:02d}:30"
    return f"{(hour + 1) % 24:02d}:00"


def check_parking_disc(candidate: Candidate) -> None:
    assert candidate("09:05") == "09:30"
    assert candidate("09:31") == "10:00"
    assert candidate("10:00") == "10:00"
    assert candidate("10:30") == "10:30"
    assert candidate("23:45") == "00:00"
    assert candidate("08:59") == "09:00"
    assert candidate("00:01") == "00:30"
    assert candidate("19:31") == "20:00"
