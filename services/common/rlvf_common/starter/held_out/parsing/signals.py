"""Codes and keys, and puzzles about people and ants on the move."""

from rlvf_common.starter.candidate import Candidate


def message_in_capitals(text: str) -> str:
    """A secret message is hidden in the capital letters of a text.

    Return these letters in their order, in lower case. All other characters are left out.

    >>> message_in_capitals("the Hat is In the box, okay?")
    'hi'
    >>> message_in_capitals("nothing")
    ''
    """
    return "".join(char for char in text if char.isupper()).lower()


def check_message_in_capitals(candidate: Candidate) -> None:
    assert candidate("the Hat is In the box, okay?") == "hi"
    assert candidate("nothing") == ""
    assert candidate("") == ""
    assert candidate("RUN") == "run"
    assert candidate("a1B2c3D4") == "bd"
    assert candidate("Go. Over. There. Ann!") == "gota"
    assert candidate("xX") == "x"


def with_parity_digit(bits: str) -> str:
    """Put one more digit at the end of a text of zeros and ones, so that it has an even number
    of ones.

    >>> with_parity_digit("1011")
    '10111'
    >>> with_parity_digit("11")
    '110'
    """
    return bits + str(bits.count("1") % 2)


def check_with_parity_digit(candidate: Candidate) -> None:
    assert candidate("1011") == "10111"
    assert candidate("11") == "110"
    assert candidate("") == "0"
    assert candidate("0") == "00"
    assert candidate("1") == "11"
    assert candidate("000") == "0000"
    assert candidate("0100") == "01001"
    assert candidate("111100") == "1111000"


def message_sent_thrice(bits: str) -> str:
    """Every digit of a message, 0 or 1, was sent three times in a row, but some were garbled.

    Return the message: for every three digits received, the one that occurs at least twice.
    The number of digits received is a multiple of three.

    >>> message_sent_thrice("110001")
    '10'
    >>> message_sent_thrice("")
    ''
    """
    groups = [bits[start : start + 3] for start in range(0, len(bits), 3)]
    return "".join("1" if group.count("1") >= 2 else "0" for group in groups)


def check_message_sent_thrice(candidate: Candidate) -> None:
    assert candidate("110001") == "10"
    assert candidate("") == ""
    assert candidate("111") == "1"
    assert candidate("000") == "0"
    assert candidate("010") == "0"
    assert candidate("011101110") == "111"
    assert candidate("100010001111") == "0001"


def presses_on_old_phone(word: str) -> int:
    """On an old phone the letters stand on keys: abc, def, ghi, jkl, mno, pqrs, tuv and wxyz.

    A letter needs as many presses of its key as its place on the key says: a needs one, b two
    and s four. Return how many presses the word needs. It has only lower-case letters.

    >>> presses_on_old_phone("cab")
    6
    >>> presses_on_old_phone("was")
    6
    """
    keys = ["abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"]
    return sum(key.find(letter) + 1 for letter in word for key in keys)


def check_presses_on_old_phone(candidate: Candidate) -> None:
    assert candidate("cab") == 6
    assert candidate("was") == 6
    assert candidate("") == 0
    assert candidate("z") == 4
    assert candidate("adgjmptw") == 8
    assert candidate("hello") == 13
    assert candidate("sss") == 12
    assert candidate("rv") == 6


def order_of_mail_route(houses: list[int]) -> list[int]:
    """A letter carrier walks up the side of the street with the odd house numbers and comes back
    on the side with the even ones.

    So the odd numbers come first, from the smallest to the largest, then the even numbers from
    the largest to the smallest. Return the houses in this order.

    >>> order_of_mail_route([2, 7, 4, 1])
    [1, 7, 4, 2]
    >>> order_of_mail_route([6])
    [6]
    """
    return sorted(houses, key=lambda house: (house % 2 == 0, house if house % 2 else -house))


def check_order_of_mail_route(candidate: Candidate) -> None:
    assert candidate([2, 7, 4, 1]) == [1, 7, 4, 2]
    assert candidate([6]) == [6]
    assert candidate([]) == []
    assert candidate([1, 3, 5]) == [1, 3, 5]
    assert candidate([2, 4, 6]) == [6, 4, 2]
    assert candidate([10, 9, 8, 11, 12]) == [9, 11, 12, 10, 8]
    assert candidate([3, 3, 2, 2]) == [3, 3, 2, 2]


def steps_to_meet(places: list[int]) -> int:
    """Friends stand at places along a street. All of them want to meet at one of these places.

    Return the smallest number of steps that they have to walk together; one step is the
    distance from a place to the next one, such as from 4 to 5. With nobody, return 0.

    >>> steps_to_meet([1, 2, 9])
    8
    >>> steps_to_meet([5])
    0
    """
    return min((sum(abs(place - goal) for place in places) for goal in places), default=0)


