"""A stream of gradings to one executor (`ExecutorService.GradeBatch`), from the client's side."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import grpc

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_api.errors import (
    DeadlineExceeded,
    ResourceExhausted,
    RlvfError,
    Unavailable,
    from_rpc_error,
    from_status,
)
from rlvf_common.rollouts.grading_window import Window

__all__ = ["Item", "Stream"]

_CONNECT_SECONDS = 10.0
_IDLE_SECONDS = 10.0
# Servers want their connections renewed (`rlvf_common.rpc.server`): after this time a stream takes
# no more items and ends with its last answer.
_RENEWAL_SECONDS = 240.0
# The server lets a stream keep its connection for this time.
_STREAM_SECONDS = 86_400.0
_LOOK_SECONDS = 2.0
# While an executor has enough work, items of this interval are sent together.
_TOGETHER_SECONDS = 0.005
# An executor that fails gets no items for this time, twice as long each time. Otherwise it would
# take, and fail, all items that the others have no room for.
_REST_SECONDS = 0.5
_LONGEST_REST_SECONDS = 8.0
_MESSAGE_ITEMS = 100
_MESSAGE_CANCELLED = 1_000
_MESSAGE_BYTES = 4 << 20


@dataclass(slots=True, eq=False)
class Item:
    """A request that waits for a stream, or is on one."""

    number: int
    """Number of the item in the order of arrival."""
    request: executor_pb2.GradeRequest
    size: int
    """Bytes of the request."""
    seconds: float
    """Maximum time that it may be with an executor."""
    answer: "asyncio.Future[executor_pb2.GradeResponse]"
    caller: str
    """The caller on whose behalf it is graded."""
    request_id: str
    """Id of the request that it is a part of."""
    traceparent: str
    """The trace that it is a part of (W3C Trace Context)."""
    until: float = 0.0
    """When the executor must have answered, by `time.monotonic`."""
    stream: "Stream | None" = None


class Stream:
    """A stream. First `connect` it, then `run` it; `wake` it when there may be items to take."""

    def __init__(
        self,
        stub: "executor_pb2_grpc.ExecutorServiceAsyncStub",
        *,
        take: Callable[[str], Item | None],
        changed: Callable[[], None],
    ) -> None:
        """`take` gives the next item for an executor of a policy; `changed` is called when the
        stream's room or capacity may have changed."""
        self.identity = executor_pb2.ExecutorIdentity()
        """The executor that answers; empty before `connect`."""
        self.retired = False
        """Whether it takes no more items."""
        self._take = take
        self._changed = changed
        self._window = Window(0)
        self._in_flight: dict[str, Item] = {}
        self._unwanted: list[str] = []
        """Names of items whose answers nobody wants any more, to be sent to the executor."""
        self._writing = False
        """Whether a message is being sent, or waits for the executor to read earlier ones."""
        self._rest_seconds = _REST_SECONDS
        self._rests_until = 0.0
        self._wake = asyncio.Event()
        self._ended = False
        self._used_at = monotonic()
        self._renew_at = 0.0
        self._call = stub.GradeBatch(self._requests(), timeout=_STREAM_SECONDS)
        self._responses = aiter(self._call)

    @property
    def room(self) -> int:
        """How many items it can take now."""
        if self.retired or monotonic() < self._rests_until:
            return 0
        return self._window.room

    @property
    def capacity(self) -> int:
        """How many items it can have in flight."""
        return self._window.items if self.retired else self._window.limit

    def wake(self) -> None:
        """Look for items to take, or end if the stream is retired."""
        self._wake.set()

    async def connect(self) -> None:
        """Waits until the executor has identified itself.

        Raises:
            RlvfError: the stream cannot be opened.
        """
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                first = await anext(self._responses)
        except BaseException as error:
            self.close()
            raise _reason(error) from None
        self.identity = first.executor
        self._used_at = monotonic()
        self._renew_at = self._used_at + _RENEWAL_SECONDS * random.uniform(0.8, 1.0)
        self._window = Window(self.identity.slots)

    async def run(self) -> None:
        """Carries items and answers until it is retired and empty, or breaks.

        The items that it leaves unanswered get the reason as Unavailable.
        """
        failure: BaseException = Unavailable("the executor ended the stream")
        watching = asyncio.create_task(self._watch())
        try:
            async for response in self._responses:
                self._receive(response)
        except (grpc.RpcError, asyncio.CancelledError) as error:
            failure = _reason(error)
            if not isinstance(failure, RlvfError):
                raise
        finally:
            watching.cancel()
            self.close()
            for item in self._in_flight.values():
                if not item.answer.done():
                    item.answer.set_exception(
                        Unavailable(f"a stream broke: {failure}", timedelta(0))
                    )
            self._in_flight.clear()

    def close(self) -> None:
        """Ends the stream; the executor kills the programs that it still has of it."""
        self.retired = self._ended = True
        self._wake.set()
        self._call.cancel()

    def retire(self) -> None:
        """Takes no more items; `run` ends when all are answered."""
        if not self.retired:
            self.retired = True
            self._wake.set()
            self._changed()

    def gave_up(self, item: Item) -> None:
        """Cancels an item whose answer nobody wants: the executor is told to kill its program."""
        name = str(item.number)
        if self._in_flight.pop(name, None) is not None:
            self._window.returned(item.size)
            self._unwanted.append(name)
            self._wake.set()
            self._changed()

    def _receive(self, response: executor_pb2.GradeBatchResponse) -> None:
        for answer in response.items:
            item = self._in_flight.pop(answer.id, None)
            if item is None:
                continue
            self._window.returned(item.size)
            if answer.HasField("error"):
                self._failed(item, from_status(answer.error))
                continue
            self._rest_seconds = _REST_SECONDS
            wall_time = answer.response.usage.wall_time
            self._window.saw(wall_time.seconds + wall_time.nanos / 1e9)
            if not item.answer.done():  # Otherwise its caller has gone.
                item.answer.set_result(answer.response)
        self._wake.set()
        self._changed()

    def _failed(self, item: Item, error: RlvfError) -> None:
        """Ends an item with an error; the executor rests if it is away or full."""
        now = monotonic()
        if isinstance(error, Unavailable | ResourceExhausted) and now >= self._rests_until:
            self._rests_until = now + self._rest_seconds
            self._rest_seconds = min(2 * self._rest_seconds, _LONGEST_REST_SECONDS)
        if not item.answer.done():
            item.answer.set_exception(error)

    async def _requests(self) -> AsyncIterator[executor_pb2.GradeBatchRequest]:
        while not self._ended:
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                pass
            if self._window.busy:
                await asyncio.sleep(_TOGETHER_SECONDS)
            self._wake.clear()
            if not self.identity.instance:
                continue  # The executor has not identified itself yet.
            while message := self._message():
                self._writing = True
                yield message
                self._writing = False
            self._changed()
            if self.retired and not self._in_flight:
                return

    def _message(self) -> executor_pb2.GradeBatchRequest | None:
        """The next message, or None if there is nothing to send."""
        message = executor_pb2.GradeBatchRequest()
        size = 0
        now = monotonic()
        while len(message.items) < _MESSAGE_ITEMS and size < _MESSAGE_BYTES and self.room:
            item = self._take(self.identity.policy_sha256)
            if item is None:
                break
            item.stream, item.until = self, now + item.seconds
            name = str(item.number)
            self._in_flight[name] = item
            self._window.sent(item.size)
            message.items.add(
                id=name,
                request=item.request,
                caller=item.caller,
                request_id=item.request_id,
                traceparent=item.traceparent,
            )
            size += item.size
        message.cancelled.extend(self._unwanted[:_MESSAGE_CANCELLED])
        del self._unwanted[:_MESSAGE_CANCELLED]
        if message.items:
            self._used_at = now
        return message if message.items or message.cancelled else None

    async def _watch(self) -> None:
        """Ends items and streams that last too long, even if the executor has stopped reading."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if not self._in_flight and (self.retired or self._writing):
                self.close()
            self._look_after(monotonic())

    def _look_after(self, now: float) -> None:
        for item in list(self._in_flight.values()):
            if item.until < now:
                if not item.answer.done():
                    item.answer.set_exception(
                        DeadlineExceeded(f"the executor had it for {item.seconds:.0f} s")
                    )
                self.gave_up(item)
        idle = not self._in_flight and now - self._used_at > _IDLE_SECONDS
        if idle or now > self._renew_at:
            self.retire()


def _reason(error: BaseException) -> BaseException:
    """Why a stream ended: an `RlvfError` for a failure that may pass, else the error itself."""
    if isinstance(error, grpc.RpcError):
        return from_rpc_error(error)
    if isinstance(error, TimeoutError):
        return Unavailable(
            f"the executor did not say within {_CONNECT_SECONDS:.0f} s who it is; one of an "
            "earlier version never does: update it"
        )
    if isinstance(error, StopAsyncIteration):
        return Unavailable("the executor ended the stream at once")
    task = asyncio.current_task()
    if isinstance(error, asyncio.CancelledError) and not (task and task.cancelling()):
        return Unavailable("the stream was closed here", timedelta(0))
    return error
