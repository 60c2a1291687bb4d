"""The work behind `GeneratePairs`: exclude, sample and grade, select, store."""

import asyncio
from collections.abc import Sequence

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf_common.artifacts import JSONL, ArtifactStore
from rlvf_common.contamination import Overlap, find_overlaps
from rlvf_common.errors import FailedPrecondition
from rlvf_common.grading import Grader
from rlvf_common.operations import OperationContext
from rlvf_common.problems import Problem, parse_problems
from rlvf_common.rollouts import draw_rollouts, dump_rollouts
from rlvf_common.sampling import InferenceClient, SamplingParameters
from rlvf_pair_generator.records import dump_pairs
from rlvf_pair_generator.selection import Selected, Step, select_pairs
from rlvf_pair_generator.validation import checked_rules

__all__ = ["PairGeneration"]

Metadata = pair_generator_pb2.GeneratePairsMetadata
Request = pair_generator_pb2.GeneratePairsRequest
Response = pair_generator_pb2.GeneratePairsResponse


class PairGeneration:
    """Handler of `GeneratePairsRequest` operations."""

    def __init__(self, inference: InferenceClient, grader: Grader) -> None:
        self._inference = inference
        self._grader = grader

    async def __call__(self, request: Request, context: OperationContext) -> Response:
        """Carry out a valid request; errors as the contract says. Goes on from earlier
        checkpoints."""
        store = context.store
        given = await asyncio.to_thread(_load, store, request.problems, "problems")
        overlaps: dict[str, Overlap] = {}
        for number, ref in enumerate(request.benchmarks):
            benchmark = await asyncio.to_thread(_load, store, ref, f"benchmarks[{number}]")
            for overlap in await asyncio.to_thread(find_overlaps, given, benchmark):
                overlaps.setdefault(overlap.task_id, overlap)
        problems = [problem for problem in given if problem.task_id not in overlaps]
        if not problems:
            raise FailedPrecondition(f"all {len(given)} problems overlap a benchmark")

        async def report(
            done: int, stage: "Metadata.Stage.ValueType" = Metadata.STAGE_SAMPLING
        ) -> None:
            await context.report(
                Metadata(stage=stage, problems_done=done, problems_total=len(problems))
            )

        rollouts = await draw_rollouts(
            problems,
            model=request.model,
            sampling=request.sampling,
            inference=self._inference,
            grader=self._grader,
            context=context,
            on_progress=report,
        )
        await report(len(problems), Metadata.STAGE_SELECTING)
        rules = checked_rules(request.selection)
        selected = await asyncio.to_thread(select_pairs, problems, rollouts, rules)
        excluding = Step("no overlap with a benchmark", "problems", len(given), len(problems))
        samples = await asyncio.to_thread(store.put_bytes, dump_rollouts(rollouts), JSONL)
        return await asyncio.to_thread(
            _store, store, request, selected, samples, excluding, list(overlaps.values())
        )


def _load(store: ArtifactStore, ref: artifact_pb2.ArtifactRef, field: str) -> list[Problem]:
    try:
        problems = list(parse_problems(store.get_bytes(ref), where=field))
    except ValueError as error:
        raise FailedPrecondition(str(error)) from None
    if not problems:
        raise FailedPrecondition(f"{field}: there are no problems in {ref.uri}")
    seen: set[str] = set()
    for problem in problems:
        if problem.task_id in seen:
            raise FailedPrecondition(f"{field}: task id `{problem.task_id}` is there twice")
        seen.add(problem.task_id)
    return problems


def _store(
    store: ArtifactStore,
    request: Request,
    selected: Selected,
    samples: artifact_pb2.ArtifactRef,
    excluding: Step,
    overlaps: Sequence[Overlap],
) -> Response:
    """Write the pairs and every rung; blocks."""
    steps = [excluding, *selected.steps]
    largest = max(request.ladder, default=0)
    if largest > len(selected.pairs) or not selected.pairs:
        counts = "; ".join(f"{s.name}: {s.before} to {s.after} {s.unit}" for s in steps)
        raise FailedPrecondition(
            f"selection left {len(selected.pairs)} pairs, {max(largest, 1)} are needed ({counts}); "
            "sample more answers or problems, or relax the selection"
        )

    def put(size: int) -> artifact_pb2.ArtifactRef:
        data = dump_pairs(
            selected.pairs[:size],
            model=request.model,
            sampling=SamplingParameters.checked(request.sampling),
            samples_sha256=samples.sha256,
        )
        return store.put_bytes(data, JSONL)

    return Response(
        samples=samples,
        pairs=put(len(selected.pairs)),
        ladder=[pair_generator_pb2.Rung(size=size, pairs=put(size)) for size in request.ladder],
        steps=[
            pair_generator_pb2.SelectionStep(
                name=step.name, unit=step.unit, before=step.before, after=step.after
            )
            for step in steps
        ],
        excluded=[
            pair_generator_pb2.ExcludedProblem(
                task_id=overlap.task_id,
                benchmark_task_id=overlap.benchmark_task_id,
                reason=overlap.reason,
            )
            for overlap in overlaps
        ],
        problems=excluding.after,
        problems_with_both=selected.problems_with_both,
    )
