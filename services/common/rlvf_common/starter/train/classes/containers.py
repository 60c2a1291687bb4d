"""Objects that hold items in an order, or by a key."""

from rlvf_common.starter.candidate import Candidate


class BookPile:
    """A pile of books, empty at first.

    `add(title)` lays a book on top. `take()` removes the book on top and returns its title, or
    None if there is no book. `height()` returns how many books there are. `titles()` returns all
    titles from the top down.

    >>> pile = BookPile()
    >>> pile.add("Atlas")
    >>> pile.add("Poems")
    >>> pile.titles()
    ['Poems', 'Atlas']
    """

    def __init__(self) -> None:
        self._books: list[str] = []

    def add(self, title: str) -> None:
        self._books.append(title)

    def take(self) -> str | None:
        return self._books.pop() if self._books else None

    def height(self) -> int:
        return len(self._books)

    def titles(self) -> list[str]:
        return self._books[::-1]


def check_BookPile(candidate: Candidate) -> None:
    pile = candidate()
    assert pile.take() is None
    assert pile.height() == 0
    assert pile.titles() == []
    pile.add("Atlas")
    pile.add("Poems")
    pile.add("Atlas")
    assert pile.height() == 3
    assert pile.titles() == ["Atlas", "Poems", "Atlas"]
    assert pile.take() == "Atlas"
    assert pile.take() == "Poems"
    pile.add("Novel")
    assert pile.titles() == ["Novel", "Atlas"]
    assert pile.height() == 2
    assert pile.take() == "Novel"
    assert pile.take() == "Atlas"
    assert pile.take() is None
    assert candidate().height() == 0


class TicketLine:
    """People wait in line. `join(name)` puts a person at the end of the line.

    `serve()` removes the person at the front and returns the name, or `"nobody"` if the line is
    empty. `leave(name)` removes that person, if in the line; the others keep their order. No name
    is in the line twice. `place(name)` returns how many people are before that person, -1 if the
    person is not in the line.

    >>> line = TicketLine()
    >>> line.join("Ann")
    >>> line.join("Bob")
    >>> line.place("Bob")
    1
    >>> line.serve()
    'Ann'
    """

    def __init__(self) -> None:
        self._names: list[str] = []

    def join(self, name: str) -> None:
        self._names.append(name)

    def serve(self) -> str:
        return self._names.pop(0) if self._names else "nobody"

    def leave(self, name: str) -> None:
        if name in self._names:
            self._names.remove(name)

    def place(self, name: str) -> int:
        return self._names.index(name) if name in self._names else -1


def check_TicketLine(candidate: Candidate) -> None:
    line = candidate()
    assert line.serve() == "nobody"
    assert line.place("Ann") == -1
    for name in ("Ann", "Bob", "Eve", "Kim"):
        line.join(name)
    assert line.place("Ann") == 0
    assert line.place("Kim") == 3
    line.leave("Bob")
    line.leave("Zoe")
    assert line.place("Bob") == -1
    assert line.place("Kim") == 2
    assert line.serve() == "Ann"
    assert line.serve() == "Eve"
    line.join("Ann")
    assert line.place("Ann") == 1
    assert line.serve() == "Kim"
    assert line.serve() == "Ann"
    assert line.serve() == "nobody"


