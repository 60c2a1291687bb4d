"""Objects that behave like a machine or a game: what they do depends on what happened before."""

from rlvf_common.starter.candidate import Candidate


class StopWatch:
    """Measures seconds. It stands still at first.

    `press(time)` starts it if it stands still, and stops it if it runs; `time` is the time of day
    in seconds, never earlier than the time before. `seconds(time)` returns for how many seconds it
    has run until then, in all since the last `reset()`. `reset()` stops it and forgets these
    seconds.

    >>> watch = StopWatch()
    >>> watch.press(100)
    >>> watch.press(130)
    >>> watch.seconds(500)
    30
    """

    def __init__(self) -> None:
        self._before = 0
        self._started: int | None = None

    def press(self, time: int) -> None:
        if self._started is None:
            self._started = time
        else:
            self._before += time - self._started
            self._started = None

    def seconds(self, time: int) -> int:
        if self._started is None:
            return self._before
        return self._before + time - self._started

    def reset(self) -> None:
        self._before = 0
        self._started = None


def check_StopWatch(candidate: Candidate) -> None:
    watch = candidate()
    assert watch.seconds(50) == 0
    watch.press(100)
    assert watch.seconds(100) == 0
    assert watch.seconds(107) == 7
    watch.press(130)
    assert watch.seconds(130) == 30
    assert watch.seconds(500) == 30
    watch.press(600)
    assert watch.seconds(601) == 31
    watch.press(605)
    assert watch.seconds(999) == 35
    watch.press(1000)
    watch.reset()
    assert watch.seconds(1100) == 0
    watch.press(1200)
    assert watch.seconds(1210) == 10
    midnight = candidate()
    midnight.press(0)
    assert midnight.seconds(3) == 3
    midnight.press(4)
    assert midnight.seconds(9) == 4


class Lift:
    """A lift in a house with the floors 0 to `top`, made with the number `top`. It is at floor 0.

    `go(floor)` moves the lift to a floor and returns how many floors it moved. If there is no such
    floor, it does not move and `go` returns -1. `traveled()` returns how many floors it has moved
    in all. `floor()` returns where it is.

    >>> lift = Lift(5)
    >>> lift.go(4)
    4
    >>> lift.go(1)
    3
    >>> lift.traveled()
    7
    """

    def __init__(self, top: int) -> None:
        self._top = top
        self._floor = 0
        self._traveled = 0

    def go(self, floor: int) -> int:
        if floor < 0 or floor > self._top:
            return -1
        moved = abs(floor - self._floor)
        self._floor = floor
        self._traveled += moved
        return moved

    def traveled(self) -> int:
        return self._traveled

    def floor(self) -> int:
        return self._floor


def check_Lift(candidate: Candidate) -> None:
    lift = candidate(5)
    assert lift.floor() == 0
    assert lift.traveled() == 0
    assert lift.go(4) == 4
    assert lift.go(1) == 3
    assert lift.floor() == 1
    assert lift.traveled() == 7
    assert lift.go(6) == -1
    assert lift.go(-1) == -1
    assert lift.floor() == 1
    assert lift.traveled() == 7
    assert lift.go(1) == 0
    assert lift.go(5) == 4
    assert lift.go(0) == 5
    assert lift.traveled() == 16
    assert candidate(0).go(1) == -1


class SnackMachine:
    """A machine that sells one kind of snack, made with the price and the number of snacks in it.

    `insert(coin)` adds a coin to the credit. `buy()` gives a snack: it returns the change, which is
    the credit beyond the price, and the credit is zero then. If the credit is below the price or no
    snack is left, `buy()` returns -1 and keeps the credit. `cancel()` returns the credit and sets
    it to zero. `snacks()` returns how many snacks are left.

    >>> machine = SnackMachine(30, 1)
    >>> machine.insert(50)
    >>> machine.buy()
    20
    >>> machine.snacks()
    0
    """

    def __init__(self, price: int, snacks: int) -> None:
        self._price = price
        self._snacks = snacks
        self._credit = 0

    def insert(self, coin: int) -> None:
        self._credit += coin

    def buy(self) -> int:
        if self._credit < self._price or self._snacks == 0:
            return -1
        self._snacks -= 1
        change = self._credit - self._price
        self._credit = 0
        return change

    def cancel(self) -> int:
        credit = self._credit
        self._credit = 0
        return credit

    def snacks(self) -> int:
        return self._snacks


def check_SnackMachine(candidate: Candidate) -> None:
    machine = candidate(30, 2)
    assert machine.buy() == -1
    assert machine.snacks() == 2
    machine.insert(20)
    assert machine.buy() == -1
    machine.insert(10)
    assert machine.buy() == 0
    assert machine.snacks() == 1
    assert machine.cancel() == 0
    machine.insert(50)
    machine.insert(50)
    assert machine.buy() == 70
    assert machine.snacks() == 0
    assert machine.buy() == -1
    machine.insert(40)
    assert machine.buy() == -1
    assert machine.cancel() == 40
    assert machine.cancel() == 0


