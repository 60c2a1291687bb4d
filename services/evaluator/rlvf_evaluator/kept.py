"""Keeps verdicts, so that an interrupted call or operation can be continued.

They are stored in chunks of a few hundred, JSON Lines, each written once. Those of earlier attempts
are read into a private SQLite file, which the kernel removes with the process: memory does not grow
with the number of verdicts.
"""

import asyncio
import hashlib
import json
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import astuple, dataclass
from time import monotonic

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import Aborted, AlreadyExists
from rlvf_common.rollouts.cost import Keeper
from rlvf_common.rpc.validation import require
from rlvf_common.statistics.results import CalibrationRecord
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.stored_operations import REQUEST_ID

__all__ = ["KeptVerdicts", "RequestShelf", "scores_prefix", "version_of"]

CHUNK_VERDICTS = 500
CHUNK_SECONDS = 2.0
"""A chunk is stored when it has this many verdicts, or when its first has waited this long."""

_FORMAT = 2
"""Increase it when the columns of a kept verdict change."""


def version_of(calibration: CalibrationRecord, *, credit: bool = False) -> str:
    """The part of a chunk's name that says for what its verdicts are valid: one version of the
    benchmark, one executor policy, one Python, and grading with or without `credit`."""
    record = [
        _FORMAT,
        calibration.benchmark_sha256,
        calibration.executor_policy_sha256,
        calibration.python_version,
        *(["credit"] if credit else []),
    ]
    return hashlib.sha256(json.dumps(record).encode()).hexdigest()[:16]


def scores_prefix(caller: str) -> str:
    """The prefix of the keys of a caller's kept verdicts, by request id."""
    # An underscore cannot be the name of a caller.
    return f"scores/{caller or '_'}/"


class RequestShelf:
    """The chunks of one request id of one caller, in object storage.

    Documents, below `scores/CALLER/REQUEST_ID/`: `benchmark`, its name; `attempts/N`, one for each
    call with the id, with the names of the chunks from which it continues; `chunks/NAME-N`, stored
    by call N. The call that began last owns the id. After it has stored a chunk, and before it
    answers the verdicts in it, a call checks that it still owns the id. So everything that a call
    has answered was stored before the next call began, which reads it. What a call stores after
    losing the id is never answered, and no later call reads it.
    """

    def __init__(self, store: ArtifactStore, prefix: str, attempt: int) -> None:
        self._store = store
        self._prefix = prefix
        self._attempt = attempt

    @classmethod
    async def open(
        cls, store: ArtifactStore, *, caller: str, request_id: str, benchmark: str
    ) -> "RequestShelf":
        """Begin a call, which then owns the id.

        Raises:
            InvalidArgument: the id is malformed.
            AlreadyExists: it was used for another benchmark.
        """
        require(
            REQUEST_ID.fullmatch(request_id) is not None,
            "header.request_id",
            "must be at most 128 characters of a-z, 0-9 and -",
        )
        prefix = scores_prefix(caller) + request_id
        name = benchmark.encode()
        if not await asyncio.to_thread(store.create_document, f"{prefix}/benchmark", name):
            used_for = await asyncio.to_thread(store.read_document, f"{prefix}/benchmark")
            if used_for != name:
                raise AlreadyExists(
                    f"request_id {request_id} was used for the benchmark "
                    f"{(used_for or b'?').decode()}; choose another"
                )
        # Not the number of attempts plus one, because the oldest may have expired.
        attempt = max(await asyncio.to_thread(_attempts, store, prefix), default=0) + 1
        while not await asyncio.to_thread(
            store.create_document, _attempt_key(prefix, attempt), b""
        ):
            attempt += 1
        return cls(store, prefix, attempt)

    async def save_checkpoint(self, name: str, data: bytes) -> None:
        """Store a chunk.

        Raises:
            Aborted: another call with the id has begun since.
        """
        key = f"{self._prefix}/chunks/{name}{_chunk_suffix(self._attempt)}"
        await asyncio.to_thread(self._store.write_document, key, data)
        await asyncio.to_thread(self._require_last)

    async def load_checkpoint(self, name: str) -> bytes | None:
        """A chunk of this or an earlier call."""
        key = f"{self._prefix}/chunks/{name}"
        return await asyncio.to_thread(self._store.read_document, key)

    async def list_checkpoints(self) -> list[str]:
        """The names of the chunks to continue from: those from which the previous call continued,
        and those that it stored.

        Raises:
            Aborted: another call with the id has begun since.
        """
        return await asyncio.to_thread(self._go_on)

    def _go_on(self) -> list[str]:
        folder = f"{self._prefix}/chunks/"
        names = [key.removeprefix(folder) for key in self._store.list_documents(folder)]
        for before in sorted(_attempts(self._store, self._prefix), reverse=True):
            if before >= self._attempt:
                continue
            # Empty if that call ended before it had read them, and so before it answered anything.
            if record := self._store.read_document(_attempt_key(self._prefix, before)):
                read, stored = set(json.loads(record)), _chunk_suffix(before)
                names = [name for name in names if name in read or name.endswith(stored)]
                break
        record = json.dumps(names).encode()
        self._store.write_document(_attempt_key(self._prefix, self._attempt), record)
        self._require_last()
        return names

    def _require_last(self) -> None:
        following = _attempt_key(self._prefix, self._attempt + 1)
        if self._store.read_document(following) is not None:
            raise Aborted(
                "another call with this request_id has begun, and continues from these verdicts"
            )


