"""Sets, and dictionaries that say who belongs to whom."""

from rlvf_common.starter.candidate import Candidate


def letters_missing(text: str, alphabet: str) -> str:
    """Return the letters of the alphabet that the text lacks, in the order of the alphabet.

    Capital and small letters of the text count alike; the alphabet is written in small letters.

    >>> letters_missing("Cab", "abcde")
    'de'
    """
    return "".join(letter for letter in alphabet if letter not in text.lower())


def check_letters_missing(candidate: Candidate) -> None:
    assert candidate("Cab", "abcde") == "de"
    assert candidate("", "xyz") == "xyz"
    assert candidate("xyz", "") == ""
    assert candidate("ABC", "abc") == ""
    assert candidate("q", "zyx") == "zyx"
    assert candidate("y-y", "zyx") == "zx"
    assert candidate("Hello", "hole") == ""


def in_at_least_two(first: set[int], second: set[int], third: set[int]) -> set[int]:
    """Return the numbers that are in two or in all three of the sets.

    >>> sorted(in_at_least_two({1, 2}, {2, 3}, {3, 4}))
    [2, 3]
    """
    return first & second | first & third | second & third


def check_in_at_least_two(candidate: Candidate) -> None:
    assert candidate({1, 2}, {2, 3}, {3, 4}) == {2, 3}
    assert candidate(set(), set(), set()) == set()
    assert candidate({1}, {2}, {3}) == set()
    assert candidate({5}, {5}, {5}) == {5}
    assert candidate({1, 2}, set(), {2, 9}) == {2}
    assert candidate({1, 2}, {1, 3}, set()) == {1}
    assert candidate({0, 7, 8}, {7, 8}, {8, 0}) == {0, 7, 8}
    assert candidate(set(), {4, 6}, {4, 6}) == {4, 6}


def subset_relation(first: set[str], second: set[str]) -> str:
    """Say how two sets are related.

    Return "equal" for equal sets, "inside" if the first one is a smaller part of the second one,
    "contains" if it is the other way round, "apart" if they share nothing, and else "overlap".
    The empty set is inside of every set that is not empty.

    >>> subset_relation({"a"}, {"a", "b"})
    'inside'
    """
    if first == second:
        return "equal"
    if first < second:
        return "inside"
    if first > second:
        return "contains"
    return "overlap" if first & second else "apart"


def check_subset_relation(candidate: Candidate) -> None:
    assert candidate({"a"}, {"a", "b"}) == "inside"
    assert candidate({"a", "b"}, {"b"}) == "contains"
    assert candidate({"a"}, {"a"}) == "equal"
    assert candidate(set(), set()) == "equal"
    assert candidate(set(), {"x"}) == "inside"
    assert candidate({"x"}, set()) == "contains"
    assert candidate({"a", "b"}, {"b", "c"}) == "overlap"
    assert candidate({"a", "b"}, {"c", "d"}) == "apart"


def grandparents(parents: dict[str, list[str]], child: str) -> list[str]:
    """Return the known grandparents of a child, sorted by name, each one once.

    `parents` has the known parents of each person; who is not in it has no known parents.

    >>> grandparents({"Kid": ["Mum", "Dad"], "Mum": ["Ida"], "Dad": ["Bo", "Al"]}, "Kid")
    ['Al', 'Bo', 'Ida']
    """
    return sorted({grand for parent in parents.get(child, []) for grand in parents.get(parent, [])})


def check_grandparents(candidate: Candidate) -> None:
    family = {"Kid": ["Mum", "Dad"], "Mum": ["Ida"], "Dad": ["Bo", "Al"]}
    assert candidate(family, "Kid") == ["Al", "Bo", "Ida"]
    assert candidate(family, "Mum") == []
    assert candidate(family, "Nobody") == []
    assert candidate({}, "X") == []
    assert candidate({"A": ["B"]}, "A") == []
    assert candidate({"A": ["B", "C"], "B": ["D"], "C": ["D"]}, "A") == ["D"]
    assert candidate({"A": ["B"], "B": ["C"], "C": ["D"]}, "A") == ["C"]


def boss_chain(boss_of: dict[str, str], person: str) -> list[str]:
    """Return the boss of the person, the boss of that boss, and so on up to the top.

    Nobody is his or her own boss in any number of steps.

    >>> boss_chain({"Al": "Bo", "Bo": "Cy"}, "Al")
    ['Bo', 'Cy']
    """
    chain = []
    while person in boss_of:
        person = boss_of[person]
        chain.append(person)
    return chain


