"""Objects that count and remember a number or two."""

from rlvf_common.starter.candidate import Candidate


class TallyCounter:
    """A counter that starts at zero.

    `press()` adds one to the attribute `count`. `clear()` sets it back to zero.

    >>> counter = TallyCounter()
    >>> counter.press()
    >>> counter.count
    1
    """

    def __init__(self) -> None:
        self.count = 0

    def press(self) -> None:
        self.count += 1

    def clear(self) -> None:
        self.count = 0


def check_TallyCounter(candidate: Candidate) -> None:
    counter = candidate()
    assert counter.count == 0
    assert counter.press() is None
    assert counter.count == 1
    counter.press()
    counter.press()
    assert counter.count == 3
    other = candidate()
    other.press()
    assert (counter.count, other.count) == (3, 1)
    assert counter.clear() is None
    assert counter.count == 0
    counter.press()
    assert counter.count == 1


class LightSwitch:
    """A switch that is off at first.

    `flip()` changes it from off to on or from on to off. `is_on()` tells whether it is on.
    `flips()` returns how often it was flipped.

    >>> switch = LightSwitch()
    >>> switch.flip()
    >>> switch.is_on()
    True
    """

    def __init__(self) -> None:
        self._on = False
        self._flips = 0

    def flip(self) -> None:
        self._on = not self._on
        self._flips += 1

    def is_on(self) -> bool:
        return self._on

    def flips(self) -> int:
        return self._flips


def check_LightSwitch(candidate: Candidate) -> None:
    switch = candidate()
    assert switch.is_on() is False
    assert switch.flips() == 0
    switch.flip()
    assert switch.is_on() is True
    assert switch.flips() == 1
    switch.flip()
    assert switch.is_on() is False
    switch.flip()
    assert switch.is_on() is True
    assert switch.flips() == 3


class StepTracker:
    """Counts the steps of one day. The goal is given when it is made.

    `walk(steps)` adds steps. `missing()` returns how many steps are missing to the goal, 0 if the
    goal is reached. `reached()` tells whether the steps are at least the goal.

    >>> tracker = StepTracker(100)
    >>> tracker.walk(60)
    >>> tracker.missing()
    40
    """

    def __init__(self, goal: int) -> None:
        self._goal = goal
        self._steps = 0

    def walk(self, steps: int) -> None:
        self._steps += steps

    def missing(self) -> int:
        return max(0, self._goal - self._steps)

    def reached(self) -> bool:
        return self._steps >= self._goal


def check_StepTracker(candidate: Candidate) -> None:
    tracker = candidate(100)
    assert tracker.missing() == 100
    assert tracker.reached() is False
    tracker.walk(60)
    tracker.walk(39)
    assert tracker.missing() == 1
    assert tracker.reached() is False
    tracker.walk(1)
    assert tracker.missing() == 0
    assert tracker.reached() is True
    tracker.walk(500)
    assert tracker.missing() == 0
    assert tracker.reached() is True
    assert candidate(0).reached() is True
    assert candidate(7).missing() == 7


class Countdown:
    """A counter that goes down to zero. Its first number is given when it is made.

    `tick()` lowers the number by one and returns it; at zero it stays zero. `restart()` brings
    back the first number. `finished()` tells whether the number is zero.

    >>> countdown = Countdown(2)
    >>> countdown.tick()
    1
    >>> countdown.tick()
    0
    """

    def __init__(self, first: int) -> None:
        self._first = first
        self._number = first

    def tick(self) -> int:
        if self._number > 0:
            self._number -= 1
        return self._number

    def restart(self) -> None:
        self._number = self._first

    def finished(self) -> bool:
        return self._number == 0


def check_Countdown(candidate: Candidate) -> None:
    countdown = candidate(2)
    assert countdown.finished() is False
    assert countdown.tick() == 1
    assert countdown.finished() is False
    assert countdown.tick() == 0
    assert countdown.finished() is True
    assert countdown.tick() == 0
    countdown.restart()
    assert countdown.finished() is False
    assert countdown.tick() == 1
    assert candidate(0).finished() is True
    assert candidate(0).tick() == 0
    assert candidate(10).tick() == 9


