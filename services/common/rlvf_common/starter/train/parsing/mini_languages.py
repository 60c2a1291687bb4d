"""Small languages: expressions, templates, codes."""

from rlvf_common.starter.candidate import Candidate


def plus_minus_value(text: str) -> int:
    """Return the value of whole numbers that are joined with + and -, such as "12 - 5 + 1".

    There may be spaces anywhere around numbers and signs. The first number has no sign in front.

    >>> plus_minus_value("12 - 5 + 1")
    8
    """
    return sum(int(part) for part in text.replace(" ", "").replace("-", "+-").split("+"))


def check_plus_minus_value(candidate: Candidate) -> None:
    assert candidate("12 - 5 + 1") == 8
    assert candidate("7") == 7
    assert candidate("1+2+3") == 6
    assert candidate("1-2-3") == -4
    assert candidate(" 10-20 + 5 ") == -5
    assert candidate("0 - 0") == 0
    assert candidate("100+ 1") == 101


def fill_template(template: str, values: dict[str, str]) -> str:
    """Replace each name in curly braces by its value. Unknown names stay with their braces.

    Values are put in as they are, even if they have braces themselves. Braces come in pairs and
    are not nested.

    >>> fill_template("Dear {name}, {x}!", {"name": "Ann"})
    'Dear Ann, {x}!'
    """
    result = ""
    for place, part in enumerate(template.split("{")):
        if place == 0:
            result += part
            continue
        name, _, rest = part.partition("}")
        result += values.get(name, "{" + name + "}") + rest
    return result


def check_fill_template(candidate: Candidate) -> None:
    assert candidate("Dear {name}, {x}!", {"name": "Ann"}) == "Dear Ann, {x}!"
    assert candidate("", {"a": "1"}) == ""
    assert candidate("no names", {"no": "1"}) == "no names"
    assert candidate("{a}{a}", {"a": "1"}) == "11"
    assert candidate("{a}-{b}", {"a": "{b}", "b": "{a}"}) == "{b}-{a}"
    assert candidate("{}", {"": "empty"}) == "empty"
    assert candidate("x{A}y", {"a": "1"}) == "x{A}y"
    assert candidate("{a} and {b}", {"a": "", "b": "2"}) == " and 2"


def dice_total_range(text: str) -> tuple[int, int]:
    """Return the smallest and the largest result of a throw such as "3d6+2".

    "3d6" means three dice with the numbers 1 to 6. The number of dice may be missing, which means
    one; the plus or minus and the number behind it may be missing, which means nothing is added.

    >>> dice_total_range("3d6+2")
    (5, 20)
    """
    dice, _, bonus_text = text.replace("-", "+-").partition("+")
    count_text, _, sides = dice.partition("d")
    count = int(count_text or 1)
    bonus = int(bonus_text or 0)
    return count + bonus, count * int(sides) + bonus


def check_dice_total_range(candidate: Candidate) -> None:
    assert candidate("3d6+2") == (5, 20)
    assert candidate("d20") == (1, 20)
    assert candidate("1d4") == (1, 4)
    assert candidate("2d10-3") == (-1, 17)
    assert candidate("d6-1") == (0, 5)
    assert candidate("10d8") == (10, 80)
    assert candidate("d100+10") == (11, 110)


def expand_letters(code: str) -> str:
    """Expand a code in which a number says how often the letter before it stands.

    A letter without a number stands once; a number may have several digits, and 0 removes the
    letter.

    >>> expand_letters("a3bc2")
    'aaabcc'
    """
    result = ""
    place = 0
    while place < len(code):
        letter = code[place]
        place += 1
        digits = ""
        while place < len(code) and code[place].isdigit():
            digits += code[place]
            place += 1
        result += letter * int(digits or 1)
    return result


def check_expand_letters(candidate: Candidate) -> None:
    assert candidate("a3bc2") == "aaabcc"
    assert candidate("") == ""
    assert candidate("xyz") == "xyz"
    assert candidate("x12") == "xxxxxxxxxxxx"
    assert candidate("a0b") == "b"
    assert candidate("a1b1") == "ab"
    assert candidate("-3>") == "--->"
    assert candidate("a2a2") == "aaaa"
    assert candidate("b10a") == "bbbbbbbbbba"


