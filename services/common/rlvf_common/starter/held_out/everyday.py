"""Money, time and other everyday quantities."""

from rlvf_common.starter.candidate import Candidate


def legs_on_farm(cows: int, hens: int) -> int:
    """A cow has four legs and a hen has two. Return how many legs the animals have together.

    >>> legs_on_farm(2, 3)
    14
    >>> legs_on_farm(0, 0)
    0
    """
    return cows * 4 + hens * 2


def check_legs_on_farm(candidate: Candidate) -> None:
    assert candidate(2, 3) == 14
    assert candidate(0, 0) == 0
    assert candidate(1, 0) == 4
    assert candidate(0, 1) == 2
    assert candidate(10, 10) == 60
    assert candidate(3, 7) == 26


def fuel_left(tank: float, per_trip: float, trips: int) -> float:
    """Return how much fuel is left in the tank after the trips.

    Each trip uses the same amount of fuel. The answer is never below zero.

    >>> fuel_left(50.0, 10.0, 3)
    20.0
    >>> fuel_left(10.0, 4.0, 3)
    0.0
    """
    return max(tank - per_trip * trips, 0.0)


def check_fuel_left(candidate: Candidate) -> None:
    assert abs(candidate(50.0, 10.0, 3) - 20.0) < 1e-9
    assert abs(candidate(10.0, 4.0, 3) - 0.0) < 1e-9
    assert abs(candidate(5.0, 2.0, 0) - 5.0) < 1e-9
    assert abs(candidate(6.0, 2.0, 3) - 0.0) < 1e-9
    assert abs(candidate(2.5, 0.5, 1) - 2.0) < 1e-9
    assert abs(candidate(1.0, 0.25, 2) - 0.5) < 1e-9


def share_of_bill(total: float, tip: float, people: int) -> float:
    """Add the tip to the total and divide the sum evenly. Return what each person pays.

    >>> share_of_bill(40.0, 5.0, 3)
    15.0
    >>> share_of_bill(20.0, 0.0, 1)
    20.0
    """
    return (total + tip) / people


def check_share_of_bill(candidate: Candidate) -> None:
    assert abs(candidate(40.0, 5.0, 3) - 15.0) < 1e-9
    assert abs(candidate(20.0, 0.0, 1) - 20.0) < 1e-9
    assert abs(candidate(0.0, 6.0, 4) - 1.5) < 1e-9
    assert abs(candidate(7.0, 3.0, 4) - 2.5) < 1e-9
    assert abs(candidate(100.0, 20.0, 6) - 20.0) < 1e-9
    assert abs(candidate(0.0, 0.0, 2) - 0.0) < 1e-9


def change_to_return(paid: int, price: int) -> int:
    """Return how much change the customer gets, or -1 if the customer paid too little.

    >>> change_to_return(20, 15)
    5
    >>> change_to_return(10, 12)
    -1
    """
    if paid < price:
        return -1
    return paid - price


def check_change_to_return(candidate: Candidate) -> None:
    assert candidate(20, 15) == 5
    assert candidate(10, 12) == -1
    assert candidate(7, 7) == 0
    assert candidate(0, 0) == 0
    assert candidate(0, 1) == -1
    assert candidate(100, 1) == 99


def ticket_price(age: int) -> int:
    """Return the price of a ticket for a person of the given age.

    Children under 6 pay 0. People from 6 to 17 pay 5. Everybody else pays 10.

    >>> ticket_price(30)
    10
    >>> ticket_price(5)
    0
    """
    if age < 6:
        return 0
    if age < 18:
        return 5
    return 10


def check_ticket_price(candidate: Candidate) -> None:
    assert candidate(30) == 10
    assert candidate(5) == 0
    assert candidate(6) == 5
    assert candidate(17) == 5
    assert candidate(18) == 10
    assert candidate(0) == 0
    assert candidate(10) == 5


def hour_on_twelve_hour_clock(hour: int) -> int:
    """Convert an hour from 0 to 23 to the hour that a clock with twelve hours shows.

    Such a clock shows 12 for the hours 0 and 12.

    >>> hour_on_twelve_hour_clock(15)
    3
    >>> hour_on_twelve_hour_clock(0)
    12
    """
    if hour % 12 == 0:
        return 12
    return hour % 12


def check_hour_on_twelve_hour_clock(candidate: Candidate) -> None:
    assert candidate(15) == 3
    assert candidate(0) == 12
    assert candidate(12) == 12
    assert candidate(11) == 11
    assert candidate(13) == 1
    assert candidate(23) == 11
    assert candidate(1) == 1


def weekday_after(weekday: int, days: int) -> int:
    """Weekdays have the numbers 0 to 6. Return the weekday the given number of days later.

    >>> weekday_after(2, 3)
    5
    >>> weekday_after(6, 1)
    0
    """
    return (weekday + days) % 7


def check_weekday_after(candidate: Candidate) -> None:
    assert candidate(2, 3) == 5
    assert candidate(6, 1) == 0
    assert candidate(0, 0) == 0
    assert candidate(3, 7) == 3
    assert candidate(5, 10) == 1
    assert candidate(1, 100) == 3


def fewest_bills(amount: int) -> int:
    """Bills are worth 20, 5 and 1. Return the smallest number of bills that make up the amount.

    >>> fewest_bills(27)
    4
    >>> fewest_bills(20)
    1
    """
    return amount // 20 + amount % 20 // 5 + amount % 5


def check_fewest_bills(candidate: Candidate) -> None:
    assert candidate(27) == 4
    assert candidate(20) == 1
    assert candidate(0) == 0
    assert candidate(4) == 4
    assert candidate(19) == 7
    assert candidate(5) == 1
    assert candidate(99) == 11
