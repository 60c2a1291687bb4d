"""What a resumed generation takes over from an earlier attempt."""

import pytest

from rlvf.executor.v1 import executor_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf_common import starter
from rlvf_common.artifacts import JSONL
from rlvf_common.errors import FailedPrecondition
from rlvf_common.grading import Grade
from rlvf_common.problems import Problem, dump_problems
from rlvf_common.sampling import Completion
from rlvf_pair_generator.generation import PairGeneration

from ..doubles import OperationInMemory


class Doubles(OperationInMemory):
    """All that a generation calls: a model with one answer, an executor that passes everything, and
    what an operation keeps."""

    max_in_flight = 8

    def __init__(self) -> None:
        super().__init__()
        self.policy = "a" * 64
        self.python = "3.11"
        self.drawn = 0
        self.graded = 0

    async def complete(self, model, problem, sampling):  # type: ignore[no-untyped-def]
        self.drawn += 1
        return [Completion("    pass\n", "stop", 2)] * sampling.samples_per_problem

    def of(self, policy_sha256: str) -> "Doubles":
        assert policy_sha256 == self.policy
        return self

    async def grade(self, problem: Problem, solution: str) -> Grade:
        self.graded += 1
        return Grade("passed", "", 1.0)

    async def capabilities(self) -> executor_pb2.GetCapabilitiesResponse:
        return executor_pb2.GetCapabilitiesResponse(
            policy_sha256=self.policy, python_version=self.python
        )


async def test_verdicts_of_another_executor_are_given_again_on_the_same_answers() -> None:
    world = Doubles()
    generate = PairGeneration({"": world}, world)  # type: ignore[dict-item, arg-type]
    problems = starter.load("train")[:5]
    request = pair_generator_pb2.GeneratePairsRequest(
        problems=world.put_bytes(dump_problems(problems), JSONL)
    )
    request.model.base = "m"
    request.sampling.temperature = 0.5
    request.sampling.samples_per_problem = 2

    async def attempt() -> tuple[int, int]:
        world.drawn = world.graded = 0
        # Where everything passes there are no pairs.
        with pytest.raises(FailedPrecondition):
            await generate(request, world)  # type: ignore[arg-type]
        return world.drawn, world.graded

    assert await attempt() == (5, 10)
    assert await attempt() == (0, 0)
    world.policy = "b" * 64
    assert await attempt() == (0, 10)
    world.python = "3.12"
    assert await attempt() == (0, 10)
    assert await attempt() == (0, 0)
