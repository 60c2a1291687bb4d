"""Tasks that need a loop with a little state."""

from rlvf_common.starter.candidate import Candidate


def sum_up_to_limit(numbers: list[int], limit: int) -> int:
    """Add the numbers from left to right and stop before the sum would exceed the limit.

    Return the sum reached. No number is negative.

    >>> sum_up_to_limit([4, 3, 5], 8)
    7
    >>> sum_up_to_limit([2, 2], 4)
    4
    """
    total = 0
    for number in numbers:
        if total + number > limit:
            break
        total += number
    return total


def check_sum_up_to_limit(candidate: Candidate) -> None:
    assert candidate([4, 3, 5], 8) == 7
    assert candidate([2, 2], 4) == 4
    assert candidate([9], 5) == 0
    assert candidate([], 3) == 0
    assert candidate([5, 9, 1], 7) == 5
    assert candidate([1, 1, 1], 10) == 3


def days_to_save(goal: int, per_day: int) -> int:
    """Money is saved every day: the same amount each day, which is at least 1.

    Return how many days it takes until the savings are at least the goal.

    >>> days_to_save(10, 3)
    4
    >>> days_to_save(10, 5)
    2
    """
    days = 0
    saved = 0
    while saved < goal:
        saved += per_day
        days += 1
    return days


def check_days_to_save(candidate: Candidate) -> None:
    assert candidate(10, 3) == 4
    assert candidate(10, 5) == 2
    assert candidate(0, 4) == 0
    assert candidate(1, 100) == 1
    assert candidate(7, 1) == 7
    assert candidate(9, 8) == 2


def times_divisible_by_two(number: int) -> int:
    """Return how many times the number can be halved before it becomes odd.

    The number is greater than zero.

    >>> times_divisible_by_two(12)
    2
    >>> times_divisible_by_two(7)
    0
    """
    times = 0
    while number % 2 == 0:
        number //= 2
        times += 1
    return times


def check_times_divisible_by_two(candidate: Candidate) -> None:
    assert candidate(12) == 2
    assert candidate(7) == 0
    assert candidate(1) == 0
    assert candidate(2) == 1
    assert candidate(64) == 6
    assert candidate(40) == 3


def years_until_double(amount: int, yearly_gain: int) -> int:
    """An amount grows by the same gain every year.

    Return after how many years it is at least twice as large as at the start.
    Both numbers are greater than zero.

    >>> years_until_double(100, 30)
    4
    >>> years_until_double(50, 50)
    1
    """
    years = 0
    current = amount
    while current < 2 * amount:
        current += yearly_gain
        years += 1
    return years


def check_years_until_double(candidate: Candidate) -> None:
    assert candidate(100, 30) == 4
    assert candidate(50, 50) == 1
    assert candidate(10, 20) == 1
    assert candidate(10, 9) == 2
    assert candidate(8, 4) == 2
    assert candidate(1, 1) == 1
    assert candidate(5, 1) == 5


def lift_trips(weights: list[int], capacity: int) -> int:
    """People enter a lift in the given order.

    A person who would bring the total weight above the capacity waits for the next trip,
    and so does everyone behind. No person is heavier than the capacity.
    Return the number of trips that are needed.

    >>> lift_trips([60, 70, 80], 150)
    2
    >>> lift_trips([50, 50], 100)
    1
    """
    trips = 0
    load = 0
    for weight in weights:
        if trips == 0 or load + weight > capacity:
            trips += 1
            load = 0
        load += weight
    return trips


def check_lift_trips(candidate: Candidate) -> None:
    assert candidate([60, 70, 80], 150) == 2
    assert candidate([50, 50], 100) == 1
    assert candidate([], 100) == 0
    assert candidate([90], 90) == 1
    assert candidate([90, 90, 90], 100) == 3
    assert candidate([30, 80, 30, 80], 110) == 2
    assert candidate([60, 60, 40, 40], 100) == 3
    assert candidate([60, 60, 41], 100) == 3


def digits_in_common_place(first: int, second: int) -> int:
    """Two numbers are zero or greater. Count the places, from the right, with equal digits.

    Places that only one of the two numbers has are not counted.

    >>> digits_in_common_place(1234, 5254)
    2
    >>> digits_in_common_place(77, 7)
    1
    """
    pairs = zip(reversed(str(first)), reversed(str(second)), strict=False)
    return sum(1 for a, b in pairs if a == b)


def check_digits_in_common_place(candidate: Candidate) -> None:
    assert candidate(1234, 5254) == 2
    assert candidate(77, 7) == 1
    assert candidate(0, 0) == 1
    assert candidate(123, 321) == 1
    assert candidate(10, 1) == 0
    assert candidate(555, 555) == 3
    assert candidate(100, 200) == 2


