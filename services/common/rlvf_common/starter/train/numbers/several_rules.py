"""Prices, scores and measures with several rules at once."""

from rlvf_common.starter.candidate import Candidate


def phone_bill(calls: list[int], messages: int, flat: bool) -> int:
    """Return a monthly phone bill in cents. `calls` are the lengths of the calls in seconds.

    The basic fee is 500. Each minute of a call that has begun costs 9, but with a flat rate calls
    cost nothing, and the basic fee is 1500. The first 20 messages are free, the others cost 7 each.
    Calls shorter than 3 seconds are never paid.

    >>> phone_bill([61, 2], 22, False)
    532
    """
    bill = 1500 if flat else 500
    if not flat:
        for call in calls:
            if call >= 3:
                bill += (call + 59) // 60 * 9
    if messages > 20:
        bill += (messages - 20) * 7
    return bill


def check_phone_bill(candidate: Candidate) -> None:
    assert candidate([61, 2], 22, False) == 532
    assert candidate([], 0, False) == 500
    assert candidate([], 0, True) == 1500
    assert candidate([3], 20, False) == 509
    assert candidate([60], 0, False) == 509
    assert candidate([2, 1], 0, False) == 500
    assert candidate([600, 600], 21, True) == 1507
    assert candidate([120, 121], 0, False) == 545
    assert candidate([], 30, False) == 570


def train_ticket(kilometers: int, age: int, return_trip: bool, card: bool) -> int:
    """Return the price of a train ticket in cents.

    The first 50 kilometers cost 20 each, all further ones 15. Children under 6 travel free, and
    those under 15 pay half, rounded up. A return trip costs twice as much, less 10 percent (rounded
    down to whole cents after the subtraction). With a card 300 cents are taken off at the very end,
    but the price never falls below 100, unless it was free before.

    >>> train_ticket(60, 30, False, True)
    850
    """
    if age < 6:
        return 0
    price = min(kilometers, 50) * 20 + max(kilometers - 50, 0) * 15
    if age < 15:
        price = (price + 1) // 2
    if return_trip:
        price = price * 2 * 90 // 100
    if card:
        price = max(price - 300, 100)
    return price


def check_train_ticket(candidate: Candidate) -> None:
    assert candidate(60, 30, False, True) == 850
    assert candidate(60, 30, False, False) == 1150
    assert candidate(50, 30, False, False) == 1000
    assert candidate(51, 30, False, False) == 1015
    assert candidate(60, 5, True, True) == 0
    assert candidate(50, 6, False, False) == 500
    assert candidate(51, 6, False, False) == 508
    assert candidate(51, 14, False, False) == 508
    assert candidate(51, 15, False, False) == 1015
    assert candidate(100, 40, True, False) == 3150
    assert candidate(51, 7, True, False) == 914
    assert candidate(5, 20, False, True) == 100
    assert candidate(20, 20, False, True) == 100
    assert candidate(21, 20, False, True) == 120


def bonus_points(purchases: list[int]) -> int:
    """Return the bonus points that a customer has after some purchases, given in whole euros.

    Each full 10 euros of one purchase give a point. A purchase of 100 euros or more gives 5 points
    on top. Every third purchase counts double, with everything that it gives. When a purchase
    brings the points to 50 or more, 50 of them are exchanged for a present at once.

    >>> bonus_points([25, 100, 30])
    23
    """
    points = 0
    for number, purchase in enumerate(purchases, start=1):
        gained = purchase // 10
        if purchase >= 100:
            gained += 5
        if number % 3 == 0:
            gained *= 2
        points += gained
        if points >= 50:
            points -= 50
    return points


def check_bonus_points(candidate: Candidate) -> None:
    assert candidate([25, 100, 30]) == 23
    assert candidate([]) == 0
    assert candidate([9]) == 0
    assert candidate([10]) == 1
    assert candidate([99]) == 9
    assert candidate([100]) == 15
    assert candidate([0, 0, 100]) == 30
    assert candidate([350, 150]) == 10
    assert candidate([350, 99]) == 49
    assert candidate([450]) == 0
    assert candidate([10, 10, 10, 10, 10, 10]) == 8


def triangle_kind(a: int, b: int, c: int) -> str:
    """Describe a triangle with three given sides.

    Return "none" if a side is not positive or if one side is at least as long as the two others
    together. Otherwise return two words: "equal" if all sides are equal, "even" if just two are, or
    "mixed", followed by "right", "acute" or "obtuse" for its largest angle. The largest angle is
    right if the square of the longest side equals the sum of the other two squares, and acute if it
    is smaller than that.

    >>> triangle_kind(5, 3, 4)
    'mixed right'
    """
    short, middle, long = sorted((a, b, c))
    if long >= short + middle:
        return "none"
    kinds = {1: "equal", 2: "even", 3: "mixed"}
    kind = kinds[len({a, b, c})]
    difference = short * short + middle * middle - long * long
    angle = "right" if difference == 0 else "acute" if difference > 0 else "obtuse"
    return f"{kind} {angle}"


