"""Programs that read records or commands and keep track of something."""

import sys

from rlvf_common.starter.candidate import Program


def winner_of_vote() -> None:
    """Every line of the input is a vote, the name of a candidate. An empty line is an invalid vote.

    Print the name with the most votes, a space, and how many votes it has; if several have the
    most, print `tie` instead, a space, and how many votes each of them has. Print `invalid N` on
    the next line, with the number of invalid votes. There is at least one valid vote.

    Example input:
        Eve
        Bob

        Eve
    Example output:
        Eve 2
        invalid 1
    """
    votes: dict[str, int] = {}
    invalid = 0
    for line in sys.stdin:
        name = line.strip()
        if name:
            votes[name] = votes.get(name, 0) + 1
        else:
            invalid += 1
    most = max(votes.values())
    leaders = [name for name, count in votes.items() if count == most]
    print(leaders[0] if len(leaders) == 1 else "tie", most)
    print("invalid", invalid)


def check_winner_of_vote(program: Program) -> None:
    assert program("Eve\nBob\n\nEve\n") == "Eve 2\ninvalid 1\n"
    assert program("Ann\n") == "Ann 1\ninvalid 0\n"
    assert program("Bob\nAnn\n") == "tie 1\ninvalid 0\n"
    assert program("a\nb\nb\na\nc\n\n\n") == "tie 2\ninvalid 2\n"
    assert program("Mary Ann\nBob\nMary Ann\nBob\nBob\n") == "Bob 3\ninvalid 0\n"
    assert program("\nx\n\nx\n\n") == "x 2\ninvalid 3\n"


def temperatures_of_cities() -> None:
    """Every line of the input has the name of a city, which may have spaces, a semicolon, and a
    temperature, a whole number.

    For each city print the name, a colon, a space, and its lowest and its highest temperature with
    a slash between them. The city with the highest temperature of all comes first; cities whose
    highest temperature is the same are sorted by name.

    Example input:
        New Town;12
        Bay;-3
        New Town;8
    Example output:
        New Town: 8/12
        Bay: -3/-3
    """
    lowest: dict[str, int] = {}
    highest: dict[str, int] = {}
    for line in sys.stdin:
        city, text = line.split(";")
        degrees = int(text)
        lowest[city] = min(degrees, lowest.get(city, degrees))
        highest[city] = max(degrees, highest.get(city, degrees))
    for city in sorted(highest, key=lambda name: (-highest[name], name)):
        print(f"{city}: {lowest[city]}/{highest[city]}")


def check_temperatures_of_cities(program: Program) -> None:
    assert program("New Town;12\nBay;-3\nNew Town;8\n") == "New Town: 8/12\nBay: -3/-3\n"
    assert program("") == ""
    assert program("A;0\n") == "A: 0/0\n"
    assert program("B;5\nA;5\nB;-5\n") == "A: 5/5\nB: -5/5\n"
    assert program("X;1\nY;2\nX;3\nY;2\nX;2\n") == "X: 1/3\nY: 2/2\n"
    assert program("Low;-20\nLow;-30\nHigh;-10\n") == "High: -10/-10\nLow: -30/-20\n"


def phone_list_commands() -> None:
    """Every line of the input is a command about phone numbers.

    `save NAME NUMBER` stores a number, and prints `replaced` if the name had another number before.
    `call NAME` prints the number of that name, or `unknown`. `who NUMBER` prints all names with
    that number, sorted and separated by a space, or `unknown`. Names and numbers have no spaces.

    Example input:
        save Ann 555
        save Bob 555
        who 555
        save Ann 777
        call Ann
    Example output:
        Ann Bob
        replaced
        777
    """
    numbers: dict[str, str] = {}
    for line in sys.stdin:
        command, name, *rest = line.split()
        if command == "save":
            if numbers.get(name, rest[0]) != rest[0]:
                print("replaced")
            numbers[name] = rest[0]
        elif command == "call":
            print(numbers.get(name, "unknown"))
        else:
            names = sorted(one for one, number in numbers.items() if number == name)
            print(" ".join(names) or "unknown")


def check_phone_list_commands(program: Program) -> None:
    assert (
        program("save Ann 555\nsave Bob 555\nwho 555\nsave Ann 777\ncall Ann\n")
        == "Ann Bob\nreplaced\n777\n"
    )
    assert program("call Ann\nwho 1\n") == "unknown\nunknown\n"
    assert program("") == ""
    assert program("save A 1\nsave A 1\ncall A\n") == "1\n"
    assert program("save B 1\nsave A 1\nsave C 2\nwho 1\nwho 2\n") == "A B\nC\n"
    assert program("save A 1\nsave A 2\nwho 1\nsave A 1\nwho 1\n") == (
        "replaced\nunknown\nreplaced\nA\n"
    )


