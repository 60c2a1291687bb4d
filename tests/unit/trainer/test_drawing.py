"""Drawing the answers of a step: what is stored and replaced, and what never becomes a reward."""

import asyncio
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import Unavailable
from rlvf_api.hyperparameters import Hyperparameters, Loss
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.cost import Meter
from rlvf_common.rollouts.grading import Grade
from rlvf_common.rollouts.sampling import Completion, Trace
from rlvf_common.rpc.version import code_sha256
from rlvf_trainer.job.online.drawing import Drawing

from ..doubles import OperationInMemory, StoreInMemory

PROBLEMS = [
    Problem(f"t/{n}", f"def f{n}():\n    return", f"f{n}", CheckFunction(""), " 1\n")
    for n in range(6)
]
HYPER = Hyperparameters(loss=Loss.DAPO, batch_size=4, group_size=2, resamples=2, keep_order=True)
ADAPTER = artifact_pb2.ArtifactRef(uri="s3://x", sha256="a" * 64)


class FakeInference:
    """Writes the number of the sample; remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int]] = []

    async def complete(
        self,
        model: sampling_pb2.Model,
        problem: Problem,
        sampling: sampling_pb2.Sampling,
        *,
        meter: Meter,
        traced: bool,
    ) -> list[Completion]:
        assert traced
        self.asked.append((problem.task_id, model.adapter.sha256, sampling.seed))
        meter.count_tokens(2)
        return [
            Completion(f" {n}\n", "stop", 1, Trace([7], [n], [-0.5]))
            for n in range(sampling.samples_per_problem)
        ]


class FakeGrader:
    """Passes ` 1`, and ` 0` too for the tasks in `easy`; `away` cannot be reached."""

    def __init__(self, easy: Sequence[str] = (), *, away: bool = False) -> None:
        self._easy = easy
        self._away = away

    async def capabilities(self) -> Any:
        return SimpleNamespace(policy_sha256="p")

    def of(self, policy_sha256: str) -> "FakeGrader":
        assert policy_sha256 == "p"
        return self

    async def grade(self, problem: Problem, solution: str, *, credit: bool) -> Grade:
        if self._away:
            raise Unavailable("the executor is away")
        passed = problem.task_id in self._easy or solution.endswith("1\n")
        return Grade("passed" if passed else "failed", "", 1.0)


def drawing(store: StoreInMemory, inference: FakeInference, grader: FakeGrader) -> Drawing:
    fakes: Any = inference, grader
    return Drawing(
        PROBLEMS,
        HYPER,
        sampling_pb2.Sampling(samples_per_problem=2, temperature=1.0),
        sampling_pb2.Model(base="m", weights_sha256="w"),
        inference=fakes[0],
        grader=fakes[1],
        store=store,
        meter=Meter(OperationInMemory()),
        run_sha256="r",
    )


async def test_a_step_is_drawn_once_for_one_adapter() -> None:
    store, inference = StoreInMemory(), FakeInference()
    groups = await drawing(store, inference, FakeGrader()).step(1, None)
    assert [group.task_id for group in groups] == ["t/0", "t/1"]
    assert [group.rewards for group in groups] == [[0, 1], [0, 1]]
    assert groups[0].samples[1].token_ids == [1]
    # Another job of the run, and another run of the request.
    again = FakeInference()
    assert await drawing(store, again, FakeGrader()).step(1, None) == groups
    assert again.asked == []
    # Another adapter and another step are drawn, each with seeds of their own.
    await drawing(store, again, FakeGrader()).step(1, ADAPTER)
    await drawing(store, again, FakeGrader()).step(2, ADAPTER)
    assert [asked[:2] for asked in again.asked] == [
        ("t/0", ADAPTER.sha256), ("t/1", ADAPTER.sha256),
        ("t/2", ADAPTER.sha256), ("t/3", ADAPTER.sha256),
    ]  # fmt: skip
    assert [asked[2] for asked in again.asked[:2]] == [asked[2] for asked in inference.asked]
    assert len({asked[2] for asked in again.asked}) == 4


async def test_groups_of_one_outcome_are_replaced_as_often_as_is_allowed() -> None:
    inference = FakeInference()
    easy = FakeGrader([problem.task_id for problem in PROBLEMS])
    groups = await drawing(StoreInMemory(), inference, easy).step(1, None)
    # Two problems, and twice two others.
    assert sorted(group.task_id for group in groups) == [problem.task_id for problem in PROBLEMS]
    assert [group.task_id for group in groups[:2]] == ["t/0", "t/1"]
    one = FakeGrader(["t/0"])
    groups = await drawing(StoreInMemory(), FakeInference(), one).step(1, None)
    assert [group.has_one_outcome for group in groups] == [True, False, False]


async def test_what_could_not_be_graded_is_no_reward() -> None:
    store = StoreInMemory()
    with pytest.raises(Unavailable, match="the executor is away"):
        await drawing(store, FakeInference(), FakeGrader(away=True)).step(1, None)
    assert store.list_documents("training/rollouts/") == []


async def test_forgotten_answers_are_drawn_again() -> None:
    store, again = StoreInMemory(), FakeInference()
    first = drawing(store, FakeInference(), FakeGrader())
    await first.step(1, None)
    await first.step(2, None)
    await asyncio.to_thread(first.forget)
    assert store.list_documents("training/rollouts/") == []
    await drawing(store, again, FakeGrader()).step(1, None)
    assert [asked[0] for asked in again.asked] == ["t/0", "t/1"]


async def test_answers_that_are_being_drawn_are_forgotten_too() -> None:
    class Interrupted(FakeInference):
        forget: Callable[[], None]

        async def complete(self, *arguments: Any, **more: Any) -> list[Completion]:
            await asyncio.to_thread(self.forget)
            return await super().complete(*arguments, **more)

    store, inference = StoreInMemory(), Interrupted()
    first = drawing(store, inference, FakeGrader())
    inference.forget = first.forget
    assert len(await first.step(1, None)) == 2
    assert store.list_documents("training/rollouts/") == []


async def test_another_version_of_the_trainer_draws_its_own_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, again = StoreInMemory(), FakeInference()
    await drawing(store, FakeInference(), FakeGrader()).step(1, None)

    def changed(*packages: str) -> str:
        return "changed" if "rlvf_trainer" in packages else code_sha256(*packages)

    monkeypatch.setattr("rlvf_trainer.job.online.drawing.code_sha256", changed)
    await drawing(store, again, FakeGrader()).step(1, None)
    assert len(again.asked) == 2