def check_boss_chain(candidate: Candidate) -> None:
    assert candidate({"Al": "Bo", "Bo": "Cy"}, "Al") == ["Bo", "Cy"]
    assert candidate({"Al": "Bo", "Bo": "Cy"}, "Bo") == ["Cy"]
    assert candidate({"Al": "Bo", "Bo": "Cy"}, "Cy") == []
    assert candidate({}, "Al") == []
    assert candidate({"Al": "Cy", "Bo": "Cy"}, "Al") == ["Cy"]
    assert candidate({"d": "c", "c": "b", "b": "a"}, "d") == ["c", "b", "a"]


def one_sided_friends(likes: dict[str, set[str]]) -> list[tuple[str, str]]:
    """Return all pairs (a, b) in which a likes b, but b does not like a.

    Somebody who is not in the dictionary likes nobody. Nobody needs to like himself to be even
    with himself. The pairs are sorted.

    >>> one_sided_friends({"Ann": {"Bob", "Cid"}, "Bob": {"Ann"}})
    [('Ann', 'Cid')]
    """
    return sorted(
        (name, friend)
        for name, friends in likes.items()
        for friend in friends
        if name not in likes.get(friend, set())
    )


def check_one_sided_friends(candidate: Candidate) -> None:
    assert candidate({"Ann": {"Bob", "Cid"}, "Bob": {"Ann"}}) == [("Ann", "Cid")]
    assert candidate({}) == []
    assert candidate({"A": set()}) == []
    assert candidate({"A": {"A"}}) == []
    assert candidate({"A": {"B"}, "B": {"A"}}) == []
    assert candidate({"B": {"A"}, "A": {"C"}}) == [("A", "C"), ("B", "A")]
    assert candidate({"X": {"Z", "Y"}}) == [("X", "Y"), ("X", "Z")]


def same_partition(first: list[int], second: list[int]) -> bool:
    """Two lists give each person a group number. Return True if they group people alike.

    The place in the list is the person. The numbers themselves do not matter: people who share a
    number in one list must share one in the other, and people who do not, must not.

    >>> same_partition([1, 1, 2], [7, 7, 3])
    True
    >>> same_partition([1, 1, 2], [7, 7, 7])
    False
    """
    pairs = len(set(zip(first, second, strict=False)))
    return len(first) == len(second) and pairs == len(set(first)) == len(set(second))


def check_same_partition(candidate: Candidate) -> None:
    assert candidate([1, 1, 2], [7, 7, 3]) is True
    assert candidate([1, 1, 2], [7, 7, 7]) is False
    assert candidate([7, 7, 7], [1, 1, 2]) is False
    assert candidate([], []) is True
    assert candidate([1], []) is False
    assert candidate([1, 2], [2, 1]) is True
    assert candidate([1, 2, 1], [5, 6, 6]) is False
    assert candidate([0, 1, 2, 0], [3, 4, 5, 3]) is True
    assert candidate([1, 2, 1], [1, 2]) is False


def missing_translations(texts: dict[str, dict[str, str]]) -> list[str]:
    """List the missing translations as "language: key".

    `texts` has for each language a dictionary from keys to texts. A key that any language has is
    needed in all of them; an empty text counts as missing. Sort by language, then by key.

    >>> missing_translations({"en": {"yes": "yes", "no": "no"}, "de": {"yes": "ja"}})
    ['de: no']
    """
    keys = sorted({key for table in texts.values() for key in table})
    return [
        f"{language}: {key}"
        for language in sorted(texts)
        for key in keys
        if not texts[language].get(key)
    ]


def check_missing_translations(candidate: Candidate) -> None:
    assert candidate({"en": {"yes": "yes", "no": "no"}, "de": {"yes": "ja"}}) == ["de: no"]
    assert candidate({}) == []
    assert candidate({"en": {}}) == []
    assert candidate({"en": {"a": ""}}) == ["en: a"]
    assert candidate({"en": {"a": "1"}, "fr": {}, "de": {}}) == ["de: a", "fr: a"]
    assert candidate({"x": {"b": "1"}, "y": {"a": "2"}}) == ["x: a", "y: b"]
    assert candidate({"x": dict.fromkeys("fbdace", "1"), "y": {}}) == [f"y: {k}" for k in "abcdef"]
    assert candidate({"x": {}, "y": {"c": "1", "b": "2"}}) == ["x: b", "x: c"]


def table_changes(old: dict[str, int], new: dict[str, int]) -> list[str]:
    """Describe what has changed between two tables.

    Write "-key" for a removed key, "+key" for an added one and "~key" for one whose value
    changed. The lines are sorted by key.

    >>> table_changes({"a": 1, "b": 2}, {"b": 3, "c": 0})
    ['-a', '~b', '+c']
    """
    lines = []
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            lines.append("-" + key)
        elif key not in old:
            lines.append("+" + key)
        elif old[key] != new[key]:
            lines.append("~" + key)
    return lines


