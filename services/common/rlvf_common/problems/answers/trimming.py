"""Removes what the requested function does not need from a program: tests, prints, examples,
input."""

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence

from rlvf_common.problems.answers.bare_code import end_of_beginning
from rlvf_common.problems.answers.python_names import (
    STAR,
    Names,
    defines,
    has_method,
    is_definition,
    outside_definitions,
    statement_names,
)
from rlvf_common.problems.answers.python_source import (
    line_numbers,
    source_lines,
    syntax_tree,
    tree_or_stumble,
)

__all__ = [
    "INPUT",
    "is_test",
    "kept_lines",
    "needed_statements",
    "places",
    "reached_from",
    "trim",
    "trim_prefix",
]

INPUT = frozenset({"input", "raw_input", "fileinput", "stdin"})
"""Names by which a program reads its input."""
_BY_NAME = frozenset({"eval", "exec", "globals", "vars"})
"""Functions that find others by a name in a string."""
_MAX_CUTS = 100
"""Maximum number of times that a beginning is shortened and tried again."""


def trim(source: str, entry_point: str) -> str:
    """The program without what the entry point does not need; see `needed_statements`. A program
    without a syntax tree, or without the entry point, is returned unchanged."""
    tree = syntax_tree(source) if entry_point else None
    if tree is None:
        return source
    kept = needed_statements(source, tree, entry_point)
    return "".join(kept_lines(source, tree, kept)) if kept else source


def kept_lines(
    source: str, tree: ast.Module, kept: Collection[ast.stmt], first: int = 1
) -> list[str]:
    """The lines of a program without those of dropped statements, and without all lines after the
    last kept one. All lines before number `first` are kept."""
    lines = source_lines(source)
    numbers = {number for node in kept for number in line_numbers(node)}
    dropped = {number for node in tree.body for number in line_numbers(node)} - numbers
    last = max(numbers, default=0)
    return [
        line
        for number, line in enumerate(lines[: max(last, first - 1)], 1)
        if number < first or number not in dropped
    ]


def trim_prefix(source: str, entry_point: str) -> str:
    """The longest beginning of `source` that parses and defines the entry point, trimmed. It ends
    before a line without indentation. If there is none: `source` unchanged."""
    lines = source_lines(source)
    ends = [end for end, line in enumerate(lines) if line.strip() and not line[0].isspace()]
    ends.append(len(lines))
    last = end_of_beginning(lines, 0)
    for _ in range(_MAX_CUTS):
        ends = [end for end in ends if end <= last]
        if not ends:
            break
        beginning = "".join(lines[: ends[-1]])
        tree, stumbled = tree_or_stumble(beginning)
        if tree is not None:
            # If the whole program does not define it, no beginning does.
            return trim(beginning, entry_point) if defines(tree, entry_point) else source
        last = min(ends[-1] - 1, stumbled)
    return source


def needed_statements(source: str, tree: ast.Module, entry_point: str) -> list[ast.stmt]:
    """The statements at module level that `entry_point` needs; empty if the program does not define
    it. `tree` is the syntax tree of `source`.

    Kept are all statements up to the entry point, except tests and those that only use it or read
    input; and of the later ones those that bind or change what it needs, settings such as
    `sys.setrecursionlimit`, and a `return` that lost its indentation: code is never repaired.
    """
    return _Needs(tree, statement_names(source, tree), entry_point).kept()


