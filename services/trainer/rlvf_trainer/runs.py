"""The state of a training run in object storage.

    training/RUN/request            what to train, by the control plane
    training/RUN/progress           its progress, by the job
    training/RUN/checkpoints/STEP   reference of a whole checkpoint, by the job, after its bytes
    training/RUN/times/N-ID         how long a job at attempt N has worked, in seconds, by the job
    training/RUN/adapters/STEP      reference of an adapter that a run on problems samples with, by
                                    the job
    training/RUN/spent/NAME         what sampling and grading cost in a run on problems, by the job
    training/RUN/charged/NAME       that cost was charged, by the control plane
    training/RUN/failures/N         how attempt N ended: by the job, or by the control plane
                                    for a job that died
    training/RUN/response           the response, by the job

Control plane and job have no other channel: the job may run on another machine, and either side may
die and come back.
"""

import hashlib
from dataclasses import dataclass
from time import monotonic, time
from uuid import uuid4

import psutil
from google.rpc import status_pb2

from rlvf.artifact.v1 import artifact_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition, RlvfError, from_status, to_status
from rlvf_common.storage.artifacts import ArtifactStore

FAILURE_RECORDED = 10
"""Exit status of a job that recorded how it failed; the interpreter itself never exits with it."""


def divided_sha256(request: trainer_pb2.RunTrainingRequest) -> str:
    """Digest of what the requests of a divided run have in common."""
    common = trainer_pb2.RunTrainingRequest()
    common.CopyFrom(request)
    for field in ("request_id", "stop_after", "checkpoint"):
        common.ClearField(field)
    return hashlib.sha256(common.SerializeToString(deterministic=True)).hexdigest()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """State of a run after `step` optimizer steps."""

    step: int
    directory: artifact_pb2.ArtifactRef


class Run:
    """One run. Every method blocks, and raises the storage errors of `ArtifactStore`."""

    def __init__(self, store: ArtifactStore, run_id: str) -> None:
        self.id = run_id
        self.store = store
        self._prefix = f"training/{run_id}"
        self._times = ""
        self._began = 0.0

    def write_request(self, request: trainer_pb2.RunTrainingRequest) -> None:
        """Leave the request for the job."""
        self.store.write_document(f"{self._prefix}/request", request.SerializeToString())

    def request(self) -> trainer_pb2.RunTrainingRequest:
        """What to train.

        Raises:
            FailedPrecondition: there is no such run.
        """
        data = self.store.read_document(f"{self._prefix}/request")
        if data is None:
            raise FailedPrecondition(f"there is no training run {self.id} in object storage")
        return trainer_pb2.RunTrainingRequest.FromString(data)

    def begin(self, attempt: int) -> None:
        """Start the clock of an attempt. Its time counts from the start of this process."""
        # After a trainer died with its job, another job works at the same attempt.
        self._times = f"{self._prefix}/times/{attempt:04d}-{uuid4().hex}"
        self._began = monotonic() - (time() - psutil.Process().create_time())

    def write_time(self) -> None:
        """Record how long this job has worked; only after `begin`."""
        seconds = repr(monotonic() - self._began).encode()
        self.store.write_document(self._times, seconds)

    def seconds(self) -> float:
        """How long all jobs of the run together have worked, as far as they recorded it."""
        keys = self.store.list_documents(f"{self._prefix}/times/")
        return sum(float(self.store.read_document(key) or 0) for key in keys)

    def keep_adapter(self, step: int, adapter: artifact_pb2.ArtifactRef) -> None:
        """Record that the run samples with this adapter, which is that of a step. Otherwise it
        would be garbage."""
        self.store.write_document(
            f"{self._prefix}/adapters/{step:08d}", adapter.SerializeToString()
        )

    def write_spent(self, name: str, data: bytes) -> None:
        """Record what sampling and grading cost, under a name."""
        self.store.write_document(f"{self._prefix}/spent/{name}", data)

    def read_spent(self, name: str) -> bytes | None:
        """The cost that was recorded under that name, or None."""
        return self.store.read_document(f"{self._prefix}/spent/{name}")

    def list_spent(self) -> list[str]:
        """The names under which a cost was recorded."""
        return self._names("spent")

    def uncharged(self) -> list[str]:
        """The names of the costs that are not marked as charged."""
        return sorted(set(self.list_spent()) - set(self._names("charged")))

    def mark_charged(self, name: str) -> bool:
        """Mark a cost as charged; return whether it was not. Atomic."""
        return self.store.create_document(f"{self._prefix}/charged/{name}", b"")

    def _names(self, folder: str) -> list[str]:
        keys = self.store.list_documents(f"{self._prefix}/{folder}/")
        return [key.rpartition("/")[2] for key in keys]

    def write_progress(self, progress: trainer_pb2.RunTrainingMetadata) -> None:
        """Record the progress of the run."""
        self.store.write_document(f"{self._prefix}/progress", progress.SerializeToString())

    def progress(self) -> trainer_pb2.RunTrainingMetadata:
        """The progress of the run; empty before the first step."""
        data = self.store.read_document(f"{self._prefix}/progress")
        return trainer_pb2.RunTrainingMetadata.FromString(data or b"")

    def record_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Make a checkpoint count. Its bytes must be stored."""
        self.store.write_document(
            f"{self._prefix}/checkpoints/{checkpoint.step:08d}",
            checkpoint.directory.SerializeToString(),
        )

    def latest_checkpoint(self) -> Checkpoint | None:
        """The last whole checkpoint."""
        keys = self.store.list_documents(f"{self._prefix}/checkpoints/")
        data = self.store.read_document(keys[-1]) if keys else None
        if data is None:
            return None
        return Checkpoint(
            step=int(keys[-1].rpartition("/")[2]),
            directory=artifact_pb2.ArtifactRef.FromString(data),
        )

    def attempt(self) -> int:
        """Number of the attempt that is under way, or else next; the first is 1."""
        return len(self.store.list_documents(f"{self._prefix}/failures/")) + 1

    def record_failure(self, attempt: int, error: RlvfError) -> None:
        """Record how an attempt without a response ended, unless that is recorded already: of
        several processes the first that fails knows why."""
        self.store.create_document(
            f"{self._prefix}/failures/{attempt:04d}", to_status(error).SerializeToString()
        )

    def failure(self, attempt: int) -> RlvfError | None:
        """How that attempt ended, or None if no failure is recorded."""
        data = self.store.read_document(f"{self._prefix}/failures/{attempt:04d}")
        return None if data is None else from_status(status_pb2.Status.FromString(data))

    def write_response(self, response: trainer_pb2.RunTrainingResponse) -> None:
        """Record the response of the run."""
        self.store.write_document(f"{self._prefix}/response", response.SerializeToString())

    def response(self) -> trainer_pb2.RunTrainingResponse | None:
        """The response of the run, or None before its end."""
        data = self.store.read_document(f"{self._prefix}/response")
        return None if data is None else trainer_pb2.RunTrainingResponse.FromString(data)
