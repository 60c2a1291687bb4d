"""The candidate as a judge sees it: a channel to its process, and handles on its objects.

The candidate can only send bytes, which become plain data (`wire.py`), handles, or one of a few
kinds of failure. A handle is a number that the judge sends back unchanged. It can be called, and
its attributes can be read and set, all in the candidate's process. Whatever would make the judge
trust the object's answer (comparing, hashing, iterating, formatting, testing for truth) ends the
grading. For Python's own iterators the judge can request items (`iterators.py`).
"""

import contextlib
import functools
from collections import deque
from collections.abc import Callable, Mapping
from typing import NoReturn

from rlvf_executor.contract import frames, messages, policy, wire
from rlvf_executor.contract.control import Socket
from rlvf_executor.contract.report import ERROR, FORECAST_MISSED, GONE, MEMORY, UNFORESEEN, Report
from rlvf_executor.contract.wire import Reference
from rlvf_executor.judge import exceptions
from rlvf_executor.judge.calls_ahead import Forecast
from rlvf_executor.judge.iterators import RemoteIterator
from rlvf_executor.judge.tally import Tally

NOTHING = object()
_FORGED = Report(ERROR, "the program wrote to its own channel")


class Stop(BaseException):
    """Ends the test with a report.

    Not an Exception, so that `except Exception` in a test does not catch it.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report


class Session:
    """One grading's channel to its candidate."""

    def __init__(
        self,
        channel: Socket,
        *,
        on_ready: Callable[[], None],
        on_asked: Callable[[], None],
        on_answer: Callable[[], None],
    ) -> None:
        """`on_ready` is called when the candidate is loaded, `on_asked` once before its first
        answer is read, `on_answer` at each answer."""
        self._channel = channel
        self._reader = frames.Reader(channel)
        self._on_ready = on_ready
        self._on_asked = on_asked
        self._on_answer = on_answer
        self._ready = False
        self.asked = False
        """Whether the judge has waited for an answer; then an error may be the candidate's."""
        self.stopped: Report | None = None
        """The report that ended the grading, even if the test caught the exception."""
        self.end: Stop | None = None
        """The exception that was raised then."""
        self.raised: BaseException | None = None
        """The candidate's last exception, as raised here."""
        self.returned: object = NOTHING
        """The candidate's last answer."""
        self.ahead: deque[bytes] = deque()
        """Calls that were sent, but that the test has not made yet."""
        self.exceptions: Mapping[str, type[Exception]] = {}
        """The test's exception classes that the candidate may define too, by name."""
        self.tally = Tally()
        self._sent_all = False
        self._under_way = 0
        self._early: deque[bytes] = deque()

    def wait_until_ready(self) -> None:
        """Waits until the candidate's source has run; raises `Stop` when it does not."""
        if self._ready:
            return
        # The first message must be small, and no answer, because nothing has been asked.
        reply = self._receive(messages.MAX_FIRST_BYTES)
        if reply[:1] in (messages.BROKEN, messages.NO_MEMORY):
            self._fail(reply)
        if reply[:1] != messages.READY:
            self.stop(_FORGED)
        self._ready = True
        self._on_ready()

    def ask(self, request: bytes) -> object:
        """Sends one request and returns the candidate's answer, or raises its exception.

        Raises:
            Stop: there is no answer, or not a valid one.
        """
        if self.stopped is not None:  # The test caught the first one.
            raise Stop(self.stopped)
        self.wait_until_ready()
        if not self.ahead and not self._sent_all:
            return self._read(self._exchange(request))
        if not self.ahead or self.ahead.popleft() != frames.pack(request):
            self.stop(Report(FORECAST_MISSED))
        return self.answer()

    def take(self, number: int, count: int, room: int) -> tuple[list[object], int]:
        """The next items of an iterator, at most `count` with together at most `room` bytes, and
        their size. The list is empty at the end of the iterator.

        The items belong to the answer with the iterator, and so to that call's budget. Raises as
        `ask`.
        """
        if self.stopped is not None:
            raise Stop(self.stopped)
        if self.ahead or self._sent_all:
            self.stop(Report(UNFORESEEN))
        wanted = messages.NUMBER.pack(number) + wire.encode_for_candidate(count)
        reply = self._exchange(messages.NEXT + wanted)
        if reply[:1] != messages.VALUE:
            self._on_answer()
            self._fail(reply)
        if len(reply) > room:
            detail = f"an iterator gave more than {policy.MAX_VALUE_BYTES} bytes"
            self.stop(Report(MEMORY, detail))
        items = self._decoded(reply)
        if type(items) is Handle:  # The list is too large to be sent.
            _refuse(items)
        if type(items) is not list or len(items) > count:
            self.stop(_FORGED)
        if not items:
            self._on_answer()
        return items, len(reply)

    def send_ahead(self, forecast: Forecast) -> None:
        """Sends the forecast calls; the grading ends if the test makes another call.

        The answers are read in order as the test makes the calls. So each verdict is the same,
        except where the candidate reaches a limit in a call after the one that decides, which the
        supervisor handles (`grading.py`). If the forecast is whole, the candidate exits after the
        last call.
        """
        self.ahead.extend(forecast.calls)
        self._under_way += len(forecast.calls)
        self._sent_all = forecast.whole
        with contextlib.suppress(frames.ChannelClosed):  # Its last messages can still be read.
            frames.send_packed(self._channel, b"".join(forecast.calls))
        if forecast.whole:
            frames.send_end(self._channel)

    def post(self, packed: bytes, requests: int) -> None:
        """Sends requests whose answers are read later, by `answer`, in the same order."""
        self._under_way += requests
        try:
            frames.send_packed(self._channel, packed)
        except frames.ChannelClosed:
            self.stop(Report(GONE))

    def answer(self) -> object:
        """The answer to the earliest unanswered request; raises as `ask`."""
        return self._read(self._early.popleft() if self._early else self._reply())

    def _exchange(self, request: bytes) -> bytes:
        """Sends a request and returns its reply; replies to earlier requests are kept."""
        earlier = self._under_way
        self.post(frames.pack(request), 1)
        for _ in range(earlier):
            self._early.append(self._reply())
        return self._reply()

    def _reply(self) -> bytes:
        if not self.asked:
            self.asked = True
            self._on_asked()
        reply = self._receive(messages.MAX_MESSAGE_BYTES)
        self._under_way -= 1
        return reply

    def _read(self, reply: bytes) -> object:
        self._on_answer()
        if reply[:1] != messages.VALUE:
            self._fail(reply)
        self.returned = self._decoded(reply)
        return self.returned

    def _decoded(self, reply: bytes) -> object:
        try:
            return wire.decode(reply[1:], resolve=self._handle)
        except wire.NotPlainData as error:
            self.stop(Report(ERROR, f"the program wrote to its own channel: {error}"))

    def call_request(self, number: int, args: tuple[object, ...], kwargs: object) -> bytes:
        """A call as it is sent. Raises NotPlainData if an argument of the test cannot be sent."""
        return messages.CALL + messages.NUMBER.pack(number) + self.encode((args, kwargs))

    def encode(self, value: object) -> bytes:
        """Encodes what the test sends: plain data that may contain this session's handles."""
        return wire.encode_for_candidate(value, refer=self._refer)

    def stop(self, report: Report) -> NoReturn:
        """Ends the grading."""
        if self.stopped is None:
            self.stopped, self.end = report, Stop(report)
            raise self.end
        raise Stop(self.stopped)

    def _refer(self, value: object) -> Reference | None:
        if type(value) is RemoteIterator:
            value = value.handle
        if type(value) is not Handle:
            return None
        return Reference(object.__getattribute__(value, "_Handle__reference").number, "")

    def _handle(self, reference: Reference) -> "Handle | RemoteIterator":
        handle = Handle(self, Reference(reference.number, reference.text[:200]))
        if not reference.iterates:
            return handle
        take = functools.partial(self.take, reference.number)
        return RemoteIterator(handle, reference.text[:200], take)

    def _receive(self, max_bytes: int) -> bytes:
        try:
            return self._reader.receive(max_bytes)
        except frames.ChannelClosed:
            self.stop(Report(GONE))

    def _fail(self, reply: bytes) -> NoReturn:
        """Raises the error of a reply without a value."""
        kind = reply[:1]
        if kind == messages.NO_MEMORY:
            self.stop(Report(MEMORY, "the program ran out of memory"))
        try:
            payload = wire.decode(reply[1:])
        except wire.NotPlainData as error:
            self.stop(Report(ERROR, f"the program wrote to its own channel: {error}"))
        if kind in (messages.BROKEN, messages.NOT_DATA) and type(payload) is str:
            self.stop(Report(ERROR, payload[: policy.MAX_DETAIL_CHARACTERS]))
        if kind == messages.RAISED:
            self._reraise(payload)
        self.stop(_FORGED)

    def _reraise(self, record: object) -> NoReturn:
        try:
            self.raised = exceptions.rebuild(record, self.exceptions)
        except exceptions.NotARecord:
            self.stop(_FORGED)
        except exceptions.EndsProgram as error:
            self.stop(Report(ERROR, f"the program ended itself with {error}"))
        raise self.raised


