"""Judges the output of whole programs by a caller's own check, for problems with several right
outputs."""

from dataclasses import dataclass
from types import CodeType

from rlvf_executor.contract.report import BAD_TEST, FAILED, PASSED, Report
from rlvf_executor.judge import caller_code, calls_ahead
from rlvf_executor.judge.calls_ahead import Forecast
from rlvf_executor.judge.remote import Session

FIELD = "standard_streams.checker_source"


@dataclass(frozen=True)
class Checker:
    """A compiled check, and the texts to check: standard input, output, and expected output."""

    source: str
    code: CodeType
    texts: tuple[str, ...]

    def is_closed(self) -> bool:
        """False: it is run once, in a process of its own."""
        return False

    def calls_ahead(self) -> Forecast:
        """None, because the program has ended."""
        return calls_ahead.NOTHING

    def cases(self) -> int:
        """0, because it checks one case of a suite."""
        return 0

    def count(self, session: Session, first: int) -> None:
        """Does nothing: there are no cases."""

    def judge(self, session: Session) -> Report:
        """Runs `check`. The session is not used: the program has ended."""
        namespace: dict[str, object] = {}
        try:
            exec(self.code, namespace)
        except BaseException as error:
            return Report(BAD_TEST, f"{FIELD}: does not run: {caller_code.exception_line(error)}")
        check = namespace.get("check")
        if not callable(check):
            return Report(BAD_TEST, f"{FIELD}: does not define check(stdin, stdout, expected)")
        try:
            answer = check(*self.texts)
        except BaseException as error:
            where = caller_code.line_of(error, FIELD, self.source)
            return Report(
                FAILED, f"the checker raised {caller_code.exception_line(error)} {where}".strip()
            )
        if answer is True:
            return Report(PASSED)
        return Report(FAILED, f"the checker returned {caller_code.shorten(answer)}")


def prepare(source: str, texts: list[str]) -> Checker:
    """Compiles a check. Raises BadTest."""
    return Checker(source, caller_code.compile_source(source, FIELD), tuple(texts))
