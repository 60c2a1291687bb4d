"""Accounts, stores, queues and traffic, one event after the other."""

from rlvf_common.starter.candidate import Candidate


def lowest_balance(start: int, bookings: list[int]) -> int:
    """Return the lowest balance that an account ever has, the balance at the start included.

    >>> lowest_balance(10, [-4, -3, 9])
    3
    """
    return min(start + sum(bookings[:count]) for count in range(len(bookings) + 1))


def check_lowest_balance(candidate: Candidate) -> None:
    assert candidate(10, [-4, -3, 9]) == 3
    assert candidate(5, []) == 5
    assert candidate(5, [1, 2]) == 5
    assert candidate(0, [-1, -1]) == -2
    assert candidate(-3, [2, 2, -9]) == -8
    assert candidate(4, [-5, 10, -5]) == -1


def passengers_left_behind(waiting: list[int], seats: int) -> int:
    """Return how many people never got on the bus.

    At every stop some people wait. The bus takes as many as there are free seats, and nobody gets
    off.

    >>> passengers_left_behind([3, 5], 6)
    2
    """
    return max(sum(waiting) - seats, 0)


def check_passengers_left_behind(candidate: Candidate) -> None:
    assert candidate([3, 5], 6) == 2
    assert candidate([], 6) == 0
    assert candidate([6], 6) == 0
    assert candidate([7], 6) == 1
    assert candidate([1, 1, 1], 0) == 3
    assert candidate([2, 2], 50) == 0


def accept_withdrawals(balance: int, amounts: list[int]) -> tuple[int, int]:
    """Take amounts from an account one after the other, as long as the balance allows each one.

    An amount above the balance is refused, and the next one is tried. Amounts that are not positive
    are refused, too. Return the balance at the end and the number of refused amounts.

    >>> accept_withdrawals(50, [30, 25, 20])
    (0, 1)
    """
    refused = 0
    for amount in amounts:
        if 0 < amount <= balance:
            balance -= amount
        else:
            refused += 1
    return balance, refused


def check_accept_withdrawals(candidate: Candidate) -> None:
    assert candidate(50, [30, 25, 20]) == (0, 1)
    assert candidate(50, []) == (50, 0)
    assert candidate(0, [1]) == (0, 1)
    assert candidate(10, [0, -5]) == (10, 2)
    assert candidate(10, [10]) == (0, 0)
    assert candidate(10, [11]) == (10, 1)
    assert candidate(10, [1, 1, 1]) == (7, 0)
    assert candidate(5, [6, 4, 2, 1]) == (0, 2)


def served_at(arrivals: list[int], duration: int) -> list[int]:
    """Return when each customer of a shop with one clerk is done.

    Customers arrive at the given times, sorted upward, and are served in this order. Serving one
    takes `duration` minutes and begins when the customer has arrived and the one before is done.

    >>> served_at([0, 1, 10], 3)
    [3, 6, 13]
    """
    done: list[int] = []
    for arrival in arrivals:
        start = max(arrival, done[-1]) if done else arrival
        done.append(start + duration)
    return done


def check_served_at(candidate: Candidate) -> None:
    assert candidate([0, 1, 10], 3) == [3, 6, 13]
    assert candidate([], 5) == []
    assert candidate([7], 5) == [12]
    assert candidate([0, 0, 0], 2) == [2, 4, 6]
    assert candidate([0, 2, 4], 2) == [2, 4, 6]
    assert candidate([1, 2, 9, 10], 4) == [5, 9, 13, 17]
    assert candidate([5, 20], 0) == [5, 20]
    assert candidate([-9, -8], 2) == [-7, -5]


def checkout_lines(customers: list[int], lines: int) -> list[int]:
    """Customers choose a checkout line one after the other. Return how much waits in each line.

    A customer has a number of goods. Each one goes to the line with the fewest goods so far; of
    several such lines to the one with the lowest number. Nobody is served in the meantime.

    >>> checkout_lines([5, 3, 1, 2], 2)
    [5, 6]
    """
    goods = [0] * lines
    for customer in customers:
        goods[goods.index(min(goods))] += customer
    return goods


