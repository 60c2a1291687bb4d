"""Distributes gradings over the executors: keeps the streams to all replicas behind one channel,
and the items that wait for them."""

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Mapping
from contextvars import Context
from datetime import timedelta
from itertools import count, starmap
from time import monotonic

import grpc

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_api.errors import Unavailable
from rlvf_common.rollouts.grading_stream import Item, Stream
from rlvf_common.rpc.context import caller, request_id
from rlvf_common.rpc.fair_queue import FairSlots
from rlvf_common.rpc.telemetry import fields
from rlvf_common.rpc.tracing import trace_headers

__all__ = ["Dispatch"]

log = logging.getLogger(__name__)

# Items in addition to those that the streams have room for. They show that there is more work, and
# are ready when an answer comes.
_SPARE = 8
_LEAST_SLOTS = 16
# Pauses after a search that only found replicas with a stream. Some may not be connected yet, so
# the search is soon repeated; the pause doubles each time that none is found.
_SHORTEST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 5.0


class _Lane:
    """The items that must be graded by one policy, or may be graded by any."""

    def __init__(self) -> None:
        self.slots = FairSlots(_LEAST_SLOTS)
        self.waiting: deque[Item] = deque()

    def head(self) -> Item | None:
        """The first item that waits and whose caller has not gone."""
        while self.waiting and self.waiting[0].answer.done():
            self.waiting.popleft()
        return self.waiting[0] if self.waiting else None

    def fail(self, error: Exception) -> None:
        """Ends the waiting of all items with an error."""
        while (item := self.head()) is not None:
            item.answer.set_exception(error)