def steps_to_one_digit(number: int) -> int:
    """Replace the number by the sum of its digits until it has a single digit.

    Return how often the number was replaced. The number is zero or greater.

    >>> steps_to_one_digit(57)
    2
    >>> steps_to_one_digit(8)
    0
    """
    steps = 0
    while number > 9:
        number = sum(int(digit) for digit in str(number))
        steps += 1
    return steps


def check_steps_to_one_digit(candidate: Candidate) -> None:
    assert candidate(57) == 2
    assert candidate(8) == 0
    assert candidate(10) == 1
    assert candidate(0) == 0
    assert candidate(9) == 0
    assert candidate(199) == 3
    assert candidate(111) == 1


def longest_time_without(days: list[str], event: str) -> int:
    """Return the length of the longest stretch of days in a row that are not the event.

    >>> longest_time_without(["sun", "rain", "sun", "sun"], "rain")
    2
    >>> longest_time_without(["rain"], "rain")
    0
    """
    best = 0
    current = 0
    for day in days:
        if day == event:
            current = 0
        else:
            current += 1
            best = max(best, current)
    return best


def check_longest_time_without(candidate: Candidate) -> None:
    assert candidate(["sun", "rain", "sun", "sun"], "rain") == 2
    assert candidate(["rain"], "rain") == 0
    assert candidate([], "rain") == 0
    assert candidate(["a", "b", "c"], "x") == 3
    assert candidate(["a", "b", "x", "c"], "x") == 2
    assert candidate(["x", "a", "x", "b", "x"], "x") == 1


def seats_left(seats: int, requests: list[int]) -> int:
    """A bus has some free seats. Each request asks for a number of seats.

    A request gets its seats only if enough are left; otherwise it gets none.
    Return how many seats stay free at the end.

    >>> seats_left(10, [4, 7, 3])
    3
    >>> seats_left(5, [5])
    0
    """
    for request in requests:
        if request <= seats:
            seats -= request
    return seats


def check_seats_left(candidate: Candidate) -> None:
    assert candidate(10, [4, 7, 3]) == 3
    assert candidate(5, [5]) == 0
    assert candidate(5, [6]) == 5
    assert candidate(0, [1]) == 0
    assert candidate(8, []) == 8
    assert candidate(6, [5, 2, 1]) == 0
    assert candidate(9, [3, 3, 4]) == 3


def first_day_above(values: list[int], limit: int) -> int:
    """Return the number of the first day on which the running total is above the limit.

    The first value belongs to day 1. Return 0 if the total never gets above the limit.

    >>> first_day_above([3, 4, 5], 6)
    2
    >>> first_day_above([3, 3], 6)
    0
    """
    total = 0
    for day, value in enumerate(values, start=1):
        total += value
        if total > limit:
            return day
    return 0


def check_first_day_above(candidate: Candidate) -> None:
    assert candidate([3, 4, 5], 6) == 2
    assert candidate([3, 3], 6) == 0
    assert candidate([9], 1) == 1
    assert candidate([], 0) == 0
    assert candidate([1, 1, 1, 1], 3) == 4
    assert candidate([5, -3, 2, 9], 5) == 4


def merge_scores(first: list[int], second: list[int]) -> list[int]:
    """Take the items of the two lists in turn, starting with the first list.

    When one list is used up, the rest of the other list follows.

    >>> merge_scores([1, 3, 5], [2, 4])
    [1, 2, 3, 4, 5]
    >>> merge_scores([], [7, 8])
    [7, 8]
    """
    merged = []
    for index in range(max(len(first), len(second))):
        if index < len(first):
            merged.append(first[index])
        if index < len(second):
            merged.append(second[index])
    return merged


def check_merge_scores(candidate: Candidate) -> None:
    assert candidate([1, 3, 5], [2, 4]) == [1, 2, 3, 4, 5]
    assert candidate([], [7, 8]) == [7, 8]
    assert candidate([], []) == []
    assert candidate([9], []) == [9]
    assert candidate([1], [2, 3, 4]) == [1, 2, 3, 4]
    assert candidate([5, 5], [6, 6]) == [5, 6, 5, 6]


def count_stretches(text: str) -> int:
    """A stretch is a group of equal characters side by side. Count the stretches of the text.

    >>> count_stretches("aaab")
    2
    >>> count_stretches("xyx")
    3
    """
    stretches = 0
    for index, char in enumerate(text):
        if index == 0 or text[index - 1] != char:
            stretches += 1
    return stretches


def check_count_stretches(candidate: Candidate) -> None:
    assert candidate("aaab") == 2
    assert candidate("xyx") == 3
    assert candidate("") == 0
    assert candidate("z") == 1
    assert candidate("ppqqqq") == 2
    assert candidate("aaaaaaaaaaaa") == 1
    assert candidate("abba") == 3
