"""`python -m rlvf_trainer`: serve until SIGTERM."""

import asyncio
import sys

import grpc

from rlvf.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from rlvf_api.errors import FailedPrecondition, RlvfError
from rlvf_common.rpc.server import serve
from rlvf_common.rpc.settings import load
from rlvf_common.rpc.version import service_version
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import OperationContext, OperationRunner
from rlvf_trainer.kubernetes import KubernetesLauncher
from rlvf_trainer.launchers import Launcher, LocalLauncher
from rlvf_trainer.service import TrainerService
from rlvf_trainer.settings import TrainerSettings
from rlvf_trainer.supervision import train
from rlvf_trainer.versions import PACKAGES, SERVICE


async def run(settings: TrainerSettings) -> None:
    """Serve with these settings."""
    store = await asyncio.to_thread(ArtifactStore.connect, settings)
    launcher = _launcher(settings)

    async def run_training(
        request: trainer_pb2.RunTrainingRequest, context: OperationContext
    ) -> trainer_pb2.RunTrainingResponse:
        return await train(request, context, launcher)

    runner = OperationRunner(store, "trainer", {trainer_pb2.RunTrainingRequest: run_training})

    def register(server: grpc.aio.Server) -> None:
        trainer_pb2_grpc.add_TrainerServiceServicer_to_server(TrainerService(store, runner), server)

    await serve(
        settings,
        version=service_version(SERVICE, PACKAGES),
        service_names=[trainer_pb2.DESCRIPTOR.services_by_name["TrainerService"].full_name],
        register=register,
        runner=runner,
    )


def _launcher(settings: TrainerSettings) -> Launcher:
    if settings.trainer_launcher == "local":
        return LocalLauncher(settings)
    if settings.trainer_job_template is None:
        raise FailedPrecondition(
            "RLVF_TRAINER_JOB_TEMPLATE is required with the launcher kubernetes"
        )
    return KubernetesLauncher.in_cluster(settings.trainer_job_template)


def main() -> None:
    """Entry point."""
    try:
        asyncio.run(run(load(TrainerSettings)))
    except RlvfError as error:
        print(f"{error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
