"""Writing data in a given form."""

from rlvf_common.starter.candidate import Candidate


def right_aligned(words: list[str]) -> list[str]:
    """Fill each word with spaces on the left so that all are as long as the longest one.

    >>> right_aligned(["a", "bcd"])
    ['  a', 'bcd']
    """
    return [word.rjust(max(map(len, words))) for word in words]


def check_right_aligned(candidate: Candidate) -> None:
    assert candidate(["a", "bcd"]) == ["  a", "bcd"]
    assert candidate([]) == []
    assert candidate([""]) == [""]
    assert candidate(["", "x"]) == [" ", "x"]
    assert candidate(["same", "size"]) == ["same", "size"]
    assert candidate(["100", "20", "3"]) == ["100", " 20", "  3"]


def thousands_with_dots(number: int) -> str:
    """Write a whole number with a dot between each group of three digits, counted from the right.

    >>> thousands_with_dots(-1234567)
    '-1.234.567'
    """
    return f"{number:,}".replace(",", ".")


def check_thousands_with_dots(candidate: Candidate) -> None:
    assert candidate(-1234567) == "-1.234.567"
    assert candidate(0) == "0"
    assert candidate(999) == "999"
    assert candidate(1000) == "1.000"
    assert candidate(-100) == "-100"
    assert candidate(50005) == "50.005"
    assert candidate(1000000) == "1.000.000"


def quoted_list(words: list[str]) -> str:
    """Write the words in double quotes, separated by a comma and a space, in square brackets.

    >>> quoted_list(["a", "b c"])
    '["a", "b c"]'
    """
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def check_quoted_list(candidate: Candidate) -> None:
    assert candidate(["a", "b c"]) == '["a", "b c"]'
    assert candidate([]) == "[]"
    assert candidate([""]) == '[""]'
    assert candidate(["x"]) == '["x"]'
    assert candidate(["it's", "1"]) == '["it\'s", "1"]'
    assert candidate(["a,b", "c", "d"]) == '["a,b", "c", "d"]'


def progress_bar(done: int, total: int, width: int) -> str:
    """Draw a bar such as "[##--] 50%".

    The bar has `width` places; the part that is done is drawn with "#", rounded down to whole
    places, and the rest with "-". The percent are rounded down, too. A total of 0 counts as all
    done.

    >>> progress_bar(1, 2, 4)
    '[##--] 50%'
    """
    if total == 0:
        done = total = 1
    filled = done * width // total
    return f"[{'#' * filled}{'-' * (width - filled)}] {done * 100 // total}%"


def check_progress_bar(candidate: Candidate) -> None:
    assert candidate(1, 2, 4) == "[##--] 50%"
    assert candidate(0, 5, 3) == "[---] 0%"
    assert candidate(5, 5, 3) == "[###] 100%"
    assert candidate(2, 3, 10) == "[######----] 66%"
    assert candidate(0, 0, 2) == "[##] 100%"
    assert candidate(99, 100, 5) == "[####-] 99%"
    assert candidate(1, 3, 0) == "[] 33%"


def receipt_line(name: str, cents: int, width: int) -> str:
    """Write a line of a receipt: the name, dots, and the price such as 3.05.

    The line is exactly `width` characters long. There are at least two dots; if the name is too
    long for that, it is cut off. The width is always enough for the price and the dots.

    >>> receipt_line("Tea", 305, 12)
    'Tea.....3.05'
    """
    price = f"{cents // 100}.{cents % 100:02d}"
    shown = name[: width - len(price) - 2]
    return shown.ljust(width - len(price), ".") + price


def check_receipt_line(candidate: Candidate) -> None:
    assert candidate("Tea", 305, 12) == "Tea.....3.05"
    assert candidate("", 0, 8) == "....0.00"
    assert candidate("Coffee", 250, 12) == "Coffee..2.50"
    assert candidate("Coffees", 250, 12) == "Coffee..2.50"
    assert candidate("Milk", 12345, 9) == "M..123.45"
    assert candidate("Jam", 99, 6) == "..0.99"
    assert candidate("A B", 1000, 10) == "A B..10.00"


