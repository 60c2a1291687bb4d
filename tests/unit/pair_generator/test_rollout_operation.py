"""What is sampled, what a resumed operation takes over, and what it leaves to selection."""

import json
from dataclasses import replace
from typing import Self

import pytest
from google.protobuf.message import Message

from rlvf.cost.v1 import cost_pb2
from rlvf.executor.v1 import executor_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import FailedPrecondition, Unavailable
from rlvf_common import starter
from rlvf_common.problems.problem import Problem, dump_problems, parse_problems
from rlvf_common.problems.prompts import TEMPLATES
from rlvf_common.rollouts.cost import Meter
from rlvf_common.rollouts.grading import Grade, Grader
from rlvf_common.rollouts.rollout import parse_rollouts
from rlvf_common.rollouts.rollout_set import parse_rollout_set
from rlvf_common.rollouts.sampling import Completion, InferenceClient
from rlvf_common.storage.artifacts import JSONL
from rlvf_pair_generator.pair_operation import PairSelection
from rlvf_pair_generator.rollout_operation import RolloutGeneration

from ..doubles import TWO_CORES, OperationInMemory

TRAIN = [problem for problem in starter.load("train") if problem.entry_point.islower()]


class Doubles(OperationInMemory, InferenceClient, Grader):
    """All that an operation calls: a model whose answers alternate, an executor that passes those
    that return 0, and what an operation keeps."""

    max_in_flight = 8

    def __init__(self) -> None:
        super().__init__()
        self.policy = "a" * 64
        self.python = "3.11"
        self.weights = "w" * 64
        self.next_policy = ""
        self.pinned_to = ""
        self.later_rounds_pass = False
        self.asked: set[str] = set()
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
        kinds = 1 if self.later_rounds_pass and problem.task_id in self.asked else 2
        self.asked.add(problem.task_id)
        return [
            Completion(f"\n    return {number % kinds} + 100\n", "stop", 2)
            for number in range(sampling.samples_per_problem)
        ]

    def devices(self) -> cost_pb2.Devices:
        return TWO_CORES

    async def pinned(self, model: sampling_pb2.Model) -> sampling_pb2.Model:
        pinned = sampling_pb2.Model()
        pinned.CopyFrom(model)
        pinned.weights_sha256 = self.weights
        return pinned

    def versions(self) -> dict[str, str]:
        return {"inference vllm": "0.32.0"}

    def of(self, policy_sha256: str) -> Self:
        self.pinned_to = policy_sha256
        if self.next_policy:
            # The executor is replaced after it was asked who it is.
            self.policy, self.next_policy = self.next_policy, ""
        return self

    async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
        if self.policy != self.pinned_to:
            raise Unavailable(f"no executor has the policy {self.pinned_to}")
        self.graded += 1
        return Grade("passed" if solution.endswith("return 0 + 100\n") else "failed", "", 1.0)

    async def capabilities(self) -> executor_pb2.GetCapabilitiesResponse:
        return executor_pb2.GetCapabilitiesResponse(
            policy_sha256=self.policy,
            python_version=self.python,
            tier=executor_pb2.TIER_NAMESPACES,
        )


def request(
    world: Doubles, problems: list[Problem], benchmark: list[Problem] | None = None
) -> pair_generator_pb2.GenerateRolloutsRequest:
    wanted = pair_generator_pb2.GenerateRolloutsRequest(
        problems=world.store.put_bytes(dump_problems(problems), JSONL),
        benchmarks=[world.store.put_bytes(dump_problems(benchmark), JSONL)] if benchmark else [],
    )
    wanted.model.base = "m"
    wanted.sampling.temperature = 0.5
    wanted.sampling.samples_per_problem = 2
    return wanted


async def generate(
    world: Doubles, wanted: pair_generator_pb2.GenerateRolloutsRequest
) -> pair_generator_pb2.GenerateRolloutsResponse:
    operation = RolloutGeneration({"": world}, world, {"pair-generator code": "c"})
    return await operation(wanted, world)


