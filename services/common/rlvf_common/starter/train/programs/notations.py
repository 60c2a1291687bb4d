"""Programs that take a notation apart: durations, codes, settings, logs."""

import sys

from rlvf_common.starter.candidate import Program


def seconds_of_durations() -> None:
    """Every line of the input is a duration as `2:05`: minutes, a colon, and seconds with two
    digits.

    For each line print the duration in seconds. At the end print the sum of all as a duration in
    the same form.

    Example input:
        2:05
        0:58
    Example output:
        125
        58
        3:03
    """
    total = 0
    for line in sys.stdin:
        minutes, seconds = line.split(":")
        duration = 60 * int(minutes) + int(seconds)
        print(duration)
        total += duration
    print(f"{total // 60}:{total % 60:02}")


def check_seconds_of_durations(program: Program) -> None:
    assert program("2:05\n0:58\n") == "125\n58\n3:03\n"
    assert program("") == "0:00\n"
    assert program("0:07\n") == "7\n0:07\n"
    assert program("1:00\n") == "60\n1:00\n"
    assert program("59:59\n0:01\n") == "3599\n1\n60:00\n"
    assert program("10:30\n10:30\n10:30\n") == "630\n630\n630\n31:30\n"


def settings_lookup() -> None:
    """The first part of the input has settings, one on each line, as `name = value`, with any
    number of spaces around the name and around the value. A line that begins with `#` is a comment.
    If a name comes twice, the later value counts.

    Then comes an empty line, and after it one name on each line. For each of them print its value,
    or `not set`.

    Example input:
        # colors
        paper = white
        ink=dark blue

        ink
        size
    Example output:
        dark blue
        not set
    """
    values = {}
    for line in iter(input, ""):
        if not line.startswith("#"):
            name, _, value = line.partition("=")
            values[name.strip()] = value.strip()
    for line in sys.stdin:
        print(values.get(line.strip(), "not set"))


def check_settings_lookup(program: Program) -> None:
    assert (
        program("# colors\npaper = white\nink=dark blue\n\nink\nsize\n") == "dark blue\nnot set\n"
    )
    assert program("\nx\n") == "not set\n"
    assert program("a = 1\n\n") == ""
    assert program("a = 1\na = 2\n\na\na\n") == "2\n2\n"
    assert program("  width   =  10  \n\nwidth\n") == "10\n"
    assert program("#a = 1\nb = 2\n\na\n#a\nb\n") == "not set\nnot set\n2\n"
    assert program("sum = 1 = 1\n\nsum\n") == "1 = 1\n"


def log_levels() -> None:
    """Every line of the input is a message of a program, as `[ERROR] disk full`: a level in square
    brackets, a space, and the text.

    Print how many messages each level has, as `ERROR 2`, sorted by the name of the level. Then
    print the text of the last message whose level is `ERROR`; print `no error` if there is none.

    Example input:
        [INFO] start
        [ERROR] disk full
        [INFO] stop
    Example output:
        ERROR 1
        INFO 2
        disk full
    """
    counts: dict[str, int] = {}
    last = "no error"
    for line in sys.stdin:
        level, _, text = line.strip()[1:].partition("] ")
        counts[level] = counts.get(level, 0) + 1
        if level == "ERROR":
            last = text
    for level in sorted(counts):
        print(level, counts[level])
    print(last)


def check_log_levels(program: Program) -> None:
    assert (
        program("[INFO] start\n[ERROR] disk full\n[INFO] stop\n") == "ERROR 1\nINFO 2\ndisk full\n"
    )
    assert program("") == "no error\n"
    assert program("[WARN] low\n") == "WARN 1\nno error\n"
    assert program("[ERROR] one\n[ERROR] two\n") == "ERROR 2\ntwo\n"
    assert program("[ERROR] a [b] c\n[DEBUG] x\n") == "DEBUG 1\nERROR 1\na [b] c\n"
    assert program("[B] ERROR\n[A] [ERROR] no\n[B] x\n") == "A 1\nB 2\nno error\n"


