"""Money, measures, percentages and rounding."""

from rlvf_common.starter.candidate import Candidate


def boxes_needed(items: int, per_box: int) -> int:
    """Return how many boxes are needed for the items. The last box may stay partly empty.

    >>> boxes_needed(10, 4)
    3
    """
    return -(-items // per_box)


def check_boxes_needed(candidate: Candidate) -> None:
    assert candidate(10, 4) == 3
    assert candidate(8, 4) == 2
    assert candidate(0, 4) == 0
    assert candidate(1, 4) == 1
    assert candidate(9, 1) == 9
    assert candidate(12, 5) == 3
    assert candidate(10**17 + 1, 10**17) == 2


def cents_of_price(price: str) -> int:
    """Return the cents of a price such as "12.50". There are always two digits after the dot.

    The price may be negative.

    >>> cents_of_price("12.05")
    1205
    """
    return int(price.replace(".", ""))


def check_cents_of_price(candidate: Candidate) -> None:
    assert candidate("12.05") == 1205
    assert candidate("0.00") == 0
    assert candidate("0.07") == 7
    assert candidate("19.99") == 1999
    assert candidate("1.10") == 110
    assert candidate("1000.00") == 100000
    assert candidate("-2.50") == -250
    assert candidate("-0.29") == -29


def price_text(cents: int) -> str:
    """Write an amount of cents that is not negative as dollars with two digits after the dot.

    >>> price_text(1205)
    '$12.05'
    """
    return f"${cents // 100}.{cents % 100:02d}"


def check_price_text(candidate: Candidate) -> None:
    assert candidate(1205) == "$12.05"
    assert candidate(0) == "$0.00"
    assert candidate(9) == "$0.09"
    assert candidate(50) == "$0.50"
    assert candidate(100) == "$1.00"
    assert candidate(99999) == "$999.99"
    assert candidate(10**17 + 1) == "$1000000000000000.01"


def clamp_percent(part: int, whole: int) -> int:
    """Return which percentage of the whole the part is, rounded down.

    The answer is never below 0 and never above 100. If the whole is 0, the answer is 100.

    >>> clamp_percent(1, 3)
    33
    """
    return 100 if whole == 0 else max(0, min(100, part * 100 // whole))


def check_clamp_percent(candidate: Candidate) -> None:
    assert candidate(1, 3) == 33
    assert candidate(2, 3) == 66
    assert candidate(0, 5) == 0
    assert candidate(5, 5) == 100
    assert candidate(7, 5) == 100
    assert candidate(-1, 5) == 0
    assert candidate(0, 0) == 100
    assert candidate(99, 1000) == 9
    assert candidate(199, 200) == 99


def percent_change_text(old: int, new: int) -> str:
    """Describe a change in whole percent with its sign: "+25%", "-8%" or "0%".

    The change is (new - old) / old, cut off after the decimal point towards 0. The old value is
    positive.

    >>> percent_change_text(80, 100)
    '+25%'
    >>> percent_change_text(12, 11)
    '-8%'
    """
    percent = abs(new - old) * 100 // old
    if percent == 0:
        return "0%"
    return f"+{percent}%" if new > old else f"-{percent}%"


def check_percent_change_text(candidate: Candidate) -> None:
    assert candidate(80, 100) == "+25%"
    assert candidate(12, 11) == "-8%"
    assert candidate(5, 5) == "0%"
    assert candidate(1000, 1001) == "0%"
    assert candidate(1000, 999) == "0%"
    assert candidate(10, 0) == "-100%"
    assert candidate(3, 6) == "+100%"
    assert candidate(3, 4) == "+33%"
    assert candidate(100, 101) == "+1%"


def floor_to_quarter(minutes: int) -> int:
    """Round minutes down to a full quarter of an hour, but never below one quarter.

    >>> floor_to_quarter(44)
    30
    """
    return max(minutes // 15 * 15, 15)


def check_floor_to_quarter(candidate: Candidate) -> None:
    assert candidate(44) == 30
    assert candidate(45) == 45
    assert candidate(0) == 15
    assert candidate(14) == 15
    assert candidate(15) == 15
    assert candidate(29) == 15
    assert candidate(46) == 45
    assert candidate(120) == 120


def size_label(bytes_count: int) -> str:
    """Write a number of bytes with the largest fitting unit: B, KB, MB or GB.

    One KB is 1024 B, one MB is 1024 KB, one GB is 1024 MB. The number is rounded down to whole
    units; there is no unit above GB.

    >>> size_label(2048)
    '2 KB'
    >>> size_label(1023)
    '1023 B'
    """
    for unit in ("B", "KB", "MB"):
        if bytes_count < 1024:
            return f"{bytes_count} {unit}"
        bytes_count //= 1024
    return f"{bytes_count} GB"


def check_size_label(candidate: Candidate) -> None:
    assert candidate(2048) == "2 KB"
    assert candidate(1023) == "1023 B"
    assert candidate(0) == "0 B"
    assert candidate(1024) == "1 KB"
    assert candidate(2047) == "1 KB"
    assert candidate(1024 * 1024 - 1) == "1023 KB"
    assert candidate(1024 * 1024) == "1 MB"
    assert candidate(5 * 1024**3) == "5 GB"
    assert candidate(3000 * 1024**3) == "3000 GB"


def tax_by_steps(income: int) -> int:
    """Return the tax on an income.

    The first 1000 are free. What is above 1000 up to 5000 is taxed with 10 percent, and what is
    above 5000 with 20 percent. The tax is rounded down once, at the end.

    >>> tax_by_steps(6000)
    600
    """
    low = max(min(income, 5000) - 1000, 0)
    high = max(income - 5000, 0)
    return (low * 10 + high * 20) // 100


def check_tax_by_steps(candidate: Candidate) -> None:
    assert candidate(6000) == 600
    assert candidate(0) == 0
    assert candidate(1000) == 0
    assert candidate(1009) == 0
    assert candidate(1010) == 1
    assert candidate(5000) == 400
    assert candidate(5004) == 400
    assert candidate(5005) == 401
    assert candidate(10000) == 1400
    assert candidate(999) == 0


def shared_bill(total: int, people: int) -> list[int]:
    """Split a bill in whole cents as evenly as possible.

    If it does not come out even, the first people pay one cent more. There is at least one person.

    >>> shared_bill(100, 3)
    [34, 33, 33]
    """
    base, rest = divmod(total, people)
    return [base + 1] * rest + [base] * (people - rest)


def check_shared_bill(candidate: Candidate) -> None:
    assert candidate(100, 3) == [34, 33, 33]
    assert candidate(0, 2) == [0, 0]
    assert candidate(9, 3) == [3, 3, 3]
    assert candidate(2, 4) == [1, 1, 0, 0]
    assert candidate(7, 1) == [7]
    assert candidate(11, 4) == [3, 3, 3, 2]
    assert candidate(1, 3) == [1, 0, 0]


def cheapest_packs(eggs: int) -> int:
    """Return the lowest price, in cents, for which at least this many eggs can be bought.

    A pack of 6 costs 150 cents and a pack of 10 costs 230. Single eggs are not sold.

    >>> cheapest_packs(12)
    300
    """
    prices = []
    for tens in range(eggs // 10 + 2):
        missing = max(eggs - 10 * tens, 0)
        prices.append(230 * tens + 150 * ((missing + 5) // 6))
    return min(prices)


def check_cheapest_packs(candidate: Candidate) -> None:
    assert candidate(12) == 300
    assert candidate(0) == 0
    assert candidate(1) == 150
    assert candidate(6) == 150
    assert candidate(7) == 230
    assert candidate(10) == 230
    assert candidate(11) == 300
    assert candidate(13) == 380
    assert candidate(19) == 460
    assert candidate(30) == 690
    assert candidate(28) == 680


def coins_back(amount: int) -> dict[int, int]:
    """Return how many coins of each kind make up the amount with as few coins as possible.

    There are coins of 50, 20, 10, 5, 2 and 1. Kinds that are not used do not occur.

    >>> coins_back(74)
    {50: 1, 20: 1, 2: 2}
    """
    coins = {}
    for value in (50, 20, 10, 5, 2, 1):
        if amount >= value:
            coins[value] = amount // value
            amount %= value
    return coins


def check_coins_back(candidate: Candidate) -> None:
    assert candidate(74) == {50: 1, 20: 1, 2: 2}
    assert candidate(0) == {}
    assert candidate(1) == {1: 1}
    assert candidate(50) == {50: 1}
    assert candidate(88) == {50: 1, 20: 1, 10: 1, 5: 1, 2: 1, 1: 1}
    assert candidate(40) == {20: 2}
    assert candidate(9) == {5: 1, 2: 2}
    assert candidate(300) == {50: 6}


def feet_and_inches(centimeters: int) -> str:
    """Write a length as feet and inches, such as 5'11".

    One inch is 2.54 centimeters; round to the nearest whole inch first. Twelve inches are one
    foot. The length is never half an inch between two inches.

    >>> feet_and_inches(180)
    '5\\'11"'
    """
    inches = (centimeters * 100 + 127) // 254
    return f"{inches // 12}'{inches % 12}\""


def check_feet_and_inches(candidate: Candidate) -> None:
    assert candidate(180) == "5'11\""
    assert candidate(0) == "0'0\""
    assert candidate(1) == "0'0\""
    assert candidate(2) == "0'1\""
    assert candidate(30) == "1'0\""
    assert candidate(182) == "6'0\""
    assert candidate(183) == "6'0\""
    assert candidate(160) == "5'3\""
    assert candidate(10000) == "328'1\""