def check_steps_to_meet(candidate: Candidate) -> None:
    assert candidate([1, 2, 9]) == 8
    assert candidate([5]) == 0
    assert candidate([]) == 0
    assert candidate([3, 3, 3]) == 0
    assert candidate([1, 4]) == 3
    assert candidate([0, 0, 100]) == 100
    assert candidate([10, -10, 0, 1]) == 21
    assert candidate([2, 8, 4, 6]) == 8


def last_ant_falls(places: list[int], length: int) -> int:
    """Ants stand on a stick of the given length; each place is a distance from the left end.

    All ants walk one unit a second and fall off at an end. When two ants meet, both turn
    around, which looks as if they walked through each other. Nobody knows which way they walk
    at first. Return after how many seconds the last ant falls off, in the worst case. Without
    ants, return 0.

    >>> last_ant_falls([2, 6, 7], 10)
    8
    >>> last_ant_falls([], 5)
    0
    """
    return max((max(place, length - place) for place in places), default=0)


def check_last_ant_falls(candidate: Candidate) -> None:
    assert candidate([2, 6, 7], 10) == 8
    assert candidate([], 5) == 0
    assert candidate([5], 10) == 5
    assert candidate([0], 7) == 7
    assert candidate([7], 7) == 7
    assert candidate([4, 5, 6], 10) == 6
    assert candidate([9, 5], 10) == 9
    assert candidate([3, 3], 8) == 5


def floors_in_order(start: int, calls: list[int]) -> list[int]:
    """A lift stands at the start floor and is called to several floors, in whatever order.

    It first goes up and stops at all called floors above the start, from the lowest to the
    highest. Then it goes down and stops at all called floors below the start, from the highest
    to the lowest. Calls to the start floor itself are ignored, and a floor that is called
    several times gets one stop. Return the floors at which it stops, in order.

    >>> floors_in_order(3, [5, 1, 4, 2, 5])
    [4, 5, 2, 1]
    >>> floors_in_order(0, [0])
    []
    """
    above = sorted({floor for floor in calls if floor > start})
    below = sorted({floor for floor in calls if floor < start}, reverse=True)
    return above + below


def check_floors_in_order(candidate: Candidate) -> None:
    assert candidate(3, [5, 1, 4, 2, 5]) == [4, 5, 2, 1]
    assert candidate(0, [0]) == []
    assert candidate(2, []) == []
    assert candidate(9, [1, 8, 3]) == [8, 3, 1]
    assert candidate(-2, [4, -1, 0]) == [-1, 0, 4]
    assert candidate(1, [1, 2, 0, 1]) == [2, 0]
    assert candidate(5, [6, 6, 4, 4]) == [6, 4]
    assert candidate(10, [11, 9, 20, 7]) == [11, 20, 9, 7]


def more_guests_apart(bench: str) -> int:
    """A bench has seats side by side: # is a taken seat, and a dot is a free one.

    More guests come, but no guest may sit directly beside another one, old or new. Return the
    largest number of new guests who can sit down. Nobody has to move.

    >>> more_guests_apart("#...#..")
    2
    >>> more_guests_apart("...")
    2
    """
    seats = list("." + bench + ".")
    count = 0
    for place in range(1, len(seats) - 1):
        if seats[place - 1 : place + 2] == [".", ".", "."]:
            seats[place] = "#"
            count += 1
    return count


def check_more_guests_apart(candidate: Candidate) -> None:
    assert candidate("#...#..") == 2
    assert candidate("...") == 2
    assert candidate("") == 0
    assert candidate(".") == 1
    assert candidate("#") == 0
    assert candidate("..") == 1
    assert candidate(".#.") == 0
    assert candidate("#..#") == 0
    assert candidate(".....") == 3
    assert candidate("......") == 3
    assert candidate("..#....#") == 2


def height_of_plant(days: list[bool]) -> int:
    """A plant is 10 centimeters high. The list tells for each day whether it is watered.

    It grows by 2 centimeters on each day on which it is watered. On the third dry day in a row
    it loses 3 centimeters, and on every further dry day after that as well, until it is watered
    again. It is never lower than 0. Return its height at the end.

    >>> height_of_plant([True, False, False, False])
    9
    >>> height_of_plant([False, False, True])
    12
    """
    height = 10
    dry = 0
    for watered in days:
        if watered:
            dry = 0
            height += 2
        else:
            dry += 1
            if dry >= 3:
                height = max(height - 3, 0)
    return height


def check_height_of_plant(candidate: Candidate) -> None:
    assert candidate([True, False, False, False]) == 9
    assert candidate([False, False, True]) == 12
    assert candidate([]) == 10
    assert candidate([True]) == 12
    assert candidate([False, False]) == 10
    assert candidate([False, False, False, False]) == 4
    assert candidate([False, False, True, False, False]) == 12
    assert candidate([False, False, False, True, False, False, False]) == 6
    assert candidate([False] * 5) == 1
    assert candidate([False] * 9) == 0
    assert candidate([False] * 9 + [True]) == 2
