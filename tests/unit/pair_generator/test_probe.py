"""How a model answers in each prompt style, and which is best."""

from collections.abc import Sequence
from typing import Self

import pytest
from google.protobuf.message import Message

from rlvf.cost.v1 import cost_pb2
from rlvf.executor.v1 import executor_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf.sampling.v1.sampling_pb2 import PROMPT_STYLE_CHAT as CHAT
from rlvf.sampling.v1.sampling_pb2 import PROMPT_STYLE_COMPLETION as COMPLETION
from rlvf_api.errors import FailedPrecondition, Unavailable
from rlvf_common import starter
from rlvf_common.problems.problem import Problem, dump_problems
from rlvf_common.problems.prompts import chat_message, completion_prompt
from rlvf_common.rollouts.cost import Meter
from rlvf_common.rollouts.grading import Grade, Grader
from rlvf_common.rollouts.sampling import Completion, InferenceClient
from rlvf_common.storage.artifacts import JSONL
from rlvf_pair_generator.probe import Probe, best_style

from ..doubles import TWO_CORES, OperationInMemory

PROBLEMS = [one for one in starter.load("train") if one.entry_point.islower()][:4]
RIGHT = Completion("\n    return 100\n", "stop", 5)
WRONG = Completion("\n    return 101\n", "stop", 5)
BROKEN = Completion("\n    return (\n", "stop", 5)
CUT_OFF = Completion("\n    return 100\n", "length", 5)
EMPTY = Completion("", "stop", 0)


def in_a_fence(problem: Problem, body: str = "    return 100") -> Completion:
    return Completion(
        f"Of course!\n```python\ndef {problem.entry_point}(*given):\n{body}\n```", "stop", 9
    )


class World(OperationInMemory, InferenceClient, Grader):
    """A model with the answers that a test gives it, an executor that passes those that return 100,
    and what an operation keeps and reports."""

    max_in_flight = 8

    def __init__(self) -> None:
        super().__init__()
        self.completions: dict[str, Sequence[Completion]] = {}
        """By task; without any the model is right."""
        self.refused: dict[int, str] = {}
        """Styles that inference refuses, and why."""
        self.policy = "a" * 64
        self.weights = "w" * 64
        self.drawn: list[tuple[int, str]] = []
        self.graded = 0
        self.dies_at = 1_000
        self.reported: list[tuple[int, int]] = []

    async def complete(
        self,
        model: sampling_pb2.Model,
        problem: Problem,
        sampling: sampling_pb2.Sampling,
        *,
        meter: Meter | None = None,
        traced: bool = False,
    ) -> list[Completion]:
        assert model.weights_sha256 == self.weights
        style = sampling.prompt_style
        self.drawn.append((style, problem.task_id))
        if style in self.refused:
            raise FailedPrecondition(self.refused[style])
        if style == CHAT:
            return [in_a_fence(problem)] * sampling.samples_per_problem
        return list(self.completions.get(problem.task_id, [RIGHT] * sampling.samples_per_problem))

    def devices(self) -> cost_pb2.Devices:
        return TWO_CORES

    async def pinned(self, model: sampling_pb2.Model) -> sampling_pb2.Model:
        return sampling_pb2.Model(base=model.base, weights_sha256=self.weights)

    def of(self, policy_sha256: str) -> Self:
        assert policy_sha256 == self.policy
        return self

    async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
        self.graded += 1
        if self.graded >= self.dies_at:
            raise Unavailable("the executor is gone")
        return Grade("passed" if "return 100\n" in solution else "failed", "", 1.0)

    async def capabilities(self) -> executor_pb2.GetCapabilitiesResponse:
        return executor_pb2.GetCapabilitiesResponse(policy_sha256=self.policy)

    async def report(self, metadata: Message) -> None:
        assert isinstance(metadata, pair_generator_pb2.ProbeMetadata)
        self.reported.append((metadata.answers_done, metadata.answers_total))


def request(
    world: World,
    *styles: sampling_pb2.PromptStyle.ValueType,
    problems: Sequence[Problem] = PROBLEMS,
) -> pair_generator_pb2.ProbeRequest:
    return pair_generator_pb2.ProbeRequest(
        problems=world.store.put_bytes(dump_problems(problems), JSONL),
        model=sampling_pb2.Model(base="m"),
        sampling=sampling_pb2.Sampling(samples_per_problem=2, temperature=0.8),
        styles=styles,
    )


async def probe(
    world: World,
    *styles: sampling_pb2.PromptStyle.ValueType,
    problems: Sequence[Problem] = PROBLEMS,
) -> pair_generator_pb2.ProbeResponse:
    wanted = request(world, *styles, problems=problems)
    return await Probe({"": world}, world)(wanted, world)


async def test_each_style_is_read_and_its_answers_counted_by_what_is_wrong() -> None:
    world = World()
    first, second, third, _ = (problem.task_id for problem in PROBLEMS)
    world.completions = {first: [WRONG, BROKEN], second: [CUT_OFF, EMPTY], third: [EMPTY, RIGHT]}
    response = await probe(world)
    completion, chat = response.readings
    assert (completion.style, chat.style) == (COMPLETION, CHAT)
    assert completion.samples == 8
    assert completion.parseable == 7
    assert completion.with_entry_point == 7
    assert completion.truncated == 1
    assert completion.empty == 2
    assert completion.usable == 4
    assert completion.passed == 4
    counts = (chat.samples, chat.parseable, chat.with_entry_point, chat.usable, chat.passed)
    assert counts == (8, 8, 8, 8, 8)
    assert (chat.truncated, chat.empty, chat.unavailable) == (0, 0, "")
    assert response.best == CHAT
    assert response.problems == 4
    assert response.policy_sha256 == "a" * 64
    assert world.reported == [(done, 16) for done in range(1, 17)]


