"""Texts of several lines that hold data."""

from rlvf_common.starter.candidate import Candidate


def sum_of_last_column(text: str) -> int:
    """Add up the numbers at the end of each line; a line is a name, spaces and a whole number.

    Blank lines are skipped.

    >>> sum_of_last_column("tea 3\\n\\ngreen tea 10")
    13
    """
    return sum(int(line.split()[-1]) for line in text.split("\n") if line.strip())


def check_sum_of_last_column(candidate: Candidate) -> None:
    assert candidate("tea 3\n\ngreen tea 10") == 13
    assert candidate("") == 0
    assert candidate("   \n") == 0
    assert candidate("x 5") == 5
    assert candidate("debt -5\ngift   7  ") == 2
    assert candidate("route 66 12") == 12
    assert candidate("a 1\nb 2\nc 3\n") == 6


def section_names(text: str) -> list[str]:
    """Return the names of the sections of a settings file, in the order of the file.

    A section begins with a line of the form [name]; there may be spaces around the line and
    around the name inside the brackets. All other lines do not matter.

    >>> section_names("[main]\\nx = [1]\\n[ log ]")
    ['main', 'log']
    """
    lines = [line.strip() for line in text.split("\n")]
    return [line[1:-1].strip() for line in lines if line[:1] == "[" and line[-1:] == "]"]


def check_section_names(candidate: Candidate) -> None:
    assert candidate("[main]\nx = [1]\n[ log ]") == ["main", "log"]
    assert candidate("") == []
    assert candidate("x = 1") == []
    assert candidate("  [a]  ") == ["a"]
    assert candidate("[b]\n[a]\n[b]") == ["b", "a", "b"]
    assert candidate("[open\nclose]\n[ok]") == ["ok"]
    assert candidate("[two words]") == ["two words"]


def settings_of_lines(text: str) -> dict[str, str]:
    """Read lines of the form name = value.

    Spaces around names and values are dropped. Blank lines, lines that begin with "#" (also after
    spaces) and lines without "=" are skipped. The value is everything after the first "=". If a
    name comes again, the first value stays.

    >>> settings_of_lines("# size\\nwidth = 3\\nwidth = 4")
    {'width': '3'}
    """
    settings: dict[str, str] = {}
    for line in text.split("\n"):
        if line.strip().startswith("#") or "=" not in line:
            continue
        name, _, value = line.partition("=")
        settings.setdefault(name.strip(), value.strip())
    return settings


def check_settings_of_lines(candidate: Candidate) -> None:
    assert candidate("# size\nwidth = 3\nwidth = 4") == {"width": "3"}
    assert candidate("") == {}
    assert candidate("a=1\nb=2") == {"a": "1", "b": "2"}
    assert candidate("  # x = 1\ny = 2") == {"y": "2"}
    assert candidate("just words\n\nz=") == {"z": ""}
    assert candidate("eq = a=b") == {"eq": "a=b"}
    assert candidate("color = #fff") == {"color": "#fff"}
    assert candidate("  deep name  =  two words  ") == {"deep name": "two words"}


def table_of_commas(text: str) -> list[dict[str, str]]:
    """Read a table whose first line has the column names. Cells are separated by commas.

    Return a dictionary for each further line. Spaces around cells are dropped; blank lines are
    skipped. Missing cells at the end of a line are "", and surplus cells are ignored.

    >>> table_of_commas("name, age\\nAl, 5\\nBo")
    [{'name': 'Al', 'age': '5'}, {'name': 'Bo', 'age': ''}]
    """
    rows = [[cell.strip() for cell in line.split(",")] for line in text.split("\n") if line.strip()]
    table = []
    for row in rows[1:]:
        cells = row + [""] * len(rows[0])
        table.append(dict(zip(rows[0], cells, strict=False)))
    return table


def check_table_of_commas(candidate: Candidate) -> None:
    assert candidate("name, age\nAl, 5\nBo") == [
        {"name": "Al", "age": "5"},
        {"name": "Bo", "age": ""},
    ]
    assert candidate("") == []
    assert candidate("name,age") == []
    assert candidate("a,b,c\n1\n  ") == [{"a": "1", "b": "", "c": ""}]
    assert candidate("x\n1\n\n2\n") == [{"x": "1"}, {"x": "2"}]
    assert candidate("x,y\n1,2,3") == [{"x": "1", "y": "2"}]
    assert candidate("\n\nx\n 7 ") == [{"x": "7"}]
    assert candidate("a,b,c\n,2,") == [{"a": "", "b": "2", "c": ""}]


