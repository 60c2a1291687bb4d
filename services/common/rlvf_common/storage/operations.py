"""Durable long-running operations: `google.longrunning.Operation` in object storage.

An operation's name is derived from the caller's request id, or else from the digest of the request,
so the same request is the same operation. Teams with their own tokens (`rlvf_common.rpc.tokens`)
have separate ids, and see only their own operations. Any replica can answer for any operation. One
replica owns it, runs it, and renews a heartbeat. When the heartbeat is old, another replica takes
over, and the handler continues from its checkpoints.

    operations/SERVICE/ID/owner              who started it
    operations/SERVICE/ID/request            what to do; with it the operation exists
    operations/SERVICE/ID/attempts/N/state   heartbeat and metadata of attempt N, by its owner
    operations/SERVICE/ID/attempts/N/end     how it ended: its response, its error, or neither
    operations/SERVICE/ID/attempts/N/cancel  a request to cancel it
    operations/SERVICE/ID/checkpoints/       written by the handler
    operations-pending/SERVICE/ID/N          attempt N may need an owner
    operations-of/CALLER/SERVICE/ID          for the list of a caller's operations

The state of an operation is that of its last attempt. Storage may fail at any call, a write may
arrive late or without its writer's knowledge, and a replica may die or stall at any point. These
invariants hold nevertheless:

* An attempt has one owner: the replica that created its state. Attempt N + 1 is claimed only when
  attempt N has an end that is not a success.
* An attempt has one end, which never changes: the first one that its owner, or a replica that found
  its heartbeat old, creates. So an operation that is done stays done, until a call retries one that
  failed.
* An attempt is on the pending list before it is claimed (the first: before the operation exists),
  until it or a later one is done. All replicas scan the list regularly, so an operation that is not
  done has an owner, or gets one.
* A cancellation holds until the operation is done: the attempt that follows one whose owner died
  before it heard of its cancellation is cancelled too, in its handler, which may clean up.
* Neither a cancellation nor an outage of storage interrupts the storing of an end; only the end of
  the process does.
* An operation that takes down the replicas that run it is given up after the fourth, with INTERNAL.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic, time
from typing import TypeVar

import grpc
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf import any_pb2, empty_pb2
from google.protobuf.message import Message
from google.rpc import status_pb2

from rlvf_api.errors import (
    Cancelled,
    Internal,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    RlvfError,
    to_status,
)
from rlvf_common.rpc.context import Principal, caller, deadline, enter, principal
from rlvf_common.rpc.context import request_id as call_id
from rlvf_common.rpc.scopes import Scope
from rlvf_common.rpc.telemetry import fields
from rlvf_common.rpc.tokens import Tokens
from rlvf_common.rpc.tracing import span
from rlvf_common.rpc.validation import require
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.metrics import OPERATION_REPORTED, OPERATIONS_ENDED
from rlvf_common.storage.stored_operations import REQUEST_ID, Owner, State, last_state

log = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")

Handler = Callable[..., Awaitable[Message]]
"""`async (request, OperationContext) -> response`; an RlvfError makes the operation fail."""

HEARTBEAT_SECONDS = 2.0
STALE_SECONDS = 8.0

MAX_OPERATIONS_OF_A_TEAM = 32
MAX_DEATHS = 4
"""An operation is given up when this many replicas have died one after the other while running it,
without progress. A checkpoint is progress, and so is an attempt of STEADY_SECONDS."""
STEADY_SECONDS = 600.0
_STORAGE_THREADS = 8


class OperationContext:
    """What a handler may do with its operation."""

    def __init__(
        self, running: "_Running", store: ArtifactStore, prefix: str, on_news: Callable[[], None]
    ) -> None:
        """`on_news` is called when the operation's metadata change."""
        self.id = running.id
        self.store = store
        self._running = running
        self._checkpoints = f"{prefix}/checkpoints/"
        self._on_news = on_news

    @property
    def cancelled(self) -> bool:
        """Whether the caller cancelled it. A handler that is cancelled otherwise is continued by
        another replica, or by this one after a restart."""
        return self._running.cancelled

    async def report(self, metadata: Message) -> None:
        """Set the operation's metadata, which are stored with the next heartbeat."""
        packed = any_pb2.Any()
        packed.Pack(metadata)
        serialised = packed.SerializeToString()
        if serialised != self._running.metadata:
            self._running.metadata = serialised
            self._on_news()

    async def save_checkpoint(self, name: str, data: bytes) -> None:
        """Create or replace a checkpoint."""
        self._running.deaths = 0
        await asyncio.to_thread(self.store.write_document, self._checkpoints + name, data)

    async def load_checkpoint(self, name: str) -> bytes | None:
        """A checkpoint of this or an earlier attempt, or None."""
        return await asyncio.to_thread(self.store.read_document, self._checkpoints + name)

    async def list_checkpoints(self) -> list[str]:
        """The names of all checkpoints, sorted."""
        keys = await asyncio.to_thread(self.store.list_documents, self._checkpoints)
        return [key.removeprefix(self._checkpoints) for key in keys]