async def test_verdicts_of_another_executor_are_given_again_on_the_same_answers() -> None:
    world = Doubles()
    wanted = request(world, TRAIN[:5])

    async def attempt() -> tuple[int, int, str]:
        world.drawn = world.graded = 0
        response = await generate(world, wanted)
        return world.drawn, world.graded, response.policy_sha256[:1]

    assert await attempt() == (5, 10, "a")
    assert await attempt() == (0, 0, "a")
    world.policy = "b" * 64
    assert await attempt() == (0, 10, "b")
    world.python = "3.12"
    assert await attempt() == (0, 10, "b")
    assert await attempt() == (0, 0, "b")
    # What other weights wrote is not mixed in.
    world.weights = "v" * 64
    assert await attempt() == (5, 10, "b")
    world.weights = "w" * 64
    assert await attempt() == (0, 0, "b")


async def test_an_executor_that_changes_in_the_middle_leaves_no_set_of_mixed_verdicts() -> None:
    world = Doubles()
    world.next_policy = "b" * 64
    with pytest.raises(Unavailable, match="no executor has the policy a"):
        await generate(world, request(world, TRAIN[:2]))
    # The same request goes on with the executor that is there now.
    response = await generate(world, request(world, TRAIN[:2]))
    assert response.policy_sha256 == "b" * 64
    assert world.graded == 4


async def test_the_manifest_says_all_that_made_the_samples() -> None:
    world = Doubles()
    wanted = request(world, TRAIN[:3])
    wanted.rounds.enough_of_each = 7
    response = await generate(world, wanted)
    rollouts = parse_rollout_set(world.store.get_bytes(response.rollouts), where="manifest")
    assert (rollouts.model, rollouts.endpoint, rollouts.adapter_sha256) == ("m", "", "")
    assert rollouts.weights_sha256 == "w" * 64
    assert rollouts.versions == {"pair-generator code": "c", "inference vllm": "0.32.0"}
    assert (rollouts.sampling.temperature, rollouts.sampling.samples_per_problem) == (0.5, 2)
    assert (rollouts.round_size, rollouts.temperatures, rollouts.enough_of_each) == (2, (0.5,), 7)
    template = TEMPLATES["completion"]
    assert (rollouts.template, rollouts.template_sha256) == (template.name, template.sha256)
    assert rollouts.grader.policy_sha256 == "a" * 64
    assert (rollouts.grader.tier, rollouts.grader.python_version) == ("namespaces", "3.11")
    samples = parse_rollouts(world.store.get_bytes(rollouts.samples.ref), where="samples")
    problems = list(parse_problems(world.store.get_bytes(rollouts.problems.ref), where="problems"))
    assert [each.task_id for each in problems] == [each.task_id for each in TRAIN[:3]]
    assert [(each.task_id, each.sample) for each in samples] == [
        (problem.task_id, sample) for problem in problems for sample in range(2)
    ]
    assert (rollouts.samples_drawn, rollouts.problems_sampled) == (6, 3)
    assert (rollouts.problems_with_both, response.problems_with_both) == (3, 3)
    assert (rollouts.passed, response.passed) == (3, 3)


class Careless(Doubles):
    """Answers that go wrong in several ways, and what an operation reports."""

    async def complete(
        self,
        model: sampling_pb2.Model,
        problem: Problem,
        sampling: sampling_pb2.Sampling,
        *,
        meter: Meter | None = None,
        traced: bool = False,
    ) -> list[Completion]:
        return [
            Completion("\n    return 0 + 100\n", "stop", 2),
            Completion("\n    return 0 + 100\n", "length", 2),
            Completion("\n    return (\n", "length", 2),
            Completion("\n    return 1 + 100\n", "stop", 2),
        ]

    async def report(self, metadata: Message) -> None:
        assert isinstance(metadata, pair_generator_pb2.GenerateRolloutsMetadata)
        self.reported = metadata


async def test_while_sampling_it_counts_what_comes_of_the_samples() -> None:
    world = Careless()
    wanted = request(world, TRAIN[:3])
    wanted.sampling.samples_per_problem = 4
    await generate(world, wanted)
    counts = pair_generator_pb2.GenerateRolloutsMetadata(
        problems_done=3,
        problems_total=3,
        samples_done=12,
        passed=6,
        failed=6,
        unparseable=3,
        truncated=6,
        problems_with_both=3,
        tokens=24,
    )
    assert world.reported == counts
    # Taken up again, it goes on counting from what was kept.
    await generate(world, wanted)
    assert (world.graded, world.reported) == (12, counts)


