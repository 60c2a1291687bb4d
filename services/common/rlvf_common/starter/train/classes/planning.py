"""Objects that need a small algorithm: plans, limits, groups, formulas."""

from rlvf_common.starter.candidate import Candidate


class RoomCalendar:
    """The bookings of a room on one day, by the hour.

    `book(start, end)` books the room from the hour `start` up to, but without, the hour `end`, and
    returns True. It returns False and changes nothing if `end` is not after `start`, or if it is
    booked during any of this time. `cancel(start)` removes the booking that begins at that hour; it
    tells whether there was one. `booked_hours()` returns how many hours are booked. `free_at(hour)`
    tells whether the room is free during the hour that begins then.

    >>> room = RoomCalendar()
    >>> room.book(9, 11)
    True
    >>> room.book(10, 12)
    False
    """

    def __init__(self) -> None:
        self._bookings: list[tuple[int, int]] = []

    def book(self, start: int, end: int) -> bool:
        if end <= start:
            return False
        for first, last in self._bookings:
            if start < last and first < end:
                return False
        self._bookings.append((start, end))
        return True

    def cancel(self, start: int) -> bool:
        for booking in self._bookings:
            if booking[0] == start:
                self._bookings.remove(booking)
                return True
        return False

    def booked_hours(self) -> int:
        return sum(end - start for start, end in self._bookings)

    def free_at(self, hour: int) -> bool:
        return not any(start <= hour < end for start, end in self._bookings)


def check_RoomCalendar(candidate: Candidate) -> None:
    room = candidate()
    assert room.free_at(9) is True
    assert room.booked_hours() == 0
    assert room.book(9, 11) is True
    assert room.book(10, 12) is False
    assert room.book(8, 10) is False
    assert room.book(8, 12) is False
    assert room.book(9, 10) is False
    assert room.book(5, 5) is False
    assert room.book(6, 5) is False
    assert room.book(11, 12) is True
    assert room.book(8, 9) is True
    assert room.booked_hours() == 4
    assert room.free_at(10) is False
    assert room.free_at(8) is False
    assert room.free_at(12) is True
    assert room.free_at(7) is True
    assert room.cancel(10) is False
    assert room.cancel(9) is True
    assert room.cancel(9) is False
    assert room.free_at(9) is True
    assert room.free_at(11) is False
    assert room.booked_hours() == 2


class CallLimiter:
    """Allows at most a number of calls within a stretch of seconds; made with both of them.

    `allow(time)` is asked with the time of a call in seconds, never earlier than the time before.
    It returns True if fewer than the number of calls were allowed in the stretch that ends with
    this second, and the call then counts. Otherwise it returns False. With 2 calls in 10 seconds, a
    call at 10 does not count at 20 any more, but it does at 19. `refused()` returns how often False
    was returned.

    >>> limiter = CallLimiter(1, 10)
    >>> limiter.allow(5)
    True
    >>> limiter.allow(14)
    False
    >>> limiter.allow(15)
    True
    """

    def __init__(self, calls: int, seconds: int) -> None:
        self._calls = calls
        self._seconds = seconds
        self._times: list[int] = []
        self._refused = 0

    def allow(self, time: int) -> bool:
        recent = [one for one in self._times if one > time - self._seconds]
        if len(recent) >= self._calls:
            self._refused += 1
            return False
        self._times = [*recent, time]
        return True

    def refused(self) -> int:
        return self._refused


def check_CallLimiter(candidate: Candidate) -> None:
    limiter = candidate(2, 10)
    assert limiter.refused() == 0
    assert limiter.allow(10) is True
    assert limiter.allow(12) is True
    assert limiter.allow(12) is False
    assert limiter.allow(19) is False
    assert limiter.allow(20) is True
    assert limiter.allow(21) is False
    assert limiter.allow(22) is True
    assert limiter.refused() == 3
    assert limiter.allow(100) is True
    assert limiter.allow(100) is True
    assert limiter.allow(100) is False
    assert limiter.refused() == 4
    single = candidate(1, 1)
    assert single.allow(0) is True
    assert single.allow(0) is False
    assert single.allow(1) is True