def check_table_changes(candidate: Candidate) -> None:
    assert candidate({"a": 1, "b": 2}, {"b": 3, "c": 0}) == ["-a", "~b", "+c"]
    assert candidate({}, {}) == []
    assert candidate({"a": 1}, {"a": 1}) == []
    assert candidate({}, {"b": 1, "a": 1}) == ["+a", "+b"]
    assert candidate({"b": 1, "a": 0}, {}) == ["-a", "-b"]
    assert candidate({"k": 0}, {"k": 1}) == ["~k"]
    assert candidate({"x": 5, "z": 5}, {"x": 5, "y": 5}) == ["+y", "-z"]


def free_name(taken: set[str], wanted: str) -> str:
    """Return the wanted name if it is free, else the name with a number in round brackets.

    The number is the smallest one from 2 on that makes the name free: "a", "a (2)", "a (3)".

    >>> free_name({"map", "map (2)"}, "map")
    'map (3)'
    """
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted} ({number})" in taken:
        number += 1
    return f"{wanted} ({number})"


def check_free_name(candidate: Candidate) -> None:
    assert candidate({"map", "map (2)"}, "map") == "map (3)"
    assert candidate(set(), "x") == "x"
    assert candidate({"x"}, "x") == "x (2)"
    assert candidate({"x", "x (3)"}, "x") == "x (2)"
    assert candidate({"x (2)"}, "x") == "x"
    assert candidate({"X"}, "x") == "x"
    assert candidate({"x", "x (2)", "x (3)", "x (5)"}, "x") == "x (4)"
    assert candidate({"x (2)"}, "x (2)") == "x (2) (2)"


def ready_tasks(needs: dict[str, list[str]], done: list[str]) -> list[str]:
    """Return the tasks that can be started now, sorted by name.

    `needs` says for each task which other tasks must be done before. A task that is done is not
    started again.

    >>> ready_tasks({"cook": ["shop"], "shop": [], "eat": ["cook"]}, ["shop"])
    ['cook']
    """
    return sorted(
        task
        for task, before in needs.items()
        if task not in done and all(other in done for other in before)
    )


def check_ready_tasks(candidate: Candidate) -> None:
    plan = {"cook": ["shop"], "shop": [], "eat": ["cook", "set table"], "set table": []}
    assert candidate(plan, ["shop"]) == ["cook", "set table"]
    assert candidate(plan, []) == ["set table", "shop"]
    assert candidate(plan, ["shop", "cook", "set table"]) == ["eat"]
    assert candidate(plan, ["shop", "cook"]) == ["set table"]
    assert candidate(plan, ["shop", "cook", "eat", "set table"]) == []
    assert candidate({}, ["x"]) == []
    assert candidate({"a": ["a"]}, []) == []
    assert candidate({"b": [], "a": ["c"]}, ["c"]) == ["a", "b"]


def tournament_reach(beat: dict[str, list[str]], player: str) -> set[str]:
    """Return everybody whom the player has beaten directly or through others.

    If Al has beaten Bo, and Bo has beaten Cy, then Al has beaten Cy through Bo, and so on. The
    player himself is in the result only if he is beaten in this way, too.

    >>> sorted(tournament_reach({"Al": ["Bo"], "Bo": ["Cy"]}, "Al"))
    ['Bo', 'Cy']
    """
    reached: set[str] = set()
    pending = list(beat.get(player, []))
    while pending:
        other = pending.pop()
        if other not in reached:
            reached.add(other)
            pending.extend(beat.get(other, []))
    return reached


def check_tournament_reach(candidate: Candidate) -> None:
    assert candidate({"Al": ["Bo"], "Bo": ["Cy"]}, "Al") == {"Bo", "Cy"}
    assert candidate({"Al": ["Bo"], "Bo": ["Cy"]}, "Bo") == {"Cy"}
    assert candidate({}, "X") == set()
    assert candidate({"A": ["B"]}, "B") == set()
    assert candidate({"A": ["B"], "B": ["A"]}, "A") == {"A", "B"}
    assert candidate({"A": ["B", "C"], "C": ["D"], "E": ["A"]}, "A") == {"B", "C", "D"}
    table = {"A": ["B"], "B": ["C"]}
    assert candidate(table, "A") == {"B", "C"}
    assert table == {"A": ["B"], "B": ["C"]}
    assert candidate({"1": ["2"], "2": ["3"], "3": ["4"], "4": []}, "1") == {"2", "3", "4"}
    assert candidate({"A": ["B", "C"], "B": ["C"], "C": ["B"]}, "A") == {"B", "C"}
