"""Single values and short lines in small formats."""

from rlvf_common.starter.candidate import Candidate


def number_or_zero(text: str) -> int:
    """Read a whole number that may have spaces around it and a minus sign; 0 for anything else.

    >>> number_or_zero(" -12 ")
    -12
    >>> number_or_zero("12a")
    0
    """
    cleaned = text.strip()
    return int(cleaned) if cleaned.removeprefix("-").isdecimal() else 0


def check_number_or_zero(candidate: Candidate) -> None:
    assert candidate(" -12 ") == -12
    assert candidate("12a") == 0
    assert candidate("") == 0
    assert candidate("-") == 0
    assert candidate("007") == 7
    assert candidate("1.5") == 0
    assert candidate("--4") == 0
    assert candidate("4-4") == 0
    assert candidate("- 4") == 0
    assert candidate("99") == 99


def yes_or_no(answer: str) -> bool | None:
    """Return True for "y" or "yes", False for "n" or "no", and None for any other answer.

    Capital letters and spaces around the answer do not matter.

    >>> yes_or_no(" Yes")
    True
    """
    return {"y": True, "yes": True, "n": False, "no": False}.get(answer.strip().lower())


def check_yes_or_no(candidate: Candidate) -> None:
    assert candidate(" Yes") is True
    assert candidate("y") is True
    assert candidate("NO ") is False
    assert candidate("N") is False
    assert candidate("") is None
    assert candidate("yep") is None
    assert candidate("none") is None
    assert candidate("y n") is None


def header_value(line: str) -> str:
    """Return the value of a line such as "Content-Type: text/html", without spaces around it.

    Only the first colon separates the name from the value. A line without a colon has the value "".

    >>> header_value("Host:  localhost:80 ")
    'localhost:80'
    """
    return line.partition(":")[2].strip()


def check_header_value(candidate: Candidate) -> None:
    assert candidate("Host:  localhost:80 ") == "localhost:80"
    assert candidate("Accept: */*") == "*/*"
    assert candidate("nothing here") == ""
    assert candidate("Empty:") == ""
    assert candidate("Time:12:30:00") == "12:30:00"
    assert candidate("") == ""
    assert candidate(": value") == "value"


def flags_of_command(command: str) -> list[str]:
    """Return the options of a command line, sorted, each one once.

    An option is a word that begins with "-" and has at least one more character.

    >>> flags_of_command("ls -l -a dir -l")
    ['-a', '-l']
    """
    return sorted({word for word in command.split() if word.startswith("-") and len(word) > 1})


def check_flags_of_command(candidate: Candidate) -> None:
    assert candidate("ls -l -a dir -l") == ["-a", "-l"]
    assert candidate("") == []
    assert candidate("cat file") == []
    assert candidate("tar - x") == []
    assert candidate("git --all -v") == ["--all", "-v"]
    assert candidate("-c -b -a -d -e") == ["-a", "-b", "-c", "-d", "-e"]
    assert candidate("run a-b -x") == ["-x"]


def hidden_files(listing: str) -> int:
    """Count the names that begin with a dot in a listing with one name a line.

    The names "." and ".." do not count, and lines may have spaces around the name.

    >>> hidden_files(".\\n..\\n.git\\nREADME")
    1
    """
    names = [line.strip() for line in listing.split("\n")]
    return sum(name.startswith(".") and name not in (".", "..") for name in names)


def check_hidden_files(candidate: Candidate) -> None:
    assert candidate(".\n..\n.git\nREADME") == 1
    assert candidate("") == 0
    assert candidate(".a") == 1
    assert candidate("a.b\nc.") == 0
    assert candidate("  .x  \n .. \n.y") == 2
    assert candidate("...") == 1
    assert candidate(".git\n.env\n.\n.ssh") == 3


def chess_square(square: str) -> tuple[int, int]:
    """Return the column and the row of a square of a chess board, both from 0 to 7.

    "a1" is (0, 0); the letter says the column. It may be a capital.

    >>> chess_square("c1")
    (2, 0)
    """
    return "abcdefgh".index(square[0].lower()), int(square[1]) - 1


def check_chess_square(candidate: Candidate) -> None:
    assert candidate("c1") == (2, 0)
    assert candidate("a1") == (0, 0)
    assert candidate("h8") == (7, 7)
    assert candidate("B7") == (1, 6)
    assert candidate("e4") == (4, 3)
    assert candidate("A8") == (0, 7)
    assert candidate("H1") == (7, 0)


def spreadsheet_column(name: str) -> int:
    """Return the number of a column in a spreadsheet: "A" is 1, "Z" is 26, "AA" is 27, "AB" is 28.

    >>> spreadsheet_column("AB")
    28
    """
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def check_spreadsheet_column(candidate: Candidate) -> None:
    assert candidate("AB") == 28
    assert candidate("A") == 1
    assert candidate("Z") == 26
    assert candidate("AA") == 27
    assert candidate("AZ") == 52
    assert candidate("BA") == 53
    assert candidate("ZZ") == 702
    assert candidate("AAA") == 703


