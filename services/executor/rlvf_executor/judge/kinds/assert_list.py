"""Lists of assertions with set-up code, as MBPP's.

A name that neither the set-up nor Python defines is the candidate's. Python's own names stay
Python's: a candidate that defines its own `set` or `sorted` does not change what a test means by
them, unless that is the entry point.
"""

import ast
import builtins
from dataclasses import dataclass
from types import CodeType

from rlvf_executor.contract import messages, wire
from rlvf_executor.contract.report import BAD_TEST, ERROR, FAILED, PASSED, Report
from rlvf_executor.contract.wire import Reference
from rlvf_executor.judge import caller_code, calls_ahead
from rlvf_executor.judge.calls_ahead import Forecast
from rlvf_executor.judge.iterators import RemoteIterator
from rlvf_executor.judge.remote import Handle, Session

SETUP_FIELD = "assert_list.setup_source"


class _Names(dict[str, object]):
    """A test's globals, which ask the candidate for the names that they do not have.

    The interpreter looks names up in a subclass of dict by `__getitem__`, in functions too.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def __missing__(self, name: str) -> object:
        if hasattr(builtins, name) or name.startswith("__"):
            raise KeyError(name)
        value = self._session.ask(messages.GET + wire.encode_for_candidate(name))
        if isinstance(value, Handle | RemoteIterator):  # Plain data may be another the next time.
            self[name] = value
        return value


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
        if not self.entry_point:  # The candidate gives the function a number, which is not known.
            return calls_ahead.NOTHING
        statements = [one for text in self.assertions for one in ast.parse(text).body]
        return calls_ahead.of_statements(statements, (self.entry_point,))

    def judge(self, session: Session) -> Report:
        """Runs the set-up, then each assertion."""
        names = _Names(session)
        steps = [(SETUP_FIELD, self.setup_source, self.setup_code)]
        steps += zip(
            map(field_of, range(len(self.codes))), self.assertions, self.codes, strict=True
        )
        for field, source, code in steps:
            if self.entry_point:
                text = f"the function {self.entry_point}"
                names[self.entry_point] = Handle(session, Reference(messages.ENTRY_POINT, text))
            try:
                session.wait_until_ready()
                exec(code, names)
            except BaseException as error:
                return _at(
                    field, caller_code.report_of(error, session, field, source), error, session
                )
            if session.stopped is not None:
                return session.stopped
        return (
            Report(PASSED) if session.asked else caller_code.never_asked("assert_list.assertions")
        )


def field_of(index: int) -> str:
    """The name of one assertion."""
    return f"assert_list.assertions[{index}]"


def _at(field: str, report: Report, error: BaseException, session: Session) -> Report:
    if session.stopped is None and not session.asked:
        return Report(BAD_TEST, f"{field}: does not run: {caller_code.last_line(error)}")
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
