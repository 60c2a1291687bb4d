"""Durable long-running operations: `google.longrunning.Operation` in object storage.

An operation is four kinds of documents: its request, its owner, its state, and its checkpoints. Its
name is derived from the caller's request id, or else from the digest of the request, so the same
request is the same operation. Teams with tokens of their own (`rlvf_common.tokens`) have ids of
their own, and know of no operation but theirs. Any replica answers for any operation. One of them
owns it: it claims an attempt by creating a document that only one can create, and renews a
heartbeat. When the heartbeat is old, another replica claims the next attempt, and the handler goes
on from its checkpoints.
"""

import asyncio
import base64
import hashlib
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from time import monotonic, time

import grpc
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf import any_pb2, empty_pb2
from google.protobuf.message import Message
from google.rpc import status_pb2

from rlvf_common.artifacts import ArtifactStore
from rlvf_common.channels import caller, deadline
from rlvf_common.errors import (
    Cancelled,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
    RlvfError,
    Unavailable,
    to_status,
)
from rlvf_common.telemetry import fields, request_id
from rlvf_common.tokens import Tokens, principal
from rlvf_common.validation import require

log = logging.getLogger(__name__)

Handler = Callable[..., Awaitable[Message]]
"""`async (request, OperationContext) -> response`; it fails the operation by raising an
RlvfError."""

HEARTBEAT_SECONDS = 2.0
STALE_SECONDS = 8.0

_REQUEST_ID = re.compile(r"[a-z0-9-]{1,128}")
# A new call of the same request starts an operation again that ended in one of these.
_RESTARTED = (Unavailable, ResourceExhausted, Cancelled)
_RESTARTED_CODES = {kind.code.value[0] for kind in _RESTARTED}


@dataclass(frozen=True, slots=True)
class _Owner:
    """Who started an operation, so that it counts as theirs on whatever replica it runs."""

    principal: str = ""
    """Name of the `rlvf_common.tokens.Principal`."""
    caller: str = ""
    """What `rlvf_common.channels.caller` was."""


@dataclass(frozen=True, slots=True)
class _State:
    """What is known of an operation. `heartbeat` is Unix time in seconds; 0 when nobody owns it."""

    attempt: int = 0
    heartbeat: float = 0.0
    done: bool = False
    metadata: bytes = b""
    response: bytes = b""
    error: bytes = b""

    def dump(self) -> bytes:
        record = {
            name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for name in self.__slots__
            for value in (getattr(self, name),)
        }
        return json.dumps(record).encode()

    @classmethod
    def parse(cls, data: bytes) -> "_State":
        record = json.loads(data)
        for name in ("metadata", "response", "error"):
            record[name] = base64.b64decode(record[name])
        return cls(**record)