class SmallCache:
    """Stores values under names, at most as many as it is made for. If a new name does not fit in,
    the name that was used longest ago is dropped first.

    `put(name, value)` stores a value. `get(name)` returns the value of a name, or None. Both use
    the name. `names()` returns all names, the one that was used last first.

    >>> cache = SmallCache(2)
    >>> cache.put("a", 1)
    >>> cache.put("b", 2)
    >>> cache.get("a")
    1
    >>> cache.put("c", 3)
    >>> cache.names()
    ['c', 'a']
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: dict[str, int] = {}

    def put(self, name: str, value: int) -> None:
        self._values.pop(name, None)
        if len(self._values) == self._size:
            del self._values[next(iter(self._values))]
        self._values[name] = value

    def get(self, name: str) -> int | None:
        if name not in self._values:
            return None
        self._values[name] = self._values.pop(name)
        return self._values[name]

    def names(self) -> list[str]:
        return list(reversed(self._values))


def check_SmallCache(candidate: Candidate) -> None:
    cache = candidate(2)
    assert cache.names() == []
    assert cache.get("a") is None
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.names() == ["b", "a"]
    assert cache.get("a") == 1
    assert cache.names() == ["a", "b"]
    cache.put("c", 3)
    assert cache.names() == ["c", "a"]
    assert cache.get("b") is None
    cache.put("a", 10)
    assert cache.names() == ["a", "c"]
    assert cache.get("a") == 10
    cache.put("d", 4)
    assert cache.names() == ["d", "a"]
    one = candidate(1)
    one.put("x", 1)
    one.put("x", 2)
    assert one.get("x") == 2
    one.put("y", 3)
    assert one.names() == ["y"]


class FriendGroups:
    """People who know each other form a group: whoever knows somebody of a group is in it as well.
    At first everybody is alone.

    `meet(one, two)` notes that two people know each other. `together(one, two)` tells whether two
    people are in the same group. `size(person)` returns how many people are in the person's group,
    the person included. `groups()` returns how many groups of at least two people there are.

    >>> friends = FriendGroups()
    >>> friends.meet("Ann", "Bob")
    >>> friends.meet("Bob", "Eve")
    >>> friends.together("Ann", "Eve")
    True
    >>> friends.size("Ann")
    3
    """

    def __init__(self) -> None:
        self._groups: list[set[str]] = []

    def meet(self, one: str, two: str) -> None:
        merged = self._group_of(one) | self._group_of(two)
        self._groups = [group for group in self._groups if not group & merged]
        self._groups.append(merged)

    def together(self, one: str, two: str) -> bool:
        return two in self._group_of(one)

    def size(self, person: str) -> int:
        return len(self._group_of(person))

    def groups(self) -> int:
        return sum(len(group) > 1 for group in self._groups)

    def _group_of(self, person: str) -> set[str]:
        for group in self._groups:
            if person in group:
                return group
        return {person}


def check_FriendGroups(candidate: Candidate) -> None:
    friends = candidate()
    assert friends.groups() == 0
    assert friends.size("Ann") == 1
    assert friends.together("Ann", "Bob") is False
    assert friends.together("Ann", "Ann") is True
    friends.meet("Ann", "Bob")
    friends.meet("Kim", "Jim")
    assert friends.together("Bob", "Ann") is True
    assert friends.together("Ann", "Kim") is False
    assert friends.groups() == 2
    friends.meet("Eve", "Bob")
    assert friends.together("Ann", "Eve") is True
    assert friends.size("Bob") == 3
    friends.meet("Jim", "Ann")
    assert friends.groups() == 1
    assert friends.size("Kim") == 5
    assert friends.together("Eve", "Kim") is True
    friends.meet("Eve", "Kim")
    assert friends.size("Kim") == 5
    friends.meet("Zoe", "Zoe")
    assert friends.groups() == 1


class WorkPlan:
    """Jobs, of which some must be done before others.

    `add(job, needs)` adds a job with the list of the jobs that must be done before it.
    `finish(job)` marks a job as done; it returns False and changes nothing if the job was not
    added, is done already, or needs a job that is not done. `ready()` returns the jobs that can be
    finished now, sorted. `left()` returns how many jobs were added and are not done.

    >>> plan = WorkPlan()
    >>> plan.add("paint", ["wash"])
    >>> plan.add("wash", [])
    >>> plan.ready()
    ['wash']
    >>> plan.finish("paint")
    False
    """

    def __init__(self) -> None:
        self._needs: dict[str, list[str]] = {}
        self._done: set[str] = set()

    def add(self, job: str, needs: list[str]) -> None:
        self._needs[job] = needs

    def finish(self, job: str) -> bool:
        if job not in self.ready():
            return False
        self._done.add(job)
        return True

    def ready(self) -> list[str]:
        return sorted(
            job
            for job, needs in self._needs.items()
            if job not in self._done and all(need in self._done for need in needs)
        )

    def left(self) -> int:
        return len(self._needs) - len(self._done)


def check_WorkPlan(candidate: Candidate) -> None:
    plan = candidate()
    assert plan.ready() == []
    assert plan.left() == 0
    plan.add("paint", ["wash", "buy"])
    plan.add("wash", [])
    plan.add("buy", [])
    plan.add("dry", ["paint"])
    plan.add("hang", ["nail"])
    assert plan.ready() == ["buy", "wash"]
    assert plan.left() == 5
    assert plan.finish("paint") is False
    assert plan.finish("nail") is False
    assert plan.finish("wash") is True
    assert plan.finish("wash") is False
    assert plan.ready() == ["buy"]
    assert plan.finish("buy") is True
    assert plan.ready() == ["paint"]
    assert plan.left() == 3
    assert plan.finish("dry") is False
    assert plan.finish("paint") is True
    assert plan.finish("dry") is True
    assert plan.finish("hang") is False
    assert plan.ready() == []
    assert plan.left() == 1
