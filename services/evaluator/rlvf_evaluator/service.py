"""The evaluator's gRPC service: validates, calls, converts. The contract is evaluator.proto."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import grpc
from google.longrunning import operations_pb2

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rollouts.sampling import SamplingParameters, check_model
from rlvf_common.rpc.context import principal
from rlvf_common.rpc.validation import require, require_artifact
from rlvf_common.rpc.workers import Workers
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_common.storage.operations import OperationRunner
from rlvf_evaluator.benchmarks import (
    BENCHMARKS,
    Benchmark,
    find_benchmark,
)
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
from rlvf_evaluator.metrics import SCORED
from rlvf_evaluator.provenance import grading_message
from rlvf_evaluator.quotas import Quotas
from rlvf_evaluator.scoring import Tally, check_ks, score_samples

__all__ = ["EvaluatorServicer"]

_LARGEST_SAMPLES_BYTES = 1 << 30


class EvaluatorServicer(evaluator_pb2_grpc.EvaluatorServiceServicer):
    """Benchmarks, scores, comparisons."""

    def __init__(
        self,
        store: ArtifactStore,
        grader: Grader,
        calibrator: Calibrator,
        runner: OperationRunner,
        quotas: Quotas,
        workers: Workers,
    ) -> None:
        self._store = store
        self._grader = grader
        self._calibrator = calibrator
        self._runner = runner
        self._quotas = quotas
        self._workers = workers
        self._extraction = Extraction(workers)

    async def ListBenchmarks(
        self,
        request: evaluator_pb2.ListBenchmarksRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> evaluator_pb2.ListBenchmarksResponse:
        """See evaluator.proto."""
        asked = [find_benchmark(name) for name in sorted(set(request.names))]
        listed = asked or [BENCHMARKS[name] for name in sorted(BENCHMARKS)]
        benchmarks = await asyncio.to_thread(lambda: [describe(one, self._store) for one in listed])
        for message, benchmark in zip(benchmarks, asked, strict=False):
            if not message.unavailable:
                message.task_ids.extend(benchmark.problems)
        return evaluator_pb2.ListBenchmarksResponse(benchmarks=benchmarks)

    async def Calibrate(
        self,
        request: evaluator_pb2.CalibrateRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> evaluator_pb2.CalibrateResponse:
        """See evaluator.proto."""
        record = await self._calibrator.calibrate(_benchmark(request.benchmark, "benchmark"))
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
        benchmark = _benchmark(first.header.benchmark, "header.benchmark")
        require(first.header.samples >= 0, "header.samples", "must not be negative")
        check_ks(first.header.k, "header.k")
        calibration = await self._calibrator.require_sound(benchmark)
        # All verdicts must come from the calibrated executor policy.
        grader = self._grader.of(calibration.executor_policy_sha256)
        grading = grading_message(await grader.capabilities(), benchmark)
        kept = await self._kept(first.header, version_of(calibration))
        tally = Tally(benchmark, ks=first.header.k, extract=first.header.extract)
        caller = principal.get().name
        try:
            results = score_samples(
                messages,
                tally,
                grader.grade,
                kept,
                at_once=lambda: grader.capacity,
                extract=self._extraction.extract,
            )
            # Closed here, not by the garbage collector: an interrupted call stores its verdicts.
            async with aclosing(results):
                async for result in results:
                    SCORED.labels(caller, result.verdict, str(result.kept).lower()).inc()
                    yield evaluator_pb2.ScoreResponse(result=result)
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
        _benchmark(request.benchmark, "benchmark")
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
        usage = await self._quotas.usage(who)
        response = evaluator_pb2.GetQuotaResponse(
            caller=who.name, samples_per_day=who.samples_per_day, samples_used=usage.samples_used
        )
        response.renewed_at.FromDatetime(usage.renewed_at)
        return response

    async def Evaluate(
        self,
        request: evaluator_pb2.EvaluateRequest,
        context: grpc.aio.ServicerContext,  # type: ignore[type-arg]
    ) -> operations_pb2.Operation:
        """See evaluator.proto."""
        _benchmark(request.benchmark, "benchmark")
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
        names = [find_benchmark(name).name for name in request.benchmarks]
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


def _benchmark(name: str, field: str) -> Benchmark:
    require(bool(name), field, "is required; ListBenchmarks lists the benchmarks")
    return find_benchmark(name)
