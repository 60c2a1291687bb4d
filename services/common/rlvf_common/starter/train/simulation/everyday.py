"""Shopping, sharing, travelling and other everyday decisions."""

from rlvf_common.starter.candidate import Candidate


def leftover_after_sharing(items: int, people: int) -> int:
    """The items are shared equally among the people. Return how many items are left over.

    There is always at least one person.

    >>> leftover_after_sharing(10, 3)
    1
    >>> leftover_after_sharing(12, 4)
    0
    """
    return items % people


def check_leftover_after_sharing(candidate: Candidate) -> None:
    assert candidate(10, 3) == 1
    assert candidate(12, 4) == 0
    assert candidate(2, 5) == 2
    assert candidate(0, 6) == 0
    assert candidate(9, 1) == 0
    assert candidate(29, 10) == 9


def total_price(price: int, quantity: int, shipping: int) -> int:
    """Return the price of one item times the quantity, plus the shipping cost.

    >>> total_price(5, 3, 2)
    17
    >>> total_price(10, 0, 4)
    4
    """
    return price * quantity + shipping


def check_total_price(candidate: Candidate) -> None:
    assert candidate(5, 3, 2) == 17
    assert candidate(10, 0, 4) == 4
    assert candidate(7, 1, 0) == 7
    assert candidate(0, 9, 6) == 6
    assert candidate(2, 2, 2) == 6
    assert candidate(100, 3, 25) == 325


def price_after_discount(price: float, percent: float) -> float:
    """Return the price after it is lowered by the given percent.

    >>> price_after_discount(50.0, 10.0)
    45.0
    >>> price_after_discount(80.0, 25.0)
    60.0
    """
    return price - price * percent / 100


def check_price_after_discount(candidate: Candidate) -> None:
    assert abs(candidate(50.0, 10.0) - 45.0) < 1e-9
    assert abs(candidate(80.0, 25.0) - 60.0) < 1e-9
    assert abs(candidate(20.0, 0.0) - 20.0) < 1e-9
    assert abs(candidate(20.0, 100.0) - 0.0) < 1e-9
    assert abs(candidate(0.0, 50.0) - 0.0) < 1e-9
    assert abs(candidate(200.0, 1.0) - 198.0) < 1e-9


def delivery_fee(order_total: int) -> int:
    """Return the delivery fee for an order.

    Orders of 50 or more are delivered free. Orders of 20 or more cost 3 to deliver.
    All smaller orders cost 5 to deliver.

    >>> delivery_fee(75)
    0
    >>> delivery_fee(20)
    3
    """
    if order_total >= 50:
        return 0
    if order_total >= 20:
        return 3
    return 5


def check_delivery_fee(candidate: Candidate) -> None:
    assert candidate(75) == 0
    assert candidate(20) == 3
    assert candidate(50) == 0
    assert candidate(49) == 3
    assert candidate(19) == 5
    assert candidate(0) == 5
    assert candidate(35) == 3


def coins_value(quarters: int, dimes: int, nickels: int) -> int:
    """Return the value of the coins in cents.

    A quarter is 25 cents, a dime is 10 cents and a nickel is 5 cents.

    >>> coins_value(1, 1, 1)
    40
    >>> coins_value(4, 0, 0)
    100
    """
    return quarters * 25 + dimes * 10 + nickels * 5


def check_coins_value(candidate: Candidate) -> None:
    assert candidate(1, 1, 1) == 40
    assert candidate(4, 0, 0) == 100
    assert candidate(0, 0, 0) == 0
    assert candidate(0, 3, 0) == 30
    assert candidate(0, 0, 7) == 35
    assert candidate(2, 3, 1) == 85


def taxi_fare(kilometers: int) -> int:
    """Return the price of a taxi ride.

    The first two kilometers cost 4 in total. Every further kilometer costs 2 more.
    A ride of zero kilometers costs 0.

    >>> taxi_fare(5)
    10
    >>> taxi_fare(1)
    4
    """
    if kilometers == 0:
        return 0
    if kilometers <= 2:
        return 4
    return 4 + (kilometers - 2) * 2


