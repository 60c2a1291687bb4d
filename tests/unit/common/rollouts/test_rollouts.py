"""Rollouts are complete, in order, and kept."""

import asyncio
import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import chain

import pytest

from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import FailedPrecondition, Unavailable
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import PromptStyle, canonical_completion, program
from rlvf_common.rollouts import rollout
from rlvf_common.rollouts.cost import Meter
from rlvf_common.rollouts.grading import Grade, Grader
from rlvf_common.rollouts.progress import Outcomes, SamplingProgress
from rlvf_common.rollouts.rollout import (
    NextRound,
    Rollout,
    draw_rollouts,
    dump_rollouts,
    parse_rollouts,
)
from rlvf_common.rollouts.sampling import InferenceClient
from rlvf_common.rpc.version import code_sha256

from ...doubles import OperationInMemory
from .conftest import FakeInference

PROBLEMS = [
    Problem(f"t/{number}", "def f():\n", "f", CheckFunction(""), "", "unit", "train")
    for number in range(40)
]
ROLLOUT = Rollout("t/0", 0, "    return 1\n", "stop", 4, "failed", "assert 1 == 2", 1.5)
MODEL = sampling_pb2.Model(base="base")
SAMPLING = sampling_pb2.Sampling(samples_per_problem=2, temperature=0.5)


class GradesEvenSeeds(Grader):
    """Passes programs that return an even number; fails to work from the call `dies_at` on."""

    def __init__(self, dies_at: int = 10_000) -> None:
        self.calls = 0
        self._dies_at = dies_at

    async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
        self.calls += 1
        if self.calls >= self._dies_at:
            raise Unavailable("the executor is gone")
        even = int(solution.split()[-1]) % 2 == 0
        return Grade("passed" if even else "failed", "", 0.5)


async def draw(
    url: str,
    context: OperationInMemory,
    grader: Grader,
    problems: Sequence[Problem] = PROBLEMS,
    name: str = "rollouts",
    version: str = "v1",
    next_round: NextRound | None = None,
    credit: bool = False,
) -> tuple[list[Rollout], list[SamplingProgress]]:
    progress: list[SamplingProgress] = []

    async def on_progress(done: SamplingProgress) -> None:
        progress.append(done)

    async with InferenceClient(url, max_in_flight=4) as inference:
        rollouts = await draw_rollouts(
            problems,
            model=MODEL,
            sampling=SAMPLING,
            inference=inference,
            grader=grader,
            context=context,
            meter=await Meter.of(context),
            on_progress=on_progress,
            version=version,
            name=name,
            next_round=next_round,
            credit=credit,
        )
    return rollouts, progress


def rollouts_in(context: OperationInMemory) -> dict[str, bytes]:
    """The checkpoints with rollouts, not those with what they cost."""
    return {
        name: data for name, data in context.checkpoints.items() if not name.startswith("spent-")
    }


async def test_every_sample_of_every_problem_in_order(fake_inference: FakeInference) -> None:
    rollouts, progress = await draw(fake_inference.url, OperationInMemory(), GradesEvenSeeds())
    assert [(r.task_id, r.sample) for r in rollouts] == [
        (problem.task_id, sample) for problem in PROBLEMS for sample in range(2)
    ]
    assert [one.problems_done for one in progress] == list(range(41))
    passes = [
        passed([each for each in rollouts if each.task_id == problem.task_id])
        for problem in PROBLEMS
    ]
    last = progress[-1]
    tokens = sum(rollout.tokens for rollout in rollouts)
    assert tokens > 0
    assert last.outcomes == Outcomes(samples=80, passed=sum(passes), tokens=tokens)
    assert last.outcomes.failed == 80 - last.outcomes.passed
    assert last.problems_with_both == passes.count(1)
    assert [one.outcomes.samples for one in progress] == list(range(0, 81, 2))


@pytest.mark.parametrize("credit", [False, True])
async def test_samples_have_credit_where_it_is_asked(
    fake_inference: FakeInference, credit: bool
) -> None:
    class Credits(GradesEvenSeeds):
        async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
            grade = await super().grade(problem, solution)
            return replace(grade, cases_passed=1, cases_total=4) if credit else grade

    context = OperationInMemory()
    rollouts, _ = await draw(fake_inference.url, context, Credits(), PROBLEMS[:2], credit=credit)
    assert [each.credit for each in rollouts] == [0.25 if credit else None] * 4
    saved = [parse_rollouts(data, where="") for data in rollouts_in(context).values()]
    assert sorted(chain(*saved), key=lambda each: (each.task_id, each.sample)) == rollouts


