"""Formats with several rules at once."""

from fractions import Fraction

from rlvf_common.starter.candidate import Candidate


def read_csv_line(line: str) -> list[str]:
    """Split a line at its commas, but not at commas between double quotes.

    A cell may be in double quotes as a whole; the quotes are dropped then, and two quotes in a row
    inside of them stand for one. A quote always begins directly after a comma or at the beginning
    of the line, and every quote is closed.

    >>> read_csv_line('a,"b,c",d')
    ['a', 'b,c', 'd']
    """
    cells = [""]
    quoted = False
    place = 0
    while place < len(line):
        sign = line[place]
        if sign == '"':
            if quoted and line[place + 1 : place + 2] == '"':
                cells[-1] += '"'
                place += 1
            else:
                quoted = not quoted
        elif sign == "," and not quoted:
            cells.append("")
        else:
            cells[-1] += sign
        place += 1
    return cells


def check_read_csv_line(candidate: Candidate) -> None:
    assert candidate('a,"b,c",d') == ["a", "b,c", "d"]
    assert candidate("") == [""]
    assert candidate(",") == ["", ""]
    assert candidate("a b, c") == ["a b", " c"]
    assert candidate('""') == [""]
    assert candidate('"",x') == ["", "x"]
    assert candidate('"say ""hi""",2') == ['say "hi"', "2"]
    assert candidate('""""') == ['"']
    assert candidate('1,"2,""3"",",4') == ["1", '2,"3",', "4"]


def money_amount(text: str) -> int | None:
    """Read an amount of money and return it in cents, or None if it is not well written.

    An amount is one or more digits, perhaps with "," between groups of three digits (then all
    groups but the first must have three), perhaps followed by "." and exactly two digits. A "-" may
    stand at the very beginning. Nothing else may occur.

    >>> money_amount("-1,234.50")
    -123450
    """
    unsigned = text.removeprefix("-")
    whole, dot, cents = unsigned.partition(".")
    groups = whole.split(",")
    digits = "".join(groups) + cents
    if not all(groups) or any(sign not in "0123456789" for sign in digits):
        return None
    if len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])):
        return None
    if dot and len(cents) != 2:
        return None
    amount = int(digits) if dot else int(digits) * 100
    return -amount if text.startswith("-") else amount


def check_money_amount(candidate: Candidate) -> None:
    assert candidate("-1,234.50") == -123450
    assert candidate("7") == 700
    assert candidate("0.05") == 5
    assert candidate("1000000") == 100000000
    assert candidate("12,345,678") == 1234567800
    assert candidate("") is None
    assert candidate("-") is None
    assert candidate("1,23") is None
    assert candidate("1,234,56") is None
    assert candidate("1234,567") is None
    assert candidate(",123") is None
    assert candidate("5.") is None
    assert candidate("5.1") is None
    assert candidate("5.123") is None
    assert candidate(".50") is None
    assert candidate("1.00.00") is None
    assert candidate("--1") is None
    assert candidate("1 000") is None
    assert candidate("$5") is None
    assert candidate("999,999.99") == 99999999


def command_with_options(line: str) -> tuple[list[str], dict[str, str]]:
    """Split a command line into its arguments and its options.

    Words are separated by spaces. "--name=value" is an option with a value, "--name" one with the
    value "yes", and "--no-name" one with the value "no" for the name behind "no-". "-abc" stands
    for the options a, b and c with the value "yes". After the word "--" all words are arguments,
    and so are "-" and all words that do not begin with "-". If an option occurs again, the last
    counts.

    >>> command_with_options("copy -vf --depth=3 a.txt -- -b")
    (['copy', 'a.txt', '-b'], {'v': 'yes', 'f': 'yes', 'depth': '3'})
    """
    arguments: list[str] = []
    options: dict[str, str] = {}
    words = line.split()
    for place, word in enumerate(words):
        if word == "--":
            arguments += words[place + 1 :]
            break
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            if equals:
                options[name] = value
            elif name.startswith("no-"):
                options[name[3:]] = "no"
            else:
                options[name] = "yes"
        elif word.startswith("-") and word != "-":
            for letter in word[1:]:
                options[letter] = "yes"
        else:
            arguments.append(word)
    return arguments, options


def check_command_with_options(candidate: Candidate) -> None:
    assert candidate("copy -vf --depth=3 a.txt -- -b") == (
        ["copy", "a.txt", "-b"],
        {"v": "yes", "f": "yes", "depth": "3"},
    )
    assert candidate("") == ([], {})
    assert candidate("- x") == (["-", "x"], {})
    assert candidate("--no-color") == ([], {"color": "no"})
    assert candidate("--no-color=red") == ([], {"no-color": "red"})
    assert candidate("--a --no-a") == ([], {"a": "no"})
    assert candidate("--x= --y=1=2") == ([], {"x": "", "y": "1=2"})
    assert candidate("-- -- -a") == (["--", "-a"], {})
    assert candidate("a-b -a c --node") == (["a-b", "c"], {"a": "yes", "node": "yes"})


