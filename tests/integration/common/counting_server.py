"""A real server whose operation counts to `epochs`, with a checkpoint after each number: the
trainer's contract, without training. The file that `base_model` names must exist for it to count
beyond 2, and to count at all where its name is `fail`."""

import asyncio
from pathlib import Path

import grpc
from google.longrunning import operations_pb2
from google.protobuf.message import Message

from rlvf.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from rlvf_api.errors import FailedPrecondition
from rlvf_common.rpc.server import serve
from rlvf_common.rpc.settings import ServiceSettings, load
from rlvf_common.rpc.validation import require
from rlvf_common.rpc.version import service_version
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import OperationContext, OperationRunner


async def count(
    request: trainer_pb2.RunTrainingRequest, context: OperationContext
) -> trainer_pb2.RunTrainingResponse:
    gate = Path(request.base_model)
    if gate.name == "fail" and not gate.exists():
        raise FailedPrecondition("asked to fail")
    done = int(await context.load_checkpoint("done") or 0)
    while done < request.hyperparameters.epochs:
        while done >= 2 and not gate.exists():
            await asyncio.sleep(0.02)
        done += 1
        await context.save_checkpoint("done", str(done).encode())
        # What was counted, once each, whatever was killed in between.
        key = f"counted/{context.id}/{done}"
        assert await asyncio.to_thread(context.store.create_document, key, b"")
        await context.report(trainer_pb2.RunTrainingMetadata(step=done))
    return trainer_pb2.RunTrainingResponse(summary=trainer_pb2.TrainingSummary(steps=done))


class CountingTrainer(trainer_pb2_grpc.TrainerServiceServicer):
    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    async def RunTraining(
        self,
        request: trainer_pb2.RunTrainingRequest,
        context: "grpc.aio.ServicerContext[Message, Message]",
    ) -> operations_pb2.Operation:
        require(bool(request.base_model), "base_model", "is required")
        if request.base_model == "defect":
            raise RuntimeError("secret of the implementation")
        return await self._runner.start(request, request.request_id)


async def main() -> None:
    settings = load(ServiceSettings)
    store = await asyncio.to_thread(ArtifactStore.connect, settings)
    runner = OperationRunner(store, "trainer", {trainer_pb2.RunTrainingRequest: count})
    await serve(
        settings,
        version=service_version("trainer"),
        service_names=["rlvf.trainer.v1.TrainerService"],
        register=lambda server: trainer_pb2_grpc.add_TrainerServiceServicer_to_server(
            CountingTrainer(runner), server
        ),
        runner=runner,
    )


if __name__ == "__main__":
    asyncio.run(main())