class PetHamster:
    """A hamster with a number for its hunger and one for its joy, both 5 at first and never below 0
    or above 10.

    `feed()` lowers the hunger by 3. `play()` raises the joy by 2 and the hunger by 1. `wait(hours)`
    raises the hunger by 1 and lowers the joy by 1 for each hour. `mood()` returns `"hungry"` if the
    hunger is at least 8, otherwise `"sad"` if the joy is at most 2, otherwise `"fine"`. The numbers
    are the attributes `hunger` and `joy`.

    >>> hamster = PetHamster()
    >>> hamster.play()
    >>> (hamster.hunger, hamster.joy)
    (6, 7)
    """

    def __init__(self) -> None:
        self.hunger = 5
        self.joy = 5

    def feed(self) -> None:
        self.hunger = max(0, self.hunger - 3)

    def play(self) -> None:
        self.joy = min(10, self.joy + 2)
        self.hunger = min(10, self.hunger + 1)

    def wait(self, hours: int) -> None:
        self.hunger = min(10, self.hunger + hours)
        self.joy = max(0, self.joy - hours)

    def mood(self) -> str:
        if self.hunger >= 8:
            return "hungry"
        return "sad" if self.joy <= 2 else "fine"


def check_PetHamster(candidate: Candidate) -> None:
    hamster = candidate()
    assert (hamster.hunger, hamster.joy) == (5, 5)
    assert hamster.mood() == "fine"
    hamster.play()
    assert (hamster.hunger, hamster.joy) == (6, 7)
    hamster.wait(1)
    assert (hamster.hunger, hamster.joy) == (7, 6)
    assert hamster.mood() == "fine"
    hamster.wait(1)
    assert hamster.mood() == "hungry"
    hamster.wait(2)
    assert (hamster.hunger, hamster.joy) == (10, 3)
    hamster.feed()
    assert (hamster.hunger, hamster.joy) == (7, 3)
    assert hamster.mood() == "fine"
    hamster.feed()
    hamster.wait(1)
    assert hamster.mood() == "sad"
    hamster.feed()
    assert hamster.hunger == 2
    hamster.feed()
    assert hamster.hunger == 0
    hamster.wait(9)
    assert (hamster.hunger, hamster.joy) == (9, 0)
    hamster.wait(2)
    for _ in range(6):
        hamster.play()
    assert (hamster.hunger, hamster.joy) == (10, 10)


class ThreeInRow:
    """A board of 3 by 3 fields on which the players `"x"` and `"o"` play in turns; `"x"` begins.

    `play(row, column)` sets a sign of the player whose turn it is; rows and columns have the
    numbers 0 to 2. It returns True; if the field is taken, it returns False and it is still the
    turn of the same player. `winner()` returns the player who has three signs in a row, in a column
    or in a diagonal, or None. `board()` returns the rows as texts, with `.` for free fields.

    >>> game = ThreeInRow()
    >>> game.play(0, 0)
    True
    >>> game.play(1, 2)
    True
    >>> game.board()
    ['x..', '..o', '...']
    """

    def __init__(self) -> None:
        self._rows = [["."] * 3 for _ in range(3)]
        self._player = "x"

    def play(self, row: int, column: int) -> bool:
        if self._rows[row][column] != ".":
            return False
        self._rows[row][column] = self._player
        self._player = "o" if self._player == "x" else "x"
        return True

    def winner(self) -> str | None:
        rows = self._rows
        columns = [[row[number] for row in rows] for number in range(3)]
        falling = [rows[number][number] for number in range(3)]
        rising = [rows[number][2 - number] for number in range(3)]
        for line in [*rows, *columns, falling, rising]:
            if line[0] != "." and line == [line[0]] * 3:
                return line[0]
        return None

    def board(self) -> list[str]:
        return ["".join(row) for row in self._rows]


def check_ThreeInRow(candidate: Candidate) -> None:
    game = candidate()
    assert game.board() == ["...", "...", "..."]
    assert game.winner() is None
    assert game.play(0, 0) is True
    assert game.play(0, 0) is False
    assert game.play(1, 2) is True
    assert game.board() == ["x..", "..o", "..."]
    for row, column in ((0, 1), (1, 1)):
        game.play(row, column)
    assert game.winner() is None
    assert game.play(1, 1) is False
    game.play(0, 2)
    assert game.winner() == "x"
    for moves, winner in (
        (((0, 0), (0, 1), (1, 1), (2, 1), (2, 2)), "x"),
        (((0, 0), (0, 2), (0, 1), (1, 1), (2, 2), (2, 0)), "o"),
        (((0, 0), (0, 1), (2, 2), (1, 1), (1, 0), (2, 1)), "o"),
        (((2, 0), (0, 0), (2, 1), (0, 1), (2, 2)), "x"),
        (((0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (2, 2)), None),
    ):
        other = candidate()
        for row, column in moves:
            other.play(row, column)
        assert other.winner() == winner
