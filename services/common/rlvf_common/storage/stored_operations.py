"""The documents of operations in object storage, and how to read and restore operations from
outside of a service. `operations` describes the layout of the documents."""

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from dataclasses import fields as dataclass_fields

import grpc
from google.rpc import status_pb2

from rlvf_common.storage.artifacts import ArtifactStore

__all__ = [
    "REQUEST_ID",
    "Owner",
    "State",
    "StoredOperation",
    "last_state",
    "operation_names",
    "read_operation",
    "restore_operation",
]

REQUEST_ID = re.compile(r"[a-z0-9-]{1,128}")
_NAME = re.compile(rf"operations/[a-z][a-z-]{{0,63}}/{REQUEST_ID.pattern}")
_OPERATIONS = "operations/"
# Final ends: success, an invalid request, a defect. After any other error the same request starts
# another attempt.
_FINAL = (grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL)
_FINAL_CODES = {code.value[0] for code in _FINAL}


@dataclass(frozen=True, slots=True)
class Owner:
    """Who started an operation. The replica that runs it does so on behalf of this caller."""

    principal: str = ""
    """Name of the `rlvf_common.rpc.tokens.Principal`."""
    caller: str = ""
    """The value of `rlvf_common.rpc.context.caller`."""
    request_id: str = ""
    """The request id of the call that started it."""

    @classmethod
    def load(cls, document: bytes) -> "Owner":
        """Read the owner from a document, which may be of a later version."""
        known = {one.name for one in dataclass_fields(cls)}
        record = json.loads(document)
        return cls(**{name: value for name, value in record.items() if name in known})

    def dump(self) -> bytes:
        """The document."""
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True, slots=True)
class State:
    """The state of an attempt. `heartbeat` is Unix time in seconds; 0 if it has no owner."""

    attempt: int = 0
    heartbeat: float = 0.0
    done: bool = False
    began: float = 0.0
    """Unix time in seconds."""
    deaths: int = 0
    """How many replicas have died in running it, one after the other, without progress."""
    metadata: bytes = b""
    response: bytes = b""
    error: bytes = b""

    @property
    def owned(self) -> bool:
        """Whether it has an owner, who may be dead."""
        return not self.done and self.heartbeat > 0.0

    @property
    def succeeded(self) -> bool:
        """Whether it is done and has a response."""
        return self.done and not self.error

    @property
    def final(self) -> bool:
        """Whether it is done, and the same request starts no other attempt."""
        code = status_pb2.Status.FromString(self.error).code if self.error else 0
        return self.done and code in _FINAL_CODES

    def dump(self) -> bytes:
        """The document."""
        record = {
            name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for name in self.__slots__
            for value in (getattr(self, name),)
        }
        return json.dumps(record).encode()

    @classmethod
    def parse(cls, data: bytes) -> "State":
        """The state of a document."""
        record = json.loads(data)
        for name in ("metadata", "response", "error"):
            record[name] = base64.b64decode(record[name])
        return cls(**record)


@dataclass(frozen=True, slots=True)
class StoredOperation:
    """One operation."""

    name: str
    """`operations/SERVICE/ID`."""
    request: bytes
    """The serialised `google.protobuf.Any` that holds the request."""
    state: State
    """The state of its last attempt."""

    def require_success(self) -> None:
        """Raise ValueError unless it has a valid name, and has succeeded."""
        if not isinstance(self.name, str) or _NAME.fullmatch(self.name) is None:
            raise ValueError(f"{self.name!r} is not the name of an operation")
        if not self.state.succeeded:
            raise ValueError(f"{self.name} has not succeeded")


def last_state(store: ArtifactStore, name: str) -> State | None:
    """The state of an operation's last attempt, or None before the first."""
    keys = store.list_documents(f"{name}/attempts/")
    attempts = [int(key.split("/")[-2]) for key in keys if not key.endswith("/cancel")]
    if not attempts:
        return None
    last = f"{name}/attempts/{max(attempts)}"
    key = f"{last}/end" if f"{last}/end" in keys else f"{last}/state"
    data = store.read_document(key)
    return None if data is None else State.parse(data)


def operation_names(keys: Iterable[str]) -> set[str]:
    """Names of the operations that these keys of object storage belong to."""
    return {"/".join(key.split("/")[:3]) for key in keys if key.startswith(_OPERATIONS)}


def read_operation(store: ArtifactStore, name: str) -> StoredOperation | None:
    """An operation, or None if there is none of that name."""
    request = store.read_document(f"{name}/request")
    if request is None:
        return None
    return StoredOperation(name, request, last_state(store, name) or State())


def restore_operation(store: ArtifactStore, operation: StoredOperation) -> bool:
    """Store an operation that succeeded elsewhere. If this storage already has one of its name,
    change nothing and return False.

    Raises:
        ValueError: as in `StoredOperation.require_success`.
    """
    operation.require_success()
    name = operation.name
    if store.read_document(f"{name}/request") is not None:
        return False
    store.create_document(f"{name}/owner", Owner().dump())
    # The end is stored before the request, with which the operation exists, so that nobody finds it
    # unfinished.
    end = f"{name}/attempts/{operation.state.attempt}/end"
    store.create_document(end, operation.state.dump())
    return store.create_document(f"{name}/request", operation.request)