async def test_examples_show_what_was_sent_and_what_came_unusable_ones_first() -> None:
    world = World()
    long = Completion("\n    return 100" + " " * 20_000, "stop", 5)
    world.completions = {PROBLEMS[0].task_id: [long, RIGHT], PROBLEMS[3].task_id: [RIGHT, BROKEN]}
    completion, chat = (await probe(world)).readings
    assert [one.task_id for one in completion.examples] == [
        PROBLEMS[number].task_id for number in (3, 0, 1)
    ]
    broken, cut, right = completion.examples
    assert (broken.prompt, broken.answer) == (completion_prompt(PROBLEMS[3]), BROKEN.text)
    assert (broken.verdict, broken.flaw) == ("failed", "does not parse")
    assert cut.answer == long.text[:16_384]
    assert (right.verdict, right.flaw) == ("passed", "")
    assert chat.examples[0].prompt == chat_message(PROBLEMS[0])
    assert chat.examples[0].answer == in_a_fence(PROBLEMS[0]).text


async def test_a_style_that_inference_refuses_is_unavailable_and_the_other_is_best() -> None:
    world = World()
    world.refused = {CHAT: "the model has no chat template"}
    world.completions = {problem.task_id: [EMPTY, EMPTY] for problem in PROBLEMS}
    response = await probe(world)
    completion, chat = response.readings
    assert chat == pair_generator_pb2.StyleReading(
        style=CHAT, unavailable="the model has no chat template"
    )
    assert (completion.samples, completion.usable) == (8, 0)
    assert response.best == COMPLETION
    assert world.reported[-1] == (8, 8)


async def test_a_model_that_answers_in_no_style_ends_the_probe_with_all_the_reasons() -> None:
    world = World()
    world.refused = {CHAT: "no chat template", COMPLETION: "the prompt is too long"}
    with pytest.raises(
        FailedPrecondition,
        match="`m` answers in no style: completion: the prompt is too long; chat: no chat template",
    ):
        await probe(world)


async def test_taken_up_again_it_draws_only_what_is_missing() -> None:
    world = World()
    world.dies_at = 5
    with pytest.raises(Unavailable):
        await probe(world)
    drawn = list(world.drawn)
    world.dies_at = 1_000
    response = await probe(world)
    assert sorted(world.drawn) == sorted(
        (style, problem.task_id) for style in (COMPLETION, CHAT) for problem in PROBLEMS
    )
    assert len(drawn) > 0
    assert [reading.passed for reading in response.readings] == [8, 8]
    # What other weights wrote is not mixed in.
    world.weights = "v" * 64
    await probe(world)
    assert len(world.drawn) == 16


async def test_only_the_styles_that_are_asked_for_are_probed() -> None:
    world = World()
    wanted = request(world, CHAT)
    wanted.sampling.prompt_style = COMPLETION
    (reading,) = (await Probe({"": world}, world)(wanted, world)).readings
    assert reading.style == CHAT
    assert {style for style, _ in world.drawn} == {CHAT}


async def test_a_problem_that_overlaps_a_benchmark_does_not_decide_about_the_style() -> None:
    world = World()
    wanted = request(world)
    benchmark = world.store.put_bytes(dump_problems(PROBLEMS[:1]), JSONL)
    wanted.benchmarks.append(benchmark)
    response = await Probe({"": world}, world)(wanted, world)
    assert response.problems == 3
    assert PROBLEMS[0].task_id not in {task for _, task in world.drawn}
    wanted.problems.CopyFrom(benchmark)
    with pytest.raises(FailedPrecondition, match="all 1 overlap a benchmark"):
        await Probe({"": world}, world)(wanted, world)


async def test_another_replicas_endpoint_is_refused() -> None:
    world = World()
    wanted = request(world)
    wanted.endpoint = "far"
    with pytest.raises(FailedPrecondition, match="the endpoint `far`"):
        await Probe({"": world}, world)(wanted, world)


@pytest.mark.parametrize(
    ("completion", "chat", "best"),
    [
        ((3, 0), (2, 2), COMPLETION),
        ((2, 2), (3, 0), CHAT),
        ((2, 1), (2, 2), CHAT),
        ((2, 2), (2, 1), COMPLETION),
        ((2, 1), (2, 1), COMPLETION),
        ((0, 0), (0, 0), COMPLETION),
    ],
)
def test_the_best_style_has_the_most_usable_answers_then_the_most_passing_ones(
    completion: tuple[int, int], chat: tuple[int, int], best: sampling_pb2.PromptStyle.ValueType
) -> None:
    readings = [
        pair_generator_pb2.StyleReading(style=style, samples=4, usable=usable, passed=passed)
        for style, (usable, passed) in ((CHAT, chat), (COMPLETION, completion))
    ]
    assert best_style(readings) == best
