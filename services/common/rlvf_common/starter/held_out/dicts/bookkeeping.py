"""Dictionaries that are built up step by step."""

from rlvf_common.starter.candidate import Candidate


def price_three_for_two(cart: dict[str, int], prices: dict[str, int]) -> int:
    """The cart tells how many pieces of each thing are bought. Every thing has a price.

    Of every three pieces of the same thing, one is free. Return the price of the whole cart.

    >>> price_three_for_two({"soap": 4, "comb": 2}, {"soap": 5, "comb": 10})
    35
    >>> price_three_for_two({}, {"soap": 5})
    0
    """
    return sum((count - count // 3) * prices[thing] for thing, count in cart.items())


def check_price_three_for_two(candidate: Candidate) -> None:
    assert candidate({"soap": 4, "comb": 2}, {"soap": 5, "comb": 10}) == 35
    assert candidate({}, {"soap": 5}) == 0
    assert candidate({"a": 3}, {"a": 7, "b": 100}) == 14
    assert candidate({"a": 0}, {"a": 7}) == 0
    assert candidate({"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 3, "c": 4}) == 9
    assert candidate({"a": 6, "b": 5}, {"a": 1, "b": 10}) == 44
    assert candidate({"x": 10}, {"x": 3}) == 21


def words_that_follow(text: str) -> dict[str, list[str]]:
    """For each word of the text, list the words that stand directly after it somewhere.

    A word that follows several times is listed once, where it follows first. Words are
    separated by spaces. A word that nothing ever follows is not a key.

    >>> words_that_follow("the cat the dog the cat")
    {'the': ['cat', 'dog'], 'cat': ['the'], 'dog': ['the']}
    >>> words_that_follow("hello")
    {}
    """
    words = text.split()
    table: dict[str, list[str]] = {}
    for place in range(len(words) - 1):
        followers = table.setdefault(words[place], [])
        if words[place + 1] not in followers:
            followers.append(words[place + 1])
    return table


def check_words_that_follow(candidate: Candidate) -> None:
    assert candidate("the cat the dog the cat") == {
        "the": ["cat", "dog"],
        "cat": ["the"],
        "dog": ["the"],
    }
    assert candidate("hello") == {}
    assert candidate("") == {}
    assert candidate("go go go") == {"go": ["go"]}
    assert candidate("a b c") == {"a": ["b"], "b": ["c"]}
    assert candidate("x z x y x z") == {"x": ["z", "y"], "z": ["x"], "y": ["x"]}
    assert candidate("A a  A b") == {"A": ["a", "b"], "a": ["A"]}


def guests_at_tables(guests: list[str], chairs: dict[str, int]) -> dict[str, list[str]]:
    """The guests arrive in the given order. Each one sits down at the first table, in alphabetical
    order of the tables, that has a free chair. Who finds none goes home.

    The dictionary has the number of chairs of each table. Return the guests at each table in
    the order in which they sat down. A table where nobody sits has an empty list.

    >>> guests_at_tables(["Al", "Bo", "Cy"], {"window": 2, "door": 1})
    {'window': ['Bo', 'Cy'], 'door': ['Al']}
    >>> guests_at_tables([], {"x": 4})
    {'x': []}
    """
    seated: dict[str, list[str]] = {table: [] for table in chairs}
    for guest in guests:
        for table in sorted(chairs):
            if len(seated[table]) < chairs[table]:
                seated[table].append(guest)
                break
    return seated


def check_guests_at_tables(candidate: Candidate) -> None:
    assert candidate(["Al", "Bo", "Cy"], {"window": 2, "door": 1}) == {
        "window": ["Bo", "Cy"],
        "door": ["Al"],
    }
    assert candidate([], {"x": 4}) == {"x": []}
    assert candidate(["Al"], {}) == {}
    assert candidate(["Al", "Bo"], {"t": 1}) == {"t": ["Al"]}
    assert candidate(["Al"], {"a": 0, "b": 1}) == {"a": [], "b": ["Al"]}
    assert candidate(["C", "B", "A"], {"y": 2, "x": 2}) == {"x": ["C", "B"], "y": ["A"]}
    assert candidate(["p", "q", "r", "s"], {"m": 3, "k": 1}) == {"k": ["p"], "m": ["q", "r", "s"]}


def seats_of_parties(votes: list[tuple[str, str]]) -> dict[str, int]:
    """Each vote is a district and a party. In every district the party with the most votes there
    gets one seat; of several, the first in alphabetical order.

    Return the number of seats of each party that has any.

    >>> seats_of_parties([("north", "Red"), ("north", "Blue"), ("north", "Red"), ("south", "Blue")])
    {'Red': 1, 'Blue': 1}
    >>> seats_of_parties([])
    {}
    """
    districts: dict[str, list[str]] = {}
    for district, party in votes:
        districts.setdefault(district, []).append(party)
    seats: dict[str, int] = {}
    for parties in districts.values():
        winner = max(sorted(set(parties)), key=parties.count)
        seats[winner] = seats.get(winner, 0) + 1
    return seats


def check_seats_of_parties(candidate: Candidate) -> None:
    assert candidate([("n", "Red"), ("n", "Blue"), ("n", "Red"), ("s", "Blue")]) == {
        "Red": 1,
        "Blue": 1,
    }
    assert candidate([]) == {}
    assert candidate([("n", "Red")]) == {"Red": 1}
    assert candidate([("n", "B"), ("n", "A")]) == {"A": 1}
    assert candidate([("n", "Z"), ("n", "Y"), ("n", "X"), ("s", "K"), ("s", "J")]) == {
        "X": 1,
        "J": 1,
    }
    assert candidate([("n", "H"), ("n", "G"), ("n", "F"), ("n", "E"), ("n", "D")]) == {"D": 1}
    assert candidate([("n", "A"), ("s", "A"), ("e", "A")]) == {"A": 3}
    assert candidate([("n", "A"), ("n", "A"), ("n", "A"), ("s", "B"), ("w", "B")]) == {
        "A": 1,
        "B": 2,
    }
    assert candidate([("n", "C"), ("s", "A"), ("n", "B"), ("n", "C"), ("s", "B")]) == {
        "C": 1,
        "A": 1,
    }


def holders_of_books(events: list[tuple[str, str]]) -> dict[str, str]:
    """A library has one copy of each book. An event is a person and a book.

    If nobody has the book, the person takes it. If the person has it, he or she gives it back,
    and whoever has waited longest for it takes it at once. If somebody else has it, the person
    waits, unless he or she waits for it already. Return who has which book at the end: a
    dictionary from books to persons.

    >>> holders_of_books([("Al", "Emma"), ("Bo", "Emma"), ("Al", "Emma")])
    {'Emma': 'Bo'}
    >>> holders_of_books([("Al", "Emma"), ("Al", "Emma")])
    {}
    """
    lines: dict[str, list[str]] = {}
    for person, book in events:
        line = lines.setdefault(book, [])
        if line and line[0] == person:
            line.pop(0)
        elif person not in line:
            line.append(person)
    return {book: line[0] for book, line in lines.items() if line}


def check_holders_of_books(candidate: Candidate) -> None:
    assert candidate([("Al", "Emma"), ("Bo", "Emma"), ("Al", "Emma")]) == {"Emma": "Bo"}
    assert candidate([("Al", "Emma"), ("Al", "Emma")]) == {}
    assert candidate([]) == {}
    assert candidate([("Al", "x"), ("Bo", "y")]) == {"x": "Al", "y": "Bo"}
    assert candidate([("a", "x"), ("b", "x"), ("c", "x"), ("a", "x"), ("b", "x")]) == {"x": "c"}
    assert candidate([("a", "x"), ("b", "x"), ("b", "x"), ("a", "x"), ("b", "x")]) == {}
    assert candidate([("a", "x"), ("b", "x"), ("a", "x"), ("a", "x"), ("b", "x")]) == {"x": "a"}
    assert candidate([("a", "x"), ("b", "x")]) == {"x": "a"}