def check_taxi_fare(candidate: Candidate) -> None:
    assert candidate(5) == 10
    assert candidate(1) == 4
    assert candidate(0) == 0
    assert candidate(2) == 4
    assert candidate(3) == 6
    assert candidate(10) == 20


def can_buy_all(prices: list[int], money: int) -> bool:
    """Return True if the money is enough to buy everything at the given prices.

    >>> can_buy_all([3, 4], 10)
    True
    >>> can_buy_all([6, 5], 10)
    False
    """
    return sum(prices) <= money


def check_can_buy_all(candidate: Candidate) -> None:
    assert candidate([3, 4], 10) is True
    assert candidate([6, 5], 10) is False
    assert candidate([5, 5], 10) is True
    assert candidate([], 0) is True
    assert candidate([1], 0) is False
    assert candidate([2, 2, 2], 5) is False


def is_weekend_day(day: str) -> bool:
    """Return True if the day is Saturday or Sunday. Upper and lower case do not matter.

    >>> is_weekend_day("Sunday")
    True
    >>> is_weekend_day("Monday")
    False
    """
    return day.lower() in ("saturday", "sunday")


def check_is_weekend_day(candidate: Candidate) -> None:
    assert candidate("Sunday") is True
    assert candidate("Monday") is False
    assert candidate("SATURDAY") is True
    assert candidate("friday") is False
    assert candidate("sunday") is True
    assert candidate("") is False
    assert candidate("Satur") is False


def windows_overlap(start1: int, end1: int, start2: int, end2: int) -> bool:
    """Two meetings last from their start hour to their end hour.

    Return True if they share some time. A meeting that starts at the hour at which
    the other one ends does not share time with it.

    >>> windows_overlap(9, 11, 10, 12)
    True
    >>> windows_overlap(9, 10, 10, 11)
    False
    """
    return start1 < end2 and start2 < end1


def check_windows_overlap(candidate: Candidate) -> None:
    assert candidate(9, 11, 10, 12) is True
    assert candidate(9, 10, 10, 11) is False
    assert candidate(14, 15, 9, 11) is False
    assert candidate(8, 17, 12, 13) is True
    assert candidate(10, 12, 9, 11) is True
    assert candidate(10, 11, 9, 10) is False
    assert candidate(5, 6, 5, 6) is True


def bill_total(prices: dict[str, int], order: list[str]) -> int:
    """Add up the prices of the ordered items. An item without a price costs nothing.

    >>> bill_total({"tea": 2, "pie": 4}, ["pie", "tea", "tea"])
    8
    >>> bill_total({"tea": 2}, ["cake"])
    0
    """
    return sum(prices.get(item, 0) for item in order)


def check_bill_total(candidate: Candidate) -> None:
    assert candidate({"tea": 2, "pie": 4}, ["pie", "tea", "tea"]) == 8
    assert candidate({"tea": 2}, ["cake"]) == 0
    assert candidate({"tea": 2}, []) == 0
    assert candidate({}, ["tea"]) == 0
    assert candidate({"a": 1, "b": 10}, ["b", "x", "a"]) == 11
    assert candidate({"a": 5}, ["a", "a", "a"]) == 15


def battery_after(events: list[str], start: int) -> int:
    """Return the charge of a battery, in percent, after all the events.

    The event "use" lowers the charge by 10 and the event "charge" raises it by 25.
    The charge never goes below 0 or above 100.

    >>> battery_after(["use", "use"], 50)
    30
    >>> battery_after(["charge"], 90)
    100
    """
    level = start
    for event in events:
        if event == "use":
            level = max(level - 10, 0)
        elif event == "charge":
            level = min(level + 25, 100)
    return level


def check_battery_after(candidate: Candidate) -> None:
    assert candidate(["use", "use"], 50) == 30
    assert candidate(["charge"], 90) == 100
    assert candidate([], 42) == 42
    assert candidate(["use", "charge"], 5) == 25
    assert candidate(["charge", "use"], 80) == 90
    assert candidate(["use"], 10) == 0
    assert candidate(["charge"], 75) == 100
    assert candidate(["use", "charge", "use"], 0) == 15
