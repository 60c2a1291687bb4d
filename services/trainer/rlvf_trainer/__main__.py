"""`python -m rlvf_trainer`: the trainer service, which serves until SIGTERM."""

import asyncio
import sys
from pathlib import Path

import grpc
from google.protobuf.message import Message

from rlvf.trainer.v1 import trainer_pb2, trainer_pb2_grpc
from rlvf_api.errors import FailedPrecondition, RlvfError
from rlvf_common.rollouts.sampling import InferenceClient
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.server import connect_tokens, serve
from rlvf_common.rpc.settings import load
from rlvf_common.rpc.version import ask_version, service_version
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import Handler, OperationContext, OperationRunner
from rlvf_common.storage.quotas import Quotas
from rlvf_trainer.launchers.docker import DockerLauncher
from rlvf_trainer.launchers.kubernetes import KubernetesLauncher
from rlvf_trainer.launchers.launcher import Launcher
from rlvf_trainer.launchers.local import LocalLauncher
from rlvf_trainer.service import TrainerService
from rlvf_trainer.settings import TrainerSettings
from rlvf_trainer.supervision import train
from rlvf_trainer.versions import PACKAGES, SERVICE


async def run(settings: TrainerSettings) -> None:
    """Serve with these settings."""
    store = await asyncio.to_thread(ArtifactStore.connect, settings)
    launcher = _launcher(settings)
    tokens = connect_tokens(settings)
    quotas = Quotas(store)

    async def run_training(
        request: trainer_pb2.RunTrainingRequest, context: OperationContext
    ) -> trainer_pb2.RunTrainingResponse:
        return await train(request, context, launcher, quotas)

    executor = open_channel(
        settings.executor_address, token=settings.auth_token, tls_ca=settings.tls_ca
    )
    # The service only asks for their versions; the job of a run on problems calls them itself.
    inference = InferenceClient(settings.inference_url)

    async def close() -> None:
        await inference.close()
        await executor.close()

    handlers: dict[type[Message], Handler] = {trainer_pb2.RunTrainingRequest: run_training}
    runner = OperationRunner(store, "trainer", handlers, tokens)

    def register(server: grpc.aio.Server) -> None:
        trainer_pb2_grpc.add_TrainerServiceServicer_to_server(TrainerService(store, runner), server)

    await serve(
        settings,
        version=service_version(SERVICE, PACKAGES),
        dependencies={
            "executor": lambda: ask_version(executor),
            "inference": inference.version,
        },
        service_names=[trainer_pb2.DESCRIPTOR.services_by_name["TrainerService"].full_name],
        register=register,
        runner=runner,
        tokens=tokens,
        close=close,
    )


def _launcher(settings: TrainerSettings) -> Launcher:
    if settings.trainer_launcher == "local":
        return LocalLauncher(settings)
    template = settings.trainer_job_template
    if not template:
        raise FailedPrecondition(
            f"RLVF_TRAINER_JOB_TEMPLATE is required with the launcher {settings.trainer_launcher}"
        )
    if settings.trainer_launcher == "docker":
        return DockerLauncher.of_environment(
            Path(template),
            settings.job_environment(),
            parallel_jobs=settings.trainer_parallel_jobs,
        )
    return KubernetesLauncher.in_cluster(template, start_seconds=settings.trainer_start_seconds)


def main() -> None:
    """Entry point."""
    try:
        asyncio.run(run(load(TrainerSettings)))
    except RlvfError as error:
        print(f"{error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
