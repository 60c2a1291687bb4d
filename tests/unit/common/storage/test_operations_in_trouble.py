"""The invariants of operations, where storage fails, hangs, or is late at a chosen call."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import pytest
from google.longrunning import operations_pb2
from google.protobuf.message import Message
from prometheus_client import REGISTRY

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import (
    Cancelled,
    FailedPrecondition,
    Internal,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    Unavailable,
    from_status,
)
from rlvf_common.storage import operations
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import OperationContext, OperationRunner

REQUEST = trainer_pb2.RunTrainingRequest(request_id="r", base_model="m")
NAME = "operations/trainer/r"
PATIENCE_SECONDS = 20.0
# More than a run needs that is not disturbed.
CALLS = 60

DoneT = TypeVar("DoneT")


class TroubledStore(ArtifactStore):
    """A fake of `ArtifactStore`, in memory: documents only, with trouble where a test wants it.

    Several may hold the same documents, each with its own trouble, as replicas do.
    """

    def __init__(self, documents: dict[str, bytes] | None = None) -> None:
        self.documents = {} if documents is None else documents
        self.fails_at = -1
        self.unacknowledged = False
        self._calls = 0
        self._held: tuple[str, str] | None = None
        self._reached = threading.Event()
        self._go = threading.Event()
        self._lock = threading.Lock()

    @contextmanager
    def holding(self, method: str, ending: str) -> Iterator[Callable[[], bool]]:
        """Hold each such call of a key that ends so, until the end of the block; what is given
        waits until there is one, in a thread."""
        self._held = method, ending
        yield lambda: self._reached.wait(PATIENCE_SECONDS)
        self._held = None
        self._go.set()

    def _call(self, method: str, key: str, work: Callable[[], DoneT]) -> DoneT:
        if self._held and self._held[0] == method and key.endswith(self._held[1]):
            self._reached.set()
            assert self._go.wait(PATIENCE_SECONDS)
        with self._lock:
            self._calls += 1
            fails = self._calls == self.fails_at
            if not fails:
                return work()
            if self.unacknowledged:
                work()
        raise Unavailable("storage is in trouble")

    def read_document(self, key: str) -> bytes | None:
        return self._call("read", key, lambda: self.documents.get(key))

    def write_document(self, key: str, data: bytes) -> None:
        self._call("write", key, lambda: self.documents.update({key: data}))

    def create_document(self, key: str, data: bytes) -> bool:
        return self._call("create", key, lambda: self.documents.setdefault(key, data) is data)

    def delete_document(self, key: str) -> None:
        self._call("delete", key, lambda: self.documents.pop(key, None))

    def list_documents(self, prefix: str) -> list[str]:
        return self._call(
            "list", prefix, lambda: sorted(key for key in self.documents if key.startswith(prefix))
        )

    def pending(self) -> list[str]:
        return [key for key in self.documents if key.startswith("operations-pending/")]


class Replica(OperationRunner):
    """A replica with a store of its own, and a handler that counts how often it was asked."""

    def __init__(self, documents: dict[str, bytes] | None = None) -> None:
        self.store = TroubledStore(documents)
        self.handled = 0
        self.failures: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.gate_reached = asyncio.Event()
        self.cleaning = asyncio.Event()
        self.cleaning.set()
        self.cleaned = False
        self.saves_checkpoints = False
        handlers: dict[type[Message], operations.Handler] = {
            trainer_pb2.RunTrainingRequest: self.handle
        }
        super().__init__(self.store, "trainer", handlers)

    async def handle(
        self, request: trainer_pb2.RunTrainingRequest, context: OperationContext
    ) -> trainer_pb2.RunTrainingResponse:
        self.handled += 1
        if self.saves_checkpoints:
            await context.save_checkpoint("progress", b"")
        self.gate_reached.set()
        try:
            await self.gate.wait()
        finally:
            if context.cancelled:
                await self.cleaning.wait()
                self.cleaned = True
        if self.failures:
            raise self.failures.pop()
        return trainer_pb2.RunTrainingResponse()

    async def idle(self) -> None:
        """Return when nothing runs here."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(one.keeping for one in list(self._running.values())))

    async def get(self) -> operations_pb2.Operation:
        return await self.GetOperation(operations_pb2.GetOperationRequest(name=NAME), None)  # type: ignore[arg-type]

    async def cancel(self) -> None:
        await self.CancelOperation(operations_pb2.CancelOperationRequest(name=NAME), None)  # type: ignore[arg-type]

    async def delete(self) -> None:
        await self.DeleteOperation(operations_pb2.DeleteOperationRequest(name=NAME), None)  # type: ignore[arg-type]

    async def adopt(self) -> None:
        """Take up what has no living owner, once, and finish it."""
        await self.run()
        await self.idle()
        await self.release()

    async def adopt_and_die(self) -> None:
        """Take up what has no living owner, and end in the middle of it, after two heartbeats."""
        self.gate.clear()
        await self.run()
        assert self._scanner is not None
        self._scanner.cancel()
        async with asyncio.timeout(PATIENCE_SECONDS):
            for running in list(self._running.values()):
                while not self.gate_reached.is_set():
                    await asyncio.sleep(0)
                state = f"{NAME}/attempts/{running.attempt}/state"
                # The first may have begun before what the handler has done.
                for _ in range(2):
                    before = self.store.documents[state]
                    while self.store.documents[state] == before:
                        await asyncio.sleep(0)
                running.keeping.cancel()
                await asyncio.gather(running.keeping, running.handling, return_exceptions=True)


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every owner is beating all the time, and still taken for dead by every other replica."""
    monkeypatch.setattr(operations, "HEARTBEAT_SECONDS", 0.0)
    monkeypatch.setattr(operations, "STALE_SECONDS", 0.0)


def is_success(operation: operations_pb2.Operation) -> bool:
    success: bool = operation.done and operation.response.Is(
        trainer_pb2.RunTrainingResponse.DESCRIPTOR
    )
    return success


@pytest.mark.parametrize("unacknowledged", [False, True])
async def test_whichever_call_of_storage_fails_the_operation_is_carried_out(
    unacknowledged: bool,
) -> None:
    for number in range(1, CALLS):
        first = Replica()
        first.store.fails_at, first.store.unacknowledged = number, unacknowledged
        first.failures = [ResourceExhausted("the first attempt fails")]
        for _ in range(2):
            with suppress(Unavailable):
                await first.start(REQUEST, "r")
            await first.idle()
        assert first._running == {}
        second = Replica(first.store.documents)
        await second.adopt()
        operation = await second.get()
        if not is_success(operation):
            # A call that failed may have tried nothing again.
            assert operation.error.code in (0, 8, 14)
            await second.start(REQUEST, "r")
            await second.idle()
            operation = await second.get()
        assert is_success(operation)
        await second.adopt()
        assert second.store.pending() == []


@pytest.mark.parametrize("unacknowledged", [False, True])
async def test_what_a_call_that_failed_has_begun_is_taken_up_by_another_replica(
    unacknowledged: bool,
) -> None:
    begun = 0
    for number in range(1, CALLS):
        first = Replica()
        first.store.fails_at, first.store.unacknowledged = number, unacknowledged
        with suppress(Unavailable):
            await first.start(REQUEST, "r")
        await first.idle()
        if f"{NAME}/request" not in first.store.documents:
            with pytest.raises(NotFound):
                await first.get()
            continue
        begun += 1
        second = Replica(first.store.documents)
        await second.adopt()
        operation = await second.get()
        # Reading the request is part of the attempt: it may be what failed.
        if is_success(operation):
            assert first.handled + second.handled == 1
        else:
            assert operation.error.code == Unavailable.code.value[0]
        # What is done leaves the list at the latest when that is next looked through.
        await second.adopt()
        assert second.store.pending() == []
    assert begun


async def test_a_heartbeat_that_lands_after_the_end_changes_nothing() -> None:
    first = Replica()
    first.gate.clear()
    second = Replica(first.store.documents)
    with first.store.holding("write", "/state") as reached:
        await first.start(REQUEST, "r")
        assert await asyncio.to_thread(reached)
        await second.adopt()
        assert is_success(await second.get())
    # The owner that was held finds out at its next beat, though its handler would never end.
    await first.idle()
    await second.adopt()
    assert is_success(await second.get())
    assert second.store.pending() == []


async def test_what_ends_while_another_replica_takes_it_over_stays_done() -> None:
    first = Replica()
    first.gate.clear()
    second = Replica(first.store.documents)
    await first.start(REQUEST, "r")
    with second.store.holding("create", "/end") as reached:
        taking_over = asyncio.create_task(second.adopt())
        assert await asyncio.to_thread(reached)
        first.gate.set()
        await first.idle()
        assert is_success(await first.get())
    await taking_over
    assert second.handled == 0
    assert is_success(await second.get())


async def test_an_owner_that_was_taken_over_cannot_end_the_operation() -> None:
    first = Replica()
    first.failures = [FailedPrecondition("of the first attempt")]
    second = Replica(first.store.documents)
    second.gate.clear()
    with first.store.holding("create", "/end") as reached:
        await first.start(REQUEST, "r")
        assert await asyncio.to_thread(reached)
        await second.run()
    await first.idle()
    assert not (await second.get()).done
    assert second.store.pending() != []
    second.gate.set()
    await second.idle()
    assert is_success(await second.get())
    assert second.handled == 1
    await second.release()


async def test_to_cancel_what_is_being_stored_as_done_does_not_undo_it() -> None:
    replica = Replica()
    with replica.store.holding("create", "/end") as reached:
        await replica.start(REQUEST, "r")
        assert await asyncio.to_thread(reached)
        await replica.cancel()
    await replica.idle()
    assert is_success(await replica.get())
    assert replica._running == {}
    assert replica.store.pending() == []


async def test_a_failure_is_tried_again_even_while_its_attempt_is_taken_off_the_list() -> None:
    replica = Replica()
    replica.failures = [Unavailable("at first")]
    with replica.store.holding("delete", "/1") as reached:
        await replica.start(REQUEST, "r")
        assert await asyncio.to_thread(reached)
        ending = replica._running["r"].keeping
        replica.gate.clear()
        again = await replica.start(REQUEST, "r")
        assert not again.done
    await ending
    assert "r" in replica._running
    # Its owner goes away; the second attempt is on the list though the first was taken off it.
    await replica.release()
    second = Replica(replica.store.documents)
    await second.adopt()
    assert is_success(await second.get())


async def test_what_is_about_to_be_claimed_stays_on_the_list() -> None:
    replica = Replica()
    replica.failures = [Unavailable("at first")]
    await replica.start(REQUEST, "r")
    await replica.idle()
    with replica.store.holding("create", "/state") as reached:
        again = asyncio.create_task(replica.start(REQUEST, "r"))
        assert await asyncio.to_thread(reached)
        await Replica(replica.store.documents).adopt()
        assert replica.store.pending() != []
    await again
    await replica.idle()


@pytest.mark.parametrize(
    "failure",
    [
        FailedPrecondition("a missing artifact"),
        NotFound("a model that is not served"),
        ResourceExhausted("a full disk"),
        Unavailable("a server that is away"),
        Cancelled("an operator"),
    ],
)
async def test_what_can_be_mended_is_tried_again(failure: Exception) -> None:
    replica = Replica()
    replica.failures = [failure]
    await replica.start(REQUEST, "r")
    await replica.idle()
    operation = await replica.get()
    assert str(from_status(operation.error)) == str(failure)
    await replica.start(REQUEST, "r")
    await replica.idle()
    assert is_success(await replica.get())


@pytest.mark.parametrize("failure", [InvalidArgument("loss", "is unknown"), ValueError("a defect")])
async def test_what_will_always_fail_is_not_tried_again(failure: Exception) -> None:
    replica = Replica()
    replica.failures = [failure]
    await replica.start(REQUEST, "r")
    await replica.idle()
    again = await replica.start(REQUEST, "r")
    assert again.HasField("error")
    assert replica.handled == 1


async def test_what_was_cancelled_is_not_taken_up_by_itself() -> None:
    replica = Replica()
    replica.gate.clear()
    await replica.start(REQUEST, "r")
    await replica.cancel()
    await replica.idle()
    second = Replica(replica.store.documents)
    await second.adopt()
    assert second.handled == 0
    assert isinstance(from_status((await second.get()).error), Cancelled)


async def test_a_handler_that_was_cancelled_may_clean_up_for_longer_than_a_heartbeat() -> None:
    replica = Replica()
    replica.gate.clear()
    replica.cleaning.clear()
    await replica.start(REQUEST, "r")
    await replica.gate_reached.wait()
    running = replica._running["r"]
    await replica.cancel()
    await replica.cancel()
    for _ in range(5):
        await replica._beat(running)
    replica.cleaning.set()
    await replica.idle()
    assert replica.cleaned
    assert isinstance(from_status((await replica.get()).error), Cancelled)


async def test_a_cancellation_that_a_dying_owner_did_not_hear_holds_for_the_next() -> None:
    first = Replica()
    await first.start(REQUEST, "r")
    await first.adopt_and_die()
    second = Replica(first.store.documents)
    await second.cancel()
    second.gate.clear()
    await second.adopt()
    assert isinstance(from_status((await second.get()).error), Cancelled)
    second.gate.set()
    await second.start(REQUEST, "r")
    await second.idle()
    assert is_success(await second.get())


async def test_an_operation_that_was_half_deleted_is_done_and_can_be_deleted() -> None:
    for number in range(1, CALLS):
        replica = Replica()
        await replica.start(REQUEST, "r")
        await replica.idle()
        broken = Replica(replica.store.documents)
        broken.store.fails_at = number
        try:
            await broken.delete()
        except Unavailable:
            assert is_success(await replica.get())
            await replica.delete()
        assert replica.store.documents == {}


async def test_a_list_of_operations_has_neither_what_is_done_nor_what_never_began() -> None:
    replica = Replica()
    replica.gate.clear()
    await replica.start(REQUEST, "r")
    for entry in ("never-began/1", "r/7"):
        replica.store.write_document(f"operations-pending/trainer/{entry}", b"")
    listing = operations_pb2.ListOperationsRequest()
    listed = await replica.ListOperations(listing, None)  # type: ignore[arg-type]
    assert [operation.name for operation in listed.operations] == [NAME]
    replica.gate.set()
    await replica.idle()
    assert not (await replica.ListOperations(listing, None)).operations  # type: ignore[arg-type]


async def test_what_takes_down_every_replica_is_given_up() -> None:
    documents: dict[str, bytes] = {}
    first = Replica(documents)
    with suppress(Unavailable):
        first.store.fails_at = 6
        await first.start(REQUEST, "r")
    for _ in range(operations.MAX_DEATHS):
        await Replica(documents).adopt_and_die()
    last = Replica(documents)
    await last.adopt()
    assert last.handled == 0
    operation = await last.get()
    assert operation.done
    assert operation.error.code == Internal.code.value[0]
    assert "given up: 4 replicas died" in operation.error.message
    await last.adopt()
    assert last.store.pending() == []
    # The request alone does not start it again; after it was deleted, it does.
    await last.start(REQUEST, "r")
    assert (await last.get()).error.code == Internal.code.value[0]
    await last.delete()
    await last.start(REQUEST, "r")
    await last.idle()
    assert is_success(await last.get())


@pytest.mark.parametrize("progress", ["checkpoint", "time"])
async def test_what_makes_progress_is_not_given_up(
    progress: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if progress == "time":
        monkeypatch.setattr(operations, "STEADY_SECONDS", 0.0)
    documents: dict[str, bytes] = {}
    first = Replica(documents)
    with suppress(Unavailable):
        first.store.fails_at = 6
        await first.start(REQUEST, "r")
    for _ in range(operations.MAX_DEATHS + 1):
        replica = Replica(documents)
        replica.saves_checkpoints = progress == "checkpoint"
        await replica.adopt_and_die()
        assert replica.handled == 1
    last = Replica(documents)
    await last.adopt()
    assert is_success(await last.get())


async def test_an_operation_that_runs_is_seen_until_it_ends_and_its_end_is_counted() -> None:
    replica = Replica()
    replica.gate.clear()

    def reported() -> float | None:
        labels = {"service": "trainer", "operation": "r"}
        return REGISTRY.get_sample_value("rlvf_operation_reported_timestamp_seconds", labels)

    def ended(code: str) -> float:
        labels = {"service": "trainer", "code": code}
        return REGISTRY.get_sample_value("rlvf_operations_ended_total", labels) or 0.0

    before = ended("unavailable")
    replica.failures = [Unavailable("no luck")]
    await replica.start(REQUEST, "r")
    await asyncio.wait_for(replica.gate_reached.wait(), PATIENCE_SECONDS)
    assert reported() is not None
    replica.gate.set()
    await replica.idle()
    assert reported() is None
    assert ended("unavailable") == before + 1