def test_records_without_credit_are_as_they_were_before_there_was_any() -> None:
    (line,) = dump_rollouts([ROLLOUT]).decode().splitlines()
    assert set(json.loads(line)) == {
        "task_id", "sample", "completion", "finish_reason", "tokens", "verdict", "detail", "cpu_ms"
    }  # fmt: skip
    (read,) = parse_rollouts(line.encode(), where="")
    assert (read, read.credit) == (ROLLOUT, None)
    counted = replace(ROLLOUT, cases_passed=2, cases_total=3)
    assert parse_rollouts(dump_rollouts([counted]), where="") == [counted]


@pytest.mark.parametrize(
    "credit",
    [
        {"cases_passed": 1},
        {"cases_total": 1},
        {"cases_passed": 2, "cases_total": 1},
        {"cases_passed": -1, "cases_total": 1},
        {"cases_passed": 0, "cases_total": 0},
        {"cases_passed": True, "cases_total": 1},
        {"cases_passed": "1", "cases_total": 1},
    ],
)
def test_a_credit_that_is_none_is_refused(credit: dict[str, object]) -> None:
    line = json.dumps(asdict(ROLLOUT) | {"cases_passed": None, "cases_total": None} | credit)
    with pytest.raises(ValueError, match="s3://b/x, line 1: not a graded sample"):
        parse_rollouts(line.encode(), where="s3://b/x")


async def test_a_chat_answer_is_kept_as_the_completion_that_was_graded(
    fake_inference: FakeInference,
) -> None:
    graded: list[str] = []

    class Recorder(Grader):
        def __init__(self) -> None:
            pass

        async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
            graded.append(solution)
            return Grade("passed", "", 0.5)

    async def ignore(done: SamplingProgress) -> None:
        pass

    context = OperationInMemory()
    async with InferenceClient(fake_inference.url) as inference:
        (rollout,) = await draw_rollouts(
            PROBLEMS[:1],
            model=MODEL,
            sampling=sampling_pb2.Sampling(prompt_style=sampling_pb2.PROMPT_STYLE_CHAT),
            inference=inference,
            grader=Recorder(),
            context=context,
            meter=Meter(context),
            on_progress=ignore,
            version="v1",
        )
    assert graded == [program(PROBLEMS[0], rollout.completion)]
    assert "Sure" not in rollout.completion
    compile(graded[0], "program", "exec")