def unfold_counts() -> None:
    """Every line of the input is a text in a short form, in which a number before a character says
    how often it is repeated; a character without a number before it stands for itself. The
    characters are letters, and the numbers are greater than zero.

    Print every line in its long form.

    Example input:
        3ab2c
        12x
    Example output:
        aaabcc
        xxxxxxxxxxxx
    """
    for line in sys.stdin:
        result = ""
        digits = ""
        for character in line.strip():
            if character.isdigit():
                digits += character
            else:
                result += character * int(digits or "1")
                digits = ""
        print(result)


def check_unfold_counts(program: Program) -> None:
    assert program("3ab2c\n12x\n") == "aaabcc\nxxxxxxxxxxxx\n"
    assert program("abc\n") == "abc\n"
    assert program("") == ""
    assert program("1a1b\n2z\n") == "ab\nzz\n"
    assert program("10A\n") == "AAAAAAAAAA\n"
    assert program("x3y\n4ww\n") == "xyyy\nwwwww\n"


def page_numbers_of_ranges() -> None:
    """Read one line that names pages, as `1-3,7,10-11`: single pages and ranges, separated by
    commas. Pages may be named several times and in any order.

    Print all pages that are named, each once and sorted, separated by spaces. Then print on the
    next line how many pages these are.

    Example input:
        5,1-3,2
    Example output:
        1 2 3 5
        4
    """
    pages: set[int] = set()
    for part in input().split(","):
        first, _, last = part.partition("-")
        pages.update(range(int(first), int(last or first) + 1))
    print(*sorted(pages))
    print(len(pages))


def check_page_numbers_of_ranges(program: Program) -> None:
    assert program("5,1-3,2\n") == "1 2 3 5\n4\n"
    assert program("7\n") == "7\n1\n"
    assert program("4-4\n") == "4\n1\n"
    assert program("9-11,1\n") == "1 9 10 11\n4\n"
    assert program("1-4,3-6\n") == "1 2 3 4 5 6\n6\n"
    assert program("20,10,20,10\n") == "10 20\n2\n"


def folder_sizes() -> None:
    """Every line of the input is a file: its path, as `docs/2024/plan.txt`, a space, and its size,
    a whole number. Every path has at least one folder, and no spaces.

    A folder holds all files whose path begins with it and a slash, so that `docs` holds the file
    above, and `docs/2024` too. For each folder print its path, a space and the sum of the sizes of
    its files, sorted by path.

    Example input:
        docs/2024/plan.txt 5
        docs/note.txt 3
    Example output:
        docs 8
        docs/2024 5
    """
    sizes: dict[str, int] = {}
    for line in sys.stdin:
        path, size = line.split()
        parts = path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            sizes[folder] = sizes.get(folder, 0) + int(size)
    for folder in sorted(sizes):
        print(folder, sizes[folder])


def check_folder_sizes(program: Program) -> None:
    assert program("docs/2024/plan.txt 5\ndocs/note.txt 3\n") == "docs 8\ndocs/2024 5\n"
    assert program("") == ""
    assert program("a/x 1\n") == "a 1\n"
    assert program("b/x 1\na/x 2\nb/y 4\n") == "a 2\nb 5\n"
    assert program("a/b/c/d 7\n") == "a 7\na/b 7\na/b/c 7\n"
    assert program("a/b/x 1\na/c/x 2\nab/x 4\n") == "a 3\na/b 1\na/c 2\nab 4\n"


def sum_formula_lines() -> None:
    """Every line of the input is a formula of whole numbers that are not negative, with `+` and `-`
    between them and any number of spaces anywhere but inside the numbers, as `12 - 3+ 4`.

    For each line print its value. Formulas are computed from left to right.

    Example input:
        12 - 3+ 4
        7
    Example output:
        13
        7
    """
    for line in sys.stdin:
        value = 0
        sign = 1
        number = ""
        for character in line.strip() + "+":
            if character.isdigit():
                number += character
            elif character in "+-":
                value += sign * int(number)
                number = ""
                sign = 1 if character == "+" else -1
        print(value)


def check_sum_formula_lines(program: Program) -> None:
    assert program("12 - 3+ 4\n7\n") == "13\n7\n"
    assert program("") == ""
    assert program("1+2+3\n") == "6\n"
    assert program("5 - 9\n") == "-4\n"
    assert program("10-2-3\n0\n") == "5\n0\n"
    assert program("  100   +   20 \n1-1\n") == "120\n0\n"
