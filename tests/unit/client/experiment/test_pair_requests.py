"""Which setting of an experiment belongs to sampling, and which to selecting."""

from typing import Any

import pytest

from rlvf.artifact.v1.artifact_pb2 import ArtifactRef
from rlvf.sampling.v1.sampling_pb2 import Model
from rlvf_client.experiment.config import Experiment, load_experiment, presets
from rlvf_client.experiment.pair_requests import rollouts_request, selection_request

PROBLEMS, BENCHMARK, MANIFEST = (ArtifactRef(uri=name) for name in ("problems", "he", "manifest"))


def bytes_of(changes: dict[str, Any], model: str = "served") -> tuple[bytes, bytes]:
    experiment = Experiment.model_validate({"name": "x", "model": "m", **changes})
    return (
        rollouts_request(experiment, Model(base="m"), PROBLEMS, [BENCHMARK]).SerializeToString(),
        selection_request(experiment, model, MANIFEST).SerializeToString(),
    )


PLAIN = bytes_of({})


@pytest.mark.parametrize(
    "changes",
    [
        {"pairs": {"selection": {"max_pairs_per_problem": 1}}},
        {"pairs": {"selection": {"min_pass_rate": 0.2, "rejected": "any", "seed": 4}}},
        {"pairs": {"audit": {"on_shortcut": "refuse"}}},
        {"training": {"ladder": [4, 8]}},
    ],
    ids=["pairs per problem", "rules", "audit", "ladder"],
)
def test_a_setting_of_the_selection_samples_nothing_again(changes: dict[str, Any]) -> None:
    rollouts, selection = bytes_of(changes)
    assert rollouts == PLAIN[0]
    assert selection != PLAIN[1]


@pytest.mark.parametrize(
    "changes",
    [
        {"pairs": {"sampling": {"samples_per_problem": 8, "temperature": 0.7}}},
        {"pairs": {"rounds": {"size": 4}}},
        {"pairs": {"rounds": {"enough_of_each": 2}}},
        {"pairs": {"sampler": {"endpoint": "hosted"}}},
    ],
    ids=["temperature", "rounds", "enough", "sampler"],
)
def test_a_setting_of_the_sampling_is_one_of_the_rollouts_alone(changes: dict[str, Any]) -> None:
    rollouts, selection = bytes_of(changes)
    assert rollouts != PLAIN[0]
    assert selection == PLAIN[1]


def test_the_model_to_train_is_one_of_the_selection() -> None:
    assert bytes_of({}, "served")[1] != bytes_of({}, "other")[1]


@pytest.mark.parametrize("preset", presets())
def test_every_preset_draws_until_each_of_its_pairs_can_have_sides_of_its_own(preset: str) -> None:
    pairs = load_experiment(preset).pairs
    assert pairs.rounds.enough_of_each >= pairs.selection.max_pairs_per_problem
