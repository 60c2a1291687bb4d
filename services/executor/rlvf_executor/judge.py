"""The judge's process: runs a test against a candidate that lives in another process.

The test's `candidate` is a `Proxy`. The candidate's side sends bytes, and bytes are all it can
send: they become plain data (`wire.py`) or one of a few kinds of failure. The comparison happens
here.
"""

import ast
import builtins
import json
import linecache
import reprlib
import socket
import traceback
from collections.abc import Callable
from types import CodeType
from typing import NamedTuple

from rlvf_executor import closed, frames, messages, policy, wire


class Report(NamedTuple):
    """What the judge saw. `kind` is one of the constants below; `detail` is for people."""

    kind: str
    detail: str = ""


PASSED = "passed"
FAILED = "failed"
ERROR = "error"
MEMORY = "memory"
# The candidate's process is gone; its supervisor knows why.
GONE = "gone"
# The test itself cannot be run; `detail` says why. Not a verdict.
BAD_TEST = "bad_test"
# Sent ahead of the report: the candidate has returned much data (`policy.JUDGE_BLAMES_DATA_BYTES`).
MUCH_DATA = "much_data"


_NOTHING = object()


class CandidateError(Exception):
    """A candidate's own exception class, which has no counterpart here."""


class _Stop(BaseException):
    """Ends the test with a report.

    Not an Exception, so that a test cannot swallow it by `except Exception`.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report


class Proxy:
    """Stands for the candidate's function in the test."""

    def __init__(self, name: str, channel: socket.socket, on_much_data: Callable[[], None]) -> None:
        self.__name__ = name
        self._channel = channel
        self._on_much_data = on_much_data
        self._data_bytes = 0
        self.raised: BaseException | None = None
        self.stopped: Report | None = None
        self.returned: object = _NOTHING

    def wait_until_ready(self) -> None:
        """Waits until the candidate's source has run; raises `_Stop` when it does not."""
        reply = self._receive()
        if reply[:1] != messages.READY:
            self._fail(reply)

    def __call__(self, *args: object, **kwargs: object) -> object:
        if self.stopped is not None:  # The test swallowed the first one.
            raise _Stop(self.stopped)
        # What cannot be sent is the test's own fault, and shows as a test that does not run.
        request = messages.CALL + wire.encode((args, kwargs))
        try:
            frames.send(self._channel, request)
        except frames.ChannelClosed:
            self._stop(Report(GONE))
        reply = self._receive()
        if reply[:1] != messages.VALUE:
            self._fail(reply)
        if self._data_bytes <= policy.JUDGE_BLAMES_DATA_BYTES < self._data_bytes + len(reply):
            self._on_much_data()
        self._data_bytes += len(reply)
        try:
            self.returned = wire.decode(reply[1:])
            return self.returned
        except wire.NotPlainData as error:
            return self._stop(Report(ERROR, f"returned a value that is not plain data: {error}"))

    def _receive(self) -> bytes:
        try:
            return frames.receive(self._channel, max_bytes=messages.MAX_MESSAGE_BYTES)
        except frames.ChannelClosed:
            return self._stop(Report(GONE))

    def _fail(self, reply: bytes) -> None:
        """Raises what a reply without a value stands for."""
        kind = reply[:1]
        if kind == messages.NO_MEMORY:
            self._stop(Report(MEMORY, "the program ran out of memory"))
        try:
            payload = wire.decode(reply[1:])
        except wire.NotPlainData as error:
            self._stop(Report(ERROR, f"the program wrote to its own channel: {error}"))
        if kind in (messages.BROKEN, messages.NOT_DATA) and type(payload) is str:
            self._stop(Report(ERROR, payload))
        if kind == messages.RAISED and type(payload) is tuple and len(payload) == 2:
            name, message = payload
            if type(name) is str and type(message) is str:
                self._reraise(name, message)
        self._stop(Report(ERROR, "the program wrote to its own channel"))

    def _reraise(self, name: str, message: str) -> None:
        kind = getattr(builtins, name, None)
        if (
            isinstance(kind, type)
            and issubclass(kind, BaseException)
            and not issubclass(kind, Exception)
        ):
            self._stop(Report(ERROR, f"the program ended itself with {name}"))
        try:
            if isinstance(kind, type) and issubclass(kind, Exception):
                self.raised = kind(message)
            else:
                self.raised = CandidateError(f"{name}: {message}")
        except TypeError:  # UnicodeDecodeError and its like need more than a message.
            self.raised = CandidateError(f"{name}: {message}")
        raise self.raised

    def _stop(self, report: Report) -> bytes:
        self.stopped = report
        raise _Stop(report)