def query_parameters(url: str) -> dict[str, str]:
    """Return the parameters of a web address: what stands behind the first "?".

    Parameters are separated by "&" and have the form name=value. A parameter without "=" has the
    value ""; empty parameters are skipped. If a name occurs again, its last value counts. What
    follows a "#" does not belong to the parameters.

    >>> query_parameters("shop.example/list?page=2&new#top")
    {'page': '2', 'new': ''}
    """
    query = url.partition("#")[0].partition("?")[2]
    parameters = {}
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            parameters[name] = value
    return parameters


def check_query_parameters(candidate: Candidate) -> None:
    assert candidate("shop.example/list?page=2&new#top") == {"page": "2", "new": ""}
    assert candidate("shop.example") == {}
    assert candidate("x?") == {}
    assert candidate("x?a=1&a=2") == {"a": "2"}
    assert candidate("x?a=b=c") == {"a": "b=c"}
    assert candidate("x?&&a=&") == {"a": ""}
    assert candidate("x#frag?a=1") == {}
    assert candidate("x?q=why?&n=3") == {"q": "why?", "n": "3"}


def duration_seconds(text: str) -> int:
    """Read a duration such as "1h30m", "45s" or "2h5s" and return its seconds.

    The parts have whole numbers and the units h, m and s; every unit occurs at most once. An empty
    text is 0 seconds.

    >>> duration_seconds("1h30m")
    5400
    """
    seconds = 0
    digits = ""
    for sign in text:
        if sign.isdigit():
            digits += sign
        else:
            seconds += int(digits) * {"h": 3600, "m": 60, "s": 1}[sign]
            digits = ""
    return seconds


def check_duration_seconds(candidate: Candidate) -> None:
    assert candidate("1h30m") == 5400
    assert candidate("") == 0
    assert candidate("45s") == 45
    assert candidate("2h5s") == 7205
    assert candidate("90m") == 5400
    assert candidate("1h1m1s") == 3661
    assert candidate("0s") == 0
    assert candidate("100h") == 360000


def mask_secrets(line: str) -> str:
    """Replace the values of secret settings in a line such as "user=al password=x1 port=80".

    Settings are separated by single spaces. If the name has "password" or "token" in it, in any
    case, its value is replaced by "***"; an empty value stays empty. Parts without "=" stay.

    >>> mask_secrets("user=al DB_PASSWORD=x1")
    'user=al DB_PASSWORD=***'
    """
    parts = []
    for part in line.split(" "):
        name, equals, value = part.partition("=")
        secret = "password" in name.lower() or "token" in name.lower()
        parts.append(f"{name}=***" if equals and value and secret else part)
    return " ".join(parts)


def check_mask_secrets(candidate: Candidate) -> None:
    assert candidate("user=al DB_PASSWORD=x1") == "user=al DB_PASSWORD=***"
    assert candidate("") == ""
    assert candidate("token=a=b") == "token=***"
    assert candidate("password") == "password"
    assert candidate("password= port=80") == "password= port=80"
    assert candidate("note=password") == "note=password"
    assert candidate("apiToken=1 Token2=2 x=3") == "apiToken=*** Token2=*** x=3"
    assert candidate("a  b=1") == "a  b=1"


def semantic_bump(version: str, part: str) -> str:
    """Raise a version of the form "1.4.2" and return the new one.

    The part is "major", "minor" or "patch". It is raised by one, and all parts behind it become 0.

    >>> semantic_bump("1.4.2", "minor")
    '1.5.0'
    """
    numbers = [int(number) for number in version.split(".")]
    place = ["major", "minor", "patch"].index(part)
    numbers[place] += 1
    numbers[place + 1 :] = [0] * (2 - place)
    return ".".join(str(number) for number in numbers)


def check_semantic_bump(candidate: Candidate) -> None:
    assert candidate("1.4.2", "minor") == "1.5.0"
    assert candidate("1.4.2", "major") == "2.0.0"
    assert candidate("1.4.2", "patch") == "1.4.3"
    assert candidate("0.0.0", "patch") == "0.0.1"
    assert candidate("9.9.9", "minor") == "9.10.0"
    assert candidate("0.9.12", "major") == "1.0.0"
    assert candidate("3.0.99", "patch") == "3.0.100"


def quoted_words(text: str) -> list[str]:
    """Split a text at spaces, but keep what stands between double quotes together.

    The quotes themselves are dropped. Several spaces in a row count as one, except between
    quotes. Quotes stand only at the beginning and at the end of a part, and always in pairs.

    >>> quoted_words('say "good day" twice')
    ['say', 'good day', 'twice']
    """
    words = []
    for place, piece in enumerate(text.split('"')):
        if place % 2:
            words.append(piece)
        else:
            words.extend(piece.split())
    return words


def check_quoted_words(candidate: Candidate) -> None:
    assert candidate('say "good day" twice') == ["say", "good day", "twice"]
    assert candidate("") == []
    assert candidate("  a   b ") == ["a", "b"]
    assert candidate('"one"') == ["one"]
    assert candidate('""') == [""]
    assert candidate('"a  b"  c "d e f"') == ["a  b", "c", "d e f"]
    assert candidate('x "" y') == ["x", "", "y"]
    assert candidate('" "') == [" "]
