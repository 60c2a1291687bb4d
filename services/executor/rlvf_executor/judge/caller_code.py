"""Compiles a caller's test code in the judge, and turns its exceptions into reports.

Until the test has asked the candidate for something, errors are the test's own; afterwards the
candidate may be the cause, and the test is not blamed.
"""

import ast
import builtins
import reprlib
import traceback
from collections import Counter, OrderedDict
from collections.abc import Collection, Sequence
from types import CodeType

from rlvf_executor.contract import policy, wire
from rlvf_executor.contract.report import BAD_TEST, ERROR, FAILED, BadTest, Report
from rlvf_executor.judge import closed_tests
from rlvf_executor.judge.iterators import RemoteIterator
from rlvf_executor.judge.remote import NOTHING, Handle, Session, Stop, describe_handle


def compile_source(source: str, field: str) -> CodeType:
    """Compiles one of the test's sources; the file name in tracebacks is `<field>`.

    Raises:
        BadTest: it does not compile.
    """
    try:
        return compile(source, f"<{field}>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError) as error:
        raise BadTest(field, f"does not run: {exception_line(error)}") from None


def are_closed(sources: Sequence[str], given: Collection[str] | None) -> bool:
    """Whether compiled sources, run one after another, are closed (`closed_tests.py`).

    `given` are the names that they can use beside their own and Python's; None: any.
    """
    trees = [ast.parse(source) for source in sources]
    if given is None:
        names = {n.id for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name)}
        given = [name for name in names if not hasattr(builtins, name)]
    return closed_tests.is_closed(trees, given)


def report_of(error: BaseException, session: Session, field: str, source: str) -> Report:
    """The report that follows from an exception in a test's code."""
    if session.stopped is not None:
        return session.stopped
    where = line_of(error, field, source)
    if error is session.raised:
        return Report(ERROR, f"{where}the program raised {exception_line(error)}")
    if not session.asked:
        if isinstance(error, wire.NotPlainData):
            problem = f"{where}passes an argument that cannot be sent: {error}"
            return Report(BAD_TEST, f"{field}: {problem}")
        if not isinstance(error, Exception):
            problem = f"{where}the test ended itself with {exception_line(error)}"
            return Report(BAD_TEST, f"{field}: {problem}")
    detail = f"{type(error).__name__}: {where}{_message_of(error)}".strip()
    return Report(FAILED, f"{detail}{_got(session.returned)}")


def never_asked(field: str) -> Report:
    """The report on a test that passed without asking the candidate for anything."""
    return Report(BAD_TEST, f"{field}: ends without asking the candidate for anything")


def exception_line(error: BaseException) -> str:
    """An exception in one line; only the name of its class if it cannot be formatted."""
    try:
        lines = traceback.format_exception_only(type(error), error)
        return "".join(lines).strip().splitlines()[-1][:1000]
    except (Exception, Stop):  # It comes from a candidate, or its message is a handle.
        return type(error).__name__


class _Shortener(reprlib.Repr):
    """Formats any value for people in few characters."""

    def repr_Handle(self, value: Handle, level: int) -> str:
        return describe_handle(value)

    def repr_RemoteIterator(self, value: RemoteIterator, level: int) -> str:
        shown = ", ".join(self.repr1(one, level - 1) for one in value.shown)
        return f"<{value.text[:100]}{': ' if shown else ''}{shown}>"

    def repr_OrderedDict(self, value: OrderedDict[object, object], level: int) -> str:
        return f"OrderedDict({self.repr_list(list(value.items()), level)})"

    def repr_Counter(self, value: Counter[object], level: int) -> str:
        return f"Counter({self.repr_dict(value, level)})"

    def repr_int(self, value: int, level: int) -> str:
        # Python refuses to write very long integers in decimal.
        if value.bit_length() > 500:
            return f"<an integer of {value.bit_length()} bits>"
        return super().repr_int(value, level)


def shorten(value: object, *, max_characters: int = 300) -> str:
    """A value for people, in at most about `max_characters`."""
    shortener = _Shortener()
    shortener.maxstring = shortener.maxother = shortener.maxlong = 120
    shortener.maxlist = shortener.maxtuple = shortener.maxdict = shortener.maxset = 12
    try:
        text = shortener.repr(value)
    except (ValueError, RecursionError):  # Not sortable, or an integer inside a Fraction.
        return f"<{type(value).__name__}>"
    return text if len(text) <= max_characters else f"{text[: max_characters - 3]}..."


def line_of(error: BaseException, field: str, source: str) -> str:
    """The line of a source that raised, such as `line 7: assert candidate(5) == 7`, or ""."""
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == f"<{field}>"
    ]
    if not lines:
        return ""
    texts = source.splitlines()
    text = texts[lines[-1] - 1].strip() if lines[-1] <= len(texts) else ""
    return f"line {lines[-1]}: {text[:500]} "


def _got(returned: object) -> str:
    return "" if returned is NOTHING else f" (the last call returned {shorten(returned)})"


def _message_of(error: BaseException) -> str:
    try:
        return str(error)[: policy.MAX_DETAIL_CHARACTERS // 2]
    except (Exception, Stop):  # A test's own exception class may have a broken __str__.
        return ""
