"""Programs that read a table or a list of records and report on it."""

import sys

from rlvf_common.starter.candidate import Program


def total_of_receipt() -> None:
    """Every line of the input is a purchase: a name, a quantity and a price, separated by spaces;
    quantity and price are whole numbers. The name has no spaces.

    For each purchase print the name, a colon, a space, and quantity times price. At the end print
    `total: ` and the sum.

    Example input:
        pen 2 3
        ink 1 5
    Example output:
        pen: 6
        ink: 5
        total: 11
    """
    total = 0
    for line in sys.stdin:
        name, quantity, price = line.split()
        cost = int(quantity) * int(price)
        print(f"{name}: {cost}")
        total += cost
    print(f"total: {total}")


def check_total_of_receipt(program: Program) -> None:
    assert program("pen 2 3\nink 1 5\n") == "pen: 6\nink: 5\ntotal: 11\n"
    assert program("") == "total: 0\n"
    assert program("tea 0 9\n") == "tea: 0\ntotal: 0\n"
    assert program("tea 1 1\ntea 1 1\n") == "tea: 1\ntea: 1\ntotal: 2\n"
    assert program("nail 100 2\n") == "nail: 200\ntotal: 200\n"
    assert program("a 3 3\nb 2 2\nc 1 10\n") == "a: 9\nb: 4\nc: 10\ntotal: 23\n"


def row_totals_marked() -> None:
    """Every line of the input has whole numbers, separated by spaces; there is at least one line.

    For each line print the sum of its numbers. Behind the largest of these sums print a space and
    `*`; if several lines have the largest sum, behind each of them.

    Example input:
        1 2
        5 5 5
        4
    Example output:
        3
        15 *
        4
    """
    totals = [sum(map(int, line.split())) for line in sys.stdin]
    largest = max(totals)
    for total in totals:
        print(total, "*" if total == largest else "")


def check_row_totals_marked(program: Program) -> None:
    assert program("1 2\n5 5 5\n4\n") == "3\n15 *\n4\n"
    assert program("7\n") == "7 *\n"
    assert program("1 1\n2\n") == "2 *\n2 *\n"
    assert program("-1 -2\n-9\n-4 0\n") == "-3 *\n-9\n-4\n"
    assert program("10\n1 2 3\n4 6\n") == "10 *\n6\n10 *\n"
    assert program("0 0 0\n-5 5\n1\n") == "0\n0\n1 *\n"


def table_turned() -> None:
    """Every line of the input is a row of words separated by spaces; all rows have equally many.

    Print the columns as rows: the first line has the first words of all rows, the second line the
    second words, and so on, separated by one space.

    Example input:
        a b c
        d e f
    Example output:
        a d
        b e
        c f
    """
    rows = [line.split() for line in sys.stdin]
    for column in zip(*rows, strict=True):
        print(*column)


def check_table_turned(program: Program) -> None:
    assert program("a b c\nd e f\n") == "a d\nb e\nc f\n"
    assert program("x\n") == "x\n"
    assert program("1 2\n") == "1\n2\n"
    assert program("1\n2\n") == "1 2\n"
    assert program("1 2\n3 4\n") == "1 3\n2 4\n"
    assert program("one  two\nsix ten\nred tan\n") == "one six red\ntwo ten tan\n"


def letter_grades() -> None:
    """Every line of the input has a name and a number of points from 0 to 100, separated by a
    space. The name has no spaces.

    90 points or more are an `A`, 75 or more a `B`, 50 or more a `C`, all others an `F`. For each
    line print the name, a space and the grade. At the end print `passed` and, after a space, how
    many have no `F`.

    Example input:
        Ann 75
        Bob 12
    Example output:
        Ann B
        Bob F
        passed 1
    """
    passed = 0
    for line in sys.stdin:
        name, text = line.split()
        points = int(text)
        if points >= 90:
            grade = "A"
        elif points >= 75:
            grade = "B"
        elif points >= 50:
            grade = "C"
        else:
            grade = "F"
        passed += grade != "F"
        print(name, grade)
    print("passed", passed)


def check_letter_grades(program: Program) -> None:
    assert program("Ann 75\nBob 12\n") == "Ann B\nBob F\npassed 1\n"
    assert program("") == "passed 0\n"
    assert program("a 90\nb 89\n") == "a A\nb B\npassed 2\n"
    assert program("a 74\nb 50\nc 49\n") == "a C\nb C\nc F\npassed 2\n"
    assert program("x 100\n") == "x A\npassed 1\n"
    assert program("x 0\ny 0\n") == "x F\ny F\npassed 0\n"


def names_by_first_letter() -> None:
    """Every line of the input is a name that begins with a capital letter.

    For each first letter, in the order of the alphabet, print a line: the letter, a colon, a space
    and the names that begin with it, sorted and separated by a comma and a space.

    Example input:
        Eve
        Bob
        Ann
        Ed
    Example output:
        A: Ann
        B: Bob
        E: Ed, Eve
    """
    groups: dict[str, list[str]] = {}
    for line in sys.stdin:
        name = line.strip()
        groups.setdefault(name[0], []).append(name)
    for letter in sorted(groups):
        print(f"{letter}: {', '.join(sorted(groups[letter]))}")