def errors_per_hour(log: str) -> dict[str, int]:
    """Count the errors of each hour in a log.

    A line is a time "HH:MM:SS", a space, a level, a space and a message, such as
    "09:15:00 ERROR disk full". Only lines with the level ERROR count. The keys are the hours with
    two digits.

    >>> errors_per_hour("09:15:00 ERROR disk\\n09:59:59 INFO ERROR fixed\\n10:00:00 ERROR net")
    {'09': 1, '10': 1}
    """
    counts: dict[str, int] = {}
    for line in log.split("\n"):
        parts = line.split(" ")
        if len(parts) > 1 and parts[1] == "ERROR":
            hour = parts[0][:2]
            counts[hour] = counts.get(hour, 0) + 1
    return counts


def check_errors_per_hour(candidate: Candidate) -> None:
    log = "09:15:00 ERROR disk\n09:59:59 INFO ERROR fixed\n10:00:00 ERROR net"
    assert candidate(log) == {"09": 1, "10": 1}
    assert candidate("") == {}
    assert candidate("00:00:01 WARN hot") == {}
    assert candidate("23:00:00 ERROR a\n23:10:00 ERROR b\n\n23:20:00 ERROR c") == {"23": 3}
    assert candidate("08:00:00 ERRORS x") == {}
    assert candidate("11:00:00 ERROR x\n11:00:00 error y") == {"11": 1}
    assert candidate("06:00:00 DEBUG x\n07:00:00 ERROR y\n06:30:00 ERROR z") == {
        "07": 1,
        "06": 1,
    }


def paragraphs(text: str) -> list[str]:
    """Split a text into its paragraphs and write each of them on one line.

    Paragraphs are separated by one or more blank lines; a line of spaces is blank. The lines of a
    paragraph are joined with one space, without the spaces around each line.

    >>> paragraphs("one\\n two\\n\\n\\nthree")
    ['one two', 'three']
    """
    found: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            found[-1].append(line.strip())
        else:
            found.append([])
    return [" ".join(lines) for lines in found if lines]


def check_paragraphs(candidate: Candidate) -> None:
    assert candidate("one\n two\n\n\nthree") == ["one two", "three"]
    assert candidate("") == []
    assert candidate("\n  \n") == []
    assert candidate("a") == ["a"]
    assert candidate("\na\n") == ["a"]
    assert candidate("a\n   \nb") == ["a", "b"]
    assert candidate("a  b\nc\nd") == ["a  b c d"]


def bullet_tree(text: str) -> list[tuple[int, str]]:
    """Read an indented list with one entry a line, such as "- fruit".

    Return the level and the text of each entry. Every two spaces in front of the "-" are one level;
    entries without them have level 0. The "-" and the spaces behind it are dropped. Lines that do
    not have a "-" as their first character after the spaces are skipped.

    >>> bullet_tree("- fruit\\n  - pear\\n- bread")
    [(0, 'fruit'), (1, 'pear'), (0, 'bread')]
    """
    entries = []
    for line in text.split("\n"):
        content = line.lstrip(" ")
        if content.startswith("-"):
            level = (len(line) - len(content)) // 2
            entries.append((level, content[1:].strip()))
    return entries


def check_bullet_tree(candidate: Candidate) -> None:
    assert candidate("- fruit\n  - pear\n- bread") == [(0, "fruit"), (1, "pear"), (0, "bread")]
    assert candidate("") == []
    assert candidate("no list") == []
    assert candidate("-x") == [(0, "x")]
    assert candidate("    - a - b") == [(2, "a - b")]
    assert candidate("- a\ntext - b\n   - c") == [(0, "a"), (1, "c")]
    assert candidate("-\n- z") == [(0, ""), (0, "z")]


def score_board(text: str) -> list[str]:
    """Read games such as "Reds 3-1 Blues" and return the points of each team.

    There is one game a line; team names have no spaces. A win gives 3 points, a draw 1 point to
    both. Write each team as "name points", most points first, and with equal points by name.

    >>> score_board("Reds 3-1 Blues\\nBlues 2-2 Greens")
    ['Reds 3', 'Blues 1', 'Greens 1']
    """
    points: dict[str, int] = {}
    for line in text.split("\n"):
        if not line.strip():
            continue
        home, result, away = line.split()
        home_goals, away_goals = (int(goals) for goals in result.split("-"))
        home_points = 3 if home_goals > away_goals else int(home_goals == away_goals)
        away_points = 3 if away_goals > home_goals else int(home_goals == away_goals)
        points[home] = points.get(home, 0) + home_points
        points[away] = points.get(away, 0) + away_points
    ordered = sorted(points.items(), key=lambda item: (-item[1], item[0]))
    return [f"{team} {total}" for team, total in ordered]