def _attempts(store: ArtifactStore, prefix: str) -> list[int]:
    """The numbers of the calls that have begun."""
    return [int(key.rpartition("/")[2]) for key in store.list_documents(f"{prefix}/attempts/")]


def _attempt_key(prefix: str, attempt: int) -> str:
    return f"{prefix}/attempts/{attempt:06d}"


def _chunk_suffix(attempt: int) -> str:
    return f"-{attempt:06d}"


@dataclass(frozen=True, slots=True)
class _Row:
    task_id: str
    sample: int
    solution_sha256: str
    verdict: str
    detail: str
    cpu_ms: float
    cases_passed: int | None
    cases_total: int | None

    @classmethod
    def of(cls, result: evaluator_pb2.TaskResult, solution_sha256: str) -> "_Row":
        has_credit = result.HasField("cases_passed")
        return cls(
            result.task_id,
            result.sample,
            solution_sha256,
            result.verdict,
            result.detail,
            result.cpu_ms,
            result.cases_passed if has_credit else None,
            result.cases_total if has_credit else None,
        )

    def message(self, *, kept: bool) -> evaluator_pb2.TaskResult:
        return evaluator_pb2.TaskResult(
            task_id=self.task_id,
            sample=self.sample,
            verdict=self.verdict,
            detail=self.detail,
            cpu_ms=self.cpu_ms,
            kept=kept,
            cases_passed=self.cases_passed,
            cases_total=self.cases_total,
        )


class KeptVerdicts:
    """Verdicts of this and of earlier attempts. The owner must `close` it."""

    def __init__(
        self, shelf: Keeper, version: str, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._shelf = shelf
        self._prefix = f"verdicts-{version}-"
        # Unique, so that two attempts never write the same chunk.
        self._chunks = f"{self._prefix}{uuid.uuid4().hex[:12]}-"
        self._written = 0
        self._clock = clock
        self._pending: list[_Row] = []
        self._oldest_pending_at = 0.0
        # The empty name is a temporary file. Rows are looked up on the event loop and inserted from
        # a thread, never at the same time.
        self._rows = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._rows.execute("PRAGMA journal_mode = OFF")
        self._rows.execute(
            "CREATE TABLE verdicts (task_id TEXT, sample INTEGER, solution_sha256 TEXT, "
            "verdict TEXT, detail TEXT, cpu_ms REAL, cases_passed INTEGER, cases_total INTEGER, "
            "PRIMARY KEY (task_id, sample)) WITHOUT ROWID"
        )

    def close(self) -> None:
        """Remove the local copy of the verdicts."""
        self._rows.close()

    async def load(self) -> None:
        """Read what earlier attempts kept."""
        for name in await self._shelf.list_checkpoints():
            if name.startswith(self._prefix):
                data = await self._shelf.load_checkpoint(name) or b""
                await asyncio.to_thread(self._insert, data)

    def find(
        self, task_id: str, sample: int, solution_sha256: str | None = None
    ) -> evaluator_pb2.TaskResult | None:
        """The verdict on a sample, if it was kept.

        Raises:
            AlreadyExists: another solution was kept under this number.
        """
        found = self._rows.execute(
            "SELECT * FROM verdicts WHERE task_id = ? AND sample = ?", (task_id, sample)
        ).fetchone()
        if found is None:
            return None
        row = _Row(*found)
        if solution_sha256 is not None and row.solution_sha256 != solution_sha256:
            raise AlreadyExists(
                f"sample {sample} of {task_id} differs from the one that was sent before under "
                "this request_id; send the same samples, or choose another request_id"
            )
        return row.message(kept=True)

    def add(self, result: evaluator_pb2.TaskResult, solution_sha256: str) -> None:
        """Add a verdict; it is kept when `flush` has returned."""
        if not self._pending:
            self._oldest_pending_at = self._clock()
        self._pending.append(_Row.of(result, solution_sha256))

    def due_in(self) -> float | None:
        """Seconds until `flush` should be called; None if there is nothing to store."""
        if not self._pending:
            return None
        if len(self._pending) >= CHUNK_VERDICTS:
            return 0.0
        return max(0.0, self._oldest_pending_at + CHUNK_SECONDS - self._clock())

    async def flush(self) -> list[evaluator_pb2.TaskResult]:
        """Store all new verdicts and return them; they may be answered now.

        Raises:
            Aborted: another call has taken over.
            Unavailable: the verdicts could not be stored.
        """
        rows, self._pending = self._pending, []
        if not rows:
            return []
        data = "".join(json.dumps(astuple(row)) + "\n" for row in rows).encode()
        name = f"{self._chunks}{self._written:06d}"
        self._written += 1
        await self._shelf.save_checkpoint(name, data)
        await asyncio.to_thread(self._insert, data)
        return [row.message(kept=False) for row in rows]

    def _insert(self, data: bytes) -> None:
        # Attempts at an operation may overlap. If there are two verdicts on a sample, the first
        # that was read counts: nothing was answered before.
        self._rows.execute("BEGIN")
        self._rows.executemany(
            "INSERT OR IGNORE INTO verdicts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (json.loads(line) for line in data.splitlines()),
        )
        self._rows.execute("COMMIT")
