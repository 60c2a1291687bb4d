"""Keeping books: points, stocks, plans and groups with several rules."""

from rlvf_common.starter.candidate import Candidate


def league_table(games: list[tuple[str, str, int, int]]) -> list[tuple[str, int, int]]:
    """Return the table of a league as (team, points, goal difference), the best team first.

    A game is home team, guest team, home goals and guest goals. A win gives 3 points, a draw 1.
    More points are better, then the larger goal difference, then the name in alphabetical order.

    >>> league_table([("A", "B", 1, 1), ("B", "C", 2, 0)])
    [('B', 4, 2), ('A', 1, 0), ('C', 0, -2)]
    """
    table: dict[str, tuple[int, int]] = {}
    for home, guest, home_goals, guest_goals in games:
        for team, difference in (
            (home, home_goals - guest_goals),
            (guest, guest_goals - home_goals),
        ):
            points, goals = table.get(team, (0, 0))
            gained = 3 if difference > 0 else 1 if difference == 0 else 0
            table[team] = (points + gained, goals + difference)
    rows = [(team, points, goals) for team, (points, goals) in table.items()]
    return sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))


def check_league_table(candidate: Candidate) -> None:
    assert candidate([("A", "B", 1, 1), ("B", "C", 2, 0)]) == [
        ("B", 4, 2),
        ("A", 1, 0),
        ("C", 0, -2),
    ]
    assert candidate([]) == []
    assert candidate([("X", "Y", 0, 3)]) == [("Y", 3, 3), ("X", 0, -3)]
    assert candidate([("A", "B", 9, 0), ("B", "A", 1, 0), ("B", "A", 1, 0)]) == [
        ("B", 6, -7),
        ("A", 3, 7),
    ]
    assert candidate([("B", "A", 2, 2)]) == [("A", 1, 0), ("B", 1, 0)]
    assert candidate([("A", "B", 1, 0), ("C", "D", 4, 0)]) == [
        ("C", 3, 4),
        ("A", 3, 1),
        ("B", 0, -1),
        ("D", 0, -4),
    ]
    assert candidate([("A", "B", 9, 0), ("B", "A", 1, 0), ("B", "A", 0, 0)]) == [
        ("A", 4, 8),
        ("B", 4, -8),
    ]


def shelf_plan(books: list[tuple[str, int]], width: int) -> dict[int, list[str]]:
    """Put books on shelves and return which books stand on which shelf, from shelf 1 on.

    A book is a title and its width. Each book goes to the first shelf on which it still fits; if it
    fits on none, a new shelf is begun. Books wider than a shelf are all put on "shelf" 0, which is
    only in the result if there are any.

    >>> shelf_plan([("a", 6), ("b", 5), ("c", 4)], 10)
    {1: ['a', 'c'], 2: ['b']}
    """
    plan: dict[int, list[str]] = {}
    used: list[int] = []
    for title, size in books:
        if size > width:
            plan.setdefault(0, []).append(title)
            continue
        shelf = 0
        while shelf < len(used) and used[shelf] + size > width:
            shelf += 1
        if shelf == len(used):
            used.append(0)
        used[shelf] += size
        plan.setdefault(shelf + 1, []).append(title)
    return plan


def check_shelf_plan(candidate: Candidate) -> None:
    assert candidate([("a", 6), ("b", 5), ("c", 4)], 10) == {1: ["a", "c"], 2: ["b"]}
    assert candidate([], 10) == {}
    assert candidate([("a", 10)], 10) == {1: ["a"]}
    assert candidate([("a", 11), ("b", 12)], 10) == {0: ["a", "b"]}
    assert candidate([("a", 11), ("b", 1)], 10) == {0: ["a"], 1: ["b"]}
    assert candidate([("a", 7), ("b", 7), ("c", 7), ("d", 3), ("e", 3)], 10) == {
        1: ["a", "d"],
        2: ["b", "e"],
        3: ["c"],
    }
    assert candidate([("x", 5), ("x", 5), ("x", 5)], 10) == {1: ["x", "x"], 2: ["x"]}


