"""Judges by tests that define `check(candidate)`, such as HumanEval's."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import CodeType, FunctionType
from typing import NamedTuple

from rlvf_executor.contract import messages
from rlvf_executor.contract.report import BAD_TEST, FAILED, PASSED, Report
from rlvf_executor.contract.wire import Reference
from rlvf_executor.judge import assert_cases, caller_code, calls_ahead
from rlvf_executor.judge.assert_cases import Counter
from rlvf_executor.judge.calls_ahead import Forecast
from rlvf_executor.judge.remote import Handle, Session

FIELD = "check_function.source"
SUPPORT_FIELD = "check_function.support_source"


class _Own(NamedTuple):
    """The cases in `check`, and the test in the form in which each case is run by itself."""

    cases: tuple[ast.stmt, ...]
    code: CodeType


@dataclass(frozen=True)
class CheckFunction:
    """A compiled test."""

    entry_point: str
    source: str
    support_source: str
    code: CodeType
    support_code: CodeType

    def is_closed(self) -> bool:
        """Whether judging leaves nothing behind in its process."""
        return caller_code.are_closed((self.support_source, self.source), (self.entry_point,))

    def calls_ahead(self) -> Forecast:
        """The calls that `check` is sure to make first."""
        return calls_ahead.of_function(self.source, "check", self.entry_point)

    @cached_property
    def _own(self) -> _Own | None:
        """The cases of `check`; None if they cannot be counted, because `check` is not one plain
        function."""
        tree = ast.parse(self.source)
        match [one for one in tree.body if "check" in _bound_in(one)]:
            case [ast.FunctionDef(name="check", decorator_list=[]) as function]:
                pass
            case _:
                return None
        given = [one.arg for one in function.args.args]
        helpers = assert_cases.helpers_in(
            (ast.parse(self.support_source), tree), but=(self.entry_point, *given)
        )
        cases = assert_cases.cases_of(function.body, helpers)
        function.body = assert_cases.apart(function.body, cases)
        try:
            return _Own(tuple(cases), compile(tree, f"<{FIELD}>", "exec", dont_inherit=True))
        except (SyntaxError, RecursionError):  # Blocks nest too deep with two more around them.
            return None

    def cases(self) -> int:
        """The number of statements of `check` that assert."""
        return len(self._own.cases) if self._own is not None else 0

    def judge(self, session: Session) -> Report:
        """Runs `check` on the candidate."""
        return self._run(session, self.code, {})

    def count(self, session: Session, first: int) -> None:
        """Runs `check` in the form in which each case from `first` on is run by itself."""
        assert self._own is not None
        self._run(session, self._own.code, {assert_cases.COUNTER: Counter(session, first)})

    def _run(self, session: Session, test_code: CodeType, namespace: dict[str, object]) -> Report:
        function = Handle(
            session, Reference(messages.ENTRY_POINT, f"the function {self.entry_point}")
        )
        for code, field, source in (
            (self.support_code, SUPPORT_FIELD, self.support_source),
            (test_code, FIELD, self.source),
        ):
            # The entry point is bound again for the test, because the support source may define an
            # unfinished one.
            namespace[self.entry_point] = function
            try:
                exec(code, namespace)
            except BaseException as error:
                return _loading(
                    caller_code.report_of(error, session, field, source), error, session, field
                )
            if code is self.support_code:
                # Exception classes of the prompt, which the program in its process has too.
                session.exceptions = _exceptions_in(namespace)
        check = namespace.get("check")
        if not callable(check):
            # Whether it is defined may depend on the candidate's answers.
            kind = FAILED if session.asked else BAD_TEST
            return session.stopped or Report(kind, f"{FIELD}: does not define check(candidate)")
        namespace[self.entry_point] = function
        try:
            session.wait_until_ready()
            check(function)
        except BaseException as error:
            if session.tally.wanted:
                self._note(session, error, check)
            return caller_code.report_of(error, session, FIELD, self.source)
        session.tally.unknown = True
        # A test that swallowed the candidate's end does not pass it.
        if session.stopped is not None:
            return session.stopped
        return Report(PASSED) if session.asked else caller_code.never_asked(FIELD)

    def _note(self, session: Session, error: BaseException, check: object) -> None:
        if self._own is not None and isinstance(check, FunctionType):
            assert_cases.note(session, error, check.__code__, self._own.cases)


def _bound_in(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement, or anything in it, binds."""
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


def _exceptions_in(namespace: dict[str, object]) -> dict[str, type[Exception]]:
    return {
        name: value
        for name, value in namespace.items()
        if isinstance(value, type)
        and issubclass(value, Exception)
        and (value.__module__, value.__name__) == ("builtins", name)  # Of no module: defined here.
    }


def _loading(report: Report, error: BaseException, session: Session, field: str) -> Report:
    """The report of a source that failed while it was loaded. If it has not asked the candidate for
    anything, the test itself is at fault."""
    if session.stopped is not None or session.asked:
        return report
    return Report(BAD_TEST, f"{field}: does not run: {caller_code.exception_line(error)}")


def prepare(entry_point: str, source: str, support_source: str) -> CheckFunction:
    """Compiles a test. Raises BadTest."""
    return CheckFunction(
        entry_point,
        source,
        support_source,
        caller_code.compile_source(source, FIELD),
        caller_code.compile_source(support_source, SUPPORT_FIELD),
    )
