"""The work behind `GeneratePairs`: exclude, sample, grade and look for pairs, choose, store."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence

from rlvf.artifact.v1 import artifact_pb2
from rlvf.executor.v1 import executor_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf_common.artifacts import JSONL, ArtifactStore
from rlvf_common.contamination import Overlap, find_overlaps
from rlvf_common.errors import FailedPrecondition
from rlvf_common.grading import Grader
from rlvf_common.operations import OperationContext
from rlvf_common.problems import Problem, parse_problems
from rlvf_common.rollouts import Rollout, draw_rollouts, dump_rollouts
from rlvf_common.sampling import InferenceClient
from rlvf_pair_generator.audit import Reading, read, sides_of
from rlvf_pair_generator.candidates import Candidates, Pair, candidates_of
from rlvf_pair_generator.records import Provenance, dump_pairs, is_off_policy
from rlvf_pair_generator.rules import Step
from rlvf_pair_generator.selection import Selected, check_selected, choose_pairs, easy_first
from rlvf_pair_generator.validation import checked_rules, checked_schedule

__all__ = ["PairGeneration"]

Metadata = pair_generator_pb2.GeneratePairsMetadata
Request = pair_generator_pb2.GeneratePairsRequest
Response = pair_generator_pb2.GeneratePairsResponse


class PairGeneration:
    """Handler of `GeneratePairsRequest` operations."""

    def __init__(self, inference: Mapping[str, InferenceClient], grader: Grader) -> None:
        """`inference` has the clients by the name of their endpoint; the service's own is ""."""
        self._inference = inference
        self._grader = grader

    async def __call__(self, request: Request, context: OperationContext) -> Response:
        """Carry out a valid request; errors as the contract says. Goes on from earlier
        checkpoints."""
        store = context.store
        if request.endpoint not in self._inference:
            raise FailedPrecondition(
                f"the operation needs the endpoint `{request.endpoint}`, which this replica was "
                "not started with (RLVF_ENDPOINTS)"
            )
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

        rules = checked_rules(request)
        found: list[Candidates] = []

        async def look_for_pairs(problem: Problem, rollouts: Sequence[Rollout]) -> None:
            found.append(await asyncio.to_thread(candidates_of, problem, rollouts, rules))

        capabilities = await self._grader.capabilities()
        inference = self._inference[request.endpoint]
        rollouts = await draw_rollouts(
            problems,
            model=await inference.pinned(request.model),
            sampling=request.sampling,
            inference=inference,
            # All verdicts are of one grader, of which the version speaks.
            grader=self._grader.of(capabilities.policy_sha256),
            context=context,
            on_progress=report,
            version=_version(capabilities),
            next_round=checked_schedule(request).next_round,
            on_finished=look_for_pairs,
        )
        await report(len(problems), Metadata.STAGE_SELECTING)
        needed = max(request.ladder, default=1)
        selected = await asyncio.to_thread(choose_pairs, found, rules, needed=needed)
        excluding = Step("no overlap with a benchmark", "problems", len(given), len(problems))
        steps = [excluding, *selected.steps]
        check_selected(selected, steps, needed=needed)
        samples = await asyncio.to_thread(store.put_bytes, dump_rollouts(rollouts), JSONL)
        return await asyncio.to_thread(
            _store, store, request, selected, samples, steps, list(overlaps.values())
        )


def _version(capabilities: executor_pb2.GetCapabilitiesResponse) -> str:
    """Under which verdicts are kept: they hold for one policy of the executor and one Python."""
    graded_by = f"{capabilities.policy_sha256} {capabilities.python_version}"
    return hashlib.sha256(graded_by.encode()).hexdigest()[:16]


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
    steps: Sequence[Step],
    overlaps: Sequence[Overlap],
) -> Response:
    """Write the pairs and every rung; blocks."""
    provenance = Provenance(request, samples.sha256, selected.audit)

    def put(pairs: Sequence[Pair]) -> artifact_pb2.ArtifactRef:
        return store.put_bytes(dump_pairs(pairs, provenance), JSONL)

    def rung(size: int) -> pair_generator_pb2.Rung:
        pairs = selected.pairs[:size]
        reading = read([sides_of(pair) for pair in pairs], seed=request.selection.seed)
        return pair_generator_pb2.Rung(
            size=size,
            pairs=put(pairs),
            curriculum=put(easy_first(pairs)),
            audit=_reading(reading),
        )

    return Response(
        samples=samples,
        pairs=put(selected.pairs),
        ladder=[rung(size) for size in request.ladder],
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
        problems=steps[0].after,
        problems_with_both=selected.problems_with_both,
        audit_before=_reading(selected.audit.before),
        audit_after=_reading(selected.audit.after),
        off_policy=is_off_policy(request),
        sampler=request.model.base,
    )


def _reading(reading: Reading | None) -> pair_generator_pb2.AuditReading | None:
    if reading is None:
        return None
    found = reading.discrimination
    return pair_generator_pb2.AuditReading(
        auc=found.auc,
        paired_auc=found.paired_auc,
        low=found.low,
        high=found.high,
        p_value=found.p_value,
        pairs=reading.pairs,
        problems=reading.problems,
        features=[
            pair_generator_pb2.AuditFeature(
                name=each.name,
                chosen=each.chosen,
                rejected=each.rejected,
                paired_auc=each.paired_auc,
            )
            for each in reading.features
        ],
    )