class OperationContext:
    """What a handler may do with its operation."""

    def __init__(self, running: "_Running", store: ArtifactStore, prefix: str) -> None:
        self.id = running.id
        self.store = store
        self._running = running
        self._checkpoints = f"{prefix}/checkpoints/"

    async def report(self, metadata: Message) -> None:
        """Make `metadata` the operation's; it is written with the next heartbeat."""
        packed = any_pb2.Any()
        packed.Pack(metadata)
        self._running.metadata = packed.SerializeToString()

    async def save_checkpoint(self, name: str, data: bytes) -> None:
        """Create or replace a checkpoint."""
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
    """An operation that this replica owns."""

    id: str
    attempt: int
    metadata: bytes = b""
    task: "asyncio.Task[None] | None" = None
    released: bool = False
    cancelled: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class OperationRunner(operations_pb2_grpc.OperationsServicer):
    """Starts, runs, resumes and answers for the operations of one service."""

    def __init__(
        self,
        store: ArtifactStore,
        service: str,
        handlers: Mapping[type[Message], Handler],
        tokens: Tokens | None = None,
    ) -> None:
        """`tokens` are asked who the owner of an operation is when it is run, and what its
        quota."""
        self._tokens = tokens or Tokens()
        self._store = store
        self._service = service
        self._handlers = {kind.DESCRIPTOR.full_name: (kind, run) for kind, run in handlers.items()}
        self._running: dict[str, _Running] = {}
        self._scanner: asyncio.Task[None] | None = None

    def register(self, server: grpc.aio.Server) -> None:
        """Serve `google.longrunning.Operations`."""
        operations_pb2_grpc.add_OperationsServicer_to_server(self, server)

    async def run(self) -> None:
        """Take up operations that lost their owner, now and from time to time."""
        await self._adopt_orphans()
        self._scanner = asyncio.create_task(self._scan())

    async def release(self) -> None:
        """Stop all work and disown it, so that another replica goes on at once."""
        if self._scanner is not None:
            self._scanner.cancel()
        running = list(self._running.values())
        for operation in running:
            operation.released = True
            if operation.task is not None:
                operation.task.cancel()
        await asyncio.gather(*(one.task for one in running if one.task), return_exceptions=True)

    async def start(self, request: Message, request_id: str) -> operations_pb2.Operation:
        """The operation of `request`: a new one, or the one that the same request started before.

        Raises:
            InvalidArgument: `request_id` is malformed, or was used for another request.
        """
        require(
            not request_id or _REQUEST_ID.fullmatch(request_id) is not None,
            "request_id",
            "must be at most 128 characters of a-z, 0-9 and -",
        )
        packed = any_pb2.Any()
        packed.Pack(request, deterministic=True)
        data = packed.SerializeToString(deterministic=True)
        identity = request_id or hashlib.sha256(data).hexdigest()
        who = principal.get()
        if who.is_team:
            identity = hashlib.sha256(f"{who.name}/{identity}".encode()).hexdigest()
        owner = json.dumps(asdict(_Owner(who.name, caller.get()))).encode()
        owner_key = f"{self._prefix(identity)}/owner"
        await asyncio.to_thread(self._store.create_document, owner_key, owner)
        key = f"{self._prefix(identity)}/request"
        if not await asyncio.to_thread(self._store.create_document, key, data):
            known = await asyncio.to_thread(self._store.read_document, key)
            if known != data:
                raise InvalidArgument("request_id", "was used for another request; choose another")
        state = await self._read(identity) or _State()
        if not state.done or status_code(state.error) in _RESTARTED_CODES:
            await self._claim(identity, state)
        return await self._operation(identity)

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
        pending = await asyncio.to_thread(self._store.list_documents, self._pending(""))
        identities = [
            identity
            for identity in (key.removeprefix(self._pending("")) for key in pending)
            if await self._may_see(identity)
        ]
        return operations_pb2.ListOperationsResponse(
            operations=[await self._operation(identity) for identity in identities]
        )

    async def CancelOperation(
        self,
        request: operations_pb2.CancelOperationRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> empty_pb2.Empty:
        """Ask for an end; the operation then fails with CANCELLED. The same request starts it
        again."""
        identity = await self._find(request.name)
        state = await self._require_state(identity)
        if not state.done:
            key = f"{self._prefix(identity)}/cancel-{state.attempt}"
            await asyncio.to_thread(self._store.write_document, key, b"")
            if identity in self._running:
                await self._beat(self._running[identity])
        return empty_pb2.Empty()

    async def DeleteOperation(
        self,
        request: operations_pb2.DeleteOperationRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> empty_pb2.Empty:
        """Forget an operation that is done. Its artifacts stay."""
        identity = await self._find(request.name)
        state = await self._require_state(identity)
        require(state.done, "name", "is still running; cancel it first")
        keys = await asyncio.to_thread(self._store.list_documents, f"{self._prefix(identity)}/")
        for key in keys:
            await asyncio.to_thread(self._store.delete_document, key)
        return empty_pb2.Empty()

    async def WaitOperation(
        self,
        request: operations_pb2.WaitOperationRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> operations_pb2.Operation:
        """Return when the operation is done, or `timeout` or the call's deadline is near."""
        identity = await self._find(request.name)
        # Of any length, also one that is no `timedelta`.
        limit = request.timeout.seconds if request.HasField("timeout") else 1e9
        limit += request.timeout.nanos / 1e9
        end = min(monotonic() + limit, (deadline.get() or monotonic()) - 0.5)
        while not (operation := await self._operation(identity)).done and monotonic() < end:
            await asyncio.sleep(min(0.25, max(0.0, end - monotonic())))
        return operation

    # Names

    def _prefix(self, identity: str) -> str:
        return f"operations/{self._service}/{identity}"

    def _pending(self, identity: str) -> str:
        return f"operations-pending/{self._service}/{identity}"

    def _identity(self, name: str) -> str:
        prefix = f"operations/{self._service}/"
        identity = name.removeprefix(prefix)
        if not name.startswith(prefix) or _REQUEST_ID.fullmatch(identity) is None:
            raise InvalidArgument("name", f"must be `{prefix}ID`")
        return identity

    async def _find(self, name: str) -> str:
        """The identity of the operation of that name, which the caller may see."""
        identity = self._identity(name)
        if not await self._may_see(identity):
            raise NotFound(f"there is no operation {self._prefix(identity)}")
        return identity

    async def _may_see(self, identity: str) -> bool:
        who = principal.get()
        return not who.is_team or (await self._owner(identity)).principal == who.name

    # State

    async def _owner(self, identity: str) -> "_Owner":
        data = await asyncio.to_thread(self._store.read_document, f"{self._prefix(identity)}/owner")
        return _Owner() if data is None else _Owner(**json.loads(data))

    async def _read(self, identity: str) -> _State | None:
        data = await asyncio.to_thread(self._store.read_document, f"{self._prefix(identity)}/state")
        return None if data is None else _State.parse(data)

    async def _require_state(self, identity: str) -> _State:
        state = await self._read(identity)
        if state is not None:
            return state
        # Created, and not yet claimed by anyone or claimed this moment.
        request = f"{self._prefix(identity)}/request"
        if await asyncio.to_thread(self._store.read_document, request) is not None:
            return _State()
        raise NotFound(f"there is no operation {self._prefix(identity)}")

    async def _write(self, identity: str, state: _State) -> None:
        key = f"{self._prefix(identity)}/state"
        await asyncio.to_thread(self._store.write_document, key, state.dump())

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

    async def _claim(self, identity: str, state: _State) -> None:
        """Run the operation here, unless it has a living owner or another replica is faster."""
        if identity in self._running:
            return
        if not state.done and time() - state.heartbeat < STALE_SECONDS:
            return
        attempt = state.attempt + 1
        key = f"{self._prefix(identity)}/attempt-{{}}".format
        while not await asyncio.to_thread(self._store.create_document, key(attempt), _now()):
            # Another replica was faster. Only when its claim is old and the state knows nothing of
            # it, it died in between, and the next attempt is free.
            claimed = await asyncio.to_thread(self._store.read_document, key(attempt))
            current = await self._read(identity) or _State()
            if time() - float(claimed or 0) < STALE_SECONDS or current.attempt >= attempt:
                return
            attempt += 1
        running = _Running(identity, attempt, state.metadata)
        self._running[identity] = running
        await asyncio.to_thread(self._store.write_document, self._pending(identity), b"")
        await self._write(identity, _State(attempt, time(), metadata=state.metadata))
        running.task = asyncio.create_task(self._work(running))

    async def _adopt_orphans(self) -> None:
        pending = await asyncio.to_thread(self._store.list_documents, self._pending(""))
        for key in pending:
            identity = key.removeprefix(self._pending(""))
            state = await self._read(identity)
            if state is None or not state.done:
                await self._claim(identity, state or _State())

    async def _scan(self) -> None:
        while True:
            await asyncio.sleep(STALE_SECONDS / 2)
            try:
                await self._adopt_orphans()
            except RlvfError as error:
                log.warning("cannot look for orphans", extra=fields(reason=str(error)))

    async def _beat(self, running: _Running) -> None:
        """Renew the heartbeat; give up what was cancelled or is another's by now."""
        async with running.lock:
            if running.task is None or running.task.done():
                return
            prefix = self._prefix(running.id)
            cancel = f"{prefix}/cancel-{running.attempt}"
            if await asyncio.to_thread(self._store.read_document, cancel) is not None:
                running.cancelled = True
                running.task.cancel()
                return
            state = await self._read(running.id)
            if state is not None and state.attempt > running.attempt:
                running.released = True
                running.task.cancel()
                return
            await self._write(
                running.id, _State(running.attempt, time(), metadata=running.metadata)
            )

    async def _heart(self, running: _Running) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await self._beat(running)
            except RlvfError as error:
                log.warning("heartbeat", extra=fields(operation=running.id, reason=str(error)))

    async def _work(self, running: _Running) -> None:
        request_id.set(running.id[:16])
        # The operation outlives the call that started it.
        deadline.set(None)
        log.info("operation", extra=fields(operation=running.id, attempt=running.attempt))
        heart = asyncio.create_task(self._heart(running))
        error: RlvfError | None = None
        response = any_pb2.Any()
        try:
            owner = await self._owner(running.id)
            caller.set(owner.caller)
            principal.set(self._tokens.named(owner.principal))
            data = await asyncio.to_thread(
                self._store.read_document, f"{self._prefix(running.id)}/request"
            )
            packed = any_pb2.Any.FromString(data or b"")
            kind, handler = self._handlers[packed.TypeName()]
            request = kind()
            packed.Unpack(request)
            context = OperationContext(running, self._store, self._prefix(running.id))
            response.Pack(await handler(request, context))
        except RlvfError as failure:
            error = failure
        except asyncio.CancelledError:
            if not running.cancelled:
                running.released = True
            error = Cancelled("the operation was cancelled")
        except Exception as defect:
            log.exception("defect", extra=fields(operation=running.id))
            status = status_pb2.Status(code=grpc.StatusCode.INTERNAL.value[0])
            status.message = f"defect in {self._service}: {type(defect).__name__}; see its log"
            await self._finish(running, heart, error=status.SerializeToString())
            return
        await self._finish(
            running,
            heart,
            response=b"" if error else response.SerializeToString(),
            error=to_status(error).SerializeToString() if error else b"",
        )

    async def _finish(
        self,
        running: _Running,
        heart: "asyncio.Task[None]",
        *,
        response: bytes = b"",
        error: bytes = b"",
    ) -> None:
        heart.cancel()
        with suppress(asyncio.CancelledError):
            await heart
        # The end of hours of work is written however long storage is away.
        while True:
            try:
                current = await self._read(running.id)
                if current is not None and current.attempt > running.attempt:
                    break
                if running.released:
                    state = _State(running.attempt, 0.0, metadata=running.metadata)
                    await self._write(running.id, state)
                    break
                state = _State(
                    running.attempt,
                    time(),
                    done=True,
                    metadata=running.metadata,
                    response=response,
                    error=error,
                )
                await self._write(running.id, state)
                await asyncio.to_thread(self._store.delete_document, self._pending(running.id))
                break
            except RlvfError as failure:
                log.warning("cannot store the end", extra=fields(reason=str(failure)))
                if running.released:
                    break
                await asyncio.sleep(HEARTBEAT_SECONDS)
        self._running.pop(running.id, None)
        log.info("operation ended", extra=fields(operation=running.id, failed=bool(error)))


def _now() -> bytes:
    return str(time()).encode()


def status_code(error: bytes) -> int:
    """The code of a serialised status; 0 when there is none."""
    return status_pb2.Status.FromString(error).code if error else 0
