"""The trainings of a finished run, read from their stored operations."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from google.protobuf import any_pb2

from rlvf.artifact.v1 import artifact_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.storage.stored_operations import StoredOperation

__all__ = ["TrainingRun", "run_of", "training_runs"]

_PREFIX = "operations/trainer/"


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One operation of the trainer that succeeded."""

    request: trainer_pb2.RunTrainingRequest
    response: trainer_pb2.RunTrainingResponse

    @property
    def records(self) -> artifact_pb2.ArtifactRef | None:
        """The pairs or answers that it read; None where it learned online."""
        request = self.request
        if request.HasField("problems"):
            return None
        return request.answers if request.HasField("answers") else request.pairs

    @property
    def checkpoints(self) -> Iterator[str]:
        """Digests of the checkpoints of a run in parts, which nothing needs when it is done."""
        for message in (self.request, self.response):
            if message.HasField("checkpoint"):
                yield message.checkpoint.sha256


def run_of(
    runs: Sequence[TrainingRun], response: trainer_pb2.RunTrainingResponse
) -> TrainingRun | None:
    """The run that had this response; two runs may have made the same adapter."""
    return next((run for run in runs if run.response == response), None)


def training_runs(operations: Iterable[StoredOperation]) -> list[TrainingRun]:
    """The trainings among operations."""
    return [
        _training_run(operation)
        for operation in operations
        if operation.name.startswith(_PREFIX) and operation.state.succeeded
    ]


def _training_run(operation: StoredOperation) -> TrainingRun:
    request = trainer_pb2.RunTrainingRequest()
    any_pb2.Any.FromString(operation.request).Unpack(request)
    response = trainer_pb2.RunTrainingResponse()
    any_pb2.Any.FromString(operation.state.response).Unpack(response)
    return TrainingRun(request, response)