class Prepared:
    """A test, compiled: to be run many times, each in a fresh namespace."""

    def __init__(self, payload: bytes) -> None:
        test = json.loads(payload)
        self.size_bytes = len(payload)
        self.entry_point: str = test["entry_point"]
        self.test_source: str = test["test_source"]
        self.sources = (("support_source", test["support_source"]), ("source", self.test_source))
        self._code: list[tuple[str, CodeType]] = []
        self.problem = ""
        trees = []
        for name, source in self.sources:
            try:
                tree = ast.parse(source)
                self._code.append((name, compile(tree, f"<{name}>", "exec", dont_inherit=True)))
            except BaseException as error:
                self.problem = f"{name}: does not run: {_last_line(error)}"
                break
            trees.append(tree)
        self.closed = not self.problem and closed.is_closed(trees, (self.entry_point,))

    def judge(self, channel: socket.socket, send: Callable[[Report], None]) -> None:
        """Runs the test against the candidate behind `channel`; sends one report."""
        proxy = Proxy(self.entry_point, channel, lambda: send(Report(MUCH_DATA)))
        namespace: dict[str, object] = {}
        try:
            send(self._judge(proxy, namespace))
        finally:
            namespace.clear()

    def _judge(self, proxy: Proxy, namespace: dict[str, object]) -> Report:
        if self.problem:
            return Report(BAD_TEST, self.problem)
        for name, code in self._code:
            # The entry point is bound again for the test, because the support may hold an
            # unfinished one.
            namespace[self.entry_point] = proxy
            try:
                exec(code, namespace)
            except _Stop as stop:
                return stop.report
            except BaseException as error:
                return Report(BAD_TEST, f"{name}: does not run: {_last_line(error)}")
        namespace[self.entry_point] = proxy
        check = namespace.get("check")
        if not callable(check):
            return Report(BAD_TEST, "source: does not define check(candidate)")
        try:
            proxy.wait_until_ready()
            check(proxy)
        except BaseException as error:
            return _report_of(error, proxy, self.test_source)
        # A test that swallowed the candidate's end has not seen it pass.
        return proxy.stopped or Report(PASSED)


def prepare(payload: bytes) -> Prepared:
    return Prepared(payload)


def run(payload: bytes, channel: socket.socket, send: Callable[[Report], None]) -> None:
    """Runs the test in `payload` (see `encode_test`) and sends one report."""
    prepare(payload).judge(channel, send)


def encode_test(*, entry_point: str, support_source: str, test_source: str) -> bytes:
    """Packs what the judge's process needs."""
    return json.dumps(
        {"entry_point": entry_point, "support_source": support_source, "test_source": test_source}
    ).encode()


def _report_of(error: BaseException, proxy: Proxy, test_source: str) -> Report:
    if proxy.stopped is not None:
        return proxy.stopped
    where = _where(error, test_source)
    if error is proxy.raised:
        return Report(
            ERROR, f"{where}the program raised {_last_line(error)}"[: policy.MAX_DETAIL_CHARACTERS]
        )
    if isinstance(error, wire.NotPlainData):
        return Report(BAD_TEST, f"source: {where}passes an argument that cannot be sent: {error}")
    if not isinstance(error, Exception):
        return Report(BAD_TEST, f"source: {where}the test ended itself with {_last_line(error)}")
    detail = f"{type(error).__name__}: {where}{_message_of(error)}".strip()
    return Report(FAILED, f"{detail}{_got(proxy.returned)}"[: policy.MAX_DETAIL_CHARACTERS])


def _where(error: BaseException, test_source: str) -> str:
    """The line of the test that raised, as `line 7.

    Assert candidate(5) == 7: `; empty where there is none.
    """
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == "<source>"
    ]
    if not lines:
        return ""
    text = (
        test_source.splitlines()[lines[-1] - 1].strip()
        if lines[-1] <= test_source.count("\n") + 1
        else ""
    )
    return f"line {lines[-1]}: {text[:500]} "


def _got(returned: object) -> str:
    if returned is _NOTHING:
        return ""
    try:
        return f" (the last call returned {reprlib.repr(returned)})"
    except ValueError:  # Python refuses to print integers of more than 4,300 digits.
        return ""


def _message_of(error: BaseException) -> str:
    try:
        return str(error)[:1000]
    except Exception:  # A test's own exception class may have a broken __str__.
        return ""


def _last_line(error: BaseException) -> str:
    linecache.clearcache()
    return (
        "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()[-1][:1000]
    )