def text_table(rows: list[list[str]]) -> list[str]:
    """Write rows of cells as lines in which the columns stand below each other.

    Each column is as wide as its longest cell, and two spaces separate the columns. Spaces at the
    end of a line are dropped. All rows have the same number of cells.

    >>> text_table([["a", "bb"], ["ccc", "d"]])
    ['a    bb', 'ccc  d']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def check_text_table(candidate: Candidate) -> None:
    assert candidate([["a", "bb"], ["ccc", "d"]]) == ["a    bb", "ccc  d"]
    assert candidate([]) == []
    assert candidate([["x"]]) == ["x"]
    assert candidate([["x", "y", "z"]]) == ["x  y  z"]
    assert candidate([["a", ""], ["b", "c"]]) == ["a", "b  c"]
    assert candidate([["", "1"], ["ab", "2"]]) == ["    1", "ab  2"]
    assert candidate([["1", "22", "3"], ["44", "5", "66"]]) == ["1   22  3", "44  5   66"]


def boxed_text(lines: list[str], title: str) -> list[str]:
    """Draw a box around lines of text, with a title in the upper border.

    The box is as wide as the longest line or the title needs, with one space on both sides of
    each line. The upper border is "+", the title, as many "-" as needed, and "+".

    >>> boxed_text(["hello"], "Hi")
    ['+Hi-----+', '| hello |', '+-------+']
    """
    width = max([len(line) + 2 for line in lines] + [len(title)])
    middle = [f"| {line.ljust(width - 2)} |" for line in lines]
    return ["+" + title.ljust(width, "-") + "+", *middle, "+" + "-" * width + "+"]


def check_boxed_text(candidate: Candidate) -> None:
    assert candidate(["hello"], "Hi") == ["+Hi-----+", "| hello |", "+-------+"]
    assert candidate([], "") == ["++", "++"]
    assert candidate([], "abc") == ["+abc+", "+---+"]
    assert candidate([""], "") == ["+--+", "|  |", "+--+"]
    assert candidate(["a", "bcd"], "") == ["+-----+", "| a   |", "| bcd |", "+-----+"]
    assert candidate(["x"], "A title") == ["+A title+", "| x     |", "+-------+"]


def wrapped_lines(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` characters, only between words.

    Put as many words as possible on each line, separated by one space. A word that is longer than
    the width stands alone on its line. Words are separated by spaces.

    >>> wrapped_lines("the cat sat down", 7)
    ['the cat', 'sat', 'down']
    """
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def check_wrapped_lines(candidate: Candidate) -> None:
    assert candidate("the cat sat down", 7) == ["the cat", "sat", "down"]
    assert candidate("", 5) == []
    assert candidate("   ", 5) == []
    assert candidate("word", 2) == ["word"]
    assert candidate("a b c d", 3) == ["a b", "c d"]
    assert candidate("a  b   c", 10) == ["a b c"]
    assert candidate("tiny extraordinary day", 8) == ["tiny", "extraordinary", "day"]
    assert candidate("one two", 7) == ["one two"]
    assert candidate("one two", 6) == ["one", "two"]


def bar_chart(values: dict[str, int]) -> list[str]:
    """Draw a chart with one line for each name: the name, " |" and one "#" for each unit.

    Names are filled with spaces on the right to the same length. The order is from the largest
    value to the smallest; equal values keep the order of the dictionary. A value of 0 or less has
    no "#".

    >>> bar_chart({"a": 1, "bob": 3})
    ['bob |###', 'a   |#']
    """
    width = max((len(name) for name in values), default=0)
    ordered = sorted(values, key=lambda name: -values[name])
    return [f"{name.ljust(width)} |{'#' * values[name]}" for name in ordered]


def check_bar_chart(candidate: Candidate) -> None:
    assert candidate({"a": 1, "bob": 3}) == ["bob |###", "a   |#"]
    assert candidate({}) == []
    assert candidate({"x": 0}) == ["x |"]
    assert candidate({"b": 2, "a": 2}) == ["b |##", "a |##"]
    assert candidate({"up": 1, "down": -1}) == ["up   |#", "down |"]
    assert candidate({"a": 1, "b": 2, "c": 3}) == ["c |###", "b |##", "a |#"]


def query_text(parameters: dict[str, list[str]]) -> str:
    """Write parameters as they stand in a web address: "?a=1&b=2&b=3".

    The names are sorted; the values of a name keep their order. Spaces become "+". Without any
    value the result is "".

    >>> query_text({"b": ["2", "x y"], "a": ["1"]})
    '?a=1&b=2&b=x+y'
    """
    parts = [
        f"{name}={value}".replace(" ", "+")
        for name in sorted(parameters)
        for value in parameters[name]
    ]
    return "?" + "&".join(parts) if parts else ""


def check_query_text(candidate: Candidate) -> None:
    assert candidate({"b": ["2", "x y"], "a": ["1"]}) == "?a=1&b=2&b=x+y"
    assert candidate({}) == ""
    assert candidate({"a": []}) == ""
    assert candidate({"a": [""]}) == "?a="
    assert candidate({"q": ["z", "y"]}) == "?q=z&q=y"
    assert candidate({"z": ["1"], "m": [], "c": ["2"]}) == "?c=2&z=1"
    assert candidate({"my key": ["a  b"]}) == "?my+key=a++b"


def checklist(tasks: list[tuple[str, bool]]) -> list[str]:
    """Write tasks as a numbered checklist, followed by a summary.

    A task is its text and whether it is done. A line is the number, ". [x] " for a done task or
    ". [ ] " for an open one, and the text. Open tasks come first, apart from that the order stays.
    The last line is the number of done tasks, " of " and the number of all.

    >>> checklist([("rest", True), ("work", False)])
    ['1. [ ] work', '2. [x] rest', '1 of 2']
    """
    ordered = sorted(tasks, key=lambda task: task[1])
    lines = [
        f"{number}. [{'x' if done else ' '}] {text}"
        for number, (text, done) in enumerate(ordered, start=1)
    ]
    return [*lines, f"{sum(done for _, done in tasks)} of {len(tasks)}"]


def check_checklist(candidate: Candidate) -> None:
    assert candidate([("rest", True), ("work", False)]) == [
        "1. [ ] work",
        "2. [x] rest",
        "1 of 2",
    ]
    assert candidate([]) == ["0 of 0"]
    assert candidate([("a", False)]) == ["1. [ ] a", "0 of 1"]
    assert candidate([("a", True)]) == ["1. [x] a", "1 of 1"]
    assert candidate([("b", False), ("a", False)]) == ["1. [ ] b", "2. [ ] a", "0 of 2"]
    assert candidate([("c", True), ("z", False), ("b", True), ("y", False)]) == [
        "1. [ ] z",
        "2. [ ] y",
        "3. [x] c",
        "4. [x] b",
        "2 of 4",
    ]
