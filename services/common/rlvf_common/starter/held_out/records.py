"""Taking lines of text apart: settings, tables, logs and links."""

from rlvf_common.starter.candidate import Candidate


def settings_from_text(text: str) -> dict[str, str]:
    """The text holds settings such as "size=3; color=red", with semicolons between them.

    Return a dictionary from names to values. The name ends at the first = sign; later ones
    belong to the value. Spaces around names and values are dropped. A part without an = sign
    is skipped. If a name is set twice, the last value counts.

    >>> settings_from_text("size=3; color=red")
    {'size': '3', 'color': 'red'}
    >>> settings_from_text("rule=a=b;;x")
    {'rule': 'a=b'}
    """
    settings = {}
    for part in text.split(";"):
        name, sign, value = part.partition("=")
        if sign:
            settings[name.strip()] = value.strip()
    return settings


def check_settings_from_text(candidate: Candidate) -> None:
    assert candidate("size=3; color=red") == {"size": "3", "color": "red"}
    assert candidate("rule=a=b;;x") == {"rule": "a=b"}
    assert candidate("") == {}
    assert candidate("a=1;a=2") == {"a": "2"}
    assert candidate(" k = v w ;") == {"k": "v w"}
    assert candidate("empty=") == {"empty": ""}
    assert candidate("on;off") == {}


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


def fields_outside_quotes(line: str) -> list[str]:
    """Cut the line at its commas, but not at commas between two double quotes.

    The quotes themselves are left out of the result. Every quote that is opened is closed
    again. An empty line has one empty field.

    >>> fields_outside_quotes('tea,"milk, sugar",3')
    ['tea', 'milk, sugar', '3']
    >>> fields_outside_quotes("")
    ['']
    """
    fields = [""]
    quoted = False
    for char in line:
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            fields.append("")
        else:
            fields[-1] += char
    return fields


def check_fields_outside_quotes(candidate: Candidate) -> None:
    assert candidate('tea,"milk, sugar",3') == ["tea", "milk, sugar", "3"]
    assert candidate("") == [""]
    assert candidate("a,b") == ["a", "b"]
    assert candidate(",") == ["", ""]
    assert candidate('"a,b,c"') == ["a,b,c"]
    assert candidate('"x",,"y,z"') == ["x", "", "y,z"]
    assert candidate('one "two,three" four,five') == ["one two,three four", "five"]
    assert candidate('"",1') == ["", "1"]


def query_value(address: str, name: str) -> str:
    """A web address may end with a ? and a query: parts like name=value with & between them.

    Return the value that belongs to the name, or an empty string if there is none. If the
    name occurs several times, return its first value.

    >>> query_value("shop.example/list?page=2&sort=price", "sort")
    'price'
    >>> query_value("shop.example/list", "page")
    ''
    """
    for part in address.partition("?")[2].split("&"):
        key, _, value = part.partition("=")
        if key == name:
            return value
    return ""


def check_query_value(candidate: Candidate) -> None:
    assert candidate("shop.example/list?page=2&sort=price", "sort") == "price"
    assert candidate("shop.example/list", "page") == ""
    assert candidate("a.example?page=2&sort=price", "page") == "2"
    assert candidate("a.example?x=1&x=2", "x") == "1"
    assert candidate("a.example?max=5&x=7", "x") == "7"
    assert candidate("a.example/x=3?y=4", "x") == ""
    assert candidate("a.example?empty=&b=1", "empty") == ""
    assert candidate("a.example?q=a=b", "q") == "a=b"


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


def path_without_dots(path: str) -> str:
    """The path consists of parts with slashes between them, and it starts with a slash.

    A part that is a single dot means "stay here", and two dots mean "go up": drop the part
    before. Going up at the very top stays at the top. Empty parts are ignored. Return the
    path without all of these, with one slash before every part, or "/" if no part is left.

    >>> path_without_dots("/home/./ann/../bob/")
    '/home/bob'
    >>> path_without_dots("/..")
    '/'
    """
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            kept = kept[:-1]
        elif part not in ("", "."):
            kept.append(part)
    return "/" + "/".join(kept)


def check_path_without_dots(candidate: Candidate) -> None:
    assert candidate("/home/./ann/../bob/") == "/home/bob"
    assert candidate("/..") == "/"
    assert candidate("/") == "/"
    assert candidate("/a//b") == "/a/b"
    assert candidate("/a/b/../..") == "/"
    assert candidate("/a/b/../../c") == "/c"
    assert candidate("/x.y/...") == "/x.y/..."
    assert candidate("/../a/../../b/.") == "/b"


def count_bullet_lines(text: str) -> int:
    """Count the lines of the text that are points of a list.

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


def hashtags_of_post(post: str) -> list[str]:
    """Return the tags of the post: its words that begin with # and have more after it.

    Words are separated by spaces. The # is left out and the rest is in lower case. A tag that
    occurs several times is listed once, where it occurs first.

    >>> hashtags_of_post("Good #Morning from #paris #morning")
    ['morning', 'paris']
    >>> hashtags_of_post("We are # 1")
    []
    """
    tags = [word[1:].lower() for word in post.split() if word.startswith("#")]
    return list(dict.fromkeys(tag for tag in tags if tag))


def check_hashtags_of_post(candidate: Candidate) -> None:
    assert candidate("Good #Morning from #paris #morning") == ["morning", "paris"]
    assert candidate("We are # 1") == []
    assert candidate("") == []
    assert candidate("#z #a #M") == ["z", "a", "m"]
    assert candidate("a#b c") == []
    assert candidate("#one two three#four #ONE") == ["one"]
    assert candidate("##x #x") == ["#x", "x"]


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
