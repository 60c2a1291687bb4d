"""Conversions between units, clock times and amounts of money."""

from rlvf_common.starter.candidate import Candidate


def minutes_to_seconds(minutes: int) -> int:
    """Convert a number of minutes to seconds.

    >>> minutes_to_seconds(2)
    120
    >>> minutes_to_seconds(0)
    0
    """
    return minutes * 60


def check_minutes_to_seconds(candidate: Candidate) -> None:
    assert candidate(2) == 120
    assert candidate(0) == 0
    assert candidate(1) == 60
    assert candidate(10) == 600
    assert candidate(60) == 3600
    assert candidate(5) == 300


def seconds_to_full_minutes(seconds: int) -> int:
    """Return how many full minutes there are in the given number of seconds.

    >>> seconds_to_full_minutes(125)
    2
    >>> seconds_to_full_minutes(60)
    1
    """
    return seconds // 60


def check_seconds_to_full_minutes(candidate: Candidate) -> None:
    assert candidate(125) == 2
    assert candidate(60) == 1
    assert candidate(59) == 0
    assert candidate(0) == 0
    assert candidate(119) == 1
    assert candidate(3600) == 60


def hours_in_days(days: int) -> int:
    """Return the number of hours in the given number of days.

    >>> hours_in_days(2)
    48
    >>> hours_in_days(1)
    24
    """
    return days * 24


def check_hours_in_days(candidate: Candidate) -> None:
    assert candidate(2) == 48
    assert candidate(1) == 24
    assert candidate(0) == 0
    assert candidate(7) == 168
    assert candidate(10) == 240
    assert candidate(3) == 72


def meters_to_centimeters(meters: float) -> float:
    """Convert a length in meters to centimeters.

    >>> meters_to_centimeters(2.5)
    250.0
    >>> meters_to_centimeters(1.0)
    100.0
    """
    return meters * 100


def check_meters_to_centimeters(candidate: Candidate) -> None:
    assert abs(candidate(2.5) - 250.0) < 1e-9
    assert abs(candidate(1.0) - 100.0) < 1e-9
    assert abs(candidate(0.0) - 0.0) < 1e-9
    assert abs(candidate(0.25) - 25.0) < 1e-9
    assert abs(candidate(12.0) - 1200.0) < 1e-9
    assert abs(candidate(100.0) - 10000.0) < 1e-9


def cents_to_dollars(cents: int) -> float:
    """Convert an amount of money in cents to dollars.

    >>> cents_to_dollars(250)
    2.5
    >>> cents_to_dollars(99)
    0.99
    """
    return cents / 100


def check_cents_to_dollars(candidate: Candidate) -> None:
    assert abs(candidate(250) - 2.5) < 1e-9
    assert abs(candidate(99) - 0.99) < 1e-9
    assert abs(candidate(0) - 0.0) < 1e-9
    assert abs(candidate(100) - 1.0) < 1e-9
    assert abs(candidate(1) - 0.01) < 1e-9
    assert abs(candidate(12345) - 123.45) < 1e-9


def celsius_to_fahrenheit(celsius: float) -> float:
    """Convert a temperature from Celsius to Fahrenheit.

    Multiply by 9, divide by 5 and then add 32.

    >>> celsius_to_fahrenheit(100.0)
    212.0
    >>> celsius_to_fahrenheit(0.0)
    32.0
    """
    return celsius * 9 / 5 + 32


def check_celsius_to_fahrenheit(candidate: Candidate) -> None:
    assert abs(candidate(100.0) - 212.0) < 1e-9
    assert abs(candidate(0.0) - 32.0) < 1e-9
    assert abs(candidate(-40.0) - -40.0) < 1e-9
    assert abs(candidate(37.0) - 98.6) < 1e-9
    assert abs(candidate(10.0) - 50.0) < 1e-9
    assert abs(candidate(25.0) - 77.0) < 1e-9