async def test_a_problem_under_two_ids_is_sampled_once_and_listed() -> None:
    world = Doubles()
    again = replace(TRAIN[0], task_id="mine/0")
    response = await generate(world, request(world, [*TRAIN[:2], again], [TRAIN[1]]))
    assert [(each.task_id, each.duplicate_of) for each in response.duplicates] == [
        ("mine/0", TRAIN[0].task_id)
    ]
    assert [each.task_id for each in response.excluded] == [TRAIN[1].task_id]
    assert [(each.name, each.before, each.after) for each in response.steps] == [
        ("no duplicate", 3, 2),
        ("no overlap with a benchmark", 2, 1),
    ]
    assert (response.problems, response.samples_drawn) == (1, 2)


async def test_a_copy_of_what_overlaps_a_benchmark_is_not_sampled_either() -> None:
    world = Doubles()
    copy = replace(
        TRAIN[0],
        task_id="mine/0",
        entry_point="other",
        prompt=TRAIN[0].prompt.replace(TRAIN[0].entry_point, "other"),
    )
    response = await generate(world, request(world, [*TRAIN[:2], copy], [TRAIN[0]]))
    assert response.problems == 1


async def test_where_nothing_is_left_to_sample_it_says_so() -> None:
    world = Doubles()
    with pytest.raises(
        FailedPrecondition, match="of 2, 2 overlap a benchmark and 0 are duplicates"
    ):
        await generate(world, request(world, TRAIN[:2], TRAIN[:2]))


async def test_selecting_needs_the_manifest_alone() -> None:
    world = Doubles()
    rollouts = (await generate(world, request(world, TRAIN[:4]))).rollouts
    drawn = (world.drawn, world.graded)
    wanted = pair_generator_pb2.SelectPairsRequest(rollouts=rollouts, ladder=[2, 4])
    wanted.selection.max_length_imbalance = 0.5
    response = await PairSelection()(wanted, world)
    assert [rung.size for rung in response.ladder] == [2, 4]
    assert response.rollouts == rollouts
    assert [step.name for step in response.steps][:3] == [
        "no duplicate",
        "no overlap with a benchmark",
        "parses",
    ]
    wanted.ladder.append(5)
    with pytest.raises(FailedPrecondition, match=r"left 4 pairs, 5 are needed.*samples nothing"):
        await PairSelection()(wanted, world)
    assert (world.drawn, world.graded) == drawn


@pytest.mark.parametrize(
    ("asked", "told"),
    [("UNSPECIFIED", "TRUE"), ("TRUE", "TRUE"), ("SHUFFLED", "SHUFFLED")],
)
async def test_pairs_say_which_verdicts_selected_them(asked: str, told: str) -> None:
    world = Doubles()
    rollouts = (await generate(world, request(world, TRAIN[:4]))).rollouts
    wanted = pair_generator_pb2.SelectPairsRequest(rollouts=rollouts)
    wanted.selection.max_length_imbalance = 0.5
    wanted.selection.verdicts = pair_generator_pb2.Verdicts.Value(f"VERDICTS_{asked}")
    response = await PairSelection()(wanted, world)
    assert pair_generator_pb2.Verdicts.Name(response.verdicts) == f"VERDICTS_{told}"


async def test_the_pass_rate_is_that_of_the_first_round_of_the_manifest() -> None:
    world = Doubles()
    world.later_rounds_pass = True
    wanted = request(world, TRAIN[:1])
    wanted.sampling.samples_per_problem = 4
    wanted.rounds.size = 2
    rollouts = (await generate(world, wanted)).rollouts
    selection = pair_generator_pb2.SelectPairsRequest(rollouts=rollouts)
    selection.selection.max_length_imbalance = 0.5
    response = await PairSelection()(selection, world)
    (pair,) = map(json.loads, world.store.get_bytes(response.pairs).splitlines())
    assert (pair["pass_rate"], pair["passes"], pair["samples"]) == (0.5, 3, 4)


async def test_a_manifest_that_is_none_is_refused_with_its_place() -> None:
    world = Doubles()
    wanted = pair_generator_pb2.SelectPairsRequest(
        rollouts=world.store.put_bytes(b'{"a": 1}', JSONL)
    )
    with pytest.raises(FailedPrecondition, match=r"rollouts, s3://.*`format` must be"):
        await PairSelection()(wanted, world)