def knitting_row(pattern: str) -> str:
    """Write out a knitting pattern such as "2(k p) k": a group in brackets is repeated.

    Steps are separated by spaces. A group begins with its number directly before the bracket, and
    groups are not nested. Return all the steps, separated by single spaces.

    >>> knitting_row("2(k p) k")
    'k p k p k'
    """
    steps: list[str] = []
    for piece in pattern.split(")"):
        before, bracket, group = piece.partition("(")
        words = before.split()
        if bracket:
            times = int(words.pop())
            steps += words + group.split() * times
        else:
            steps += words
    return " ".join(steps)


def check_knitting_row(candidate: Candidate) -> None:
    assert candidate("2(k p) k") == "k p k p k"
    assert candidate("") == ""
    assert candidate("k k p") == "k k p"
    assert candidate("3(k)") == "k k k"
    assert candidate("p 2(k p) k 1(yo k2)") == "p k p k p k yo k2"
    assert candidate("0(k) p") == "p"
    assert candidate("10(k) 2(p k)") == "k k k k k k k k k k p k p k"


def polish_value(text: str) -> int | None:
    """Calculate an expression in which operators stand behind their two numbers.

    Parts are separated by spaces: whole numbers and the operators + - *. "7 2 -" is 7 - 2. Return
    None if an operator lacks numbers or if not exactly one number is left in the end.

    >>> polish_value("3 4 + 2 *")
    14
    """
    stack: list[int] = []
    for part in text.split():
        if part not in ("+", "-", "*"):
            stack.append(int(part))
            continue
        if len(stack) < 2:
            return None
        second = stack.pop()
        first = stack.pop()
        if part == "+":
            stack.append(first + second)
        elif part == "-":
            stack.append(first - second)
        else:
            stack.append(first * second)
    return stack[0] if len(stack) == 1 else None


def check_polish_value(candidate: Candidate) -> None:
    assert candidate("3 4 + 2 *") == 14
    assert candidate("7 2 -") == 5
    assert candidate("5") == 5
    assert candidate("") is None
    assert candidate("1 2") is None
    assert candidate("1 +") is None
    assert candidate("+") is None
    assert candidate("2 3 4 * -") == -10
    assert candidate("-3 -4 *") == 12
    assert candidate("1 2 3 + ") is None
    assert candidate("10 2 - 3 -") == 5


def glob_matches(pattern: str, name: str) -> bool:
    """Return True if the whole name fits the pattern.

    In the pattern "?" stands for exactly one character and "*" for any number of characters, also
    none. The pattern has at most one "*". Every other character stands for itself.

    >>> glob_matches("img?.*", "img1.png")
    True
    """
    if "*" not in pattern:
        return len(pattern) == len(name) and all(
            wanted in ("?", found) for wanted, found in zip(pattern, name, strict=True)
        )
    start, _, end = pattern.partition("*")
    middle = len(name) - len(start) - len(end)
    return glob_matches(start + "?" * middle + end, name)


def check_glob_matches(candidate: Candidate) -> None:
    assert candidate("img?.*", "img1.png") is True
    assert candidate("img?.*", "img12.png") is False
    assert candidate("", "") is True
    assert candidate("", "a") is False
    assert candidate("*", "") is True
    assert candidate("*", "anything") is True
    assert candidate("a*a", "a") is False
    assert candidate("a*a", "aa") is True
    assert candidate("?", "") is False
    assert candidate("*.txt", "notes.txt.bak") is False
    assert candidate("no.e", "note") is False
    assert candidate("b*d", "bread") is True
    assert candidate("n?te", "note") is True


def bracket_depths(text: str) -> list[int] | None:
    """Return the nesting depth of every round bracket in the text, outermost pairs with depth 1.

    An opening bracket and its closing one have the same depth. Other characters do not matter.
    Return None if the brackets do not fit together.

    >>> bracket_depths("(a(b))()")
    [1, 2, 2, 1, 1, 1]
    """
    depths = []
    depth = 0
    for sign in text:
        if sign == "(":
            depth += 1
            depths.append(depth)
        elif sign == ")":
            if depth == 0:
                return None
            depths.append(depth)
            depth -= 1
    return depths if depth == 0 else None