class LastFew:
    """Remembers the items that were added last. It is made with the number of items that it can
    remember, at least 1.

    `add(item)` adds an item; the oldest one is forgotten if there are too many. `items()` returns
    the items, the oldest first. `is_full()` tells whether the next item makes it forget one.

    >>> few = LastFew(2)
    >>> few.add("a")
    >>> few.add("b")
    >>> few.add("c")
    >>> few.items()
    ['b', 'c']
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._items: list[str] = []

    def add(self, item: str) -> None:
        self._items.append(item)
        self._items = self._items[-self._size :]

    def items(self) -> list[str]:
        return self._items

    def is_full(self) -> bool:
        return len(self._items) == self._size


def check_LastFew(candidate: Candidate) -> None:
    few = candidate(2)
    assert few.items() == []
    assert few.is_full() is False
    few.add("a")
    assert few.items() == ["a"]
    assert few.is_full() is False
    few.add("b")
    assert few.items() == ["a", "b"]
    assert few.is_full() is True
    few.add("c")
    few.add("a")
    assert few.items() == ["c", "a"]
    assert few.is_full() is True
    one = candidate(1)
    one.add("x")
    assert one.is_full() is True
    one.add("y")
    assert one.items() == ["y"]


class RecentFiles:
    """A list of the files that were opened last, each of them once.

    `open(name)` moves the file to the front of the list, and adds it if it is new. `close_all()`
    empties the list. `names(count)` returns at most `count` names, the file that was opened last
    first.

    >>> files = RecentFiles()
    >>> files.open("a")
    >>> files.open("b")
    >>> files.open("a")
    >>> files.names(5)
    ['a', 'b']
    """

    def __init__(self) -> None:
        self._names: list[str] = []

    def open(self, name: str) -> None:
        if name in self._names:
            self._names.remove(name)
        self._names.insert(0, name)

    def close_all(self) -> None:
        self._names.clear()

    def names(self, count: int) -> list[str]:
        return self._names[:count]


def check_RecentFiles(candidate: Candidate) -> None:
    files = candidate()
    assert files.names(3) == []
    for name in ("a", "b", "c", "b"):
        files.open(name)
    assert files.names(5) == ["b", "c", "a"]
    assert files.names(3) == ["b", "c", "a"]
    assert files.names(2) == ["b", "c"]
    assert files.names(0) == []
    files.open("a")
    assert files.names(1) == ["a"]
    assert files.names(9) == ["a", "b", "c"]
    files.close_all()
    assert files.names(9) == []
    files.open("c")
    assert files.names(9) == ["c"]


class MarbleBag:
    """A bag of marbles of several colors, empty at first.

    `put(color, count)` puts marbles in. `take(color)` takes one marble of that color out and
    returns True, or returns False if there is none. `count(color)` returns how many marbles of that
    color there are. `colors()` returns the colors of which there is at least one marble, sorted.

    >>> bag = MarbleBag()
    >>> bag.put("red", 2)
    >>> bag.take("red")
    True
    >>> bag.count("red")
    1
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def put(self, color: str, count: int) -> None:
        self._counts[color] = self._counts.get(color, 0) + count

    def take(self, color: str) -> bool:
        if self.count(color) == 0:
            return False
        self._counts[color] -= 1
        return True

    def count(self, color: str) -> int:
        return self._counts.get(color, 0)

    def colors(self) -> list[str]:
        return sorted(color for color, count in self._counts.items() if count > 0)


def check_MarbleBag(candidate: Candidate) -> None:
    bag = candidate()
    assert bag.colors() == []
    assert bag.take("red") is False
    assert bag.count("red") == 0
    bag.put("red", 2)
    bag.put("blue", 1)
    bag.put("red", 1)
    assert bag.count("red") == 3
    assert bag.colors() == ["blue", "red"]
    assert bag.take("blue") is True
    assert bag.take("blue") is False
    assert bag.count("blue") == 0
    assert bag.colors() == ["red"]
    assert bag.take("red") is True
    assert bag.count("red") == 2
    bag.put("amber", 1)
    assert bag.colors() == ["amber", "red"]
    bag.put("gray", 0)
    assert bag.colors() == ["amber", "red"]


class TwoWayTable:
    """Pairs of words, which can be looked up from either side.

    `pair(left, right)` stores a pair. A word that is already paired on its side loses its old
    partner, which is then in no pair any more. `right_of(left)` and `left_of(right)` return the
    partner of a word, or None. `size()` returns the number of pairs.

    >>> table = TwoWayTable()
    >>> table.pair("one", "uno")
    >>> table.left_of("uno")
    'one'
    """

    def __init__(self) -> None:
        self._rights: dict[str, str] = {}
        self._lefts: dict[str, str] = {}

    def pair(self, left: str, right: str) -> None:
        old_right = self._rights.pop(left, None)
        if old_right is not None:
            del self._lefts[old_right]
        old_left = self._lefts.pop(right, None)
        if old_left is not None:
            del self._rights[old_left]
        self._rights[left] = right
        self._lefts[right] = left

    def right_of(self, left: str) -> str | None:
        return self._rights.get(left)

    def left_of(self, right: str) -> str | None:
        return self._lefts.get(right)

    def size(self) -> int:
        return len(self._rights)


def check_TwoWayTable(candidate: Candidate) -> None:
    table = candidate()
    assert table.size() == 0
    assert table.right_of("one") is None
    table.pair("one", "uno")
    table.pair("two", "dos")
    assert table.right_of("one") == "uno"
    assert table.left_of("dos") == "two"
    assert table.left_of("one") is None
    assert table.right_of("dos") is None
    assert table.size() == 2
    table.pair("one", "un")
    assert table.right_of("one") == "un"
    assert table.left_of("un") == "one"
    assert table.left_of("uno") is None
    assert table.size() == 2
    table.pair("zwei", "dos")
    assert table.left_of("dos") == "zwei"
    assert table.right_of("two") is None
    assert table.size() == 2
    table.pair("one", "dos")
    assert table.size() == 1
    assert table.left_of("un") is None
    assert table.right_of("zwei") is None