async def test_answers_are_read_beside_the_event_loop(
    fake_inference: FakeInference, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set()

    def recorded(problem: Problem, text: str, style: PromptStyle) -> str:
        threads.add(threading.current_thread())
        return canonical_completion(problem, text, style)

    monkeypatch.setattr(rollout, "canonical_completion", recorded)
    await draw(fake_inference.url, OperationInMemory(), GradesEvenSeeds(), PROBLEMS[:3])
    assert len(threads) == 1
    assert threading.current_thread() not in threads


async def test_what_was_finished_before_a_failure_is_kept_and_not_drawn_again(
    fake_inference: FakeInference,
    later_inference: FakeInference,
) -> None:
    context = OperationInMemory()
    with pytest.raises(Unavailable, match="executor is gone"):
        await draw(fake_inference.url, context, GradesEvenSeeds(dies_at=50))
    kept = rollouts_in(context)
    assert kept
    rollouts, progress = await draw(later_inference.url, context, GradesEvenSeeds())
    assert {name: context.checkpoints[name] for name in kept} == kept
    assert progress[0].problems_done > 0
    assert progress[0].outcomes.samples == 2 * progress[0].problems_done
    assert progress[-1].outcomes.samples == 80
    assert len(later_inference.requests) == 2 * (40 - progress[0].problems_done)
    everything = dump_rollouts(rollouts)
    assert all(line in everything for data in kept.values() for line in data.splitlines())
    undisturbed, _ = await draw(fake_inference.url, OperationInMemory(), GradesEvenSeeds())
    assert everything == dump_rollouts(undisturbed)


async def test_an_operation_costs_what_all_its_attempts_did(
    fake_inference: FakeInference, later_inference: FakeInference
) -> None:
    context = OperationInMemory()
    failing, grader = GradesEvenSeeds(dies_at=50), GradesEvenSeeds()
    with pytest.raises(Unavailable):
        await draw(fake_inference.url, context, failing)
    first = (await Meter.of(context)).spent
    await draw(later_inference.url, context, grader)
    both = (await Meter.of(context)).spent
    assert 0 < first.tokens < both.tokens
    # Five tokens an answer, half a millisecond of CPU time a program.
    assert both.tokens >= 5 * (80 - 2)
    assert both.tokens <= 5 * len(fake_inference.requests + later_inference.requests)
    assert both.samples_graded >= 80
    assert both.grading_seconds == pytest.approx(0.5e-3 * both.samples_graded)
    assert 0 < first.engine_seconds < both.engine_seconds
    await draw(later_inference.url, context, GradesEvenSeeds())
    assert (await Meter.of(context)).spent == both


class GradesWhenAllIsSampled(GradesEvenSeeds):
    """A grader slower than any engine: its first verdict comes after the last completion."""

    def __init__(self, inference: "FakeInference", requests: int) -> None:
        super().__init__()
        self._inference = inference
        self._requests = requests

    async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
        while len(self._inference.requests) < self._requests:
            await asyncio.sleep(0)
        return await super().grade(problem, solution)


async def test_the_engine_does_not_wait_for_the_graders(fake_inference: FakeInference) -> None:
    grader = GradesWhenAllIsSampled(fake_inference, requests=80)
    # An engine that waited would wait for ever.
    async with asyncio.timeout(60):
        rollouts, _ = await draw(fake_inference.url, OperationInMemory(), grader)
    assert len(rollouts) == 80


def passed(samples: Sequence[Rollout]) -> int:
    return sum(rollout.verdict == "passed" for rollout in samples)


def while_mixed(done: Sequence[Rollout]) -> Sequence[sampling_pb2.Sampling]:
    """Two samples at a time, up to six, while some pass and some fail."""
    if done and (len(done) >= 6 or passed(done) in (0, len(done))):
        return ()
    return (
        sampling_pb2.Sampling(samples_per_problem=1, temperature=0.5, seed=len(done)),
        sampling_pb2.Sampling(samples_per_problem=1, temperature=0.9, seed=100 + len(done)),
    )


async def test_problems_go_on_in_rounds_as_their_own_samples_say(
    fake_inference: FakeInference,
) -> None:
    rollouts, progress = await draw(
        fake_inference.url,
        OperationInMemory(),
        GradesEvenSeeds(),
        next_round=while_mixed,
    )
    by_task = {
        problem.task_id: [each for each in rollouts if each.task_id == problem.task_id]
        for problem in PROBLEMS
    }
    for samples in by_task.values():
        assert [each.sample for each in samples] == list(range(len(samples)))
        assert not while_mixed(samples)
        assert while_mixed(samples[:-2])
    assert {2, 6} <= {len(samples) for samples in by_task.values()}
    assert len(fake_inference.requests) == len(rollouts)
    assert {request["temperature"] for request in fake_inference.requests} == {0.5, 0.9}
    # Every round is heard of, and a problem is done with its last.
    assert [one.outcomes.samples for one in progress] == list(range(0, len(rollouts) + 1, 2))
    assert sorted({one.problems_done for one in progress}) == list(range(41))
    mixed = [samples for samples in by_task.values() if 0 < passed(samples) < len(samples)]
    assert progress[-1].problems_with_both == len(mixed)


async def test_rounds_go_on_after_a_failure_where_they_stopped(
    fake_inference: FakeInference,
    later_inference: FakeInference,
) -> None:
    undisturbed, _ = await draw(
        fake_inference.url, OperationInMemory(), GradesEvenSeeds(), next_round=while_mixed
    )
    for dies_at in (30, 60, 100):
        context = OperationInMemory()
        with pytest.raises(Unavailable):
            await draw(
                fake_inference.url, context, GradesEvenSeeds(dies_at), next_round=while_mixed
            )
        kept = sum(data.count(b"\n") for data in rollouts_in(context).values())
        before = len(later_inference.requests)
        rollouts, _ = await draw(
            later_inference.url, context, GradesEvenSeeds(), next_round=while_mixed
        )
        assert kept > 0
        assert len(later_inference.requests) - before == len(undisturbed) - kept
        assert dump_rollouts(rollouts) == dump_rollouts(undisturbed)


class GradesOddSeeds(GradesEvenSeeds):
    """Another version: every verdict is the opposite."""

    async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
        grade = await super().grade(problem, solution)
        return replace(grade, verdict="failed" if grade.verdict == "passed" else "passed")


async def test_answers_with_verdicts_of_another_version_are_graded_again_not_drawn_again(
    fake_inference: FakeInference, later_inference: FakeInference
) -> None:
    undisturbed, _ = await draw(
        fake_inference.url, OperationInMemory(), GradesOddSeeds(), next_round=while_mixed
    )
    context = OperationInMemory()
    with pytest.raises(Unavailable):
        await draw(fake_inference.url, context, GradesEvenSeeds(60), next_round=while_mixed)
    old = rollouts_in(context)
    kept = {
        int(rollout.completion.split()[-1])
        for name, data in old.items()
        for rollout in parse_rollouts(data, where=name)
    }
    assert kept
    with pytest.raises(Unavailable):
        await draw(
            later_inference.url, context, GradesOddSeeds(30), version="v2", next_round=while_mixed
        )
    rollouts, _ = await draw(
        later_inference.url, context, GradesOddSeeds(), version="v2", next_round=while_mixed
    )
    assert dump_rollouts(rollouts) == dump_rollouts(undisturbed)
    assert not kept & {request["seed"] for request in later_inference.requests}
    assert {name: context.checkpoints[name] for name in old} == old


def checkpoint(number: int) -> str:
    """Name of a checkpoint of `draw`."""
    return f"rollouts-{code_sha256('rlvf_common')[:16]}-v1-{number:05d}"


async def test_what_other_code_read_is_drawn_again(
    fake_inference: FakeInference, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = OperationInMemory()
    await draw(fake_inference.url, context, GradesEvenSeeds(), PROBLEMS[:3])
    asked = len(fake_inference.requests)
    monkeypatch.setattr("rlvf_common.rollouts.rollout.code_sha256", lambda package: "f" * 64)
    await draw(fake_inference.url, context, GradesEvenSeeds(), PROBLEMS[:3])
    assert len(fake_inference.requests) == 2 * asked


async def test_a_round_that_two_replicas_saved_counts_once(fake_inference: FakeInference) -> None:
    context = OperationInMemory()
    first, _ = await draw(fake_inference.url, context, GradesEvenSeeds(), PROBLEMS[:3])
    context.checkpoints[checkpoint(1)] = context.checkpoints[checkpoint(0)]
    again, _ = await draw(fake_inference.url, context, GradesEvenSeeds(), PROBLEMS[:3])
    assert again == first


async def test_few_checkpoints_hold_everything(fake_inference: FakeInference) -> None:
    context = OperationInMemory()
    rollouts, _ = await draw(fake_inference.url, context, GradesEvenSeeds())
    assert len(rollouts_in(context)) == 3
    saved = [
        rollout
        for name, data in rollouts_in(context).items()
        for rollout in parse_rollouts(data, where=name)
    ]
    assert sorted(saved, key=lambda r: (r.task_id, r.sample)) == sorted(
        rollouts, key=lambda r: (r.task_id, r.sample)
    )


async def test_two_sets_in_one_operation_do_not_mix(fake_inference: FakeInference) -> None:
    context = OperationInMemory()
    await draw(fake_inference.url, context, GradesEvenSeeds(), PROBLEMS[:2], "a")
    grader = GradesEvenSeeds()
    await draw(fake_inference.url, context, grader, PROBLEMS[:2], "b")
    assert grader.calls == 4


async def test_a_checkpoint_with_missing_samples_is_not_taken_for_a_finished_problem(
    fake_inference: FakeInference,
) -> None:
    context = OperationInMemory()
    context.checkpoints[checkpoint(0)] = dump_rollouts([ROLLOUT])
    rollouts, _ = await draw(fake_inference.url, context, GradesEvenSeeds(), PROBLEMS[:1])
    assert len(rollouts) == 2
    assert ROLLOUT not in rollouts


async def test_a_damaged_checkpoint_is_an_error_not_data(fake_inference: FakeInference) -> None:
    context = OperationInMemory()
    context.checkpoints[checkpoint(0)] = b'{"task_id": 1}\n'
    with pytest.raises(FailedPrecondition, match=f"{checkpoint(0)}, line 1"):
        await draw(fake_inference.url, context, GradesEvenSeeds())


def test_rollouts_survive_writing_and_reading() -> None:
    odd = replace(ROLLOUT, completion="    return '\u2028\\n'\n", detail="\x00 \ud800")
    assert parse_rollouts(dump_rollouts([ROLLOUT, odd]), where="here") == [ROLLOUT, odd]


def test_an_unknown_verdict_is_refused() -> None:
    data = dump_rollouts([replace(ROLLOUT, verdict="good")])
    with pytest.raises(ValueError, match="here, line 1: no such verdict: `good`"):
        parse_rollouts(data, where="here")


def test_a_rollout_that_reached_the_token_limit_is_truncated() -> None:
    assert replace(ROLLOUT, finish_reason="length").truncated
    assert not ROLLOUT.truncated
