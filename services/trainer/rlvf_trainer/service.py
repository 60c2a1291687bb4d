"""`rlvf.trainer.v1.TrainerService`: checks requests and starts operations for them."""

import asyncio
import re

import grpc
from google.longrunning import operations_pb2

from rlvf.artifact.v1 import artifact_pb2
from rlvf.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from rlvf_api.errors import FailedPrecondition
from rlvf_api.hyperparameters import resolve_run
from rlvf_api.trackers import TRACKERS
from rlvf_common.rpc.validation import require, require_artifact
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import OperationRunner
from rlvf_trainer.online_requests import check_sampling

# Some trackers use it as the name of a folder.
_SHOWN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,199}")


class TrainerService(trainer_pb2_grpc.TrainerServiceServicer):
    """See trainer.proto."""

    def __init__(self, store: ArtifactStore, runner: OperationRunner) -> None:
        self._store = store
        self._runner = runner

    async def RunTraining(
        self,
        request: trainer_pb2.RunTrainingRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> operations_pb2.Operation:
        """See trainer.proto."""
        require(bool(request.base_model), "base_model", "is required")
        hyper = resolve_run(request)
        if request.HasField("problems"):
            check_sampling(request, hyper)
        _check_tracking(request.tracking)
        for field in ("pairs", "answers", "problems", "adapter", "checkpoint"):
            if request.HasField(field):
                await self._require_stored(getattr(request, field), field)
        for number, benchmark in enumerate(request.benchmarks):
            await self._require_stored(benchmark, f"benchmarks[{number}]")
        return await self._runner.start(request, request.request_id)

    async def _require_stored(self, artifact: artifact_pb2.ArtifactRef, field: str) -> None:
        require_artifact(artifact, field)
        if await asyncio.to_thread(self._store.find, artifact.sha256) is None:
            raise FailedPrecondition(f"{field}: artifact {artifact.uri} does not exist")


def _check_tracking(tracking: trainer_pb2.Tracking) -> None:
    for tracker in tracking.trackers:
        require(tracker in TRACKERS, "tracking.trackers", f"must be some of {', '.join(TRACKERS)}")
    if tracking.trackers:
        for field in ("project", "run"):
            require(
                _SHOWN_NAME.fullmatch(getattr(tracking, field)) is not None,
                f"tracking.{field}",
                "must be 1 to 200 characters of A-Z, a-z, 0-9, `.`, `_`, `-` and space, the first "
                "a letter or digit",
            )
