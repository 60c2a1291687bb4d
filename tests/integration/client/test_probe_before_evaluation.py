"""The warning of the probe before an evaluation, with the real model."""

import os

import pytest

from rlvf.sampling.v1 import sampling_pb2
from rlvf_client.cli.probing import warn_of_style
from rlvf_client.experiment.calls import Calls
from rlvf_client.experiment.endpoints import RemoteEndpoints
from rlvf_client.experiment.evaluations import Condition
from rlvf_client.experiment.profiles import Profile
from rlvf_client.experiment.subject import Subject
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.progress.console import Reporter
from rlvf_common import starter
from rlvf_common.problems.problem import dump_problems
from rlvf_common.storage.artifacts import JSONL, ArtifactStore

from ...conftest import StackThread

pytestmark = pytest.mark.slow


class Said(Reporter):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    @property
    def warnings(self) -> list[str]:
        return [line for line in self.lines if line.startswith("warning: ")]


@pytest.fixture
def given(stack: StackThread, monkeypatch: pytest.MonkeyPatch) -> None:
    """The addresses of a stack's services in the environment."""
    stack.ensure("storage", "executor", "inference", "pair-generator", "evaluator")
    for name, value in stack.stack.environment().items():
        monkeypatch.setenv(name, value)


async def warn(model: ServedModel, store: ArtifactStore, max_tokens: int) -> Said:
    said, services = Said(), RemoteEndpoints(Profile.of_environment(os.environ))
    subject = Subject("", model, {}, "completion")
    async with Calls("evaluate", services, said) as calls:
        await warn_of_style(
            calls,
            services,
            said,
            Condition("base", "base", subject, subject.message()),
            sampling_pb2.Sampling(max_tokens=max_tokens),
            store.put_bytes(dump_problems(starter.load("held_out")), JSONL),
        )
    return said


async def test_a_style_with_hardly_a_usable_answer_gives_a_warning(
    given: None, stack: StackThread, store: ArtifactStore
) -> None:
    (warning,) = (await warn(stack.model, store, max_tokens=3)).warnings
    assert "answers in the style `completion` are usable" in warning
    assert "a larger max_tokens than 3" in warning
    assert "starter/" in warning


async def test_a_model_that_answers_well_gives_no_warning(
    given: None, stack: StackThread, store: ArtifactStore
) -> None:
    said = await warn(stack.model, store, max_tokens=96)
    assert said.warnings == []
    assert said.lines[-1].startswith("probe: done in ")


async def test_without_a_pair_generator_nothing_is_probed(
    given: None, stack: StackThread, store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RLVF_PAIR_GENERATOR_ADDRESS")
    assert (await warn(stack.model, store, max_tokens=3)).lines == []


async def test_a_probe_that_fails_is_a_warning_too(
    given: None, stack: StackThread, store: ArtifactStore
) -> None:
    said = await warn(ServedModel("no-such-model", ""), store, max_tokens=3)
    (warning,) = said.warnings
    assert "does not serve `no-such-model`" in warning