def busy_minutes() -> None:
    """Every line of the input is an appointment: the minute at which it begins and the minute at
    which it ends, separated by a space. An appointment lasts at least one minute, and appointments
    may overlap.

    Print the stretches during which there is at least one appointment, from the earliest to the
    latest, each as `BEGIN-END`; appointments that overlap, or of which one begins when the other
    one ends, are one stretch. At the end print how many minutes these stretches have together.

    Example input:
        30 40
        0 10
        10 15
    Example output:
        0-15
        30-40
        25
    """
    stretches: list[list[int]] = []
    for begin, end in sorted(tuple(map(int, line.split())) for line in sys.stdin):
        if stretches and begin <= stretches[-1][1]:
            stretches[-1][1] = max(stretches[-1][1], end)
        else:
            stretches.append([begin, end])
    for begin, end in stretches:
        print(f"{begin}-{end}")
    print(sum(end - begin for begin, end in stretches))


def check_busy_minutes(program: Program) -> None:
    assert program("30 40\n0 10\n10 15\n") == "0-15\n30-40\n25\n"
    assert program("") == "0\n"
    assert program("5 6\n") == "5-6\n1\n"
    assert program("0 100\n20 30\n40 50\n") == "0-100\n100\n"
    assert program("0 10\n5 20\n21 30\n") == "0-20\n21-30\n29\n"
    assert program("200 210\n5 9\n100 101\n") == "5-9\n100-101\n200-210\n15\n"
    assert program("1 4\n2 3\n3 6\n") == "1-6\n5\n"


def outline_numbers() -> None:
    """Every line of the input is a heading. Stars before it say its level: one star for the first
    level, two for the second, and so on; behind the stars is a space. A heading is at most one
    level deeper than the one before, and the first one is of the first level.

    Print every heading with its number instead of the stars: the numbers of all headings that it
    belongs to and its own, with dots between them. At every level the count begins with 1 again
    below each heading.

    Example input:
        * Food
        ** Bread
        ** Cheese
        * Tools
    Example output:
        1 Food
        1.1 Bread
        1.2 Cheese
        2 Tools
    """
    counts: list[int] = []
    for line in sys.stdin:
        stars, _, heading = line.strip().partition(" ")
        level = len(stars)
        counts = [*counts, 0][:level]
        counts[-1] += 1
        print(".".join(map(str, counts)), heading)


def check_outline_numbers(program: Program) -> None:
    assert program("* Food\n** Bread\n** Cheese\n* Tools\n") == (
        "1 Food\n1.1 Bread\n1.2 Cheese\n2 Tools\n"
    )
    assert program("") == ""
    assert program("* One\n") == "1 One\n"
    assert program("* a\n* b\n* c d\n") == "1 a\n2 b\n3 c d\n"
    assert program("* a\n** b\n*** c\n*** d\n** e\n*** f\n") == (
        "1 a\n1.1 b\n1.1.1 c\n1.1.2 d\n1.2 e\n1.2.1 f\n"
    )
    assert program("* a\n** b\n*** c\n* d\n** e * f\n") == "1 a\n1.1 b\n1.1.1 c\n2 d\n2.1 e * f\n"


def checkers_jump() -> None:
    """The first line of the input is the length of a strip of fields, which are numbered from 1.
    The second line is the field on which a token stands. Every following line is a jump, a whole
    number: how many fields the token goes up, or down if the number is negative.

    A jump that would leave the strip is not made; print `out` for it. Otherwise print the field
    that the token reaches. At the end print on how many different fields the token has been, that
    of the beginning included.

    Example input:
        6
        2
        3
        4
        -3
    Example output:
        5
        out
        2
        2
    """
    length = int(input())
    field = int(input())
    visited = {field}
    for line in sys.stdin:
        target = field + int(line)
        if 1 <= target <= length:
            field = target
            visited.add(field)
            print(field)
        else:
            print("out")
    print(len(visited))


def check_checkers_jump(program: Program) -> None:
    assert program("6\n2\n3\n4\n-3\n") == "5\nout\n2\n2\n"
    assert program("1\n1\n") == "1\n"
    assert program("4\n1\n-1\n3\n1\n") == "out\n4\nout\n2\n"
    assert program("3\n3\n-2\n0\n1\n") == "1\n1\n2\n3\n"
    assert program("10\n5\n5\n-9\n-1\n") == "10\n1\nout\n3\n"
    assert program("2\n1\n1\n-1\n1\n-1\n") == "2\n1\n2\n1\n2\n"
