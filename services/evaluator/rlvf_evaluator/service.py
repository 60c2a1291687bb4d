"""The evaluator's gRPC service: validates, calls, converts. The contract is evaluator.proto."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial

import grpc
from google.longrunning import operations_pb2

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf_api.errors import Unavailable
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rollouts.sampling import InferenceClient, SamplingParameters, check_model
from rlvf_common.rpc.channels import MAX_MESSAGE_BYTES
from rlvf_common.rpc.context import principal
from rlvf_common.rpc.resources import Resource
from rlvf_common.rpc.validation import require, require_artifact
from rlvf_common.rpc.workers import Workers
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import OperationRunner
from rlvf_common.storage.quotas import Quotas, Usage
from rlvf_evaluator.benchmarks import BENCHMARKS, Benchmark
from rlvf_evaluator.calibration.calibrate import Calibrator
from rlvf_evaluator.comparisons import (
    check_compare_request,
    check_trend_request,
    compare_stored,
    find_stored_trend,
)
from rlvf_evaluator.contamination import check_contamination
from rlvf_evaluator.extraction import Extraction
from rlvf_evaluator.kept import KeptVerdicts, RequestShelf, version_of
from rlvf_evaluator.listing import describe
from rlvf_evaluator.metrics import count_answer
from rlvf_evaluator.problem_sets import find_benchmark
from rlvf_evaluator.provenance import grading_message
from rlvf_evaluator.scoring import score_samples
from rlvf_evaluator.stored_results import StoredResults
from rlvf_evaluator.tally import Tally, check_ks

__all__ = ["EvaluatorServicer"]

_LARGEST_SAMPLES_BYTES = 1 << 30
_MAX_NAMES = 100
"""Maximum number of benchmarks that a request may name."""
# Shorter than the client's own patience, with which an evaluation waits for an engine to start.
_INFERENCE_SECONDS = 10.0


class EvaluatorServicer(evaluator_pb2_grpc.EvaluatorServiceServicer):
    """The methods of the service."""

    def __init__(
        self,
        store: ArtifactStore,
        inference: InferenceClient,
        grader: Grader,
        calibrator: Calibrator,
        runner: OperationRunner,
        quotas: Quotas,
        workers: Workers,
    ) -> None:
        self._store = store
        self._inference = inference
        self._grader = grader
        self._calibrator = calibrator
        self._runner = runner
        self._quotas = quotas
        self._workers = workers
        self._results = StoredResults(store, runner)
        self._extraction = Extraction(workers)

    async def ListBenchmarks(
        self,
        request: evaluator_pb2.ListBenchmarksRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> evaluator_pb2.ListBenchmarksResponse:
        """See evaluator.proto."""
        _check_names(request.names, "names")
        response = evaluator_pb2.ListBenchmarksResponse()
        size = 0
        # One at a time, so that few are in memory, and none is read after the call has ended.
        for name in sorted(set(request.names)) or sorted(BENCHMARKS):
            described = await asyncio.to_thread(
                describe,
                find_benchmark(name, self._store),
                self._store,
                with_task_ids=bool(request.names),
            )
            size += described.ByteSize()
            require(
                size <= MAX_MESSAGE_BYTES,
                "names",
                f"their task ids have more than {MAX_MESSAGE_BYTES:,} bytes; name fewer at a time",
            )
            response.benchmarks.append(described)
        return response

    async def ListModels(
        self,
        request: evaluator_pb2.ListModelsRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> evaluator_pb2.ListModelsResponse:
        """See evaluator.proto."""
        try:
            async with asyncio.timeout(_INFERENCE_SECONDS):
                models = await self._inference.models()
        except TimeoutError:
            raise Unavailable(
                f"inference did not list its models for {_INFERENCE_SECONDS:.0f} s; it may still "
                "be starting"
            ) from None
        return evaluator_pb2.ListModelsResponse(models=models)

    async def Calibrate(
        self,
        request: evaluator_pb2.CalibrateRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> evaluator_pb2.CalibrateResponse:
        """See evaluator.proto."""
        record = await self._calibrator.calibrate(self._benchmark(request.benchmark, "benchmark"))
        return evaluator_pb2.CalibrateResponse(calibration=record.message())

    async def Score(
        self,
        request_iterator: AsyncIterator[evaluator_pb2.ScoreRequest],
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> AsyncIterator[evaluator_pb2.ScoreResponse]:
        """See evaluator.proto."""
        messages = aiter(request_iterator)
        first = await anext(messages, evaluator_pb2.ScoreRequest())
        require(first.WhichOneof("message") == "header", "header", "must be the first message")
        benchmark = self._benchmark(first.header.benchmark, "header.benchmark")
        require(first.header.samples >= 0, "header.samples", "must not be negative")
        check_ks(first.header.k, "header.k")
        calibration = await self._calibrator.require_sound(benchmark)
        # All verdicts must come from the calibrated executor policy.
        grader = self._grader.of(calibration.executor_policy_sha256)
        grading = grading_message(await grader.capabilities(), benchmark)
        version = version_of(calibration, credit=first.header.credit)
        kept = await self._kept(first.header, version)
        tally = Tally(benchmark, ks=first.header.k, extract=first.header.extract)
        try:
            answers = score_samples(
                messages,
                tally,
                partial(grader.grade, credit=first.header.credit),
                kept,
                at_once=lambda: grader.capacity,
                extract=self._extraction.extract,
            )
            # Closed here, not by the garbage collector: an interrupted call stores its verdicts.
            async with aclosing(answers):
                async for answer in answers:
                    count_answer(answer)
                    if isinstance(answer, evaluator_pb2.InvalidSample):
                        yield evaluator_pb2.ScoreResponse(invalid=answer)
                    else:
                        yield evaluator_pb2.ScoreResponse(result=answer)
        finally:
            if kept is not None:
                kept.close()
        summary = tally.summary(calibration, expected=first.header.samples)
        summary.grading.CopyFrom(grading)
        yield evaluator_pb2.ScoreResponse(summary=summary)

    async def ScoreArtifact(
        self,
        request: evaluator_pb2.ScoreArtifactRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> operations_pb2.Operation:
        """See evaluator.proto."""
        self._benchmark(request.benchmark, "benchmark")
        require_artifact(request.samples, "samples")
        require(
            request.samples.size_bytes <= _LARGEST_SAMPLES_BYTES,
            "samples.size_bytes",
            f"is more than {_LARGEST_SAMPLES_BYTES:,}; send the samples in parts",
        )
        check_ks(request.k, "k")
        return await self._runner.start(request, request.request_id)

    async def GetQuota(
        self,
        request: evaluator_pb2.GetQuotaRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> evaluator_pb2.GetQuotaResponse:
        """See evaluator.proto."""
        who = principal.get()
        usage = {one.resource: one for one in await self._quotas.usage(who)}
        samples = usage.get(Resource.SAMPLES, Usage(Resource.SAMPLES, 0, 0))
        response = evaluator_pb2.GetQuotaResponse(
            caller=who.name,
            samples_per_day=samples.per_day,
            samples_used=samples.used,
            quotas=[
                evaluator_pb2.QuotaUse(resource=name, per_day=one.per_day, used=one.used)
                for name, one in usage.items()
            ],
        )
        response.renewed_at.FromDatetime(self._quotas.renewed_at())
        return response

    async def ListResults(
        self,
        request: evaluator_pb2.ListResultsRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> evaluator_pb2.ListResultsResponse:
        """See evaluator.proto."""
        return await self._results.page(request.page_token)

    async def DeleteResult(
        self,
        request: evaluator_pb2.DeleteResultRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> evaluator_pb2.DeleteResultResponse:
        """See evaluator.proto."""
        await self._results.delete(request.name)
        return evaluator_pb2.DeleteResultResponse()

    async def Evaluate(
        self,
        request: evaluator_pb2.EvaluateRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> operations_pb2.Operation:
        """See evaluator.proto."""
        self._benchmark(request.benchmark, "benchmark")
        check_model(request.model)
        SamplingParameters.checked(request.sampling)
        require(request.repetition >= 0, "repetition", "must not be negative")
        return await self._runner.start(request, request.request_id)

    async def Compare(
        self,
        request: evaluator_pb2.CompareRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> evaluator_pb2.CompareResponse:
        """See evaluator.proto."""
        check_compare_request(request)
        comparison = await self._workers.run(compare_stored, self._store, request)
        return evaluator_pb2.CompareResponse(comparison=comparison)

    async def TestTrend(
        self,
        request: evaluator_pb2.TestTrendRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> evaluator_pb2.TestTrendResponse:
        """See evaluator.proto."""
        check_trend_request(request)
        return await self._workers.run(find_stored_trend, self._store, request)

    async def CheckContamination(
        self,
        request: evaluator_pb2.CheckContaminationRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> evaluator_pb2.CheckContaminationResponse:
        """See evaluator.proto."""
        require_artifact(request.training_set, "training_set")
        _check_names(request.benchmarks, "benchmarks")
        names = [find_benchmark(name, self._store).name for name in request.benchmarks]
        return await self._workers.run(
            check_contamination, self._store, request.training_set, names
        )

    async def _kept(self, header: evaluator_pb2.ScoreHeader, version: str) -> KeptVerdicts | None:
        if not header.request_id:
            return None
        shelf = await RequestShelf.open(
            self._store,
            caller=principal.get().name,
            request_id=header.request_id,
            benchmark=header.benchmark,
        )
        kept = KeptVerdicts(shelf, version)
        try:
            await kept.load()
        except BaseException:
            kept.close()
            raise
        return kept

    def _benchmark(self, name: str, field: str) -> Benchmark:
        require(bool(name), field, "is required; ListBenchmarks lists the benchmarks")
        return find_benchmark(name, self._store)


def _check_names(names: Sequence[str], field: str) -> None:
    require(len(names) <= _MAX_NAMES, field, f"are more than {_MAX_NAMES}; name fewer at a time")
