"""Serves the evaluator: `python -m rlvf_evaluator`."""

import asyncio
import sys
from datetime import timedelta
from functools import partial

import grpc
from google.protobuf.message import Message

from rlvf.artifact.v1 import artifact_pb2_grpc
from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.version.v1 import version_pb2
from rlvf_api.errors import RlvfError
from rlvf_common.rollouts.charged import ChargedGrader, ChargedInference
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.server import connect_tokens, serve
from rlvf_common.rpc.settings import load
from rlvf_common.rpc.version import ask_version
from rlvf_common.rpc.workers import Workers
from rlvf_common.storage import artifact_service
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import Handler, OperationRunner
from rlvf_common.storage.quotas import Quotas
from rlvf_evaluator.artifact_scoring import ArtifactScoring
from rlvf_evaluator.benchmarks import use_sources
from rlvf_evaluator.calibration.calibrate import Calibrator
from rlvf_evaluator.evaluation import Evaluation
from rlvf_evaluator.provenance import own_version
from rlvf_evaluator.service import EvaluatorServicer
from rlvf_evaluator.settings import EvaluatorSettings


async def _main(settings: EvaluatorSettings) -> None:
    names = [name.strip() for name in settings.hub_benchmarks.split(",") if name.strip()]
    use_sources(settings.benchmarks, names)
    workers = Workers(
        partial(use_sources, settings.benchmarks, names), at_once=settings.evaluator_workers
    )
    store = await asyncio.to_thread(ArtifactStore.connect, settings)
    channel = open_channel(
        settings.executor_address, token=settings.auth_token, tls_ca=settings.tls_ca
    )
    tokens = connect_tokens(settings)
    quotas = Quotas(store)
    grader = ChargedGrader(channel, quotas)
    patience = timedelta(seconds=settings.inference_patience_seconds)
    inference = ChargedInference(settings.inference_url, quotas, patience=patience)
    # The calibration of a listed benchmark belongs to no caller, so it counts against no quota.
    calibrator = Calibrator(Grader(channel), grader, store)

    async def ask_executor() -> version_pb2.Version:
        return await ask_version(channel)

    evaluation = Evaluation(inference, grader, calibrator, ask_executor)
    handlers: dict[type[Message], Handler] = {
        evaluator_pb2.EvaluateRequest: evaluation.run,
        evaluator_pb2.ScoreArtifactRequest: ArtifactScoring(grader, calibrator, workers).run,
    }
    runner = OperationRunner(store, "evaluator", handlers, tokens)
    servicer = EvaluatorServicer(store, inference, grader, calibrator, runner, quotas, workers)

    async def close() -> None:
        await calibrator.close()
        await inference.close()
        await channel.close()

    def register(server: grpc.aio.Server) -> None:
        evaluator_pb2_grpc.add_EvaluatorServiceServicer_to_server(servicer, server)
        artifact_pb2_grpc.add_ArtifactServiceServicer_to_server(
            artifact_service.ArtifactServicer(store), server
        )

    await serve(
        settings,
        version=own_version(),
        dependencies={"executor": ask_executor, "inference": inference.version},
        service_names=[
            evaluator_pb2.DESCRIPTOR.services_by_name["EvaluatorService"].full_name,
            artifact_service.SERVICE_NAME,
        ],
        register=register,
        runner=runner,
        tokens=tokens,
        close=close,
    )


def main() -> None:
    """Serve until SIGTERM."""
    try:
        asyncio.run(_main(load(EvaluatorSettings)))
    except RlvfError as error:
        print(f"rlvf-evaluator: {error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
