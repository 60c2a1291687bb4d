"""Tests that define `check(candidate)`, as HumanEval's do."""

from dataclasses import dataclass
from types import CodeType

from rlvf_executor.contract import messages
from rlvf_executor.contract.report import BAD_TEST, FAILED, PASSED, Report
from rlvf_executor.contract.wire import Reference
from rlvf_executor.judge import caller_code, calls_ahead
from rlvf_executor.judge.calls_ahead import Forecast
from rlvf_executor.judge.remote import Handle, Session

FIELD = "check_function.source"
SUPPORT_FIELD = "check_function.support_source"


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

    def judge(self, session: Session) -> Report:
        """Runs `check` on the candidate."""
        namespace: dict[str, object] = {}
        function = Handle(
            session, Reference(messages.ENTRY_POINT, f"the function {self.entry_point}")
        )
        for code, field, source in (
            (self.support_code, SUPPORT_FIELD, self.support_source),
            (self.code, FIELD, self.source),
        ):
            # The entry point is bound again for the test, because the support may hold an
            # unfinished one.
            namespace[self.entry_point] = function
            try:
                exec(code, namespace)
            except BaseException as error:
                return _loading(
                    caller_code.report_of(error, session, field, source), error, session, field
                )
            if code is self.support_code:
                # The prompt's own classes: the program has them too, in its process.
                session.exceptions = _exceptions_in(namespace)
        check = namespace.get("check")
        if not callable(check):
            # Whether it is defined may hang on what the candidate answered.
            kind = FAILED if session.asked else BAD_TEST
            return session.stopped or Report(kind, f"{FIELD}: does not define check(candidate)")
        namespace[self.entry_point] = function
        try:
            session.wait_until_ready()
            check(function)
        except BaseException as error:
            return caller_code.report_of(error, session, FIELD, self.source)
        # A test that swallowed the candidate's end has not seen it pass.
        if session.stopped is not None:
            return session.stopped
        return Report(PASSED) if session.asked else caller_code.never_asked(FIELD)


def _exceptions_in(namespace: dict[str, object]) -> dict[str, type[Exception]]:
    return {
        name: value
        for name, value in namespace.items()
        if isinstance(value, type)
        and issubclass(value, Exception)
        and (value.__module__, value.__name__) == ("builtins", name)  # Of no module: defined here.
    }


def _loading(report: Report, error: BaseException, session: Session, field: str) -> Report:
    """A source that fails before it has asked the candidate for anything fails for everyone."""
    if session.stopped is not None or session.asked:
        return report
    return Report(BAD_TEST, f"{field}: does not run: {caller_code.last_line(error)}")


def prepare(entry_point: str, source: str, support_source: str) -> CheckFunction:
    """Compiles a test. Raises BadTest."""
    return CheckFunction(
        entry_point,
        source,
        support_source,
        caller_code.compile_source(source, FIELD),
        caller_code.compile_source(support_source, SUPPORT_FIELD),
    )