def exam_report(answers: dict[str, str], solution: str) -> dict[str, str]:
    """Grade a test with one letter for each question and return the result of each student.

    A right answer gives 2 points and an empty one (".") 0. A wrong one takes 1 point off, but the
    sum is never below 0 at the end. Missing answers at the end count as empty, and too many are
    ignored. With at least half of the possible points the result is "passed N", else "failed N".

    >>> exam_report({"Al": "abx", "Bo": "x"}, "abc")
    {'Al': 'passed 3', 'Bo': 'failed 0'}
    """
    report = {}
    for student, given in answers.items():
        points = 0
        for answer, right in zip(given, solution, strict=False):
            if answer == right:
                points += 2
            elif answer != ".":
                points -= 1
        points = max(points, 0)
        verdict = "passed" if points >= len(solution) else "failed"
        report[student] = f"{verdict} {points}"
    return report


def check_exam_report(candidate: Candidate) -> None:
    assert candidate({"Al": "abx", "Bo": "x"}, "abc") == {"Al": "passed 3", "Bo": "failed 0"}
    assert candidate({}, "abc") == {}
    assert candidate({"A": ""}, "ab") == {"A": "failed 0"}
    assert candidate({"A": "..."}, "abc") == {"A": "failed 0"}
    assert candidate({"A": "a..."}, "abcd") == {"A": "failed 2"}
    assert candidate({"A": "ab"}, "abcd") == {"A": "passed 4"}
    assert candidate({"A": "abx"}, "abcd") == {"A": "failed 3"}
    assert candidate({"A": "abab"}, "ab") == {"A": "passed 4"}
    assert candidate({"A": "xa", "B": "xxb"}, "aab") == {"A": "failed 1", "B": "failed 0"}


def change_log(old: dict[str, str], steps: list[str]) -> dict[str, str]:
    """Apply steps to a dictionary of settings and return the new one; the old one stays as it is.

    A step is "set NAME VALUE", "unset NAME", "rename NAME NEW" or "undo". A step that cannot be
    done is skipped: to unset or rename a name that is not there, or to rename to a name that is
    there already. "undo" takes back the last step that was done and not yet taken back; "set" with
    the value that the name has already counts as done, too.

    >>> change_log({"a": "1"}, ["set a 2", "rename a b", "undo"])
    {'a': '2'}
    """
    states = [dict(old)]
    for step in steps:
        command, *words = step.split()
        current = dict(states[-1])
        if command == "undo":
            if len(states) > 1:
                states.pop()
            continue
        name = words[0]
        if command == "set":
            current[name] = words[1]
        elif name not in current or (command == "rename" and words[1] in current):
            continue
        else:
            value = current.pop(name)
            if command == "rename":
                current[words[1]] = value
        states.append(current)
    return states[-1]


def check_change_log(candidate: Candidate) -> None:
    old = {"a": "1"}
    assert candidate(old, ["set a 2", "rename a b", "undo"]) == {"a": "2"}
    assert old == {"a": "1"}
    assert candidate({}, []) == {}
    assert candidate({"a": "1"}, ["undo"]) == {"a": "1"}
    assert candidate({"a": "1"}, ["unset a"]) == {}
    assert candidate({"a": "1"}, ["unset b", "undo"]) == {"a": "1"}
    assert candidate({"a": "1"}, ["rename a b"]) == {"b": "1"}
    assert candidate({"a": "1", "b": "2"}, ["rename a b"]) == {"a": "1", "b": "2"}
    assert candidate({"a": "1"}, ["set a 2", "unset x", "undo"]) == {"a": "1"}
    assert candidate({"a": "1"}, ["set a 2", "set a 2", "undo"]) == {"a": "2"}
    assert candidate({}, ["set x 1", "set y 2", "undo", "undo", "undo"]) == {}
    assert candidate({}, ["set x 1", "set y 2"]) == {"x": "1", "y": "2"}
    assert candidate({}, ["set x 1", "undo", "set y 2", "rename x z"]) == {"y": "2"}


