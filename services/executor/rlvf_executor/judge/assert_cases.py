"""The cases of a test in the caller's own code: its statements that assert.

Which statements these are is decided from the syntax tree, and stated in the contract
(`GradeRequest.credit`). A test is judged as it is written; how far it came is seen from where its
first fault was raised (`fault_in`). To count the cases after that, the test is run in another form
(`apart`), in which each case is run whatever came of those before it.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from types import CodeType

from rlvf_executor.judge.remote import Session

COUNTER = "the counter of cases"
"""The global by which a test that is run `apart` finds its `Counter`; no source can name it."""

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPOUND = (ast.For, ast.While, ast.If, ast.With, ast.Try, ast.TryStar, ast.Match)
_METHODS = "assert"


def helpers_in(trees: Iterable[ast.Module], *, but: Collection[str] = ()) -> frozenset[str]:
    """The names of the functions that have an assertion in them, but for some names."""
    functions = [
        node
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name not in but
    ]
    helpers: frozenset[str] = frozenset()
    while True:
        found = frozenset(
            one.name for one in functions if any(_asserts(line, helpers) for line in one.body)
        )
        if found == helpers:
            return helpers
        helpers = found


def cases_of(statements: Iterable[ast.stmt], helpers: Collection[str]) -> list[ast.stmt]:
    """Those of the statements that are cases."""
    return [one for one in statements if _is_case(one, helpers)]


def _is_case(statement: ast.stmt, helpers: Collection[str]) -> bool:
    if isinstance(statement, ast.Assert):
        # `assert True, "the simple cases"` is a heading.
        return any(isinstance(node, ast.Name) for node in ast.walk(statement.test))
    return isinstance(statement, (ast.Expr, *_COMPOUND)) and _asserts(statement, helpers)


def _asserts(statement: ast.stmt, helpers: Collection[str]) -> bool:
    """Whether a statement has an assertion in it that is reached with the statement itself."""
    return any(_is_assertion(node, helpers) for node in _own_nodes(statement))


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it, without the bodies of what it defines."""
    if not isinstance(node, _DEFINITIONS):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from _own_nodes(child)


def _is_assertion(node: ast.AST, helpers: Collection[str]) -> bool:
    if isinstance(node, ast.Raise):
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == AssertionError.__name__
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            return node.func.attr.startswith(_METHODS)
        return isinstance(node.func, ast.Name) and node.func.id in helpers
    return isinstance(node, ast.Assert)


def fault_in(
    code: CodeType, cases: Sequence[ast.stmt], error: BaseException
) -> tuple[int, bool] | None:
    """Where an exception left `code`, which runs `cases` in order: how many of them had ended, and
    whether it was in the next one. None: it cannot be told."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    if trace is None:
        return 0, False  # It had not begun.
    line, _, column, _ = next(islice(code.co_positions(), trace.tb_lasti // 2, None))
    if line is None or column is None:
        return None
    place = (line, column)
    ended = sum(_end(one) <= place for one in cases)
    return ended, ended < len(cases) and (cases[ended].lineno, cases[ended].col_offset) <= place


def _end(statement: ast.stmt) -> tuple[int, int]:
    assert statement.end_lineno is not None
    assert statement.end_col_offset is not None
    return statement.end_lineno, statement.end_col_offset


def note(
    session: Session,
    error: BaseException,
    code: CodeType,
    cases: Sequence[ast.stmt],
    before: int = 0,
) -> None:
    """Notes how far a test came that `error` ended in `code`; `before` cases were run before it."""
    tally = session.tally
    fault = fault_in(code, cases, error)
    # A test that swallowed the candidate's end ran on without it.
    if fault is None or (session.stopped is not None and error is not session.end):
        tally.unknown = True
        return
    ended, tally.at_case = fault
    tally.passed = before + ended


class Counter:
    """Entered by each case that is run apart; counts those that end well."""

    def __init__(self, session: Session, first: int) -> None:
        """`first` is the number of the first case that is to be run."""
        self._session = session
        self._first = first

    def wants(self, number: int) -> bool:
        """Whether a case is to be run."""
        return number >= self._first

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        """Swallows what a case raises, unless nothing more can be asked of the candidate."""
        if self._session.stopped is not None:
            return False
        self._session.tally.passed += error is None
        return True


def apart(
    statements: Iterable[ast.stmt], cases: Collection[ast.stmt], first_number: int = 0
) -> list[ast.stmt]:
    """The statements, each case of them in a form in which a `Counter` runs it."""
    numbers = {id(case): number for number, case in enumerate(cases, first_number)}
    return [_counted(one, numbers[id(one)]) if id(one) in numbers else one for one in statements]


def _counted(case: ast.stmt, number: int) -> ast.stmt:
    """`if counter.wants(number):`, `with counter:`, the case."""

    def counter() -> ast.Name:
        return ast.Name(COUNTER, ast.Load())

    wants = ast.Attribute(counter(), "wants", ast.Load())
    made = ast.If(
        ast.Call(wants, [ast.Constant(number)], []),
        [ast.With([ast.withitem(counter())], [case])],
        [],
    )
    return ast.fix_missing_locations(ast.copy_location(made, case))
