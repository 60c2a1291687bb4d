"""Objects with a structure inside: days, ranges, answers to answers."""

from rlvf_common.starter.candidate import Candidate


class CalendarDay:
    """A day, made with year, month and day of the month.

    `text()` returns it as `"2024-02-09"`. `is_leap()` tells whether its year is a leap year: years
    that can be divided by 4, but of those that can be divided by 100 only the ones that can be
    divided by 400. `next()` returns the following day, a new object. `comes_before(other)` tells
    whether it is earlier than another day.

    >>> CalendarDay(2024, 2, 28).next().text()
    '2024-02-29'
    >>> CalendarDay(2023, 12, 31).next().text()
    '2024-01-01'
    """

    def __init__(self, year: int, month: int, day: int) -> None:
        self.parts = (year, month, day)

    def text(self) -> str:
        year, month, day = self.parts
        return f"{year:04}-{month:02}-{day:02}"

    def is_leap(self) -> bool:
        year = self.parts[0]
        return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)

    def next(self) -> "CalendarDay":
        year, month, day = self.parts
        lengths = [31, 29 if self.is_leap() else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        if day < lengths[month - 1]:
            return CalendarDay(year, month, day + 1)
        if month < 12:
            return CalendarDay(year, month + 1, 1)
        return CalendarDay(year + 1, 1, 1)

    def comes_before(self, other: "CalendarDay") -> bool:
        return self.parts < other.parts


def check_CalendarDay(candidate: Candidate) -> None:
    assert candidate(2024, 2, 9).text() == "2024-02-09"
    assert candidate(987, 11, 30).text() == "0987-11-30"
    assert candidate(2024, 5, 1).is_leap() is True
    assert candidate(2023, 5, 1).is_leap() is False
    assert candidate(1900, 5, 1).is_leap() is False
    assert candidate(2000, 5, 1).is_leap() is True
    assert candidate(2024, 2, 28).next().text() == "2024-02-29"
    assert candidate(2024, 2, 29).next().text() == "2024-03-01"
    assert candidate(2023, 2, 28).next().text() == "2023-03-01"
    assert candidate(2023, 12, 31).next().text() == "2024-01-01"
    for month, following in (
        (1, "2023-02-01"),
        (3, "2023-04-01"),
        (5, "2023-06-01"),
        (7, "2023-08-01"),
        (8, "2023-09-01"),
        (10, "2023-11-01"),
    ):
        assert candidate(2023, month, 30).next().text() == f"2023-{month:02}-31"
        assert candidate(2023, month, 31).next().text() == following
    for month in (4, 6, 9, 11):
        assert candidate(2023, month, 30).next().text() == f"2023-{month + 1:02}-01"
        assert candidate(2023, month, 29).next().text() == f"2023-{month:02}-30"
    assert candidate(2023, 12, 30).next().text() == "2023-12-31"
    assert candidate(2023, 5, 9).comes_before(candidate(2023, 5, 10)) is True
    assert candidate(2023, 5, 9).comes_before(candidate(2023, 5, 9)) is False
    assert candidate(2023, 6, 1).comes_before(candidate(2023, 5, 30)) is False
    assert candidate(2022, 6, 1).comes_before(candidate(2023, 5, 30)) is True


class NumberRanges:
    """A set of whole numbers that is kept as ranges.

    `add(first, last)` adds all numbers from first to last, both included; first is never larger.
    `has(number)` tells whether a number is in the set. `size()` returns how many numbers there are.
    `text()` returns the numbers in rising order as `"1-4 7 9-10"`: a range for numbers that follow
    each other without a gap, and a single number where it has no neighbor.

    >>> ranges = NumberRanges()
    >>> ranges.add(3, 5)
    >>> ranges.add(1, 2)
    >>> ranges.text()
    '1-5'
    """

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int]] = []

    def add(self, first: int, last: int) -> None:
        apart = []
        for low, high in self._ranges:
            if high < first - 1 or low > last + 1:
                apart.append((low, high))
            else:
                first = min(first, low)
                last = max(last, high)
        self._ranges = sorted([*apart, (first, last)])

    def has(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self._ranges)

    def size(self) -> int:
        return sum(high - low + 1 for low, high in self._ranges)

    def text(self) -> str:
        return " ".join(str(low) if low == high else f"{low}-{high}" for low, high in self._ranges)


def check_NumberRanges(candidate: Candidate) -> None:
    ranges = candidate()
    assert ranges.text() == ""
    assert ranges.size() == 0
    assert ranges.has(0) is False
    ranges.add(3, 5)
    assert ranges.text() == "3-5"
    assert ranges.has(3) is True
    assert ranges.has(5) is True
    assert ranges.has(2) is False
    assert ranges.has(6) is False
    ranges.add(9, 9)
    assert ranges.text() == "3-5 9"
    assert ranges.size() == 4
    ranges.add(1, 2)
    assert ranges.text() == "1-5 9"
    ranges.add(6, 6)
    assert ranges.text() == "1-6 9"
    ranges.add(2, 4)
    assert ranges.size() == 7
    ranges.add(20, 30)
    ranges.add(11, 11)
    assert ranges.text() == "1-6 9 11 20-30"
    ranges.add(8, 21)
    assert ranges.text() == "1-6 8-30"
    assert ranges.size() == 29
    ranges.add(0, 100)
    assert ranges.text() == "0-100"


class MessageThread:
    """Messages and the answers to them. Every message gets a number, the first one 1.

    `post(text)` adds a message that answers none, `answer(number, text)` one that answers an
    earlier one; both return the number of the new message. `depth(number)` returns 0 for a message
    that answers none, and otherwise one more than that of the message that it answers. `show()`
    returns the texts as a list: every message is followed by its answers, each with theirs, in the
    order of their numbers; two spaces for each step of depth stand before the text.

    >>> thread = MessageThread()
    >>> thread.post("Lunch?")
    1
    >>> thread.answer(1, "Yes")
    2
    >>> thread.show()
    ['Lunch?', '  Yes']
    """

    def __init__(self) -> None:
        self._messages: list[tuple[str, int]] = []

    def post(self, text: str) -> int:
        return self.answer(0, text)

    def answer(self, number: int, text: str) -> int:
        self._messages.append((text, number))
        return len(self._messages)

    def depth(self, number: int) -> int:
        answered = self._messages[number - 1][1]
        return 0 if answered == 0 else self.depth(answered) + 1

    def show(self) -> list[str]:
        return self._below(0, "")

    def _below(self, number: int, indent: str) -> list[str]:
        shown: list[str] = []
        for place, (text, answered) in enumerate(self._messages, start=1):
            if answered == number:
                shown.append(indent + text)
                shown.extend(self._below(place, indent + "  "))
        return shown


def check_MessageThread(candidate: Candidate) -> None:
    thread = candidate()
    assert thread.show() == []
    assert thread.post("Lunch?") == 1
    assert thread.depth(1) == 0
    assert thread.answer(1, "Yes") == 2
    assert thread.post("Keys?") == 3
    assert thread.answer(2, "When?") == 4
    assert thread.answer(1, "No") == 5
    assert thread.depth(2) == 1
    assert thread.depth(3) == 0
    assert thread.depth(4) == 2
    assert thread.show() == ["Lunch?", "  Yes", "    When?", "  No", "Keys?"]
    assert thread.answer(4, "Noon") == 6
    assert thread.answer(3, "Here") == 7
    assert thread.depth(6) == 3
    assert thread.show() == [
        "Lunch?",
        "  Yes",
        "    When?",
        "      Noon",
        "  No",
        "Keys?",
        "  Here",
    ]