def carpool(drivers: dict[str, int], riders: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Distribute riders to cars and return who rides with whom.

    `drivers` has the free seats of each driver. A rider is (name, wished driver). First everybody
    gets the wished seat, in the order of the list, as long as that driver has one left. Then the
    others, again in their order, go to the driver who has the most free seats at that moment (of
    several the first in the alphabet). Whoever finds no seat is listed under "walk", which is only
    in the result if needed. All drivers are in the result.

    >>> carpool({"Ann": 1, "Bob": 2}, [("x", "Ann"), ("y", "Ann")])
    {'Ann': ['x'], 'Bob': ['y']}
    """
    cars: dict[str, list[str]] = {driver: [] for driver in drivers}
    waiting = []
    for name, wish in riders:
        if wish in drivers and len(cars[wish]) < drivers[wish]:
            cars[wish].append(name)
        else:
            waiting.append(name)
    for name in waiting:
        free = {driver: drivers[driver] - len(cars[driver]) for driver in sorted(drivers)}
        best = max(free, key=lambda driver: free[driver], default="")
        if best and free[best] > 0:
            cars[best].append(name)
        else:
            cars.setdefault("walk", []).append(name)
    return cars


def check_carpool(candidate: Candidate) -> None:
    assert candidate({"Ann": 1, "Bob": 2}, [("x", "Ann"), ("y", "Ann")]) == {
        "Ann": ["x"],
        "Bob": ["y"],
    }
    assert candidate({}, []) == {}
    assert candidate({}, [("x", "Ann")]) == {"walk": ["x"]}
    assert candidate({"Ann": 0}, [("x", "Ann")]) == {"Ann": [], "walk": ["x"]}
    assert candidate({"B": 1, "A": 1}, [("x", ""), ("y", "")]) == {"A": ["x"], "B": ["y"]}
    assert candidate({"A": 2, "B": 3}, [("x", "C"), ("y", "C"), ("z", "C")]) == {
        "A": ["y"],
        "B": ["x", "z"],
    }
    assert candidate({"A": 1, "B": 3}, [("p", ""), ("q", "A"), ("r", "A")]) == {
        "A": ["q"],
        "B": ["p", "r"],
    }
    assert candidate({"A": 1}, [("p", "A"), ("q", "A"), ("r", "B")]) == {
        "A": ["p"],
        "walk": ["q", "r"],
    }


def tag_filter(notes: list[tuple[str, set[str]]], query: str) -> list[str]:
    """Return the titles of the notes that fit a query, in their order.

    A note has a title and tags. The query has words separated by spaces: a plain word is a tag that
    the note must have, "-word" a tag that it must not have, and "a|b" means that at least one of
    several tags is needed. An empty query fits all notes. "-a|b" forbids both tags.

    >>> tag_filter([("one", {"red", "big"}), ("two", {"red"})], "red -big")
    ['two']
    """
    titles = []
    for title, tags in notes:
        fits = True
        for word in query.split():
            wanted = set(word.removeprefix("-").split("|"))
            if bool(wanted & tags) == word.startswith("-"):
                fits = False
                break
        if fits:
            titles.append(title)
    return titles


def check_tag_filter(candidate: Candidate) -> None:
    notes = [("one", {"red", "big"}), ("two", {"red"}), ("three", {"big", "old"}), ("four", set())]
    assert candidate(notes, "red -big") == ["two"]
    assert candidate(notes, "") == ["one", "two", "three", "four"]
    assert candidate(notes, "big") == ["one", "three"]
    assert candidate(notes, "-big") == ["two", "four"]
    assert candidate(notes, "old|red") == ["one", "two", "three"]
    assert candidate(notes, "-old|red") == ["four"]
    assert candidate(notes, "old|red big") == ["one", "three"]
    assert candidate(notes, "Red") == []
    assert candidate([], "red") == []
    assert candidate(notes, "red big -old -new") == ["one"]
