"""Things of a household and of the office."""

from rlvf_common.starter.candidate import Candidate


class WaterTank:
    """A tank, made with the liters that it can hold. It is empty at first.

    `fill(liters)` pours water in and returns how many liters did not fit. `drain(liters)` takes
    water out and returns how many liters came out, which is less if there are not so many.
    `level()` returns how many liters are in the tank.

    >>> tank = WaterTank(10)
    >>> tank.fill(12)
    2
    >>> tank.drain(4)
    4
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._liters = 0

    def fill(self, liters: int) -> int:
        poured = min(liters, self._capacity - self._liters)
        self._liters += poured
        return liters - poured

    def drain(self, liters: int) -> int:
        taken = min(liters, self._liters)
        self._liters -= taken
        return taken

    def level(self) -> int:
        return self._liters


def check_WaterTank(candidate: Candidate) -> None:
    tank = candidate(10)
    assert tank.level() == 0
    assert tank.drain(1) == 0
    assert tank.fill(12) == 2
    assert tank.level() == 10
    assert tank.drain(4) == 4
    assert tank.level() == 6
    assert tank.fill(4) == 0
    assert tank.fill(1) == 1
    assert tank.drain(10) == 10
    assert tank.fill(3) == 0
    assert tank.drain(5) == 3
    assert tank.level() == 0


class DimmerLamp:
    """A lamp with steps of brightness, made with the highest step. It is at step 0, which is off.

    `brighter()` goes one step up and `darker()` one step down; both stay at the end of the scale.
    `press()` switches the lamp off if it is on; if it is off, it goes back to the step from which
    it was last switched off by `press()`, or to the highest step if that never happened. The
    attribute `step` is the step.

    >>> lamp = DimmerLamp(5)
    >>> lamp.brighter()
    >>> lamp.press()
    >>> lamp.step
    0
    """

    def __init__(self, highest: int) -> None:
        self.step = 0
        self._highest = highest
        self._before = highest

    def brighter(self) -> None:
        self.step = min(self.step + 1, self._highest)

    def darker(self) -> None:
        self.step = max(self.step - 1, 0)

    def press(self) -> None:
        if self.step > 0:
            self._before = self.step
            self.step = 0
        else:
            self.step = self._before


def check_DimmerLamp(candidate: Candidate) -> None:
    lamp = candidate(3)
    assert lamp.step == 0
    lamp.darker()
    assert lamp.step == 0
    lamp.press()
    assert lamp.step == 3
    lamp.brighter()
    assert lamp.step == 3
    lamp.darker()
    assert lamp.step == 2
    lamp.press()
    assert lamp.step == 0
    lamp.press()
    assert lamp.step == 2
    lamp.darker()
    lamp.darker()
    assert lamp.step == 0
    lamp.brighter()
    assert lamp.step == 1
    lamp.press()
    lamp.press()
    assert lamp.step == 1


class LockBox:
    """A box with a code. After three wrong codes in a row it is blocked for ever.

    It is made with its code and is closed. `open(code)` opens it and returns True if the code is
    right and the box is not blocked, otherwise it returns False. A right code ends the row of wrong
    ones. `close()` closes the box. `state()` returns `"blocked"`, `"open"` or `"closed"`; a blocked
    box is `"blocked"` only.

    >>> box = LockBox("1234")
    >>> box.open("1111")
    False
    >>> box.open("1234")
    True
    """

    def __init__(self, code: str) -> None:
        self._code = code
        self._wrong = 0
        self._open = False

    def open(self, code: str) -> bool:
        if self._wrong == 3:
            return False
        if code == self._code:
            self._wrong = 0
            self._open = True
            return True
        self._wrong += 1
        return False

    def close(self) -> None:
        self._open = False

    def state(self) -> str:
        if self._wrong == 3:
            return "blocked"
        return "open" if self._open else "closed"


def check_LockBox(candidate: Candidate) -> None:
    box = candidate("1234")
    assert box.state() == "closed"
    assert box.open("1111") is False
    assert box.open("") is False
    assert box.state() == "closed"
    assert box.open("1234") is True
    assert box.state() == "open"
    box.close()
    assert box.state() == "closed"
    assert box.open("123") is False
    assert box.open("12345") is False
    assert box.open("1234") is True
    box.close()
    for code in ("1", "2", "3"):
        assert box.open(code) is False
    assert box.state() == "blocked"
    assert box.open("1234") is False
    assert box.state() == "blocked"
    other = candidate("7")
    other.open("8")
    other.open("9")
    assert other.open("7") is True


class ExamList:
    """The results of an exam. It is made with the points that are needed to pass.

    `enter(student, points)` notes a result; a later result of the same student counts only if it is
    better. `points(student)` returns the points of a student, or None. `passed()` returns the names
    of those who have enough points, sorted. `best()` returns the name of the student with the most
    points, of several the first by name, or None if there is no result.

    >>> exam = ExamList(50)
    >>> exam.enter("Bob", 40)
    >>> exam.enter("Bob", 60)
    >>> exam.passed()
    ['Bob']
    """

    def __init__(self, needed: int) -> None:
        self._needed = needed
        self._points: dict[str, int] = {}

    def enter(self, student: str, points: int) -> None:
        if student not in self._points or points > self._points[student]:
            self._points[student] = points

    def points(self, student: str) -> int | None:
        return self._points.get(student)

    def passed(self) -> list[str]:
        return sorted(name for name, points in self._points.items() if points >= self._needed)

    def best(self) -> str | None:
        if not self._points:
            return None
        most = max(self._points.values())
        return min(name for name, points in self._points.items() if points == most)


def check_ExamList(candidate: Candidate) -> None:
    exam = candidate(50)
    assert exam.best() is None
    assert exam.passed() == []
    assert exam.points("Bob") is None
    exam.enter("Bob", 40)
    assert exam.points("Bob") == 40
    assert exam.passed() == []
    assert exam.best() == "Bob"
    exam.enter("Bob", 60)
    exam.enter("Bob", 50)
    assert exam.points("Bob") == 60
    exam.enter("Zoe", 49)
    exam.enter("Ann", 50)
    assert exam.passed() == ["Ann", "Bob"]
    exam.enter("Zoe", 60)
    exam.enter("Kim", -3)
    assert exam.points("Kim") == -3
    assert exam.best() == "Bob"
    exam.enter("Al", 60)
    assert exam.best() == "Al"
    assert exam.passed() == ["Al", "Ann", "Bob", "Zoe"]


class SilentAuction:
    """An auction of one thing. It is made with the lowest bid that is taken, and with the step by
    which a bid must at least exceed the one before.

    `bid(name, amount)` returns True if the bid is taken: the first must be at least the lowest bid,
    every other one at least the highest bid so far plus the step. Nobody can outbid themselves: a
    bid of the one who leads is not taken. `leader()` returns the name of who leads, or `"nobody"`.
    `close()` ends the auction and returns the highest bid, 0 if there is none; after it no bid is
    taken.

    >>> auction = SilentAuction(10, 5)
    >>> auction.bid("Ann", 10)
    True
    >>> auction.bid("Bob", 14)
    False
    """

    def __init__(self, lowest: int, step: int) -> None:
        self._needed = lowest
        self._step = step
        self._highest = 0
        self._leader = "nobody"
        self._closed = False

    def bid(self, name: str, amount: int) -> bool:
        if self._closed or name == self._leader or amount < self._needed:
            return False
        self._highest = amount
        self._needed = amount + self._step
        self._leader = name
        return True

    def leader(self) -> str:
        return self._leader

    def close(self) -> int:
        self._closed = True
        return self._highest


def check_SilentAuction(candidate: Candidate) -> None:
    auction = candidate(10, 5)
    assert auction.leader() == "nobody"
    assert auction.bid("Ann", 9) is False
    assert auction.leader() == "nobody"
    assert auction.bid("Ann", 10) is True
    assert auction.bid("Bob", 14) is False
    assert auction.bid("Ann", 100) is False
    assert auction.leader() == "Ann"
    assert auction.bid("Bob", 15) is True
    assert auction.leader() == "Bob"
    assert auction.bid("Ann", 30) is True
    assert auction.bid("Bob", 34) is False
    assert auction.close() == 30
    assert auction.bid("Bob", 500) is False
    assert auction.leader() == "Ann"
    assert auction.close() == 30
    assert candidate(1, 1).close() == 0


class SeatRow:
    """A row of seats in a theater, numbered from 1. It is made with the number of seats; all of
    them are free.

    `take(seat)` takes a seat and returns True, or returns False if there is no such seat or it is
    taken. `free()` returns how many seats are free. `together(count)` returns the lowest seat at
    which that many free seats begin side by side, or 0 if there is none; the count is at least 1.

    >>> row = SeatRow(5)
    >>> row.take(2)
    True
    >>> row.together(2)
    3
    """

    def __init__(self, seats: int) -> None:
        self._free = [True] * seats

    def take(self, seat: int) -> bool:
        if not 1 <= seat <= len(self._free) or not self._free[seat - 1]:
            return False
        self._free[seat - 1] = False
        return True

    def free(self) -> int:
        return sum(self._free)

    def together(self, count: int) -> int:
        for start in range(len(self._free) - count + 1):
            if all(self._free[start : start + count]):
                return start + 1
        return 0


def check_SeatRow(candidate: Candidate) -> None:
    row = candidate(5)
    assert row.free() == 5
    assert row.together(5) == 1
    assert row.together(6) == 0
    assert row.take(2) is True
    assert row.take(2) is False
    assert row.take(0) is False
    assert row.take(6) is False
    assert row.take(-1) is False
    assert row.free() == 4
    assert row.together(1) == 1
    assert row.together(2) == 3
    assert row.together(3) == 3
    assert row.together(4) == 0
    assert row.take(5) is True
    assert row.together(3) == 0
    assert row.together(2) == 3
    assert row.take(1) is True
    assert row.together(1) == 3
    assert row.free() == 2