class Dispatch:
    """Gives each item to an executor that has room for it, and looks for more executors.

    The channel's policy is round_robin, so each new stream goes to the next replica. While items
    wait and no stream has room, further streams are opened, until one reaches a replica that
    already has a stream.
    """

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = executor_pb2_grpc.ExecutorServiceStub(channel)
        self._lanes: dict[str, _Lane] = {}
        self._streams: list[Stream] = []
        self._tiers: dict[str, str] = {}
        """The tier of each policy that was seen."""
        self._numbers = count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._searching = False
        self._search_at = 0.0
        self._pause_seconds = _SHORTEST_PAUSE_SECONDS

    def slots(self, policy_sha256: str) -> FairSlots:
        """The slots of all callers that want gradings by a policy, or by any if it is empty; there
        are `capacity` of them."""
        return self._lane(policy_sha256).slots

    def capacity(self, policy_sha256: str) -> int:
        """How many gradings by a policy, or by any if it is empty, are worth having in work."""
        streams = sum(stream.capacity for stream in self._streams_of(policy_sha256))
        return max(_LEAST_SLOTS, streams + _SPARE)

    async def grade(
        self, request: executor_pb2.GradeRequest, size: int, *, policy_sha256: str, seconds: float
    ) -> executor_pb2.GradeResponse:
        """The answer to a request of `size` bytes by an executor with that policy, or by any if it
        is empty.

        Raises:
            DeadlineExceeded: an executor had it for `seconds` without an answer.
            RlvfError: no such executor can be reached now, or the executor returned this error.
        """
        answer = asyncio.get_running_loop().create_future()
        item = Item(
            number=next(self._numbers),
            request=request,
            size=size,
            seconds=seconds,
            answer=answer,
            caller=caller.get(),
            request_id=request_id.get(),
            traceparent=trace_headers().get("traceparent", ""),
        )
        self._lane(policy_sha256).waiting.append(item)
        streams = [stream for stream in self._streams_of(policy_sha256) if stream.room]
        for stream in streams:
            stream.wake()
        if not streams:
            self._look_for_more()
        try:
            return await item.answer
        except asyncio.CancelledError:
            if item.stream is not None:
                item.stream.gave_up(item)
            raise

    def _lane(self, policy_sha256: str) -> _Lane:
        return self._lanes.setdefault(policy_sha256, _Lane())

    def _streams_of(self, policy_sha256: str) -> list[Stream]:
        return [
            stream
            for stream in self._streams
            if policy_sha256 in ("", stream.identity.policy_sha256)
        ]

    def _take(self, policy_sha256: str) -> Item | None:
        """The longest waiting item that an executor of the policy may grade."""
        lanes = [self._lanes[name] for name in ("", policy_sha256) if name in self._lanes]
        heads = [(item.number, lane) for lane in lanes if (item := lane.head()) is not None]
        if not heads:
            return None
        _, lane = min(heads, key=lambda head: head[0])
        return lane.waiting.popleft()

    def _changed(self) -> None:
        """The streams, or their room, have changed."""
        for name, lane in self._lanes.items():
            lane.slots.resize(self.capacity(name))
        self._look_for_more()

    def _short(self, name: str, lane: _Lane) -> bool:
        """Whether more items wait in a lane than the streams have room for."""
        return len(lane.waiting) > sum(stream.room for stream in self._streams_of(name))

    def _look_for_more(self) -> None:
        """Begins a search for another executor if one is needed."""
        if self._searching:
            return
        short = [name for name, lane in self._lanes.items() if self._short(name, lane)]
        none = any(not self._taking(name) for name in short)
        if none or (short and monotonic() >= self._search_at):
            self._searching = True
            self._begin(self._search())

    def _taking(self, name: str) -> list[Stream]:
        return [stream for stream in self._streams_of(name) if not stream.retired]

    async def _search(self) -> None:
        """Opens streams until there is room for all waiting items, or all replicas have one."""
        failure: Exception | None = None
        passed: set[str] = set()
        """The executor instances that this search has reached."""
        met: dict[str, str] = {}
        try:
            while any(self._short(name, lane) for name, lane in self._lanes.items()):
                stream = Stream(self._stub, take=self._take, changed=self._changed)
                await stream.connect()
                who = stream.identity
                met[who.policy_sha256] = executor_pb2.Tier.Name(who.tier)
                self._note(who)
                if who.instance in passed:
                    stream.close()
                    break
                passed.add(who.instance)
                known = {one.identity.instance for one in self._streams if not one.retired}
                if who.instance not in known and any(
                    self._short(name, lane)
                    for name, lane in self._lanes.items()
                    if name in ("", who.policy_sha256)
                ):
                    self._streams.append(stream)
                    self._pause_seconds = _SHORTEST_PAUSE_SECONDS
                    self._changed()
                    self._begin(self._run(stream))
                    stream.wake()
                else:
                    stream.close()
        # Of the executor, of a closed channel, or a defect: `grade` raises it.
        except Exception as error:
            failure = error
        self._searching = False
        self._search_at = monotonic() + self._pause_seconds
        self._pause_seconds = min(2 * self._pause_seconds, _LONGEST_PAUSE_SECONDS)
        for name, lane in self._lanes.items():
            if not self._taking(name):
                lane.fail(failure or self.nobody(name, met))

    async def _run(self, stream: Stream) -> None:
        try:
            await stream.run()
        finally:
            self._streams.remove(stream)
            self._search_at, self._pause_seconds = 0.0, _SHORTEST_PAUSE_SECONDS
            self._changed()

    def _note(self, who: executor_pb2.ExecutorIdentity) -> None:
        """Records an executor's tier; warns when the first executor of a second policy is met."""
        if who.policy_sha256 in self._tiers:
            return
        self._tiers[who.policy_sha256] = executor_pb2.Tier.Name(who.tier)
        if len(self._tiers) == 2:
            log.warning(
                "the executors are not alike, and their verdicts are not mixed: make all replicas "
                "the same",
                extra=fields(policies=list(starmap(_described, self._tiers.items()))),
            )

    def nobody(self, wanted: str, met: Mapping[str, str]) -> Unavailable:
        """The error that no executor of the wanted policy answers. `met` has the policies that were
        met instead, with their tiers."""
        if not wanted:
            return Unavailable("no executor answers", timedelta(0))
        found = " and ".join(starmap(_described, sorted(met.items())))
        return Unavailable(
            f"no executor with the policy {_described(wanted, self._tiers.get(wanted, ''))} "
            f"answers, with which this work was begun; there is {found or 'none'}. Make all "
            "replicas of the executor alike (version, tier and Python), then start it again",
            timedelta(0),
        )

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        # In an empty context: a stream serves all callers, and has no caller's deadline.
        task = asyncio.get_running_loop().create_task(work, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _described(policy_sha256: str, tier: str) -> str:
    """A policy for people: the beginning of its digest, and its tier."""
    return f"{policy_sha256[:16]} ({tier or 'tier unknown'})"
