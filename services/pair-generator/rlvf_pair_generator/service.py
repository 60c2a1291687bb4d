"""`rlvf.pair_generator.v1.PairGeneratorService`: checks requests and starts operations for them."""

import asyncio
from collections.abc import Collection

import grpc
from google.longrunning import operations_pb2

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2, pair_generator_pb2_grpc
from rlvf_api.errors import FailedPrecondition
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import OperationRunner
from rlvf_pair_generator.validation import (
    validate_answer_selection,
    validate_probe,
    validate_rollouts,
    validate_selection,
)

__all__ = ["PairGeneratorServicer"]


class PairGeneratorServicer(pair_generator_pb2_grpc.PairGeneratorServiceServicer):
    """Starts operations; their handlers carry them out."""

    def __init__(
        self, store: ArtifactStore, runner: OperationRunner, endpoints: Collection[str]
    ) -> None:
        self._store = store
        self._runner = runner
        self._endpoints = endpoints

    async def GenerateRollouts(
        self,
        request: pair_generator_pb2.GenerateRolloutsRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> operations_pb2.Operation:
        """See the contract, rlvf/pair_generator/v1/pair_generator.proto."""
        validate_rollouts(request, self._endpoints)
        await self._require_stored(request.problems, *request.benchmarks)
        return await self._runner.start(request, request.request_id)

    async def Probe(
        self,
        request: pair_generator_pb2.ProbeRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> operations_pb2.Operation:
        """See the contract, rlvf/pair_generator/v1/pair_generator.proto."""
        validate_probe(request, self._endpoints)
        await self._require_stored(request.problems, *request.benchmarks)
        return await self._runner.start(request, request.request_id)

    async def SelectPairs(
        self,
        request: pair_generator_pb2.SelectPairsRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> operations_pb2.Operation:
        """See the contract, rlvf/pair_generator/v1/pair_generator.proto."""
        validate_selection(request)
        await self._require_stored(request.rollouts)
        return await self._runner.start(request, request.request_id)

    async def SelectAnswers(
        self,
        request: pair_generator_pb2.SelectAnswersRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> operations_pb2.Operation:
        """See the contract, rlvf/pair_generator/v1/pair_generator.proto."""
        validate_answer_selection(request)
        await self._require_stored(request.rollouts)
        return await self._runner.start(request, request.request_id)

    async def _require_stored(self, *refs: artifact_pb2.ArtifactRef) -> None:
        for ref in refs:
            if await asyncio.to_thread(self._store.find, ref.sha256) is None:
                raise FailedPrecondition(f"artifact {ref.uri} does not exist")