def dozens_and_extra(items: int) -> tuple[int, int]:
    """Return how many full dozens the items make, and how many items remain.

    >>> dozens_and_extra(30)
    (2, 6)
    >>> dozens_and_extra(12)
    (1, 0)
    """
    return items // 12, items % 12


def check_dozens_and_extra(candidate: Candidate) -> None:
    assert candidate(30) == (2, 6)
    assert candidate(12) == (1, 0)
    assert candidate(11) == (0, 11)
    assert candidate(0) == (0, 0)
    assert candidate(144) == (12, 0)
    assert candidate(13) == (1, 1)


def average_speed(distance: float, hours: float) -> float:
    """Return the distance divided by the hours. Return 0.0 when hours is zero.

    >>> average_speed(120.0, 2.0)
    60.0
    >>> average_speed(50.0, 0.0)
    0.0
    """
    if hours == 0:
        return 0.0
    return distance / hours


def check_average_speed(candidate: Candidate) -> None:
    assert abs(candidate(120.0, 2.0) - 60.0) < 1e-9
    assert abs(candidate(50.0, 0.0) - 0.0) < 1e-9
    assert abs(candidate(0.0, 4.0) - 0.0) < 1e-9
    assert abs(candidate(7.0, 2.0) - 3.5) < 1e-9
    assert abs(candidate(9.0, 1.0) - 9.0) < 1e-9
    assert abs(candidate(3.0, 0.5) - 6.0) < 1e-9


def clock_text(hour: int, minute: int) -> str:
    """Write a time of day as text such as 07:05, with two digits for each part.

    >>> clock_text(7, 5)
    '07:05'
    >>> clock_text(23, 59)
    '23:59'
    """
    return f"{hour:02d}:{minute:02d}"


def check_clock_text(candidate: Candidate) -> None:
    assert candidate(7, 5) == "07:05"
    assert candidate(23, 59) == "23:59"
    assert candidate(0, 0) == "00:00"
    assert candidate(12, 30) == "12:30"
    assert candidate(9, 10) == "09:10"
    assert candidate(10, 9) == "10:09"


def minutes_since_midnight(hour: int, minute: int) -> int:
    """Return how many minutes have passed since midnight at the given time of day.

    >>> minutes_since_midnight(1, 30)
    90
    >>> minutes_since_midnight(0, 45)
    45
    """
    return hour * 60 + minute


def check_minutes_since_midnight(candidate: Candidate) -> None:
    assert candidate(1, 30) == 90
    assert candidate(0, 45) == 45
    assert candidate(0, 0) == 0
    assert candidate(12, 0) == 720
    assert candidate(23, 59) == 1439
    assert candidate(2, 1) == 121


def sheets_for_pages(pages: int) -> int:
    """A sheet of paper holds two pages. Return how many sheets are needed for all the pages.

    >>> sheets_for_pages(4)
    2
    >>> sheets_for_pages(5)
    3
    """
    return (pages + 1) // 2


def check_sheets_for_pages(candidate: Candidate) -> None:
    assert candidate(4) == 2
    assert candidate(5) == 3
    assert candidate(0) == 0
    assert candidate(1) == 1
    assert candidate(2) == 1
    assert candidate(99) == 50


def hours_minutes_seconds(total_seconds: int) -> tuple[int, int, int]:
    """Split a number of seconds into hours, minutes and seconds.

    >>> hours_minutes_seconds(3725)
    (1, 2, 5)
    >>> hours_minutes_seconds(59)
    (0, 0, 59)
    """
    hours = total_seconds // 3600
    minutes = total_seconds % 3600 // 60
    return hours, minutes, total_seconds % 60


def check_hours_minutes_seconds(candidate: Candidate) -> None:
    assert candidate(3725) == (1, 2, 5)
    assert candidate(59) == (0, 0, 59)
    assert candidate(60) == (0, 1, 0)
    assert candidate(3600) == (1, 0, 0)
    assert candidate(0) == (0, 0, 0)
    assert candidate(86399) == (23, 59, 59)
