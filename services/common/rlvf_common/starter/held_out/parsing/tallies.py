"""Adding up what a text lists."""

from rlvf_common.starter.candidate import Candidate


def receipt_total(lines: list[str]) -> int:
    """Every line of a receipt is a thing and its price in cents at the end, such as "tea 250".

    If the line starts with a number, the letter x and a space, such as "3x tea 250", so many
    pieces were bought. If the price has a minus sign, it is a discount. Names of things may
    have several words, but never start with a digit. Return the total in cents.

    >>> receipt_total(["tea 250", "3x brown bread 400", "coupon -50"])
    1400
    >>> receipt_total([])
    0
    """
    total = 0
    for line in lines:
        words = line.split()
        pieces = int(words[0][:-1]) if words[0][0].isdigit() else 1
        total += pieces * int(words[-1])
    return total


def check_receipt_total(candidate: Candidate) -> None:
    assert candidate(["tea 250", "3x brown bread 400", "coupon -50"]) == 1400
    assert candidate([]) == 0
    assert candidate(["pen 1"]) == 1
    assert candidate(["12x egg 30"]) == 360
    assert candidate(["2x coupon -100", "cake 900"]) == 700
    assert candidate(["1x tea 5", "x 7"]) == 12
    assert candidate(["battery size 9 300", "2x size 5 ball 10"]) == 320


def volume_after_keys(keys: str) -> int:
    """A radio has a volume from 0 to 10, which is 5 at first. Return the volume that is heard
    after all keys.

    A + makes it louder by 1 and a - softer by 1, within these limits. An m switches the sound
    off, so that volume 0 is heard, and another m switches it on again with the volume it had.
    A + or - while the sound is off switches it on again, too, and then changes the volume.

    >>> volume_after_keys("++-")
    6
    >>> volume_after_keys("+m")
    0
    """
    volume = 5
    muted = False
    for key in keys:
        if key == "m":
            muted = not muted
        else:
            muted = False
            volume += 1 if key == "+" else -1
            volume = max(0, min(10, volume))
    return 0 if muted else volume


def check_volume_after_keys(candidate: Candidate) -> None:
    assert candidate("++-") == 6
    assert candidate("+m") == 0
    assert candidate("") == 5
    assert candidate("mm") == 5
    assert candidate("m+") == 6
    assert candidate("m-") == 4
    assert candidate("++++++++") == 10
    assert candidate("++++++++-") == 9
    assert candidate("--------+") == 1
    assert candidate("-m+mm") == 5
    assert candidate("-mm") == 4


def laps_of_swimmer(text: str) -> list[int]:
    """A trainer notes the time in seconds whenever a swimmer has finished a lap: "31 64 99".

    All times are counted from the start. A lap that the trainer has missed is noted as a ?.
    Return how long each lap took, in order. Where times are missing, the two or more laps
    between known times count as one. Missing times at the end are ignored.

    >>> laps_of_swimmer("31 64 99")
    [31, 33, 35]
    >>> laps_of_swimmer("30 ? 95 ?")
    [30, 65]
    """
    laps = []
    last = 0
    for note in text.split():
        if note != "?":
            laps.append(int(note) - last)
            last = int(note)
    return laps


def check_laps_of_swimmer(candidate: Candidate) -> None:
    assert candidate("31 64 99") == [31, 33, 35]
    assert candidate("30 ? 95 ?") == [30, 65]
    assert candidate("") == []
    assert candidate("?") == []
    assert candidate("40") == [40]
    assert candidate("? 80") == [80]
    assert candidate("? ? 90 120") == [90, 30]
    assert candidate("28 ? ? ? 150 180 ? 250") == [28, 122, 30, 70]


def sizes_in_stock(text: str) -> list[str]:
    """The text tells how many shirts of each size a shop has, such as "S:3 M:0 L:12".

    Return the sizes of which there is at least one, but write "few" in brackets after a size
    of which there are fewer than 5. Sizes keep their order.

    >>> sizes_in_stock("S:3 M:0 L:12")
    ['S (few)', 'L']
    >>> sizes_in_stock("")
    []
    """
    sizes = []
    for part in text.split():
        size, count = part.split(":")
        if int(count) >= 5:
            sizes.append(size)
        elif int(count) > 0:
            sizes.append(f"{size} (few)")
    return sizes


def check_sizes_in_stock(candidate: Candidate) -> None:
    assert candidate("S:3 M:0 L:12") == ["S (few)", "L"]
    assert candidate("") == []
    assert candidate("XL:5") == ["XL"]
    assert candidate("XL:4") == ["XL (few)"]
    assert candidate("M:1") == ["M (few)"]
    assert candidate("S:0 M:00") == []
    assert candidate("L:10 S:1 M:9") == ["L", "S (few)", "M"]