def check_checkout_lines(candidate: Candidate) -> None:
    assert candidate([5, 3, 1, 2], 2) == [5, 6]
    assert candidate([], 3) == [0, 0, 0]
    assert candidate([4], 2) == [4, 0]
    assert candidate([1, 2, 3], 1) == [6]
    assert candidate([1, 1, 1, 1], 3) == [2, 1, 1]
    assert candidate([9, 1, 1, 1], 2) == [9, 3]
    assert candidate([2, 4, 1, 5], 2) == [8, 4]


def ferry_trips(cars: list[int], length: int) -> list[list[int]]:
    """Load cars on a ferry in the order in which they wait, and return the cars of each trip.

    A trip takes cars as long as the next one fits: the lengths of all its cars together are at
    most the length of the ferry. A car that is longer than the ferry is sent away.

    >>> ferry_trips([4, 5, 12, 3], 10)
    [[4, 5], [3]]
    """
    trips: list[list[int]] = []
    for car in cars:
        if car > length:
            continue
        if trips and sum(trips[-1]) + car <= length:
            trips[-1].append(car)
        else:
            trips.append([car])
    return trips


def check_ferry_trips(candidate: Candidate) -> None:
    assert candidate([4, 5, 12, 3], 10) == [[4, 5], [3]]
    assert candidate([], 10) == []
    assert candidate([11], 10) == []
    assert candidate([10], 10) == [[10]]
    assert candidate([5, 5, 5], 10) == [[5, 5], [5]]
    assert candidate([9, 2, 1, 8], 10) == [[9], [2, 1], [8]]
    assert candidate([9, 2, 8, 1], 10) == [[9], [2, 8], [1]]
    assert candidate([1, 20, 1], 2) == [[1, 1]]
    assert candidate([3, 3, 3], 3) == [[3], [3], [3]]


def cache_misses(requests: list[str], size: int) -> int:
    """Count the requests that a cache cannot answer by itself.

    The cache holds the last `size` different things, at least one. A request for something that is
    not in it is a miss, and the thing is put in; if the cache is full, the thing whose last request
    is longest ago is thrown out first.

    >>> cache_misses(["a", "b", "a", "c", "b"], 2)
    4
    """
    cache: list[str] = []
    misses = 0
    for request in requests:
        if request in cache:
            cache.remove(request)
        else:
            misses += 1
            cache = cache[-size + 1 :] if size > 1 else []
        cache.append(request)
    return misses


def check_cache_misses(candidate: Candidate) -> None:
    assert candidate(["a", "b", "a", "c", "b"], 2) == 4
    assert candidate([], 2) == 0
    assert candidate(["a", "a", "a"], 1) == 1
    assert candidate(["a", "b", "a", "b"], 1) == 4
    assert candidate(["a", "b", "a", "b"], 2) == 2
    assert candidate(["a", "b", "c", "a"], 2) == 4
    assert candidate(["a", "b", "c", "a"], 3) == 3
    assert candidate(["a", "b", "a", "c", "a", "b"], 2) == 4
    assert candidate(["a", "b", "c", "a", "d", "a", "b"], 3) == 5
    assert candidate(["a", "b", "a", "a", "c", "b"], 3) == 3
    assert candidate(["x", "y", "z", "x", "w", "y"], 3) == 5


def bank_log(start: dict[str, int], orders: list[tuple[str, str, int]]) -> dict[str, int]:
    """Carry out transfers between accounts and return the balances at the end.

    An order is (from, to, amount). It is skipped if one of the accounts does not exist or if the
    first one has less than the amount. The given dictionary must not change.

    >>> bank_log({"a": 5, "b": 0}, [("a", "b", 3), ("a", "b", 3)])
    {'a': 2, 'b': 3}
    """
    balances = dict(start)
    for source, target, amount in orders:
        if source not in balances or target not in balances:
            continue
        if balances[source] >= amount:
            balances[source] -= amount
            balances[target] += amount
    return balances


