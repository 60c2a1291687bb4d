"""Lines of text with a meaning: logs, tables, paths, lists, results."""

from rlvf_common.starter.candidate import Candidate


def messages_of_level(lines: list[str], level: str) -> list[str]:
    """Each line of a log is a level, a colon, one space and a message, such as "INFO: started".

    Return the messages of all lines with exactly the given level, in their order. A message
    may contain further colons.

    >>> messages_of_level(["INFO: started", "WARN: disk: full"], "WARN")
    ['disk: full']
    >>> messages_of_level(["INFO: started"], "WARN")
    []
    """
    start = level + ": "
    return [line.removeprefix(start) for line in lines if line.startswith(start)]


def check_messages_of_level(candidate: Candidate) -> None:
    assert candidate(["INFO: started", "WARN: disk: full"], "WARN") == ["disk: full"]
    assert candidate(["INFO: started"], "WARN") == []
    assert candidate([], "INFO") == []
    assert candidate(["INFO: WARN: x", "WARN: y"], "WARN") == ["y"]
    assert candidate(["INFO: a", "WARN: b", "INFO: c"], "INFO") == ["a", "c"]
    assert candidate(["INFOS: a", "INFO: b b"], "INFO") == ["b b"]
    assert candidate(["info: a", "INFO: INFO: b"], "INFO") == ["INFO: b"]


def column_total(lines: list[str], column: str) -> int:
    """The first line names the columns of a table, with commas between. Every further line is
    a row with one whole number for each column, also with commas between.

    Return the sum of the named column. Return 0 if no column has that name.

    >>> column_total(["pens,cups", "1,2", "3,4"], "cups")
    6
    >>> column_total(["pens"], "pens")
    0
    """
    names = lines[0].split(",")
    if column not in names:
        return 0
    place = names.index(column)
    return sum(int(line.split(",")[place]) for line in lines[1:])


def check_column_total(candidate: Candidate) -> None:
    assert candidate(["pens,cups", "1,2", "3,4"], "cups") == 6
    assert candidate(["pens"], "pens") == 0
    assert candidate(["pens,cups", "1,2", "3,4"], "pens") == 4
    assert candidate(["a,b", "5,6"], "c") == 0
    assert candidate(["ab,b,c", "1,20,300"], "b") == 20
    assert candidate(["x,y,z", "-1,0,10", "-2,0,20", "-3,0,30"], "x") == -6
    assert candidate(["x,y,z", "-1,0,10", "-2,0,20", "-3,0,30"], "z") == 60


def is_clock_text(text: str) -> bool:
    """Return True if the text is a time of day such as 07:30: two digits, a colon, two digits.

    The hour is at most 23 and the minute at most 59. Nothing else may be in the text, and
    digits are only the characters 0 to 9.

    >>> is_clock_text("23:59")
    True
    >>> is_clock_text("7:30")
    False
    """
    if len(text) != 5 or text[2] != ":":
        return False
    hour, minute = text[:2], text[3:]
    return hour.isdecimal() and minute.isdecimal() and int(hour) <= 23 and int(minute) <= 59


def check_is_clock_text(candidate: Candidate) -> None:
    assert candidate("23:59") is True
    assert candidate("7:30") is False
    assert candidate("24:00") is False
    assert candidate("12:60") is False
    assert candidate("00:00") is True
    assert candidate("12-30") is False
    assert candidate("ab:cd") is False
    assert candidate("") is False
    assert candidate("12:300") is False
    assert candidate("-1:30") is False
    assert candidate("12:3x") is False
    assert candidate(" 9:05") is False


def count_bullet_lines(text: str) -> int:
    """Tell how many lines of the text are points of a list.

    Such a line has, after any spaces at its beginning, a dash or a star that is followed by
    a space.

    >>> count_bullet_lines("- milk\\n- eggs\\nbread")
    2
    >>> count_bullet_lines("-milk")
    0
    """
    return sum(line.lstrip().startswith(("- ", "* ")) for line in text.split("\n"))


def check_count_bullet_lines(candidate: Candidate) -> None:
    assert candidate("- milk\n- eggs\nbread") == 2
    assert candidate("-milk") == 0
    assert candidate("") == 0
    assert candidate("* a\n  - b\n    * c") == 3
    assert candidate("a - b\nc * d") == 0
    assert candidate("**bold**\n---\n* x") == 1
    assert candidate("\n- a\n\n- b\n\n- c\n* d") == 4


def outcome_for_home_team(result: str) -> str:
    """The result of a match is written as the goals of the home team, a colon and the goals of
    the guests, such as 3:1.

    Return "won", "lost" or "drawn", seen from the home team.

    >>> outcome_for_home_team("3:1")
    'won'
    >>> outcome_for_home_team("2:10")
    'lost'
    """
    home, guests = map(int, result.split(":"))
    if home == guests:
        return "drawn"
    return "won" if home > guests else "lost"


def check_outcome_for_home_team(candidate: Candidate) -> None:
    assert candidate("3:1") == "won"
    assert candidate("2:10") == "lost"
    assert candidate("0:0") == "drawn"
    assert candidate("10:9") == "won"
    assert candidate("4:5") == "lost"
    assert candidate("11:11") == "drawn"
    assert candidate("1:0") == "won"
    assert candidate("0:1") == "lost"


def goals_before_break(goals: str) -> int:
    """The text has the minutes of all goals of a match, with spaces between, such as "12 45+2 46".

    The first half ends with minute 45. Extra minutes are written with a plus: 45+2 still
    belongs to the first half, and 90+1 to the second. Return the goals of the first half.

    >>> goals_before_break("12 45+2 46")
    2
    >>> goals_before_break("")
    0
    """
    return sum(int(goal.split("+")[0]) <= 45 for goal in goals.split())


def check_goals_before_break(candidate: Candidate) -> None:
    assert candidate("12 45+2 46") == 2
    assert candidate("") == 0
    assert candidate("45") == 1
    assert candidate("46") == 0
    assert candidate("90+1 45+10") == 1
    assert candidate("1 2 3 100") == 3
    assert candidate("50 60 70 80 90+5") == 0
    assert candidate("9 44 45 45+1") == 4


def shopping_amounts(text: str) -> dict[str, int]:
    """A shopping list is written with commas, such as "2 eggs, milk, 3 brown rolls".

    Each part is a number, a space and a thing, or only a thing, which then counts once. A thing
    may have several words. If a thing is listed twice, its numbers are added. An empty text is
    an empty list. Return a dictionary from things to numbers.

    >>> shopping_amounts("2 eggs, milk, 3 brown rolls")
    {'eggs': 2, 'milk': 1, 'brown rolls': 3}
    >>> shopping_amounts("")
    {}
    """
    amounts: dict[str, int] = {}
    for part in text.split(", ") if text else []:
        number, _, thing = part.partition(" ")
        if not number.isdigit():
            number, thing = "1", part
        amounts[thing] = amounts.get(thing, 0) + int(number)
    return amounts


def check_shopping_amounts(candidate: Candidate) -> None:
    assert candidate("2 eggs, milk, 3 brown rolls") == {"eggs": 2, "milk": 1, "brown rolls": 3}
    assert candidate("") == {}
    assert candidate("salt") == {"salt": 1}
    assert candidate("12 nuts") == {"nuts": 12}
    assert candidate("olive oil") == {"olive oil": 1}
    assert candidate("milk, 2 milk") == {"milk": 3}
    assert candidate("1 tea, 1 tea, 1 cup") == {"tea": 2, "cup": 1}
    assert candidate("10 a b, a b, b") == {"a b": 11, "b": 1}
