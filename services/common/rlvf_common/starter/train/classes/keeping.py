"""Objects that keep records of people, things and numbers."""

from rlvf_common.starter.candidate import Candidate


class LibraryDesk:
    """Lends books. It is made with the list of titles; every book is there once.

    `lend(title, person)` returns True and notes who has the book. It returns False, and changes
    nothing, if there is no such book or somebody has it. `bring_back(title)` makes the book
    available again; it does nothing if nobody has it. `holder(title)` returns who has the book, or
    None. `books_of(person)` returns the titles that a person has, sorted.

    >>> desk = LibraryDesk(["Atlas"])
    >>> desk.lend("Atlas", "Ann")
    True
    >>> desk.lend("Atlas", "Bob")
    False
    """

    def __init__(self, titles: list[str]) -> None:
        self._holders: dict[str, str | None] = dict.fromkeys(titles)

    def lend(self, title: str, person: str) -> bool:
        if title not in self._holders or self._holders[title] is not None:
            return False
        self._holders[title] = person
        return True

    def bring_back(self, title: str) -> None:
        if title in self._holders:
            self._holders[title] = None

    def holder(self, title: str) -> str | None:
        return self._holders.get(title)

    def books_of(self, person: str) -> list[str]:
        return sorted(title for title, holder in self._holders.items() if holder == person)


def check_LibraryDesk(candidate: Candidate) -> None:
    desk = candidate(["Poems", "Atlas", "Novel"])
    assert desk.holder("Atlas") is None
    assert desk.books_of("Ann") == []
    assert desk.lend("Poems", "Ann") is True
    assert desk.lend("Atlas", "Ann") is True
    assert desk.lend("Atlas", "Bob") is False
    assert desk.lend("Comic", "Bob") is False
    assert desk.holder("Atlas") == "Ann"
    assert desk.holder("Comic") is None
    assert desk.books_of("Ann") == ["Atlas", "Poems"]
    desk.bring_back("Comic")
    desk.bring_back("Atlas")
    assert desk.holder("Atlas") is None
    assert desk.lend("Atlas", "Bob") is True
    assert desk.books_of("Bob") == ["Atlas"]
    assert desk.books_of("Ann") == ["Poems"]
    assert desk.lend("Comic", "Bob") is False


