"""Faster than TRL's trainer, and nothing else: the same loss curve."""

import math
import os
from pathlib import Path
from typing import NamedTuple

import pytest

from rlvf_api.hyperparameters import Hyperparameters, Loss, Precision
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_trainer.job.pairs import Pair, parse_pairs

from .trainer_testing import pairs_jsonl

# Warnings of the training stack are its own affair.
pytestmark = pytest.mark.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

PAIRS = [
    *parse_pairs(pairs_jsonl(11)),
    # Answers and prompts of other lengths: an answer of one token, a prompt of one token.
    Pair("x" * 40, "", "\n    return x\n" * 3),
    Pair("d", "ef f():\n    pass", "ef"),
]
HYPER = Hyperparameters(
    precision=Precision.FP32,
    learning_rate=2e-3,
    epochs=2,
    batch_size=4,
    micro_batch_size=2,
    warmup_ratio=0.1,
    seed=3,
    max_length=48,
)
CURVES = {
    "loss": "loss",
    "grad_norm": "grad_norm",
    "rewards/margins": "rewards/margins",
    "rewards/accuracies": "rewards/accuracies",
    "logps/chosen": "logps/chosen",
    "logps/rejected": "logps/rejected",
}

LOSSES = [
    (Loss.SIGMOID, 0.1, 0.0, math.log(2)),
    (Loss.IPO, 0.5, 0.0, 1.0),
    (Loss.ROBUST, 0.1, 0.2, math.log(2)),
    (Loss.SIGMOID_NORM, 5.0, 0.0, math.log(2)),
]
"""Each with a beta, a label smoothing, and what indifference costs."""


class Curves(NamedTuple):
    """What both trainers logged, by name, step by step."""

    ours: dict[str, list[float]]
    trl: dict[str, list[float]]


def train_ours(
    model: str, pairs: list[Pair], store: ArtifactStore, hyper: Hyperparameters, scratch: Path
) -> dict[str, list[float]]:
    import torch
    from transformers import TrainerCallback

    from rlvf_trainer.job.encoding import encode_pairs
    from rlvf_trainer.job.model import encoder, load_base
    from rlvf_trainer.job.preference_trainer import make_trainer
    from rlvf_trainer.job.training import prepare

    from .trl_defaults import curve

    torch.set_num_threads(1)
    base = load_base(model, hyper.precision)
    encoded, _ = encode_pairs(encoder(base), pairs, hyper.max_length)
    scoring = prepare(base, encoded, hyper.precision, store)
    assert scoring.warnings == []
    ours = make_trainer(
        base,
        encoded,
        scoring.references,
        scoring.scorer,
        hyper,
        TrainerCallback(),
        scratch / "ours",
    )
    ours.train()
    return {name: curve(ours, name) for name in [*CURVES, "preference_loss", "sft_loss", "kl"]}


def train_both(model: str, store: ArtifactStore, hyper: Hyperparameters, scratch: Path) -> Curves:
    from rlvf_trainer.job.model import load_base

    from .trl_defaults import curve, trl_trainer

    ours = train_ours(model, PAIRS, store, hyper, scratch)
    trl = trl_trainer(load_base(model, hyper.precision), PAIRS, hyper, scratch / "trl")
    trl.train()
    return Curves(ours, {name: curve(trl, name) for name in CURVES})


@pytest.mark.parametrize(("loss", "beta", "smoothing", "first"), LOSSES)
def test_every_loss_has_the_curve_of_trl_and_begins_at_its_constant(
    loss: Loss,
    beta: float,
    smoothing: float,
    first: float,
    tiny_model: str,
    store: ArtifactStore,
    tmp_path: Path,
) -> None:
    from dataclasses import replace

    hyper = replace(HYPER, loss=loss, beta=beta, label_smoothing=smoothing)
    ours, trl = train_both(tiny_model, store, hyper, tmp_path)
    assert len(ours["loss"]) == hyper.total_steps(len(PAIRS))
    for name in CURVES:
        assert ours[name] == pytest.approx(trl[name], rel=1e-5, abs=2e-5), name
    assert ours["preference_loss"][0] == pytest.approx(first, rel=1e-5)
    assert hyper.indifference == pytest.approx(first)
    # It learns, so that the curves agree about something.
    assert abs(ours["preference_loss"][-1] - first) > 0.01 * first


@pytest.mark.parametrize(("loss", "beta", "smoothing", "first"), LOSSES)
def test_every_pair_of_a_step_weighs_the_same_however_the_step_is_divided(
    loss: Loss,
    beta: float,
    smoothing: float,
    first: float,
    tiny_model: str,
    store: ArtifactStore,
    tmp_path: Path,
) -> None:
    from dataclasses import replace

    # Chosen answers of one length: the likelihood term is a mean over tokens.
    pairs = parse_pairs(pairs_jsonl(7))
    hyper = replace(HYPER, loss=loss, beta=beta, label_smoothing=smoothing, warmup_ratio=0)
    whole, halves = (
        train_ours(
            tiny_model, pairs, store, replace(hyper, micro_batch_size=size), tmp_path / str(size)
        )
        for size in (4, 2)
    )
    assert whole["preference_loss"][0] == pytest.approx(first, rel=1e-5)
    for name, curve in whole.items():
        assert halves[name] == pytest.approx(curve, rel=1e-5, abs=2e-5), name
