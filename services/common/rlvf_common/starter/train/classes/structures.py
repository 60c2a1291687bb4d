"""Objects with a structure inside: a tree, a ring, a stack, a text with blanks."""

from rlvf_common.starter.candidate import Candidate


class LetterTemplate:
    """A text with blanks, as `"Dear {name},"`: a blank is a word in curly brackets.

    It is made with the text. `blanks()` returns the names of the blanks, each once, in the order in
    which they come first. `fill(values)` returns the text with each blank replaced by its value in
    the dictionary; a blank without a value stays as it is.

    >>> letter = LetterTemplate("Dear {name}, it is {day}.")
    >>> letter.blanks()
    ['name', 'day']
    >>> letter.fill({"day": "Monday"})
    'Dear {name}, it is Monday.'
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def blanks(self) -> list[str]:
        names: list[str] = []
        for part in self._text.split("{")[1:]:
            name = part.partition("}")[0]
            if name not in names:
                names.append(name)
        return names

    def fill(self, values: dict[str, str]) -> str:
        text = self._text
        for name in self.blanks():
            if name in values:
                text = text.replace("{" + name + "}", values[name])
        return text


def check_LetterTemplate(candidate: Candidate) -> None:
    letter = candidate("Dear {name}, it is {day}.")
    assert letter.blanks() == ["name", "day"]
    assert letter.fill({"day": "Monday"}) == "Dear {name}, it is Monday."
    assert letter.fill({"name": "Eve", "day": "late"}) == "Dear Eve, it is late."
    assert letter.fill({}) == "Dear {name}, it is {day}."
    assert letter.fill({"Name": "x"}) == "Dear {name}, it is {day}."
    plain = candidate("no blank")
    assert plain.blanks() == []
    assert plain.fill({"no": "a"}) == "no blank"
    twice = candidate("{a}{b}{a}")
    assert twice.blanks() == ["a", "b"]
    assert twice.fill({"a": "1", "b": "2"}) == "121"
    assert twice.fill({"b": ""}) == "{a}{a}"


class SlidingToken:
    """A token on a ring of fields, which are numbered from 0. It is made with the number of fields;
    the token is on field 0.

    `block(field)` closes a field. `move(steps)` moves the token step by step, forward, or backward
    if the number is negative; behind the last field comes field 0. It stops before a closed field.
    `move` returns the field that it reaches. `laps()` returns how often a step led from the last
    field to field 0, less how often one led from field 0 to the last field.

    >>> token = SlidingToken(5)
    >>> token.move(7)
    2
    >>> token.laps()
    1
    """

    def __init__(self, fields: int) -> None:
        self._fields = fields
        self._field = 0
        self._laps = 0
        self._closed: set[int] = set()

    def block(self, field: int) -> None:
        self._closed.add(field)

    def move(self, steps: int) -> int:
        direction = 1 if steps > 0 else -1
        for _ in range(abs(steps)):
            following = (self._field + direction) % self._fields
            if following in self._closed:
                break
            if direction == 1 and following == 0:
                self._laps += 1
            elif direction == -1 and self._field == 0:
                self._laps -= 1
            self._field = following
        return self._field

    def laps(self) -> int:
        return self._laps


def check_SlidingToken(candidate: Candidate) -> None:
    token = candidate(5)
    assert token.laps() == 0
    assert token.move(7) == 2
    assert token.laps() == 1
    assert token.move(0) == 2
    assert token.move(-3) == 4
    assert token.laps() == 0
    assert token.move(-5) == 4
    assert token.laps() == -1
    token.block(2)
    assert token.move(9) == 1
    assert token.laps() == 0
    assert token.move(1) == 1
    assert token.move(-9) == 3
    assert token.laps() == -1
    assert token.move(1) == 4
    token.block(4)
    assert token.move(1) == 0
    assert token.laps() == 0


class FamilyTree:
    """Who is whose child. `add(child, parent)` notes that a person is a child of another one; a
    child may have two parents.

    `children(person)` and `parents(person)` return the names sorted. `ancestors(person)` returns
    the parents, their parents and so on, each once and sorted. `siblings(person)` returns all
    others who have a parent in common with the person, sorted.

    >>> tree = FamilyTree()
    >>> tree.add("Ann", "Bob")
    >>> tree.add("Bob", "Eve")
    >>> tree.ancestors("Ann")
    ['Bob', 'Eve']
    """

    def __init__(self) -> None:
        self._pairs: set[tuple[str, str]] = set()

    def add(self, child: str, parent: str) -> None:
        self._pairs.add((child, parent))

    def children(self, person: str) -> list[str]:
        return sorted(child for child, parent in self._pairs if parent == person)

    def parents(self, person: str) -> list[str]:
        return sorted(parent for child, parent in self._pairs if child == person)

    def ancestors(self, person: str) -> list[str]:
        found: set[str] = set()
        todo = [person]
        while todo:
            for parent in self.parents(todo.pop()):
                if parent not in found:
                    found.add(parent)
                    todo.append(parent)
        return sorted(found)

    def siblings(self, person: str) -> list[str]:
        found = {child for parent in self.parents(person) for child in self.children(parent)}
        return sorted(found - {person})


def check_FamilyTree(candidate: Candidate) -> None:
    tree = candidate()
    assert tree.children("Ann") == []
    assert tree.ancestors("Ann") == []
    for child, parent in (
        ("Ann", "Zoe"),
        ("Ann", "Bob"),
        ("Kim", "Bob"),
        ("Kim", "Zoe"),
        ("Bob", "Eve"),
        ("Jim", "Zoe"),
        ("Zoe", "Ike"),
        ("Eve", "Ada"),
    ):
        tree.add(child, parent)
    assert tree.children("Bob") == ["Ann", "Kim"]
    assert tree.children("Zoe") == ["Ann", "Jim", "Kim"]
    assert tree.parents("Ann") == ["Bob", "Zoe"]
    assert tree.ancestors("Ann") == ["Ada", "Bob", "Eve", "Ike", "Zoe"]
    assert tree.ancestors("Bob") == ["Ada", "Eve"]
    assert tree.siblings("Ann") == ["Jim", "Kim"]
    assert tree.siblings("Jim") == ["Ann", "Kim"]
    assert tree.siblings("Eve") == []
    tree.add("Ann", "Bob")
    assert tree.children("Bob") == ["Ann", "Kim"]


class StackCalculator:
    """A calculator that keeps its numbers on a stack.

    `enter(number)` puts a number on top. `apply(sign)` takes the two numbers on top away and puts
    the result of `"+"`, `"-"` or `"*"` on top; `"-"` subtracts the number that was on top from the
    one below it. It returns the result, or None if there are fewer than two numbers; then nothing
    changes. `run(formula)` enters the numbers and applies the signs of a text, as `"3 4 + 2 *"`,
    and returns the number on top, or None if there is none. `depth()` returns how many numbers
    there are.

    >>> calculator = StackCalculator()
    >>> calculator.run("3 4 + 2 *")
    14
    >>> calculator.depth()
    1
    """

    def __init__(self) -> None:
        self._numbers: list[int] = []

    def enter(self, number: int) -> None:
        self._numbers.append(number)

    def apply(self, sign: str) -> int | None:
        if len(self._numbers) < 2:
            return None
        upper = self._numbers.pop()
        lower = self._numbers.pop()
        if sign == "+":
            result = lower + upper
        elif sign == "-":
            result = lower - upper
        else:
            result = lower * upper
        self._numbers.append(result)
        return result

    def run(self, formula: str) -> int | None:
        for part in formula.split():
            if part in ("+", "-", "*"):
                self.apply(part)
            else:
                self.enter(int(part))
        return self._numbers[-1] if self._numbers else None

    def depth(self) -> int:
        return len(self._numbers)


def check_StackCalculator(candidate: Candidate) -> None:
    calculator = candidate()
    assert calculator.depth() == 0
    assert calculator.apply("+") is None
    assert calculator.run("") is None
    assert calculator.run("+") is None
    calculator.enter(9)
    assert calculator.apply("-") is None
    assert calculator.depth() == 1
    calculator.enter(4)
    assert calculator.apply("-") == 5
    assert calculator.depth() == 1
    calculator.enter(-3)
    assert calculator.apply("*") == -15
    assert calculator.run("20 +") == 5
    assert calculator.run("3 4 + 2 *") == 14
    assert calculator.depth() == 2
    assert calculator.run("") == 14
    assert calculator.apply("-") == -9
    assert candidate().run("-2 7 -") == -9
    assert candidate().run("1 2 3 * +") == 7