def recipe_amounts(text: str, portions: int) -> list[str]:
    """Read a recipe and return its ingredients for another number of portions.

    The first line is "for N:". Every further line is an ingredient: an amount, a space and what it
    is. Amounts are whole numbers or fractions such as "1/2". Write the new amounts as whole
    numbers, as fractions in lowest terms, or as both ("1 1/2"). Lines without an amount, such as
    "salt", stay as they are.

    >>> recipe_amounts("for 2:\\n3 eggs\\n1/2 cup milk\\nsalt", 3)
    ['4 1/2 eggs', '3/4 cup milk', 'salt']
    """
    lines = text.split("\n")
    base = int(lines[0].split()[1].rstrip(":"))
    result = []
    for line in lines[1:]:
        amount, _, thing = line.partition(" ")
        if not amount[:1].isdigit():
            result.append(line)
            continue
        scaled = Fraction(amount) * portions / base
        whole, rest = divmod(scaled.numerator, scaled.denominator)
        parts = []
        if whole or not rest:
            parts.append(str(whole))
        if rest:
            parts.append(f"{rest}/{scaled.denominator}")
        result.append(" ".join([*parts, thing]))
    return result


def check_recipe_amounts(candidate: Candidate) -> None:
    assert candidate("for 2:\n3 eggs\n1/2 cup milk\nsalt", 3) == [
        "4 1/2 eggs",
        "3/4 cup milk",
        "salt",
    ]
    assert candidate("for 4:", 2) == []
    assert candidate("for 4:\n4 eggs", 4) == ["4 eggs"]
    assert candidate("for 4:\n4 eggs", 1) == ["1 eggs"]
    assert candidate("for 4:\n2 eggs", 1) == ["1/2 eggs"]
    assert candidate("for 3:\n2 red apples", 2) == ["1 1/3 red apples"]
    assert candidate("for 10:\n3/4 l water\nsome love", 20) == ["1 1/2 l water", "some love"]
    assert candidate("for 2:\n2 eggs", 0) == ["0 eggs"]
    assert candidate("for 6:\n9 pears\n1/3 lemon", 12) == ["18 pears", "2/3 lemon"]


def diary_tags(text: str) -> dict[str, list[int]]:
    """Return the tags of a diary with the numbers of the lines in which they occur.

    A tag is "#" followed by at least one letter, digit or "_", and it goes on as long as such
    characters follow. A "#" directly behind such a character begins no tag. Tags are written small;
    lines count from 1, and a line counts once for a tag.

    >>> diary_tags("Day at #Sea\\nno tag\\n#sun, #sea! #sea")
    {'sea': [1, 3], 'sun': [3]}
    """
    tags: dict[str, list[int]] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        before = ""
        pieces = line.split("#")
        for place, piece in enumerate(pieces):
            size = 0
            while size < len(piece) and (piece[size].isalnum() or piece[size] == "_"):
                size += 1
            tag = piece[:size].lower()
            glued = before[-1:].isalnum() or before[-1:] == "_"
            if place > 0 and tag and not glued and number not in tags.setdefault(tag, []):
                tags[tag].append(number)
            before = piece
    return tags


def check_diary_tags(candidate: Candidate) -> None:
    assert candidate("Day at #Sea\nno tag\n#sun, #sea! #sea") == {"sea": [1, 3], "sun": [3]}
    assert candidate("") == {}
    assert candidate("# alone") == {}
    assert candidate("a#b") == {}
    assert candidate("x-a#b") == {}
    assert candidate("ab_#c") == {}
    assert candidate("#a#b") == {"a": [1]}
    assert candidate("##x") == {"x": [1]}
    assert candidate("(#my_tag1)") == {"my_tag1": [1]}
    assert candidate("x\n\n#y-z") == {"y": [3]}
    assert candidate("#B #a\n#A") == {"b": [1], "a": [1, 2]}
    assert candidate("a_#b c- #d") == {"d": [1]}


def phone_number_form(text: str, country: str) -> str | None:
    """Bring a phone number into the form "+49 1234567".

    Drop spaces, "-", "/" and round brackets. A number that begins with "+" or "00" names its
    country: the country codes are "1", "33", "44" and "49". A number that begins with a single "0"
    belongs to the given country, and the 0 is dropped. All other numbers are not complete. The
    number behind the country code must have 6 to 10 digits and must not begin with 0. Return None
    for everything else.

    >>> phone_number_form("(0172) 55-66", "49")
    '+49 1725566'
    """
    digits = "".join(sign for sign in text if sign not in " -/()")
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if digits.startswith("0"):
        digits = f"+{country}{digits[1:]}"
    if not all("0" <= sign <= "9" for sign in digits[1:]):
        return None
    for code in ("1", "33", "44", "49"):
        rest = digits[1 + len(code) :]
        if digits.startswith("+" + code) and 6 <= len(rest) <= 10 and rest[0] != "0":
            return f"+{code} {rest}"
    return None


def check_phone_number_form(candidate: Candidate) -> None:
    assert candidate("(0172) 55-66", "49") == "+49 1725566"
    assert candidate("+44 20/123456", "49") == "+44 20123456"
    assert candidate("0033 123456", "1") == "+33 123456"
    assert candidate("", "49") is None
    assert candidate("123456", "49") is None
    assert candidate("+1 2345678901", "49") == "+1 2345678901"
    assert candidate("+1 23456789012", "49") is None
    assert candidate("0 12345", "33") is None
    assert candidate("0 123456", "33") == "+33 123456"
    assert candidate("+49 0123456", "49") is None
    assert candidate("+7 1234567", "49") is None
    assert candidate("0123x456", "49") is None
    assert candidate("++49123456", "49") is None
    assert candidate("0044-123 4567 890", "1") == "+44 1234567890"
