"""`rlvf.trainer.v1.TrainerService`: checks requests and hands them on."""

import asyncio

import grpc
from google.longrunning import operations_pb2

from rlvf.artifact.v1 import artifact_pb2
from rlvf.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from rlvf_api.errors import FailedPrecondition
from rlvf_api.hyperparameters import resolve_run
from rlvf_common.rpc.validation import require, require_artifact
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import OperationRunner


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
        resolve_run(request)
        for field in ("pairs", "answers", "adapter", "checkpoint"):
            if request.HasField(field):
                await self._require_stored(getattr(request, field), field)
        return await self._runner.start(request, request.request_id)

    async def _require_stored(self, artifact: artifact_pb2.ArtifactRef, field: str) -> None:
        require_artifact(artifact, field)
        if await asyncio.to_thread(self._store.find, artifact.sha256) is None:
            raise FailedPrecondition(f"{field}: artifact {artifact.uri} does not exist")