def check_triangle_kind(candidate: Candidate) -> None:
    assert candidate(5, 3, 4) == "mixed right"
    assert candidate(2, 2, 2) == "equal acute"
    assert candidate(2, 2, 3) == "even obtuse"
    assert candidate(3, 2, 3) == "even acute"
    assert candidate(4, 5, 6) == "mixed acute"
    assert candidate(4, 2, 3) == "mixed obtuse"
    assert candidate(1, 2, 3) == "none"
    assert candidate(9, 1, 1) == "none"
    assert candidate(0, 1, 1) == "none"
    assert candidate(-3, 4, 5) == "none"
    assert candidate(1, 1, 1) == "equal acute"


def loan_months(debt: int, rate: int) -> int | None:
    """Return in how many months a debt is paid back.

    In each month first an interest of one percent of the debt, rounded down, is added; then the
    rate is paid, or what is left of the debt, if that is less. Return None if the debt is not
    smaller after the first month than at the beginning. A debt of 0 takes 0 months.

    >>> loan_months(1000, 400)
    3
    """
    if debt == 0:
        return 0
    if debt // 100 >= rate:
        return None
    months = 0
    while debt > 0:
        debt += debt // 100
        debt -= min(rate, debt)
        months += 1
    return months


def check_loan_months(candidate: Candidate) -> None:
    assert candidate(1000, 400) == 3
    assert candidate(0, 5) == 0
    assert candidate(0, 0) == 0
    assert candidate(50, 50) == 1
    assert candidate(100, 100) == 2
    assert candidate(100, 101) == 1
    assert candidate(1000, 10) is None
    assert candidate(1099, 10) is None
    assert candidate(1099, 11) == 303
    assert candidate(99, 1) == 99
    assert candidate(1, 0) is None


def water_bill(readings: list[int]) -> list[int]:
    """Return the amounts of the yearly bills of a water meter.

    The meter is read once a year and shows 0 to 9999; after 9999 it begins again at 0, so that a
    reading may be smaller than the one before. A bill has a basic amount of 50. The first 100 units
    of the year cost 2 each and all further ones 3. If nothing was used, only half of the basic
    amount is paid.

    >>> water_bill([9990, 10, 130])
    [90, 310]
    """
    bills = []
    for place in range(1, len(readings)):
        used = (readings[place] - readings[place - 1]) % 10000
        if used == 0:
            bills.append(25)
        else:
            bills.append(50 + used * 2 + max(used - 100, 0))
    return bills


def check_water_bill(candidate: Candidate) -> None:
    assert candidate([9990, 10, 130]) == [90, 310]
    assert candidate([]) == []
    assert candidate([5]) == []
    assert candidate([5, 5]) == [25]
    assert candidate([0, 1]) == [52]
    assert candidate([0, 100]) == [250]
    assert candidate([0, 101]) == [253]
    assert candidate([9999, 0]) == [52]
    assert candidate([100, 300, 300, 350]) == [550, 25, 150]


def high_jump_rank(jumps: dict[str, str]) -> dict[str, int]:
    """Return the rank of each athlete of a high jump with rising heights.

    `jumps` has for each athlete a row of heights such as "O XO X-": "O" is a jump over the bar, "X"
    a failed one and "-" one left out; the heights are separated by spaces. An athlete is the better
    the later the last height with an "O" is; then the fewer "X" stand at that height; then the
    fewer "X" stand at all heights up to it. If all this is equal, athletes share a rank, and the
    rank after it is left out. Without any "O" all are equal and last.

    >>> high_jump_rank({"Al": "O XO XXX", "Bo": "O O XXX", "Cy": "XXX"})
    {'Al': 2, 'Bo': 1, 'Cy': 3}
    """
    keys = {}
    for athlete, row in jumps.items():
        heights = row.split()
        cleared = [number for number, height in enumerate(heights, start=1) if "O" in height]
        if cleared:
            last = cleared[-1]
            failed = sum(height.count("X") for height in heights[:last])
            keys[athlete] = (-last, heights[last - 1].count("X"), failed)
        else:
            keys[athlete] = (0, 0, 0)
    return {
        athlete: 1 + sum(other < key for other in keys.values()) for athlete, key in keys.items()
    }


def check_high_jump_rank(candidate: Candidate) -> None:
    assert candidate({"Al": "O XO XXX", "Bo": "O O XXX", "Cy": "XXX"}) == {
        "Al": 2,
        "Bo": 1,
        "Cy": 3,
    }
    assert candidate({}) == {}
    assert candidate({"A": "XXX", "B": "XX-"}) == {"A": 1, "B": 1}
    assert candidate({"A": "O O", "B": "O O", "C": "O"}) == {"A": 1, "B": 1, "C": 3}
    assert candidate({"A": "XO O XXX", "B": "O O XXX"}) == {"A": 2, "B": 1}
    assert candidate({"A": "O XO", "B": "XXO O"}) == {"A": 2, "B": 1}
    assert candidate({"A": "- O", "B": "O XXX"}) == {"A": 1, "B": 2}
    assert candidate({"A": "O XXX", "B": "O X"}) == {"A": 1, "B": 1}
    assert candidate({"A": "XXX", "B": "XXO", "C": ""}) == {"A": 2, "B": 1, "C": 2}
    assert candidate({"A": "XXO O", "B": "XO O", "C": "O XO"}) == {"A": 2, "B": 1, "C": 3}