def check_bracket_depths(candidate: Candidate) -> None:
    assert candidate("(a(b))()") == [1, 2, 2, 1, 1, 1]
    assert candidate("") == []
    assert candidate("abc") == []
    assert candidate("()") == [1, 1]
    assert candidate("(") is None
    assert candidate(")") is None
    assert candidate("())(") is None
    assert candidate("((()))") == [1, 2, 3, 3, 2, 1]
    assert candidate("(()") is None
    assert candidate("[(]") is None


def simple_markup(text: str) -> str:
    """Turn the stars and underscores of a chat message into tags.

    What stands between two "*" becomes <b>...</b>, and what stands between two "_" becomes
    <i>...</i>. Pair the marks of each kind from left to right; a last one without a partner stays
    as it is. Both kinds may stand inside of each other.

    >>> simple_markup("*hi* and _bye_ 5*3")
    '<b>hi</b> and <i>bye</i> 5*3'
    """
    for mark, tag in (("*", "b"), ("_", "i")):
        pieces = text.split(mark)
        text = pieces[0]
        for number, piece in enumerate(pieces[1:], start=1):
            if number % 2 == 0:
                text += f"</{tag}>" + piece
            elif number < len(pieces) - 1:
                text += f"<{tag}>" + piece
            else:
                text += mark + piece
    return text


def check_simple_markup(candidate: Candidate) -> None:
    assert candidate("*hi* and _bye_ 5*3") == "<b>hi</b> and <i>bye</i> 5*3"
    assert candidate("") == ""
    assert candidate("plain") == "plain"
    assert candidate("*") == "*"
    assert candidate("**") == "<b></b>"
    assert candidate("a_b") == "a_b"
    assert candidate("_a_b_c_") == "<i>a</i>b<i>c</i>"
    assert candidate("*_x_*") == "<b><i>x</i></b>"
    assert candidate("*a*b*") == "<b>a</b>b*"
    assert candidate("_x *y_") == "<i>x *y</i>"


def tally_value(marks: str) -> int | None:
    """Read tally marks and return the number that they stand for.

    Groups are separated by single spaces. A full group is "||||/" and counts 5. Only the last group
    may be one that is not full: one to four "|". Without any marks ("") the number is 0. Return
    None for anything else.

    >>> tally_value("||||/ ||")
    7
    """
    if not marks:
        return 0
    *full, last = marks.split(" ")
    if any(group != "||||/" for group in full):
        return None
    if last not in ("|", "||", "|||", "||||", "||||/"):
        return None
    return 5 * len(full) + len(last)


def check_tally_value(candidate: Candidate) -> None:
    assert candidate("||||/ ||") == 7
    assert candidate("") == 0
    assert candidate("|") == 1
    assert candidate("||||") == 4
    assert candidate("||||/") == 5
    assert candidate("|||||") is None
    assert candidate("|| ||||/") is None
    assert candidate("||||/ ||||/ ||||/ ||||") == 19
    assert candidate("||||/  |") is None
    assert candidate("||||/ x") is None
    assert candidate("|||/") is None
    assert candidate("|| |") is None


def chord_notes(chord: str) -> list[str]:
    """Return the three notes of a chord such as "C", "F#" or "Am".

    The twelve notes are C, C#, D, D#, E, F, F#, G, G#, A, A# and B; after B the row begins again
    with C. A chord consists of its own note, the note 4 places higher and the note 7 places higher.
    With an "m" at the end, the second one is only 3 places higher.

    >>> chord_notes("Am")
    ['A', 'C', 'E']
    """
    notes = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    root = notes.index(chord.removesuffix("m"))
    third = 3 if chord.endswith("m") else 4
    return [notes[(root + step) % 12] for step in (0, third, 7)]


def check_chord_notes(candidate: Candidate) -> None:
    assert candidate("Am") == ["A", "C", "E"]
    assert candidate("C") == ["C", "E", "G"]
    assert candidate("Cm") == ["C", "D#", "G"]
    assert candidate("F#") == ["F#", "A#", "C#"]
    assert candidate("B") == ["B", "D#", "F#"]
    assert candidate("G#m") == ["G#", "B", "D#"]
    assert candidate("E") == ["E", "G#", "B"]
    assert candidate("A#m") == ["A#", "C#", "F"]
