"""Which arms differ in one thing alone, and what the report is asked of them."""

from typing import Any

import pytest

from rlvf.reporter.v1 import reporter_pb2
from rlvf_client.experiment.claims import claims_of
from rlvf_client.experiment.config import load_experiment
from rlvf_client.experiment.contrasts import find_contrasts
from rlvf_client.experiment.recipes import recipes_of
from rlvf_client.experiment.schema import Experiment

PLAIN = {"name": "plain", "size": 500}


def _experiment(*arms: dict[str, Any], **settings: Any) -> Experiment:
    return Experiment.model_validate(
        {"name": "contrasts", "model": "m", "arms": list(arms), **settings}
    )


def _found(*arms: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Baseline, treatment and factor of each contrast."""
    return [
        (one.baseline, one.treatment, reporter_pb2.Factor.Name(one.factor))
        for one in find_contrasts(recipes_of(_experiment(*arms)))
    ]


@pytest.mark.parametrize(
    ("factor", "settings"),
    [
        ("QUALITY", {"data": {"selection": {"keep_best": 500}}}),
        ("QUALITY", {"data": {"selection": {"min_gap": 0.5}}}),
        ("DIVERSITY", {"problems": [{"source": "starter"}, {"source": "apps"}]}),
        ("CURRICULUM", {"training": {"curriculum": True}}),
        ("PRECISION", {"training": {"precision": "fp32"}}),
        ("ROUNDS", {"training": {"rounds": 2}}),
    ],
)
def test_an_arm_that_differs_in_one_thing_is_a_contrast(
    factor: str, settings: dict[str, Any]
) -> None:
    other = {"name": "other", "size": 500, **settings}
    expected = [("plain", "other", f"FACTOR_{factor}")]
    # Which of the two is listed first does not matter.
    assert _found(PLAIN, other) == expected
    assert _found(other, PLAIN) == expected


@pytest.mark.parametrize(
    "other",
    [
        {"size": 400, "training": {"curriculum": True}},
        {"size": 500, "training": {"curriculum": True, "rounds": 2}},
        {"size": 500, "training": {"curriculum": True, "learning_rate": 1e-5}},
        {"size": 500, "training": {"curriculum": True}, "verdicts": "shuffled"},
        {"size": 500, "problems": [{"source": "apps"}]},
        {
            "size": 500,
            "problems": [
                {"source": "starter-to-2024-07-31"},
                {"source": "starter-from-2024-08-01"},
            ],
        },
        {"size": 400},
    ],
)
def test_an_arm_that_differs_in_more_than_one_factor_or_in_none_is_no_contrast(
    other: dict[str, Any],
) -> None:
    assert _found(PLAIN, {"name": "other", **other}) == []


def test_quality_is_compared_with_its_own_size_and_the_largest() -> None:
    sizes = [{"name": f"dpo-{size}", "size": size} for size in (100, 200, 400, 800)]
    good = {"name": "good", "size": 200, "data": {"selection": {"keep_share": 0.5}}}
    assert [(baseline, treatment) for baseline, treatment, _ in _found(*sizes, good)] == [
        ("dpo-200", "good"),
        ("dpo-800", "good"),
    ]


def test_the_preset_asks_the_questions_of_the_prior_experiment() -> None:
    found = find_contrasts(recipes_of(load_experiment("scaling-starcoder2")))
    assert [(one.baseline_value, one.treatment_value) for one in found] == [
        ("unfiltered", "keep_best 120"),
        ("unfiltered", "min_gap 0.5"),
        ("unfiltered", "min_gap 0.5"),
        ("mbpp", "apps, codecontests, mbpp, starter"),
        ("random order", "easy problems first"),
        ("nf4", "bf16"),
    ]


def test_contrasts_are_compared_where_no_comparisons_are_declared() -> None:
    arms = (PLAIN, {"name": "curriculum", "size": 500, "training": {"curriculum": True}})
    experiment = _experiment(*arms)
    claims = claims_of(experiment, recipes_of(experiment))
    assert [(h.treatment, h.baseline) for h in claims.head_to_head][1:] == [
        ("plain", "base"),
        ("curriculum", "base"),
        ("curriculum", "plain"),
    ]
    [contrast] = claims.contrasts
    assert contrast.comparison == claims.head_to_head[-1]
    assert contrast.factor == reporter_pb2.FACTOR_CURRICULUM


def test_declared_comparisons_are_the_family_and_contrasts_only_name_some_of_them() -> None:
    arms = (
        PLAIN,
        {"name": "curriculum", "size": 500, "training": {"curriculum": True}},
        {"name": "rounds", "size": 500, "training": {"rounds": 2}},
    )
    declared = [{"treatment": "rounds", "baseline": "plain"}, {"treatment": "plain"}]
    experiment = _experiment(*arms, comparisons=declared)
    claims = claims_of(experiment, recipes_of(experiment))
    assert [(h.treatment, h.baseline) for h in claims.head_to_head][1:] == [
        ("rounds", "plain"),
        ("plain", "base"),
    ]
    assert [one.factor for one in claims.contrasts] == [reporter_pb2.FACTOR_ROUNDS]