def check_names_by_first_letter(program: Program) -> None:
    assert program("Eve\nBob\nAnn\nEd\n") == "A: Ann\nB: Bob\nE: Ed, Eve\n"
    assert program("") == ""
    assert program("Zoe\n") == "Z: Zoe\n"
    assert program("Bo\nBill\nBen\n") == "B: Ben, Bill, Bo\n"
    assert program("Tom\nSam\nTim\nSue\n") == "S: Sam, Sue\nT: Tim, Tom\n"
    assert program("Mary Ann\nMary\n") == "M: Mary, Mary Ann\n"


def two_columns_aligned() -> None:
    """Every line of the input has a word and a whole number, separated by a space. There is at
    least one line.

    Print every line again: the word, filled up with dots to the length of the longest word, then a
    space, and the number, filled up with spaces in front to the length of the longest number.

    Example input:
        tea 5
        bread 120
    Example output:
        tea..   5
        bread 120
    """
    rows = [line.split() for line in sys.stdin]
    word_width = max(len(word) for word, _ in rows)
    number_width = max(len(number) for _, number in rows)
    for word, number in rows:
        print(word.ljust(word_width, "."), number.rjust(number_width))


def check_two_columns_aligned(program: Program) -> None:
    assert program("tea 5\nbread 120\n") == "tea..   5\nbread 120\n"
    assert program("x 1\n") == "x 1\n"
    assert program("aaa 1\nb 22\n") == "aaa  1\nb.. 22\n"
    assert program("a 100\nb 20\nc 3\n") == "a 100\nb  20\nc   3\n"
    assert program("one 7\nthree 7\nsix 7\n") == "one.. 7\nthree 7\nsix.. 7\n"
    assert program("up -4\ndown 4\n") == "up.. -4\ndown  4\n"


def points_of_teams() -> None:
    """Every line of the input is the result of a match, as `Lions 2:1 Bears`. The names of the
    teams have no spaces.

    A team gets 3 points for a match that it wins, 1 for a draw, 0 for a match that it loses. For
    each team print its name, a space and its points. The team with the most points comes first;
    teams with equally many points are sorted by name.

    Example input:
        Lions 2:1 Bears
        Bears 0:0 Foxes
    Example output:
        Lions 3
        Bears 1
        Foxes 1
    """
    points: dict[str, int] = {}
    for line in sys.stdin:
        home, result, away = line.split()
        home_goals, away_goals = map(int, result.split(":"))
        for team, own, other in ((home, home_goals, away_goals), (away, away_goals, home_goals)):
            gained = 3 if own > other else 1 if own == other else 0
            points[team] = points.get(team, 0) + gained
    for team in sorted(points, key=lambda name: (-points[name], name)):
        print(team, points[team])


def check_points_of_teams(program: Program) -> None:
    assert program("Lions 2:1 Bears\nBears 0:0 Foxes\n") == "Lions 3\nBears 1\nFoxes 1\n"
    assert program("") == ""
    assert program("B 1:1 A\n") == "A 1\nB 1\n"
    assert program("A 0:2 B\nB 1:0 A\n") == "B 6\nA 0\n"
    assert program("X 10:9 Y\n") == "X 3\nY 0\n"
    assert program("C 1:0 D\nA 1:0 B\nD 2:2 B\n") == "A 3\nC 3\nB 1\nD 1\n"


def stock_after_deliveries() -> None:
    """Every line of the input is a movement of goods: `in NAME COUNT` or `out NAME COUNT`.

    `in` adds to the stock of that name. `out` takes away from it; if the stock is smaller than the
    count, print `short: NAME` and leave the stock as it is. After the last line print the stock of
    each name that had an `in` line, sorted by name, as `NAME COUNT`; leave out names whose stock
    is 0.

    Example input:
        in nails 10
        out nails 4
        out glue 1
    Example output:
        short: glue
        nails 6
    """
    stock: dict[str, int] = {}
    for line in sys.stdin:
        kind, name, text = line.split()
        count = int(text)
        if kind == "in":
            stock[name] = stock.get(name, 0) + count
        elif count > stock.get(name, 0):
            print("short:", name)
        else:
            stock[name] -= count
    for name in sorted(stock):
        if stock[name]:
            print(name, stock[name])


def check_stock_after_deliveries(program: Program) -> None:
    assert program("in nails 10\nout nails 4\nout glue 1\n") == "short: glue\nnails 6\n"
    assert program("") == ""
    assert program("in b 2\nin a 1\nin b 3\n") == "a 1\nb 5\n"
    assert program("in a 5\nout a 5\nin b 1\n") == "b 1\n"
    assert program("in a 5\nout a 6\nout a 5\nout a 1\n") == "short: a\nshort: a\n"
    assert program("out z 3\nin z 2\n") == "short: z\nz 2\n"