class MovingAverage:
    """The average of the last numbers. It is made with how many numbers count, at least 1.

    `add(number)` takes a number and returns the average of the last ones, itself included; as long
    as there are fewer numbers than count, of all numbers. `average()` returns the same without a
    new number, and 0.0 if there is none.

    >>> moving = MovingAverage(2)
    >>> moving.add(4)
    4.0
    >>> moving.add(6)
    5.0
    >>> moving.add(0)
    3.0
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._numbers: list[float] = []

    def add(self, number: float) -> float:
        self._numbers.append(number)
        if len(self._numbers) > self._size:
            self._numbers.pop(0)
        return self.average()

    def average(self) -> float:
        if not self._numbers:
            return 0.0
        return sum(self._numbers) / len(self._numbers)


def check_MovingAverage(candidate: Candidate) -> None:
    moving = candidate(2)
    assert moving.average() == 0
    assert abs(moving.add(4) - 4.0) < 1e-9
    assert abs(moving.add(6) - 5.0) < 1e-9
    assert abs(moving.add(0) - 3.0) < 1e-9
    assert abs(moving.average() - 3.0) < 1e-9
    assert abs(moving.add(-1) + 0.5) < 1e-9
    one = candidate(1)
    assert abs(one.add(8) - 8.0) < 1e-9
    assert abs(one.add(3) - 3.0) < 1e-9
    wide = candidate(4)
    wide.add(1)
    wide.add(2)
    assert abs(wide.add(6) - 3.0) < 1e-9
    wide.add(3)
    assert abs(wide.add(9) - 5.0) < 1e-9


class PlayList:
    """Songs that are played in a circle. It is made with the list of songs, at least one; the first
    one is playing.

    `playing()` returns the song that is playing. `skip()` goes to the next song, and from the last
    one to the first. `back()` goes to the song before, and from the first one to the last.
    `play_next(song)` puts a new song right behind the one that is playing. `remaining()` returns
    the songs behind the one that is playing, up to the end of the list.

    >>> songs = PlayList(["one", "two"])
    >>> songs.play_next("new")
    >>> songs.skip()
    >>> songs.playing()
    'new'
    """

    def __init__(self, songs: list[str]) -> None:
        self._songs = list(songs)
        self._place = 0

    def playing(self) -> str:
        return self._songs[self._place]

    def skip(self) -> None:
        self._place = (self._place + 1) % len(self._songs)

    def back(self) -> None:
        self._place = (self._place - 1) % len(self._songs)

    def play_next(self, song: str) -> None:
        self._songs.insert(self._place + 1, song)

    def remaining(self) -> list[str]:
        return self._songs[self._place + 1 :]


def check_PlayList(candidate: Candidate) -> None:
    songs = candidate(["one", "two", "six"])
    assert songs.playing() == "one"
    assert songs.remaining() == ["two", "six"]
    songs.skip()
    assert songs.playing() == "two"
    assert songs.remaining() == ["six"]
    songs.play_next("new")
    assert songs.playing() == "two"
    assert songs.remaining() == ["new", "six"]
    songs.skip()
    assert songs.playing() == "new"
    songs.skip()
    songs.skip()
    assert songs.playing() == "one"
    songs.back()
    assert songs.playing() == "six"
    assert songs.remaining() == []
    songs.play_next("end")
    songs.skip()
    assert songs.playing() == "end"
    songs.back()
    assert songs.playing() == "six"


class PriorityDesk:
    """Tasks with a priority, a whole number; the higher it is, the earlier is the task's turn.

    `add(task, priority)` adds a task. `take()` removes the task with the highest priority and
    returns it; of several, the one that was added first; None if there is no task. `raise_all(by)`
    adds a number to the priorities of all tasks that are there. `waiting()` returns how many tasks
    there are.

    >>> desk = PriorityDesk()
    >>> desk.add("mail", 1)
    >>> desk.add("fire", 9)
    >>> desk.take()
    'fire'
    """

    def __init__(self) -> None:
        self._tasks: list[tuple[str, int]] = []

    def add(self, task: str, priority: int) -> None:
        self._tasks.append((task, priority))

    def take(self) -> str | None:
        if not self._tasks:
            return None
        highest = max(self._tasks, key=lambda entry: entry[1])
        self._tasks.remove(highest)
        return highest[0]

    def raise_all(self, by: int) -> None:
        self._tasks = [(task, priority + by) for task, priority in self._tasks]

    def waiting(self) -> int:
        return len(self._tasks)


def check_PriorityDesk(candidate: Candidate) -> None:
    desk = candidate()
    assert desk.take() is None
    assert desk.waiting() == 0
    desk.add("mail", 1)
    desk.add("fire", 9)
    desk.add("call", 5)
    desk.add("axe", 5)
    assert desk.waiting() == 4
    assert desk.take() == "fire"
    assert desk.take() == "call"
    assert desk.waiting() == 2
    desk.raise_all(10)
    desk.add("walk", 12)
    assert desk.take() == "axe"
    assert desk.take() == "walk"
    assert desk.take() == "mail"
    assert desk.take() is None
    desk.add("low", -5)
    desk.add("lower", -6)
    assert desk.take() == "low"


class SparseGrid:
    """A grid of whole numbers that are 0 unless they were set; rows and columns have any numbers.

    `set(row, column, number)` sets a field. `get(row, column)` returns its number. `row_sum(row)`
    returns the sum of a row. `filled()` returns how many fields are not 0. `largest_row()` returns
    the row with the largest sum of those in which a field is not 0; of several, the one with the
    smallest number; None if all fields are 0.

    >>> grid = SparseGrid()
    >>> grid.set(2, 100, 7)
    >>> grid.row_sum(2)
    7
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, int], int] = {}

    def set(self, row: int, column: int, number: int) -> None:
        self._numbers[row, column] = number

    def get(self, row: int, column: int) -> int:
        return self._numbers.get((row, column), 0)

    def row_sum(self, row: int) -> int:
        return sum(number for (at, _), number in self._numbers.items() if at == row)

    def filled(self) -> int:
        return sum(number != 0 for number in self._numbers.values())

    def largest_row(self) -> int | None:
        rows = sorted({row for (row, _), number in self._numbers.items() if number != 0})
        return max(rows, key=self.row_sum, default=None)


def check_SparseGrid(candidate: Candidate) -> None:
    grid = candidate()
    assert grid.get(0, 0) == 0
    assert grid.filled() == 0
    assert grid.largest_row() is None
    grid.set(2, 100, 7)
    grid.set(2, -1, 3)
    grid.set(100, 2, 9)
    assert grid.get(2, 100) == 7
    assert grid.get(100, 2) == 9
    assert grid.get(-1, 2) == 0
    assert grid.row_sum(2) == 10
    assert grid.row_sum(3) == 0
    assert grid.filled() == 3
    assert grid.largest_row() == 2
    grid.set(1, 1, 10)
    assert grid.largest_row() == 1
    grid.set(1, 1, 0)
    grid.set(2, 100, -7)
    assert grid.filled() == 3
    assert grid.row_sum(2) == -4
    assert grid.largest_row() == 100
    grid.set(100, 2, -9)
    assert grid.largest_row() == 2