def check_bank_log(candidate: Candidate) -> None:
    start = {"a": 5, "b": 0}
    assert candidate(start, [("a", "b", 3), ("a", "b", 3)]) == {"a": 2, "b": 3}
    assert start == {"a": 5, "b": 0}
    assert candidate({}, [("a", "b", 1)]) == {}
    assert candidate({"a": 1}, [("a", "b", 1)]) == {"a": 1}
    assert candidate({"b": 1}, [("a", "b", 1)]) == {"b": 1}
    assert candidate({"a": 1}, [("a", "a", 1)]) == {"a": 1}
    assert candidate({"a": 4, "b": 0}, [("a", "b", 4)]) == {"a": 0, "b": 4}
    assert candidate({"a": 0, "b": 2, "c": 0}, [("a", "c", 1), ("b", "a", 2), ("a", "c", 1)]) == {
        "a": 1,
        "b": 0,
        "c": 1,
    }


def parking_fees(events: list[tuple[int, str]], closing: int) -> dict[str, int]:
    """Return what each car must pay in a car park.

    An event is (minute, plate); the first event of a plate is its arrival, the next one its
    departure, then again an arrival, and so on, in the order of time. Each stay costs 1 for every
    30 minutes that have begun, but nothing if it is shorter than 5 minutes. Who is still there at
    the minute of closing pays for the stay up to then, plus a fine of 10.

    >>> parking_fees([(0, "X"), (4, "Y"), (31, "X")], 60)
    {'X': 2, 'Y': 12}
    """
    fees: dict[str, int] = {}
    arrivals: dict[str, int] = {}
    for minute, plate in events:
        if plate in arrivals:
            stay = minute - arrivals.pop(plate)
            fees[plate] = fees.get(plate, 0) + ((stay + 29) // 30 if stay >= 5 else 0)
        else:
            arrivals[plate] = minute
    for plate, arrival in arrivals.items():
        stay = closing - arrival
        fees[plate] = fees.get(plate, 0) + 10 + ((stay + 29) // 30 if stay >= 5 else 0)
    return fees


def check_parking_fees(candidate: Candidate) -> None:
    assert candidate([(0, "X"), (4, "Y"), (31, "X")], 60) == {"X": 2, "Y": 12}
    assert candidate([], 60) == {}
    assert candidate([(0, "A"), (4, "A")], 60) == {"A": 0}
    assert candidate([(0, "A"), (5, "A")], 60) == {"A": 1}
    assert candidate([(0, "A"), (30, "A")], 60) == {"A": 1}
    assert candidate([(0, "A"), (60, "A"), (70, "A"), (80, "A")], 90) == {"A": 3}
    assert candidate([(57, "A")], 60) == {"A": 10}
    assert candidate([(56, "A")], 60) == {"A": 10}
    assert candidate([(30, "A")], 60) == {"A": 11}
    assert candidate([(29, "A")], 60) == {"A": 12}
    assert candidate([(0, "A")], 60) == {"A": 12}
    assert candidate([(55, "A")], 60) == {"A": 11}
    assert candidate([(0, "A"), (40, "A"), (50, "A")], 90) == {"A": 14}
    assert candidate([(0, "A"), (1, "B"), (2, "A"), (62, "B")], 90) == {"A": 0, "B": 3}


def robot_battery(jobs: list[int], capacity: int, charge: int) -> int:
    """Return how many minutes a robot needs for its jobs.

    The battery is full at the beginning and holds `capacity` units. A job of n minutes uses n units
    and is never interrupted. Before a job for which the battery is too empty, the robot charges
    `charge` units a minute until it is completely full; a part of a minute counts as a whole one.
    Return -1 if some job needs more than a full battery.

    >>> robot_battery([4, 5], 6, 2)
    11
    """
    battery = capacity
    minutes = 0
    for job in jobs:
        if job > capacity:
            return -1
        if job > battery:
            minutes += -(-(capacity - battery) // charge)
            battery = capacity
        battery -= job
        minutes += job
    return minutes


def check_robot_battery(candidate: Candidate) -> None:
    assert candidate([4, 5], 6, 2) == 11
    assert candidate([], 6, 2) == 0
    assert candidate([6], 6, 2) == 6
    assert candidate([7], 6, 2) == -1
    assert candidate([2, 4], 6, 2) == 6
    assert candidate([3, 4], 6, 2) == 9
    assert candidate([5, 2, 4, 1], 6, 1) == 23
    assert candidate([1, 9], 8, 3) == -1
    assert candidate([6, 6, 6], 6, 4) == 22
    assert candidate([1, 6], 6, 5) == 8
