"""Judges by lists of assertions with set-up code, such as MBPP's.

A name that neither the set-up nor Python defines is looked up in the candidate. Python's own names
keep their meaning: a candidate that defines its own `set` or `sorted` does not change what a test
means by them, unless that is the entry point.
"""

import ast
import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import NamedTuple

from rlvf_executor.contract import messages, wire
from rlvf_executor.contract.report import BAD_TEST, ERROR, FAILED, PASSED, Report
from rlvf_executor.contract.wire import Reference
from rlvf_executor.judge import assert_cases, caller_code, calls_ahead
from rlvf_executor.judge.assert_cases import Counter
from rlvf_executor.judge.calls_ahead import Forecast
from rlvf_executor.judge.iterators import RemoteIterator
from rlvf_executor.judge.remote import Handle, Session

SETUP_FIELD = "assert_list.setup_source"


class _Names(dict[str, object]):
    """A test's globals, which ask the candidate for missing names.

    The interpreter looks names up in a subclass of dict by `__getitem__`, also in functions.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def __missing__(self, name: str) -> object:
        if hasattr(builtins, name) or name.startswith("__"):
            raise KeyError(name)
        value = self._session.ask(messages.GET + wire.encode_for_candidate(name))
        if isinstance(value, Handle | RemoteIterator):  # Plain data may have changed next time.
            self[name] = value
        return value


class _Step(NamedTuple):
    """The set-up, or one assertion."""

    field: str
    source: str
    code: CodeType
    cases: Sequence[ast.stmt] = ()
    """The cases in it, if they are to be counted."""
    before: int = 0
    """The number of cases in the steps before it."""


class _Own(NamedTuple):
    """The forms of a test for counting its cases."""

    whole: tuple[_Step, ...]
    """The steps with their cases."""
    apart: tuple[_Step, ...]
    """The steps in the form in which each case is run by itself."""
    cases: int


@dataclass(frozen=True)
class AssertList:
    """Compiled assertions."""

    entry_point: str
    setup_source: str
    setup_code: CodeType
    assertions: tuple[str, ...]
    codes: tuple[CodeType, ...]

    def is_closed(self) -> bool:
        """Whether judging leaves nothing behind in its process."""
        return caller_code.are_closed((self.setup_source, *self.assertions), None)

    def calls_ahead(self) -> Forecast:
        """The calls that the assertions are sure to make first."""
        if not self.entry_point:  # The function's number, which the candidate gives, is not known.
            return calls_ahead.NOTHING
        statements = [one for text in self.assertions for one in ast.parse(text).body]
        return calls_ahead.of_statements(statements, (self.entry_point,))

    @cached_property
    def _steps(self) -> tuple[_Step, ...]:
        fields = map(field_of, range(len(self.codes)))
        steps = map(_Step, fields, self.assertions, self.codes)
        return (_Step(SETUP_FIELD, self.setup_source, self.setup_code), *steps)

    @cached_property
    def _own(self) -> _Own:
        """The same steps with their cases, and in the form in which each case is run by itself."""
        setup, *rest = self._steps
        trees = [ast.parse(one.source) for one in rest]
        helpers = assert_cases.helpers_in(
            (ast.parse(self.setup_source), *trees), but=(self.entry_point,)
        )
        whole, apart = [setup], [setup]
        before = 0
        for step, tree in zip(rest, trees, strict=True):
            cases = assert_cases.cases_of(tree.body, helpers)
            tree.body = assert_cases.apart(tree.body, cases, before)
            try:
                code = compile(tree, f"<{step.field}>", "exec", dont_inherit=True)
            except (SyntaxError, RecursionError):
                return _Own((), (), 0)  # Blocks nest too deep with two more around them.
            whole.append(step._replace(cases=cases, before=before))
            apart.append(step._replace(code=code))
            before += len(cases)
        return _Own(tuple(whole), tuple(apart), before)

    def cases(self) -> int:
        """The number of statements of the assertions that assert."""
        return self._own.cases

    def judge(self, session: Session) -> Report:
        """Runs the set-up, then each assertion."""
        steps = self._own.whole if session.tally.wanted and self.cases() else self._steps
        return self._run(session, steps, _Names(session))

    def count(self, session: Session, first: int) -> None:
        """Runs the set-up, then each assertion in the form in which its cases are run apart."""
        names = _Names(session)
        names[assert_cases.COUNTER] = Counter(session, first)
        self._run(session, self._own.apart, names)

    def _run(self, session: Session, steps: Iterable[_Step], names: _Names) -> Report:
        for field, source, code, cases, before in steps:
            if self.entry_point:
                text = f"the function {self.entry_point}"
                names[self.entry_point] = Handle(session, Reference(messages.ENTRY_POINT, text))
            try:
                session.wait_until_ready()
                exec(code, names)
            except BaseException as error:
                if session.tally.wanted:
                    assert_cases.note(session, error, code, cases, before)
                return _at(
                    field, caller_code.report_of(error, session, field, source), error, session
                )
            if session.stopped is not None:
                session.tally.unknown = True
                return session.stopped
        return (
            Report(PASSED) if session.asked else caller_code.never_asked("assert_list.assertions")
        )


def field_of(index: int) -> str:
    """The name of one assertion."""
    return f"assert_list.assertions[{index}]"


def _at(field: str, report: Report, error: BaseException, session: Session) -> Report:
    if session.stopped is None and not session.asked:
        return Report(BAD_TEST, f"{field}: does not run: {caller_code.exception_line(error)}")
    if report.kind in (FAILED, ERROR):
        return report._replace(detail=f"{field.removeprefix('assert_list.')}: {report.detail}")
    return report


def prepare(entry_point: str, setup_source: str, assertions: list[str]) -> AssertList:
    """Compiles a test. Raises BadTest."""
    codes = [
        caller_code.compile_source(assertion, field_of(index))
        for index, assertion in enumerate(assertions)
    ]
    setup_code = caller_code.compile_source(setup_source, SETUP_FIELD)
    return AssertList(entry_point, setup_source, setup_code, tuple(assertions), tuple(codes))