class Odometer:
    """Counts the kilometers that a car has driven, in all and since the last reset.

    `drive(kilometers)` adds to both numbers; it ignores numbers that are not greater than zero.
    `reset_trip()` sets only the trip back to zero. The attributes are `total` and `trip`; both are
    0 at first.

    >>> odometer = Odometer()
    >>> odometer.drive(12)
    >>> odometer.reset_trip()
    >>> (odometer.total, odometer.trip)
    (12, 0)
    """

    def __init__(self) -> None:
        self.total = 0
        self.trip = 0

    def drive(self, kilometers: int) -> None:
        if kilometers > 0:
            self.total += kilometers
            self.trip += kilometers

    def reset_trip(self) -> None:
        self.trip = 0


def check_Odometer(candidate: Candidate) -> None:
    odometer = candidate()
    assert (odometer.total, odometer.trip) == (0, 0)
    odometer.drive(12)
    assert (odometer.total, odometer.trip) == (12, 12)
    odometer.reset_trip()
    assert (odometer.total, odometer.trip) == (12, 0)
    odometer.drive(1)
    odometer.drive(4)
    assert (odometer.total, odometer.trip) == (17, 5)
    odometer.drive(-3)
    assert (odometer.total, odometer.trip) == (17, 5)
    odometer.drive(0)
    assert (odometer.total, odometer.trip) == (17, 5)


class TeamScore:
    """The score of a match between the teams `"home"` and `"away"`, 0 to 0 at first.

    `goal(team)` gives that team one point. `leader()` returns the name of the team with more
    points, or `"nobody"` if they have the same. `text()` returns the points as `"2:1"`, those of
    the home team first.

    >>> score = TeamScore()
    >>> score.goal("away")
    >>> score.leader()
    'away'
    >>> score.text()
    '0:1'
    """

    def __init__(self) -> None:
        self._points = {"home": 0, "away": 0}

    def goal(self, team: str) -> None:
        self._points[team] += 1

    def leader(self) -> str:
        if self._points["home"] > self._points["away"]:
            return "home"
        if self._points["away"] > self._points["home"]:
            return "away"
        return "nobody"

    def text(self) -> str:
        return f"{self._points['home']}:{self._points['away']}"


def check_TeamScore(candidate: Candidate) -> None:
    score = candidate()
    assert score.leader() == "nobody"
    assert score.text() == "0:0"
    score.goal("away")
    assert score.leader() == "away"
    assert score.text() == "0:1"
    score.goal("home")
    assert score.leader() == "nobody"
    assert score.text() == "1:1"
    score.goal("home")
    assert score.leader() == "home"
    for _ in range(9):
        score.goal("home")
    assert score.text() == "11:1"
    assert candidate().text() == "0:0"


class NumberRecorder:
    """Keeps the smallest and the largest of the numbers that it is given.

    `add(number)` takes a number. `smallest()` and `largest()` return None while there is no
    number. `spread()` returns the difference of the two, and 0 while there is no number.

    >>> recorder = NumberRecorder()
    >>> recorder.add(4)
    >>> recorder.add(9)
    >>> recorder.spread()
    5
    """

    def __init__(self) -> None:
        self._numbers: list[int] = []

    def add(self, number: int) -> None:
        self._numbers.append(number)

    def smallest(self) -> int | None:
        return min(self._numbers) if self._numbers else None

    def largest(self) -> int | None:
        return max(self._numbers) if self._numbers else None

    def spread(self) -> int:
        if not self._numbers:
            return 0
        return max(self._numbers) - min(self._numbers)


def check_NumberRecorder(candidate: Candidate) -> None:
    recorder = candidate()
    assert recorder.smallest() is None
    assert recorder.largest() is None
    assert recorder.spread() == 0
    recorder.add(-4)
    assert recorder.smallest() == -4
    assert recorder.largest() == -4
    assert recorder.spread() == 0
    recorder.add(9)
    recorder.add(2)
    assert recorder.smallest() == -4
    assert recorder.largest() == 9
    assert recorder.spread() == 13
    other = candidate()
    other.add(0)
    assert other.smallest() == 0
    assert other.largest() == 0
