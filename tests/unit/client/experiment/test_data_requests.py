"""Which setting of an experiment belongs to sampling, and which to selecting."""

from typing import Any

import pytest

from rlvf.artifact.v1.artifact_pb2 import ArtifactRef
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf.sampling.v1.sampling_pb2 import Model
from rlvf_client.experiment.config import load_experiment, presets
from rlvf_client.experiment.data_requests import answers_request, pairs_request, rollouts_request
from rlvf_client.experiment.recipes import recipes_of
from rlvf_client.experiment.schema import Experiment

PROBLEMS, BENCHMARK, MANIFEST = (ArtifactRef(uri=name) for name in ("problems", "he", "manifest"))


def bytes_of(
    changes: dict[str, Any], model: str = "served", adapter: str = ""
) -> tuple[bytes, bytes, bytes]:
    """Requests for the samples, the pairs of the first recipe, and the answers of the second."""
    arms = [{"name": "dpo"}, {"name": "rft", "method": "rft"}]
    record = {"name": "x", "model": "m", "arms": arms, **changes}
    dpo, rft, *_ = recipes_of(Experiment.model_validate(record))
    trained = Model(base=model, adapter=ArtifactRef(sha256=adapter) if adapter else None)
    return (
        rollouts_request(
            dpo.data, "completion", Model(base="m"), PROBLEMS, [BENCHMARK]
        ).SerializeToString(),
        pairs_request(dpo, trained, MANIFEST, []).SerializeToString(),
        answers_request(rft, trained, MANIFEST).SerializeToString(),
    )


PLAIN = bytes_of({})


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"data": {"selection": {"max_pairs_per_problem": 1}}}, [1]),
        ({"data": {"selection": {"min_pass_rate": 0.2, "rejected": "any", "seed": 4}}}, [1]),
        ({"data": {"audit": {"on_shortcut": "refuse"}}}, [1]),
        ({"data": {"answers": {"max_pass_rate": 1.0}}}, [2]),
        ({"data": {"sampling": {"samples_per_problem": 8, "temperature": 0.7}}}, [0]),
        ({"data": {"rounds": {"size": 4}}}, [0]),
        ({"data": {"rounds": {"enough_of_each": 2}}}, [0]),
        ({"data": {"sampler": {"endpoint": "hosted"}}}, [0]),
    ],
    ids=[
        "pairs per problem",
        "rules",
        "audit",
        "answers",
        "temperature",
        "rounds",
        "enough",
        "sampler",
    ],
)
def test_a_request_stays_the_same_under_settings_that_do_not_belong_to_it(
    changes: dict[str, Any], changed: list[int]
) -> None:
    found = bytes_of(changes)
    assert [number for number in range(3) if found[number] != PLAIN[number]] == changed


def test_the_model_to_train_is_one_of_the_selections() -> None:
    for other in (bytes_of({}, "other"), bytes_of({}, adapter="a" * 64)):
        assert other[0] == PLAIN[0]
        assert other[1] != PLAIN[1]
        assert other[2] != PLAIN[2]


def test_a_chat_is_asked_for_by_its_style() -> None:
    (recipe,) = recipes_of(
        Experiment.model_validate({"name": "x", "model": "m", "arms": [{"name": "a"}]})
    )
    request = rollouts_request(recipe.data, "chat", Model(base="m"), PROBLEMS, [])
    assert request.sampling.prompt_style == sampling_pb2.PROMPT_STYLE_CHAT


def test_a_control_is_selected_by_other_verdicts() -> None:
    arms = [
        {"name": "a", "method": "rft", "verdicts": "ignored", "size": 7},
        {"name": "b", "verdicts": "shuffled"},
    ]
    record = {"name": "x", "model": "m", "arms": arms}
    rft, dpo = recipes_of(Experiment.model_validate(record))
    answers = answers_request(rft, Model(base="m"), MANIFEST).selection
    assert (answers.verdicts, answers.keep) == (pair_generator_pb2.VERDICTS_IGNORED, 7)
    pairs = pairs_request(dpo, Model(base="m"), MANIFEST, [4, 8])
    assert pairs.selection.verdicts == pair_generator_pb2.VERDICTS_SHUFFLED
    assert pairs.ladder == [4, 8]


@pytest.mark.parametrize("preset", presets())
def test_every_preset_draws_until_each_of_its_pairs_can_have_sides_of_its_own(preset: str) -> None:
    for recipe in recipes_of(load_experiment(preset)):
        data = recipe.data
        assert data.rounds.enough_of_each >= data.selection.max_pairs_per_problem