class Handle:
    """An object in the candidate's process."""

    __slots__ = ("__reference", "__session")

    def __init__(self, session: Session, reference: Reference) -> None:
        object.__setattr__(self, "_Handle__session", session)
        object.__setattr__(self, "_Handle__reference", reference)

    def __call__(self, *args: object, **kwargs: object) -> object:
        session, reference = _inside(self)
        return session.ask(session.call_request(reference.number, args, kwargs))

    def __getattr__(self, name: str) -> object:
        # Special methods, which Python looks up by itself (`copy.copy`, `hasattr`), are not
        # requested from the candidate.
        if name.startswith("__") and name not in ("__name__", "__qualname__"):
            raise AttributeError(name)
        if name in _COMPARES:
            _refuse(self)
        session, reference = _inside(self)
        number = messages.NUMBER.pack(reference.number)
        return session.ask(messages.READ + number + wire.encode_for_candidate(name))

    def __setattr__(self, name: str, value: object) -> None:
        session, reference = _inside(self)
        number = messages.NUMBER.pack(reference.number)
        session.ask(messages.WRITE + number + session.encode((name, value)))


def _inside(handle: Handle) -> tuple[Session, Reference]:
    inside = object.__getattribute__
    return inside(handle, "_Handle__session"), inside(handle, "_Handle__reference")


