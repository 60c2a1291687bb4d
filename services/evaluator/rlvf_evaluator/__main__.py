"""Serves the evaluator: `python -m rlvf_evaluator`."""

import asyncio
import sys

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf_common.artifacts import ArtifactStore
from rlvf_common.channels import open_channel
from rlvf_common.errors import RlvfError
from rlvf_common.grading import Grader
from rlvf_common.operations import OperationRunner
from rlvf_common.sampling import InferenceClient
from rlvf_common.server import serve
from rlvf_common.settings import load
from rlvf_evaluator.benchmarks import use_sources
from rlvf_evaluator.calibration import Calibrator
from rlvf_evaluator.evaluation import Evaluation
from rlvf_evaluator.service import EvaluatorServicer
from rlvf_evaluator.settings import EvaluatorSettings


async def _main(settings: EvaluatorSettings) -> None:
    names = [name.strip() for name in settings.hub_benchmarks.split(",") if name.strip()]
    use_sources(settings.benchmarks, names)
    store = await asyncio.to_thread(ArtifactStore.connect, settings)
    channel = open_channel(
        settings.executor_address, token=settings.auth_token, tls_ca=settings.tls_ca
    )
    grader = Grader(channel)
    inference = InferenceClient(settings.inference_url)
    calibrator = Calibrator(grader, store)
    evaluation = Evaluation(inference, grader, calibrator)
    runner = OperationRunner(store, "evaluator", {evaluator_pb2.EvaluateRequest: evaluation.run})
    servicer = EvaluatorServicer(store, grader, calibrator, runner)

    async def close() -> None:
        await calibrator.close()
        await inference.close()
        await channel.close()

    await serve(
        settings,
        service_names=[evaluator_pb2.DESCRIPTOR.services_by_name["EvaluatorService"].full_name],
        register=lambda server: evaluator_pb2_grpc.add_EvaluatorServiceServicer_to_server(
            servicer, server
        ),
        runner=runner,
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