class _Needs:
    """Finds the statements of one program that its entry point needs."""

    def __init__(self, tree: ast.Module, names: list[Names], entry_point: str) -> None:
        self._body = tree.body
        self._names = names
        self._entry_point = entry_point
        self._binders = places(names, lambda one: one.bound | one.stored)
        self._users = places(names, lambda one: one.used)
        self._runners = places(names, lambda one: one.run)
        self._callers = places(names, lambda one: one.receivers | one.arguments)
        self._changers = places(names, lambda one: one.effects)
        self._touchers = places(names, lambda one: one.touched)
        self._objects = {name for one in names for name in one.objects}
        self._imported = {
            name
            for node, one in zip(tree.body, names, strict=True)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in one.bound
        }
        self._to_entry_point = reached_from({entry_point}, self._users, names)
        self._to_input = reached_from(INPUT, self._users, names)
        self._needed: set[int] = set()

    def kept(self) -> list[ast.stmt]:
        defining = [
            place
            for place, (node, one) in enumerate(zip(self._body, self._names, strict=True))
            if self._entry_point in one.bound or has_method(node, self._entry_point)
        ]
        bound = [place for place in defining if self._entry_point in self._names[place].bound]
        if not defining:
            return []
        last = max(bound or defining)
        self._follow(last)
        return [
            node
            for place, node in enumerate(self._body)
            if (place in self._needed or _is_misplaced(node))
            or (place <= last and not self._only_uses(place))
        ]

    def _only_uses(self, place: int) -> bool:
        """Whether a statement shows or tests something, or reads input."""
        node, run = self._body[place], self._names[place].run
        if is_definition(node):
            return False
        return is_test(node) or bool(run & (self._to_entry_point | self._to_input))

    def _follow(self, last: int) -> None:
        """Find what the entry point needs, from its last definition on."""
        names, later = self._names, range(last + 1, len(self._names))
        seen: set[str] = set()
        changing: set[str] = set()
        todo = [last, *(place for place in later if self._is_setting(place))]
        todo += self._binders[STAR]
        while todo:
            place = todo.pop()
            if place in self._needed:
                continue
            self._needed.add(place)
            for name in (names[place].used | names[place].bound) - seen:
                seen.add(name)
                todo += [one for one in self._binders[name] if not self._is_excluded(one)]
                todo += self._that_change(name, last, changing)
                if name in _BY_NAME:
                    todo += [one for one in later if not self._only_uses(one)]

    def _that_change(self, name: str, last: int, changing: set[str]) -> list[int]:
        """The statements that may change the object of a name: after the entry point, or by another
        name. `changing` has the names by which that is known to happen; new ones are added."""
        changers, callers = list(self._changers[name]), list(self._callers[name])
        if name in self._objects:
            changers += self._touchers[name]
            callers += [one for one in self._runners[name] if not is_definition(self._body[one])]
        called = {new for one in changers for new in self._names[one].bound}
        found = reached_from(called - changing, self._users, self._names) - changing
        changing |= found
        callers += [one for new in found for one in self._runners[new] if one > last]
        return [
            one
            for one in callers
            if (one > last or self._names[one].objects) and self._may_change(one)
        ]

    def _is_excluded(self, place: int) -> bool:
        """Whether to drop a statement even if it binds what is needed."""
        node = self._body[place]
        return not is_definition(node) and (is_test(node) or bool(self._names[place].run & INPUT))

    def _may_change(self, place: int) -> bool:
        """Whether a call in a statement may change what the entry point needs, and does not only
        use the entry point."""
        one = self._names[place]
        if is_test(self._body[place]) or one.run & self._to_input:
            return False
        return self._entry_point in one.receivers or not one.run & self._to_entry_point

    def _is_setting(self, place: int) -> bool:
        """Whether a statement calls a function that changes a setting of the interpreter."""
        node, one = self._body[place], self._names[place]
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
            return False
        called = node.value.func
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        root = one.receivers or {name}
        return (
            name.startswith("set")
            and bool(root & self._imported)
            and not one.run & (self._to_entry_point | self._to_input)
        )


def reached_from(
    targets: Collection[str], users: Mapping[str, list[int]], names: Sequence[Names]
) -> set[str]:
    """The names whose use leads to one of `targets`: these, and names defined by means of them.
    `users` has for each name the places in `names` of the statements that use it."""
    found = set(targets)
    todo = list(targets)
    while todo:
        for place in users.get(todo.pop(), ()):
            new = names[place].bound - found
            found |= new
            todo += new
    return found


def places(names: Sequence[Names], of: Callable[[Names], set[str]]) -> defaultdict[str, list[int]]:
    """The statements that have a name in the set `of`, by name."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(names):
        for name in of(one):
            places[name].append(place)
    return places


def _is_misplaced(node: ast.stmt) -> bool:
    """Whether it belongs in a function and lost its indentation."""
    return any(
        isinstance(inner, ast.Return | ast.Yield | ast.YieldFrom)
        for inner in outside_definitions(node)
    )


def is_test(node: ast.stmt) -> bool:
    """Whether a statement only shows or tests something, or ends the program."""
    if isinstance(node, ast.If):
        return any(
            isinstance(inner, ast.Name) and inner.id == "__name__" for inner in ast.walk(node.test)
        )
    if isinstance(node, ast.Assert):
        return True
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    match node.value.func:
        case ast.Name(id="print" | "input" | "exit" | "quit"):
            return True
        case ast.Attribute(value=ast.Name(id="sys" | "os"), attr="exit" | "_exit"):
            return True
    return False