def check_score_board(candidate: Candidate) -> None:
    assert candidate("Reds 3-1 Blues\nBlues 2-2 Greens") == ["Reds 3", "Blues 1", "Greens 1"]
    assert candidate("") == []
    assert candidate("B 0-0 A") == ["A 1", "B 1"]
    assert candidate("  \nA 1-0 B") == ["A 3", "B 0"]
    assert candidate("A 10-9 B") == ["A 3", "B 0"]
    assert candidate("A 0-1 B\n\nB 0-1 A") == ["A 3", "B 3"]
    assert candidate("C 2-0 D\nD 5-0 C\nC 1-1 D\nD 1-0 C") == ["D 7", "C 4"]
    assert candidate("Z 1-0 Y\nX 1-0 Y\nX 0-0 Z") == ["X 4", "Z 4", "Y 0"]


def stock_lines(text: str) -> dict[str, int]:
    """Read the movements of a store and return what is there in the end.

    Lines are "+5 apples" (five have come), "-2 apples" (two have gone) or "=7 apples" (counted:
    there are seven now). A product name may have spaces. Products that are down to 0 are left out.
    No line is blank, and a text without lines is "".

    >>> stock_lines("+5 apples\\n-2 apples\\n=1 red pears")
    {'apples': 3, 'red pears': 1}
    """
    stock: dict[str, int] = {}
    for line in text.splitlines():
        amount, _, product = line[1:].partition(" ")
        before = 0 if line[0] == "=" else stock.get(product, 0)
        stock[product] = before + (-int(amount) if line[0] == "-" else int(amount))
    return {product: amount for product, amount in stock.items() if amount != 0}


def check_stock_lines(candidate: Candidate) -> None:
    assert candidate("+5 apples\n-2 apples\n=1 red pears") == {"apples": 3, "red pears": 1}
    assert candidate("") == {}
    assert candidate("+5 a\n-5 a") == {}
    assert candidate("=5 a\n=0 a") == {}
    assert candidate("+5 a\n=2 a\n+1 a") == {"a": 3}
    assert candidate("+1 a\n+10 b\n-3 b\n+1 a") == {"a": 2, "b": 7}
    assert candidate("-4 a") == {"a": -4}
    assert candidate("+3 big box\n=9 big box\n-2 big box\n+1 big") == {"big box": 7, "big": 1}


def dialog_by_speaker(text: str) -> dict[str, int]:
    """Count the words that each speaker says in a dialog.

    A line "NAME: words" begins the speech of a speaker; the name is in capitals only. A line that
    does not begin like this belongs to the speaker before; lines before the first speaker are
    skipped.

    >>> dialog_by_speaker("ANN: Hello there.\\nHow are you?\\nBOB: Fine: thanks")
    {'ANN': 5, 'BOB': 2}
    """
    counts: dict[str, int] = {}
    speaker = ""
    for line in text.split("\n"):
        name, colon, speech = line.partition(":")
        if colon and name.isupper():
            speaker = name
        else:
            speech = line
        if speaker:
            counts[speaker] = counts.get(speaker, 0) + len(speech.split())
    return counts


def check_dialog_by_speaker(candidate: Candidate) -> None:
    assert candidate("ANN: Hello there.\nHow are you?\nBOB: Fine: thanks") == {"ANN": 5, "BOB": 2}
    assert candidate("") == {}
    assert candidate("A silent stage.") == {}
    assert candidate("ANN:") == {"ANN": 0}
    assert candidate("Note: x y\nANN: a") == {"ANN": 1}
    assert candidate("ANN: a\nNote: b c") == {"ANN": 4}
    assert candidate("A: x\nB: y z\nA: w") == {"A": 2, "B": 2}
    assert candidate("A: x\n\nB: y\nSTOP\nGO") == {"A": 1, "B": 3}


def route_legs(text: str) -> list[tuple[str, str, int]]:
    """Read a route such as "Bern -12-> Thun -30-> Brig".

    Places and arrows are separated by single spaces, an arrow has the distance inside, and no
    place has a space. Return (from, to, distance) for each leg. A route of one place has none.

    >>> route_legs("Bern -12-> Thun")
    [('Bern', 'Thun', 12)]
    """
    parts = text.split()
    return [
        (parts[place - 1], parts[place + 1], int(parts[place][1:-2]))
        for place in range(1, len(parts), 2)
    ]


def check_route_legs(candidate: Candidate) -> None:
    assert candidate("Bern -12-> Thun") == [("Bern", "Thun", 12)]
    assert candidate("Bern -12-> Thun -30-> Brig") == [("Bern", "Thun", 12), ("Thun", "Brig", 30)]
    assert candidate("Bern") == []
    assert candidate("") == []
    assert candidate("A -0-> A") == [("A", "A", 0)]
    assert candidate("x-y -5-> z") == [("x-y", "z", 5)]
    assert candidate("A -1-> B -2-> C -100-> D")[2] == ("C", "D", 100)
