"""Numbers that are worked out step by step."""

from rlvf_common.starter.candidate import Candidate


def long_addition(first: str, second: str) -> tuple[str, int]:
    """Add two numbers as on paper; return the sum and how often a one was carried over.

    The numbers are texts of digits without a sign and may be long. The sum has no zeros in front,
    except that it is "0" itself.

    >>> long_addition("95", "17")
    ('112', 2)
    """
    width = max(len(first), len(second))
    digits = ""
    carried = 0
    carry = 0
    for a, b in zip(reversed(first.zfill(width)), reversed(second.zfill(width)), strict=True):
        total = int(a) + int(b) + carry
        carry = total // 10
        carried += carry
        digits = str(total % 10) + digits
    if carry:
        digits = "1" + digits
    return digits.lstrip("0") or "0", carried


def check_long_addition(candidate: Candidate) -> None:
    assert candidate("95", "17") == ("112", 2)
    assert candidate("4", "5") == ("9", 0)
    assert candidate("0", "0") == ("0", 0)
    assert candidate("12", "34") == ("46", 0)
    assert candidate("999", "1") == ("1000", 3)
    assert candidate("1", "999") == ("1000", 3)
    assert candidate("007", "5") == ("12", 1)
    assert candidate("00", "0") == ("0", 0)
    assert candidate("55", "50") == ("105", 1)
    assert candidate("90000000000000000000", "10000000000000000000") == ("100000000000000000000", 1)


def exchange_rounds(bottles: int, price: int) -> int:
    """Return how many bottles can be drunk when empty bottles are exchanged for full ones.

    `bottles` full ones are there at the beginning. `price` empty ones are exchanged for one full
    bottle, as often as possible. The price is at least 2.

    >>> exchange_rounds(9, 3)
    13
    """
    drunk = bottles
    empty = bottles
    while empty >= price:
        full = empty // price
        drunk += full
        empty = empty % price + full
    return drunk


def check_exchange_rounds(candidate: Candidate) -> None:
    assert candidate(9, 3) == 13
    assert candidate(0, 3) == 0
    assert candidate(2, 3) == 2
    assert candidate(3, 3) == 4
    assert candidate(15, 4) == 19
    assert candidate(5, 5) == 6
    assert candidate(10, 2) == 19
    assert candidate(100, 10) == 111


def savings_after(years: int, monthly: int, bonus_every: int) -> int:
    """Return what somebody has saved after some years.

    Each month `monthly` is put in. At the end of each year an interest of 2 percent of everything
    saved so far, rounded down, is added. After every `bonus_every` years, 100 is added on top,
    after the interest; if `bonus_every` is 0, there is no such bonus.

    >>> savings_after(2, 50, 2)
    1336
    """
    saved = 0
    for year in range(1, years + 1):
        saved += 12 * monthly
        saved += saved * 2 // 100
        if bonus_every and year % bonus_every == 0:
            saved += 100
    return saved


def check_savings_after(candidate: Candidate) -> None:
    assert candidate(2, 50, 2) == 1336
    assert candidate(0, 50, 1) == 0
    assert candidate(1, 500, 0) == 6120
    assert candidate(1, 50, 0) == 612
    assert candidate(1, 50, 1) == 712
    assert candidate(2, 50, 1) == 1438
    assert candidate(3, 0, 2) == 102
    assert candidate(1, 4, 3) == 48
    assert candidate(1, 5, 2) == 61


def score_of_darts(throws: list[str]) -> int | None:
    """Add up the points of darts such as "20", "D5" or "T19".

    "D" doubles and "T" triples the number behind it, which is from 1 to 20; a number alone counts
    as it is. "25" is the outer bull and "D25" the inner one; there is no "T25". "-" is a miss and
    counts 0. Return None if any throw does not exist.

    >>> score_of_darts(["T20", "D5", "-"])
    70
    """
    total = 0
    for throw in throws:
        if throw == "-":
            continue
        factor = {"D": 2, "T": 3}.get(throw[:1], 1)
        number = throw[1:] if factor > 1 else throw
        if number not in [str(field) for field in [*range(1, 21), 25]]:
            return None
        if factor == 3 and number == "25":
            return None
        total += factor * int(number)
    return total


def check_score_of_darts(candidate: Candidate) -> None:
    assert candidate(["T20", "D5", "-"]) == 70
    assert candidate([]) == 0
    assert candidate(["-", "-"]) == 0
    assert candidate(["1", "20", "25"]) == 46
    assert candidate(["D25"]) == 50
    assert candidate(["T25"]) is None
    assert candidate(["21"]) is None
    assert candidate(["0"]) is None
    assert candidate(["D0"]) is None
    assert candidate(["24", "1"]) is None
    assert candidate(["T"]) is None
    assert candidate([""]) is None
    assert candidate(["T1", "D1", "1"]) == 6
    assert candidate(["07"]) is None
    assert candidate(["d5"]) is None


def number_in_words(number: int) -> str:
    """Write a number from 20 to 99 in English words, such as "forty-two".

    >>> number_in_words(42)
    'forty-two'
    """
    ones = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    word = tens[number // 10 - 2]
    if number % 10 == 0:
        return word
    return f"{word}-{ones[number % 10 - 1]}"


def check_number_in_words(candidate: Candidate) -> None:
    assert candidate(42) == "forty-two"
    assert candidate(20) == "twenty"
    assert candidate(21) == "twenty-one"
    assert candidate(33) == "thirty-three"
    assert candidate(50) == "fifty"
    assert candidate(55) == "fifty-five"
    assert candidate(67) == "sixty-seven"
    assert candidate(76) == "seventy-six"
    assert candidate(84) == "eighty-four"
    assert candidate(98) == "ninety-eight"
    assert candidate(99) == "ninety-nine"


def rounded_shares(votes: list[int], seats: int) -> list[int]:
    """Distribute seats by votes and return the seats of each party.

    Each party first gets its exact share of the seats, rounded down. The seats that are left over
    go one by one to the parties with the largest remainders; of equal remainders to the party with
    more votes, then to the one that comes first. There is at least one vote.

    >>> rounded_shares([50, 30, 20], 7)
    [4, 2, 1]
    """
    total = sum(votes)
    shares = [count * seats // total for count in votes]
    order = sorted(
        range(len(votes)), key=lambda party: (-(votes[party] * seats % total), -votes[party])
    )
    for party in order[: seats - sum(shares)]:
        shares[party] += 1
    return shares


def check_rounded_shares(candidate: Candidate) -> None:
    assert candidate([50, 30, 20], 7) == [4, 2, 1]
    assert candidate([1], 5) == [5]
    assert candidate([1, 1], 3) == [2, 1]
    assert candidate([1, 3], 2) == [0, 2]
    assert candidate([3, 1], 2) == [2, 0]
    assert candidate([10, 10, 10], 2) == [1, 1, 0]
    assert candidate([5, 0, 5], 4) == [2, 0, 2]
    assert candidate([41, 35, 24], 10) == [4, 4, 2]
    assert candidate([7, 8], 0) == [0, 0]
    assert candidate([1, 1, 4], 9) == [2, 1, 6]
