"""Serves the pair generator: `python -m rlvf_pair_generator`."""

import asyncio
import sys
from datetime import timedelta

from rlvf.pair_generator.v1 import pair_generator_pb2, pair_generator_pb2_grpc
from rlvf_api.errors import RlvfError
from rlvf_common.rollouts.charged import ChargedGrader, ChargedInference
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.server import connect_tokens, serve
from rlvf_common.rpc.settings import load
from rlvf_common.rpc.version import ask_version, service_version, version_items
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import OperationRunner
from rlvf_common.storage.quotas import Quotas
from rlvf_pair_generator.answer_operation import AnswerSelection
from rlvf_pair_generator.pair_operation import PairSelection
from rlvf_pair_generator.probe import Probe
from rlvf_pair_generator.rollout_operation import RolloutGeneration
from rlvf_pair_generator.service import PairGeneratorServicer
from rlvf_pair_generator.settings import PairGeneratorSettings


async def _main(settings: PairGeneratorSettings) -> None:
    store = await asyncio.to_thread(ArtifactStore.connect, settings)
    executor = open_channel(
        settings.executor_address, token=settings.auth_token, tls_ca=settings.tls_ca
    )
    tokens = connect_tokens(settings)
    quotas = Quotas(store)
    urls = {"": settings.inference_url, **settings.endpoints}
    keys = {name: key.get_secret_value() for name, key in settings.endpoint_keys.items()}
    inference = {
        name: ChargedInference(
            url,
            quotas,
            api_key=keys.get(name, ""),
            max_in_flight=settings.max_in_flight,
            patience=timedelta(seconds=settings.inference_patience_seconds),
        )
        for name, url in urls.items()
    }
    version = service_version("pair-generator")
    grader = ChargedGrader(executor, quotas)
    runner = OperationRunner(
        store,
        "pair-generator",
        {
            pair_generator_pb2.ProbeRequest: Probe(inference, grader),
            pair_generator_pb2.GenerateRolloutsRequest: RolloutGeneration(
                inference, grader, version_items(version)
            ),
            pair_generator_pb2.SelectPairsRequest: PairSelection(),
            pair_generator_pb2.SelectAnswersRequest: AnswerSelection(),
        },
        tokens,
    )
    servicer = PairGeneratorServicer(store, runner, settings.endpoints)

    async def close() -> None:
        for client in inference.values():
            await client.close()
        await executor.close()

    await serve(
        settings,
        version=version,
        dependencies={
            "executor": lambda: ask_version(executor),
            "inference": inference[""].version,
        },
        service_names=[
            pair_generator_pb2.DESCRIPTOR.services_by_name["PairGeneratorService"].full_name
        ],
        register=lambda server: pair_generator_pb2_grpc.add_PairGeneratorServiceServicer_to_server(
            servicer, server
        ),
        runner=runner,
        tokens=tokens,
        close=close,
    )


def main() -> None:
    """Serve until SIGTERM."""
    try:
        asyncio.run(_main(load(PairGeneratorSettings)))
    except RlvfError as error:
        print(f"rlvf-pair-generator: {error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