def _refuse(handle: Handle, *_: object) -> NoReturn:
    session, reference = _inside(handle)
    session.stop(
        Report(ERROR, f"returned a value that is not plain data: {reference.text or 'an object'}")
    )


# Every operation in which Python, or a test, would trust the object's own answer.
_REFUSED = """
    eq ne lt le gt ge hash bool len iter next reversed contains getitem setitem delitem delattr
    int float complex index round trunc floor ceil bytes repr str format
    add sub mul matmul truediv floordiv mod divmod pow lshift rshift and or xor neg pos abs invert
    radd rsub rmul rmatmul rtruediv rfloordiv rmod rdivmod rpow rlshift rrshift rand ror rxor
    iadd isub imul imatmul itruediv ifloordiv imod ipow ilshift irshift iand ior ixor
    enter exit await aiter anext instancecheck subclasscheck fspath length_hint
    copy deepcopy reduce reduce_ex getstate dir mro_entries
"""
# The same of pandas' objects by name: one that is an instance of a program's own class.
_COMPARES = frozenset({"equals", "identical"})
for _name in _REFUSED.split():
    setattr(Handle, f"__{_name}__", _refuse)


def describe_handle(handle: Handle) -> str:
    """A handle in a report, for people."""
    return f"<{_inside(handle)[1].text[:100] or 'an object'}>"
