"""`rlvf.trainer.v1.TrainerService`: checks requests and hands them on."""

import asyncio

import grpc
from google.longrunning import operations_pb2

from rlvf.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from rlvf_api.errors import FailedPrecondition
from rlvf_api.hyperparameters import resolve
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
        require(request.HasField("pairs"), "pairs", "is required")
        require_artifact(request.pairs, "pairs")
        resolve(request.hyperparameters)
        found = await asyncio.to_thread(self._store.find, request.pairs.sha256)
        if found is None:
            raise FailedPrecondition(f"pairs: artifact {request.pairs.uri} does not exist")
        return await self._runner.start(request, request.request_id)