@dataclass(slots=True)
class _Running:
    """An attempt that this replica owns."""

    id: str
    attempt: int
    metadata: bytes = b""
    began: float = 0.0
    deaths: int = 0
    released: bool = False
    """Whether this replica gives it up, for another replica to continue."""
    cancelled: bool = False
    handling: "asyncio.Task[bytes]" = field(init=False)
    """The handler's work; others may only cancel it."""
    keeping: "asyncio.Task[None]" = field(init=False)
    """Renews the heartbeat while the handler works, then stores the end; never cancelled."""

    def cancel(self) -> None:
        """Cancel the handler's work for its caller; once, so that the handler can clean up."""
        if not self.cancelled:
            self.cancelled = True
            self.handling.cancel()


class OperationRunner(operations_pb2_grpc.OperationsServicer):
    """Starts, runs, resumes and answers for the operations of one service."""

    def __init__(
        self,
        store: ArtifactStore,
        service: str,
        handlers: Mapping[type[Message], Handler],
        tokens: Tokens | None = None,
    ) -> None:
        """`tokens` give the principal, with its quota, of an operation's owner when it is run."""
        self._tokens = tokens or Tokens()
        self._store = store
        self._service = service
        self._handlers = {kind.DESCRIPTOR.full_name: (kind, run) for kind, run in handlers.items()}
        self._running: dict[str, _Running] = {}
        # No work of a handler keeps a heartbeat or a cancellation waiting.
        self._threads = ThreadPoolExecutor(_STORAGE_THREADS, thread_name_prefix="operations")
        self._scanner: asyncio.Task[None] | None = None

    def register(self, server: grpc.aio.Server) -> None:
        """Serve `google.longrunning.Operations`."""
        operations_pb2_grpc.add_OperationsServicer_to_server(self, server)

    async def run(self) -> None:
        """Take over operations without an owner, now and at intervals."""
        await self._adopt_orphans()
        self._scanner = asyncio.create_task(self._scan())

    async def release(self) -> None:
        """Stop and release all operations, so that other replicas continue them at once."""
        if self._scanner is not None:
            self._scanner.cancel()
        running = list(self._running.values())
        for operation in running:
            operation.released = True
            operation.handling.cancel()
        await asyncio.gather(*(one.keeping for one in running), return_exceptions=True)

    async def start(self, request: Message, request_id: str) -> operations_pb2.Operation:
        """The operation of `request`: a new one, or the one that the same request started before.

        A failed one is retried, unless it failed with INVALID_ARGUMENT or INTERNAL.

        Raises:
            InvalidArgument: `request_id` is malformed, or was used for another request.
            ResourceExhausted: the team has MAX_OPERATIONS_OF_A_TEAM operations that are not done.
        """
        require(
            not request_id or REQUEST_ID.fullmatch(request_id) is not None,
            "request_id",
            "must be at most 128 characters of a-z, 0-9 and -",
        )
        packed = any_pb2.Any()
        packed.Pack(request, deterministic=True)
        data = packed.SerializeToString(deterministic=True)
        who = principal.get()
        identity = _identity_of(who, request_id or hashlib.sha256(data).hexdigest())
        owner = Owner(who.name, caller.get(), call_id.get()).dump()
        owner_key = f"{self._prefix(identity)}/owner"
        await self._stored(self._store.create_document, owner_key, owner)
        key = f"{self._prefix(identity)}/request"
        known = await self._stored(self._store.read_document, key)
        if known is None:
            await self._require_room(who)
            await self._stored(self._store.write_document, self._own(who) + identity, b"")
            await self._put_on_list(identity, 1)
            if not await self._stored(self._store.create_document, key, data):
                known = await self._stored(self._store.read_document, key)
        if known not in (None, data):
            raise InvalidArgument("request_id", "was used for another request; choose another")
        state = await self._read(identity) or State()
        if not state.final:
            await self._claim(identity, state)
        return await self._operation(identity)

    async def names(self) -> list[str]:
        """The names of the caller's operations."""
        folder = self._own(principal.get())
        keys = await self._stored(self._store.list_documents, folder)
        return [self._prefix(key.removeprefix(folder)) for key in keys]

    async def find(self, name: str) -> tuple[any_pb2.Any, operations_pb2.Operation]:
        """The request of an operation, and the operation.

        Raises:
            InvalidArgument, NotFound: the caller has no operation of that name.
        """
        identity = await self._find(name)
        operation = await self._operation(identity)
        data = await self._stored(self._store.read_document, f"{self._prefix(identity)}/request")
        return any_pb2.Any.FromString(data or b""), operation

    async def remove(self, name: str) -> None:
        """Delete an operation that is done. Its artifacts stay.

        Raises:
            InvalidArgument, NotFound: it is still running, or as in `find`.
        """
        identity = await self._find(name)
        state = await self._require_state(identity)
        require(state.done, "name", "is still running; cancel it first")
        owner = Principal((await self._owner(identity)).principal)
        keys = await self._stored(self._store.list_documents, f"{self._prefix(identity)}/")
        keys.append(self._own(owner) + identity)
        # Its end is deleted last: a half deleted operation is still done, and can be deleted.
        for key in sorted(keys, key=self._attempt(identity, state.attempt, "end").__eq__):
            await self._stored(self._store.delete_document, key)

    # The Operations service

    async def GetOperation(
        self,
        request: operations_pb2.GetOperationRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> operations_pb2.Operation:
        """See google/longrunning/operations.proto."""
        return await self._operation(await self._find(request.name))

    async def ListOperations(
        self,
        request: operations_pb2.ListOperationsRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> operations_pb2.ListOperationsResponse:
        """All the caller's operations that are not done; filter and paging are not supported."""
        require(not request.filter, "filter", "is not supported")
        operations = []
        for identity in sorted({identity for identity, _ in await self._listed()}):
            # The list may have operations that are done, or that were never fully started.
            with suppress(NotFound):
                if await self._may_see(identity):
                    operations.append(await self._operation(identity))
        return operations_pb2.ListOperationsResponse(
            operations=[operation for operation in operations if not operation.done]
        )

    async def CancelOperation(
        self,
        request: operations_pb2.CancelOperationRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> empty_pb2.Empty:
        """Cancel: the operation then fails with CANCELLED. The same request starts it again."""
        identity = await self._find(request.name)
        state = await self._require_state(identity)
        if not state.done:
            await self._cancel(identity, state.attempt)
            if running := self._running.get(identity):
                running.cancel()
        return empty_pb2.Empty()

    async def DeleteOperation(
        self,
        request: operations_pb2.DeleteOperationRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> empty_pb2.Empty:
        """Delete an operation that is done. Its artifacts stay."""
        await self.remove(request.name)
        return empty_pb2.Empty()

    async def WaitOperation(
        self,
        request: operations_pb2.WaitOperationRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> operations_pb2.Operation:
        """Return when the operation is done, or before `timeout` or the call's deadline passes."""
        identity = await self._find(request.name)
        # The timeout may be too long for a `timedelta`.
        limit = request.timeout.seconds if request.HasField("timeout") else 1e9
        limit += request.timeout.nanos / 1e9
        end = min(monotonic() + limit, (deadline.get() or monotonic()) - 0.5)
        while not (operation := await self._operation(identity)).done and monotonic() < end:
            await asyncio.sleep(min(0.25, max(0.0, end - monotonic())))
        return operation

    # Names

    def _prefix(self, identity: str) -> str:
        return f"operations/{self._service}/{identity}"

    def _own(self, who: Principal) -> str:
        # An underscore cannot be the name of a caller.
        return f"operations-of/{who.name or '_'}/{self._service}/"

    def _attempt(self, identity: str, attempt: int, document: str) -> str:
        return f"{self._prefix(identity)}/attempts/{attempt}/{document}"

    def _pending(self, identity: str, attempt: int) -> str:
        return f"operations-pending/{self._service}/{identity}/{attempt}"

    def _identity(self, name: str) -> str:
        prefix = f"operations/{self._service}/"
        identity = name.removeprefix(prefix)
        if not name.startswith(prefix) or REQUEST_ID.fullmatch(identity) is None:
            raise InvalidArgument("name", f"must be `{prefix}ID`")
        return identity

    async def _find(self, name: str) -> str:
        """The identity of the operation of that name, which the caller may see. In place of the
        identity, the name may have the request id of one of the caller's own operations."""
        identity = self._identity(name)
        who = principal.get()
        own = _identity_of(who, identity)
        if who.is_team and (await self._owner(own)).principal == who.name:
            return own
        if not await self._may_see(identity):
            raise NotFound(f"there is no operation {self._prefix(identity)}")
        return identity

    async def _may_see(self, identity: str) -> bool:
        who = principal.get()
        return who.may(Scope.ADMIN) or (await self._owner(identity)).principal == who.name

    # State

    async def _stored(self, access: Callable[..., ResultT], *arguments: object) -> ResultT:
        return await asyncio.get_running_loop().run_in_executor(self._threads, access, *arguments)

    async def _owner(self, identity: str) -> Owner:
        data = await self._stored(self._store.read_document, f"{self._prefix(identity)}/owner")
        return Owner() if data is None else Owner.load(data)

    async def _read(self, identity: str) -> State | None:
        """The state of the last attempt, or None before the first."""
        return await self._stored(last_state, self._store, self._prefix(identity))

    async def _require_state(self, identity: str) -> State:
        state = await self._read(identity)
        if state is not None:
            return state
        # Created, but not claimed yet.
        request = f"{self._prefix(identity)}/request"
        if await self._stored(self._store.read_document, request) is not None:
            return State()
        raise NotFound(f"there is no operation {self._prefix(identity)}")

    async def _end(self, identity: str, state: State) -> bool:
        """Store `state` as the end of its attempt; return whether there was none before."""
        key = self._attempt(identity, state.attempt, "end")
        return await self._stored(self._store.create_document, key, state.dump())

    async def _cancel(self, identity: str, attempt: int) -> None:
        key = self._attempt(identity, attempt, "cancel")
        await self._stored(self._store.write_document, key, b"")

    async def _is_cancelled(self, identity: str, attempt: int) -> bool:
        key = self._attempt(identity, attempt, "cancel")
        return await self._stored(self._store.read_document, key) is not None

    async def _put_on_list(self, identity: str, attempt: int) -> None:
        await self._stored(self._store.write_document, self._pending(identity, attempt), b"")

    async def _take_off_list(self, identity: str, attempt: int) -> None:
        await self._stored(self._store.delete_document, self._pending(identity, attempt))

    async def _listed(self) -> list[tuple[str, int]]:
        """Identities and attempts on the pending list."""
        prefix = f"operations-pending/{self._service}/"
        keys = await self._stored(self._store.list_documents, prefix)
        pairs = (key.removeprefix(prefix).split("/") for key in keys)
        return [(identity, int(attempt)) for identity, attempt in pairs]

    async def _operation(self, identity: str) -> operations_pb2.Operation:
        state = await self._require_state(identity)
        operation = operations_pb2.Operation(name=self._prefix(identity), done=state.done)
        operation.metadata.MergeFromString(state.metadata)
        if state.error:
            operation.error.MergeFromString(state.error)
        elif state.done:
            operation.response.MergeFromString(state.response)
        return operation

    # Ownership

    async def _require_room(self, who: Principal) -> None:
        if not who.is_team:
            return
        listed = {identity for identity, _ in await self._listed()}
        owners = await asyncio.gather(*map(self._owner, listed))
        if sum(owner.principal == who.name for owner in owners) >= MAX_OPERATIONS_OF_A_TEAM:
            raise ResourceExhausted(
                f"{who.name} has {MAX_OPERATIONS_OF_A_TEAM} operations that are not done, the "
                "maximum; wait for one or cancel it"
            )

    async def _claim(self, identity: str, state: State) -> None:
        """Run the operation here, unless it has a live owner or another replica claims it first.

        `state` is not a success.
        """
        if state.owned:
            if identity in self._running or time() - state.heartbeat < STALE_SECONDS:
                return
            is_steady = state.heartbeat - state.began >= STEADY_SECONDS
            deaths = 1 if is_steady else state.deaths + 1
            end = State(state.attempt, metadata=state.metadata, deaths=deaths)
            if end.deaths == MAX_DEATHS:
                end = replace(end, done=True, error=_given_up().SerializeToString())
                log.error("operation given up", extra=fields(operation=identity))
            # From here on its old owner, if it is still alive, can no longer end it.
            if not await self._end(identity, end) or end.done:
                return
            state = end
        attempt = state.attempt + 1
        deaths = 0 if state.done else state.deaths
        await self._put_on_list(identity, attempt)
        if not state.done and await self._is_cancelled(identity, state.attempt):
            await self._cancel(identity, attempt)
        began = time()
        claim = State(attempt, began, metadata=state.metadata, began=began, deaths=deaths)
        key = self._attempt(identity, attempt, "state")
        if await self._stored(self._store.create_document, key, claim.dump()):
            running = _Running(identity, attempt, state.metadata, began, deaths)
            self._running[identity] = running
            running.handling = asyncio.create_task(self._handle(running))
            running.keeping = asyncio.create_task(self._keep(running))

    async def _adopt_orphans(self) -> None:
        for identity, attempt in await self._listed():
            try:
                state = await self._require_state(identity)
            except NotFound:
                continue  # The call that starts it is still running, or has failed.
            if not state.done:
                await self._claim(identity, state)
            elif attempt <= state.attempt:
                await self._take_off_list(identity, attempt)

    async def _scan(self) -> None:
        while True:
            await asyncio.sleep(STALE_SECONDS / 2)
            try:
                await self._adopt_orphans()
            except RlvfError as error:
                log.warning("cannot look for orphans", extra=fields(reason=str(error)))
            except Exception:
                log.exception("defect in looking for orphans")

    async def _handle(self, running: _Running) -> bytes:
        """Run the handler on behalf of the caller; return the serialised response."""
        owner = await self._owner(running.id)
        enter(
            owner.request_id or running.id[:16], owner.caller, self._tokens.named(owner.principal)
        )
        log.info("operation", extra=fields(operation=running.id, attempt=running.attempt))
        data = await self._stored(self._store.read_document, f"{self._prefix(running.id)}/request")
        packed = any_pb2.Any.FromString(data or b"")
        kind, handler = self._handlers[packed.TypeName()]
        request = kind()
        packed.Unpack(request)
        reported = OPERATION_REPORTED.labels(self._service, running.id)
        reported.set_to_current_time()
        prefix = self._prefix(running.id)
        context = OperationContext(running, self._store, prefix, reported.set_to_current_time)
        response = any_pb2.Any()
        with span(f"operation {kind.DESCRIPTOR.name}") as set_attribute:
            set_attribute("rlvf.operation", running.id)
            response.Pack(await handler(request, context))
        return response.SerializeToString()

    async def _keep(self, running: _Running) -> None:
        """Renew the heartbeat while the handler works, then store the end of the attempt."""
        try:
            while not (await asyncio.wait({running.handling}, timeout=HEARTBEAT_SECONDS))[0]:
                try:
                    await self._beat(running)
                except RlvfError as error:
                    log.warning("heartbeat", extra=fields(operation=running.id, reason=str(error)))
            await self._finish(running)
        finally:
            # Also after a defect: the heartbeat gets old, and another replica takes over.
            running.handling.cancel()
            # A call may have started the next attempt already.
            if self._running.get(running.id) is running:
                del self._running[running.id]
                with suppress(KeyError):  # Its handler may not have begun.
                    OPERATION_REPORTED.remove(self._service, running.id)

    async def _beat(self, running: _Running) -> None:
        """Renew the heartbeat; give up if cancelled or if another replica has taken over."""
        prefix = self._attempt(running.id, running.attempt, "")
        documents = await self._stored(self._store.list_documents, prefix)
        if prefix + "end" in documents:
            running.released = True
            running.handling.cancel()
        elif prefix + "cancel" in documents:
            running.cancel()
        else:
            state = State(
                running.attempt,
                time(),
                metadata=running.metadata,
                began=running.began,
                deaths=running.deaths,
            )
            await self._stored(self._store.write_document, prefix + "state", state.dump())

    async def _finish(self, running: _Running) -> None:
        """Store the end of an attempt whose handler has ended."""
        end = self._outcome(running)
        # Retried without a limit: the end may be the result of hours of work.
        while True:
            try:
                if await self._end(running.id, end) and end.done:
                    OPERATIONS_ENDED.labels(self._service, _code_name(end.error)).inc()
                    await self._take_off_list(running.id, running.attempt)
                break
            except RlvfError as failure:
                log.warning("cannot store the end", extra=fields(reason=str(failure)))
                if running.released:
                    break
                await asyncio.sleep(HEARTBEAT_SECONDS)
        log.info("operation ended", extra=fields(operation=running.id, failed=bool(end.error)))

    def _outcome(self, running: _Running) -> State:
        """How the attempt ended; not done if another replica is to continue."""
        handling = running.handling
        failure = (
            Cancelled("the operation was cancelled")
            if handling.cancelled()
            else handling.exception()
        )
        end = State(running.attempt, metadata=running.metadata, deaths=running.deaths)
        if failure is None:
            return replace(end, done=True, response=handling.result())
        if not running.cancelled and (running.released or handling.cancelled()):
            return end
        if not isinstance(failure, RlvfError):
            log.error("defect", extra=fields(operation=running.id), exc_info=failure)
            failure = Internal(f"defect in {self._service}: {type(failure).__name__}; see its log")
        return replace(end, done=True, error=to_status(failure).SerializeToString())


def _given_up() -> status_pb2.Status:
    return to_status(
        Internal(
            f"given up: {MAX_DEATHS} replicas died in running it, one after the other; it may need "
            "more memory than they have. Delete the operation to start it again"
        )
    )


def _code_name(error: bytes) -> str:
    """Name of the code of a serialised status, such as `unavailable`; `ok` if there is none."""
    code = status_pb2.Status.FromString(error).code
    return next(one.name.lower() for one in grpc.StatusCode if one.value[0] == code)


def _identity_of(who: Principal, request_id: str) -> str:
    """Identity of the operation that a caller starts with a request id. Teams have separate
    identities, so that two callers never share an operation by accident."""
    if not who.is_team:
        return request_id
    return hashlib.sha256(f"{who.name}/{request_id}".encode()).hexdigest()
