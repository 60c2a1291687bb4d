"""Small values with their arithmetic: shapes, times, colors."""

from rlvf_common.starter.candidate import Candidate


class Tile:
    """A rectangular tile. It is made with its width and its height, both whole numbers.

    `area()` returns width times height. `border()` returns the length around the tile.
    `is_square()` tells whether both sides are equally long.

    >>> tile = Tile(3, 5)
    >>> tile.area()
    15
    >>> tile.border()
    16
    """

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height

    def area(self) -> int:
        return self._width * self._height

    def border(self) -> int:
        return 2 * (self._width + self._height)

    def is_square(self) -> bool:
        return self._width == self._height


def check_Tile(candidate: Candidate) -> None:
    tile = candidate(3, 5)
    assert tile.area() == 15
    assert tile.border() == 16
    assert tile.is_square() is False
    assert candidate(4, 4).is_square() is True
    assert candidate(4, 4).area() == 16
    assert candidate(7, 1).area() == 7
    assert candidate(7, 1).border() == 16
    assert candidate(0, 9).area() == 0
    assert candidate(0, 9).border() == 18


class GridPoint:
    """A point on a grid, with the attributes `x` and `y`, which are given in this order.

    `moved(right, up)` returns a new point, `right` further in x and `up` further in y; the point
    itself does not change. `steps_to(other)` returns how many steps along the grid lines lead to
    another point. `mirrored()` returns a new point with x and y exchanged.

    >>> point = GridPoint(1, 2).moved(3, -1)
    >>> (point.x, point.y)
    (4, 1)
    >>> point.steps_to(GridPoint(0, 0))
    5
    """

    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y

    def moved(self, right: int, up: int) -> "GridPoint":
        return GridPoint(self.x + right, self.y + up)

    def steps_to(self, other: "GridPoint") -> int:
        return abs(self.x - other.x) + abs(self.y - other.y)

    def mirrored(self) -> "GridPoint":
        return GridPoint(self.y, self.x)


def check_GridPoint(candidate: Candidate) -> None:
    point = candidate(1, 2)
    moved = point.moved(3, -1)
    assert (moved.x, moved.y) == (4, 1)
    assert (point.x, point.y) == (1, 2)
    assert moved.steps_to(candidate(0, 0)) == 5
    assert candidate(0, 0).steps_to(moved) == 5
    assert point.steps_to(point) == 0
    assert candidate(-2, 3).steps_to(candidate(2, -3)) == 10
    assert candidate(5, 0).steps_to(candidate(0, 1)) == 6
    mirrored = candidate(8, 3).mirrored()
    assert (mirrored.x, mirrored.y) == (3, 8)


class ClockTime:
    """A time of the day, made with hours (0 to 23) and minutes (0 to 59).

    `text()` returns it as `"07:05"`, with two digits each. `plus(minutes)` returns a new time that
    is so many minutes later; after 23:59 comes 00:00. A negative number of minutes goes back.
    `is_before(other)` tells whether this time is earlier in the day than the other one.

    >>> ClockTime(7, 5).text()
    '07:05'
    >>> ClockTime(23, 50).plus(15).text()
    '00:05'
    """

    def __init__(self, hours: int, minutes: int) -> None:
        self.total = hours * 60 + minutes

    def text(self) -> str:
        return f"{self.total // 60:02}:{self.total % 60:02}"

    def plus(self, minutes: int) -> "ClockTime":
        later = (self.total + minutes) % (24 * 60)
        return ClockTime(later // 60, later % 60)

    def is_before(self, other: "ClockTime") -> bool:
        return self.total < other.total


def check_ClockTime(candidate: Candidate) -> None:
    assert candidate(7, 5).text() == "07:05"
    assert candidate(0, 0).text() == "00:00"
    assert candidate(23, 59).text() == "23:59"
    late = candidate(23, 50)
    assert late.plus(15).text() == "00:05"
    assert late.text() == "23:50"
    assert candidate(0, 10).plus(-20).text() == "23:50"
    assert candidate(10, 30).plus(90).text() == "12:00"
    assert candidate(1, 1).plus(24 * 60).text() == "01:01"
    assert candidate(9, 0).is_before(candidate(9, 1)) is True
    assert candidate(9, 0).is_before(candidate(9, 0)) is False
    assert candidate(10, 0).is_before(candidate(9, 59)) is False
    assert candidate(8, 59).is_before(candidate(9, 0)) is True


class Span:
    """The whole numbers from `first` to `last`, both of them included. `first` is never larger.

    `size()` returns how many numbers these are. `holds(number)` tells whether a number is one of
    them. `overlaps(other)` tells whether the two spans have a number in common.
    `shared(other)` returns how many numbers they have in common.

    >>> Span(2, 5).size()
    4
    >>> Span(2, 5).shared(Span(5, 9))
    1
    """

    def __init__(self, first: int, last: int) -> None:
        self.first = first
        self.last = last

    def size(self) -> int:
        return self.last - self.first + 1

    def holds(self, number: int) -> bool:
        return self.first <= number <= self.last

    def overlaps(self, other: "Span") -> bool:
        return self.shared(other) > 0

    def shared(self, other: "Span") -> int:
        return max(0, min(self.last, other.last) - max(self.first, other.first) + 1)


def check_Span(candidate: Candidate) -> None:
    span = candidate(2, 5)
    assert span.size() == 4
    assert candidate(7, 7).size() == 1
    assert candidate(-3, 3).size() == 7
    assert span.holds(2) is True
    assert span.holds(5) is True
    assert span.holds(1) is False
    assert span.holds(6) is False
    assert span.overlaps(candidate(5, 9)) is True
    assert span.overlaps(candidate(6, 9)) is False
    assert span.overlaps(candidate(0, 1)) is False
    assert span.shared(candidate(5, 9)) == 1
    assert span.shared(candidate(3, 4)) == 2
    assert span.shared(candidate(0, 100)) == 4
    assert span.shared(candidate(20, 30)) == 0


class PaintColor:
    """A color, made with the amounts of red, green and blue. Amounts below 0 count as 0, amounts
    above 255 as 255.

    `hex()` returns it as `"#ff0080"`: two hexadecimal digits each for red, green and blue, with
    small letters. `lighter(amount)` returns a new color with that amount added to all three.
    `mixed(other)` returns a new color whose amounts are the averages of the two, rounded down.

    >>> PaintColor(255, 0, 128).hex()
    '#ff0080'
    >>> PaintColor(10, 20, 30).lighter(5).hex()
    '#0f1923'
    """

    def __init__(self, red: int, green: int, blue: int) -> None:
        self.amounts = [max(0, min(255, amount)) for amount in (red, green, blue)]

    def hex(self) -> str:
        return "#" + "".join(f"{amount:02x}" for amount in self.amounts)

    def lighter(self, amount: int) -> "PaintColor":
        red, green, blue = self.amounts
        return PaintColor(red + amount, green + amount, blue + amount)

    def mixed(self, other: "PaintColor") -> "PaintColor":
        pairs = zip(self.amounts, other.amounts, strict=True)
        red, green, blue = [(one + two) // 2 for one, two in pairs]
        return PaintColor(red, green, blue)


def check_PaintColor(candidate: Candidate) -> None:
    color = candidate(255, 0, 128)
    assert color.hex() == "#ff0080"
    assert candidate(1, 2, 3).hex() == "#010203"
    assert candidate(300, -4, 254).hex() == "#ff00fe"
    assert candidate(-1, 256, 0).hex() == "#00ff00"
    assert candidate(10, 20, 30).lighter(5).hex() == "#0f1923"
    assert color.lighter(200).hex() == "#ffc8ff"
    assert color.hex() == "#ff0080"
    assert candidate(9, 9, 9).lighter(-10).hex() == "#000000"
    assert color.mixed(candidate(0, 0, 0)).hex() == "#7f0040"
    assert candidate(1, 100, 0).mixed(candidate(2, 50, 255)).hex() == "#014b7f"


class Ratio:
    """A fraction, made with a numerator and a denominator, both greater than zero.

    `text()` returns it in lowest terms as `"3/4"`; if the denominator is then 1, only the
    numerator, as `"2"`. `plus(other)` and `times(other)` return a new ratio.

    >>> Ratio(6, 8).text()
    '3/4'
    >>> Ratio(1, 2).plus(Ratio(1, 3)).text()
    '5/6'
    """

    def __init__(self, top: int, bottom: int) -> None:
        self.top = top
        self.bottom = bottom

    def text(self) -> str:
        divisor = self.bottom
        rest = self.top
        while rest:
            divisor, rest = rest, divisor % rest
        if self.bottom == divisor:
            return str(self.top // divisor)
        return f"{self.top // divisor}/{self.bottom // divisor}"

    def plus(self, other: "Ratio") -> "Ratio":
        top = self.top * other.bottom + other.top * self.bottom
        return Ratio(top, self.bottom * other.bottom)

    def times(self, other: "Ratio") -> "Ratio":
        return Ratio(self.top * other.top, self.bottom * other.bottom)


def check_Ratio(candidate: Candidate) -> None:
    assert candidate(6, 8).text() == "3/4"
    assert candidate(8, 6).text() == "4/3"
    assert candidate(5, 7).text() == "5/7"
    assert candidate(8, 4).text() == "2"
    assert candidate(3, 3).text() == "1"
    half = candidate(1, 2)
    assert half.plus(candidate(1, 3)).text() == "5/6"
    assert half.plus(half).text() == "1"
    assert half.text() == "1/2"
    assert candidate(2, 3).plus(candidate(3, 4)).text() == "17/12"
    assert half.times(candidate(2, 3)).text() == "1/3"
    assert candidate(4, 5).times(candidate(5, 2)).text() == "2"
    assert half.plus(candidate(1, 3)).times(candidate(6, 1)).text() == "5"


class Polynomial:
    """A polynomial with whole coefficients, given as a list that begins with the constant one:
    `[5, 0, 2]` is 5 + 2x². The list has at least one number and may end in zeros.

    `at(x)` returns its value at x. `degree()` returns the highest power whose coefficient is not
    zero, and 0 if there is none. `derivative()` returns the derivative, a new polynomial.

    >>> Polynomial([5, 0, 2]).at(3)
    23
    >>> Polynomial([5, 0, 2]).derivative().at(3)
    12
    """

    def __init__(self, coefficients: list[int]) -> None:
        self._coefficients = coefficients

    def at(self, x: int) -> int:
        return sum(number * x**power for power, number in enumerate(self._coefficients))

    def degree(self) -> int:
        powers = [power for power, number in enumerate(self._coefficients) if number != 0]
        return max(powers, default=0)

    def derivative(self) -> "Polynomial":
        numbers = [power * number for power, number in enumerate(self._coefficients)]
        return Polynomial(numbers[1:] or [0])


def check_Polynomial(candidate: Candidate) -> None:
    polynomial = candidate([5, 0, 2])
    assert polynomial.at(3) == 23
    assert polynomial.at(0) == 5
    assert polynomial.at(-1) == 7
    assert polynomial.degree() == 2
    assert polynomial.derivative().at(3) == 12
    assert polynomial.derivative().degree() == 1
    assert polynomial.derivative().derivative().at(9) == 4
    assert polynomial.at(1) == 7
    assert candidate([4]).degree() == 0
    assert candidate([4]).derivative().at(10) == 0
    assert candidate([0, 7, 0]).degree() == 1
    assert candidate([0, 0]).degree() == 0
    assert candidate([1, 2, 3, 4]).derivative().at(2) == 62
