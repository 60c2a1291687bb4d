"""Training on answers: the loss curve of TRL, and the same bits after a kill."""

import asyncio
import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_api.hyperparameters import Hyperparameters, Loss, Precision
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_trainer.job.answers import Answer, parse_answers
from rlvf_trainer.metrics import LikelihoodStep, parse_metrics
from rlvf_trainer.runs import Run
from rlvf_trainer.supervision import run_id

from ...messages import point_nowhere
from .test_resuming import assert_same_run, checkpoint
from .trainer_testing import (
    PAIRS,
    STEPS,
    MakeRequest,
    TrainerProcess,
    answers_jsonl,
    as_conversations,
    pairs_jsonl,
)

# Warnings of the training stack are its own affair.
pytestmark = pytest.mark.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

ANSWERS = [
    *parse_answers(answers_jsonl(11)),
    # Answers and prompts of other lengths.
    Answer("x" * 40, "\n    return x\n" * 3),
    Answer("d", "e"),
]
HYPER = Hyperparameters(
    loss=Loss.NLL,
    precision=Precision.FP32,
    learning_rate=2e-3,
    epochs=2,
    batch_size=4,
    micro_batch_size=2,
    seed=3,
    max_length=48,
)


class Curve(NamedTuple):
    """What a trainer logged, step by step."""

    loss: list[float]
    grad_norm: list[float]


def train_ours(model: str, hyper: Hyperparameters, scratch: Path) -> tuple[Curve, list[float]]:
    """The curve, and the exact losses."""
    import torch
    from transformers import TrainerCallback

    from rlvf_trainer.job.encoding import encode_answers
    from rlvf_trainer.job.model import encoder, load_base
    from rlvf_trainer.job.supervised import make_supervised_trainer

    from .trl_defaults import curve

    torch.set_num_threads(1)
    base = load_base(model, hyper.precision)
    encoded, _ = encode_answers(encoder(base), ANSWERS, hyper.max_length)
    trainer = make_supervised_trainer(base, encoded, hyper, TrainerCallback(), scratch)
    trainer.train()
    return Curve(*(curve(trainer, name) for name in Curve._fields)), curve(trainer, "nll")


def test_the_curve_is_that_of_trl(tiny_model: str, tmp_path: Path) -> None:
    from rlvf_trainer.job.model import load_base

    from .trl_defaults import curve, trl_sft_trainer

    for micro_batch_size in (2, 4):
        hyper = replace(HYPER, micro_batch_size=micro_batch_size)
        ours, exact = train_ours(tiny_model, hyper, tmp_path / "ours")
        base = load_base(tiny_model, hyper.precision)
        trl = trl_sft_trainer(base, ANSWERS, hyper, tmp_path / "trl")
        trl.train()
        assert len(ours.loss) == hyper.total_steps(len(ANSWERS))
        assert ours.loss == pytest.approx(curve(trl, "loss"), rel=1e-5, abs=2e-5)
        assert ours.grad_norm == pytest.approx(curve(trl, "grad_norm"), rel=1e-4)
        assert exact == pytest.approx(ours.loss, rel=1e-5)
        # It learns, so that the curves agree about something.
        assert min(ours.loss) < 0.9 * ours.loss[0]


def test_every_token_of_a_step_weighs_the_same_however_the_step_is_divided(
    tiny_model: str, tmp_path: Path
) -> None:
    whole, halves = (
        train_ours(tiny_model, replace(HYPER, micro_batch_size=size), tmp_path / str(size))
        for size in (4, 1)
    )
    assert halves[1] == pytest.approx(whole[1], rel=1e-5)
    for name, ours, other in zip(Curve._fields, halves[0], whole[0], strict=True):
        assert ours == pytest.approx(other, rel=1e-4), name


def likelihood_request(
    make_request: MakeRequest, store: ArtifactStore, request_id: str, **changes: float
) -> trainer_pb2.RunTrainingRequest:
    """A run of 12 steps on 24 answers."""
    request = make_request(request_id, **changes)
    request.ClearField("pairs")
    request.answers.CopyFrom(store.put_bytes(answers_jsonl(), JSONL))
    return request


async def test_a_run_on_answers_learns_and_says_so_without_margins(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore
) -> None:
    progress: list[trainer_pb2.RunTrainingMetadata] = []
    operation = await trainer.call(likelihood_request(make_request, store, "answers"))
    response = await trainer.finish(operation, progress.append)
    summary = response.summary
    assert (summary.pairs, summary.steps) == (PAIRS, STEPS)
    assert summary.loss == trainer_pb2.LOSS_NLL
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_COMPLETED
    assert summary.last_loss < summary.mean_loss < summary.first_loss
    assert (summary.last_margin, summary.indifference_loss) == (0, 0)
    steps = parse_metrics(store.get_bytes(response.metrics))
    assert [step.step for step in steps] == list(range(1, STEPS + 1))
    for step in steps:
        assert isinstance(step, LikelihoodStep)
        # Four answers of 17 or 18 bytes and their end.
        assert 17 <= -step.logps / step.loss <= 20
    # Nearly uniform over 257 bytes before, and sharper after.
    assert math.log(257) > summary.first_entropy > summary.last_entropy > 0
    assert progress[-1].loss == pytest.approx(steps[-1].loss)
    # Two epochs of bytes; each answer with its end.
    records = [json.loads(line) for line in answers_jsonl().splitlines()]
    texts = [record["prompt"] + record["completion"] for record in records]
    assert progress[-1].tokens == 2 * sum(len(text.encode()) + 1 for text in texts)


@pytest.mark.slow
async def test_a_chat_model_learns_from_answers_in_conversations(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore, tiny_chat_model: str
) -> None:
    request = likelihood_request(make_request, store, "chat-answers")
    request.base_model = tiny_chat_model
    request.answers.CopyFrom(store.put_bytes(as_conversations(answers_jsonl()), JSONL))
    summary = (await trainer.train(request)).summary
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_COMPLETED
    assert summary.last_loss < summary.first_loss


@pytest.mark.slow
async def test_a_killed_run_on_answers_ends_in_the_same_adapter_and_curve(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore
) -> None:
    undisturbed = await trainer.train(likelihood_request(make_request, store, "answers"))
    request = likelihood_request(make_request, store, "killed-answers", checkpoint_steps=1)
    run = Run(store, run_id("killed-answers", request))
    operation = await trainer.call(request)
    for step in (3, 7):
        await checkpoint(run, step)
        for job in trainer.jobs():
            job.kill()
    response = await trainer.finish(operation)
    assert await asyncio.to_thread(run.attempt) > 1
    assert_same_run(response, undisturbed)


@pytest.mark.slow
async def test_nf4_learns_from_answers(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore
) -> None:
    request = likelihood_request(
        make_request, store, "nf4-answers", precision=trainer_pb2.PRECISION_NF4
    )
    summary = (await trainer.train(request)).summary
    assert summary.last_loss < summary.first_loss


async def test_a_request_on_both_or_on_what_is_not_there_is_refused_by_the_call(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore
) -> None:
    both = likelihood_request(make_request, store, "both")
    both.pairs.CopyFrom(store.put_bytes(pairs_jsonl(), JSONL))
    with pytest.raises(InvalidArgument, match="exactly one of `pairs`, `answers`"):
        await trainer.call(both)
    missing = likelihood_request(make_request, store, "no-answers")
    point_nowhere(missing.answers)
    with pytest.raises(FailedPrecondition, match=r"answers: artifact .* does not exist"):
        await trainer.call(missing)


async def test_pairs_in_the_place_of_answers_are_refused_with_the_column(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore
) -> None:
    request = likelihood_request(make_request, store, "pairs-as-answers")
    request.answers.CopyFrom(store.put_bytes(pairs_jsonl(), JSONL))
    with pytest.raises(FailedPrecondition, match="answers, line 1: `completion` is missing"):
        await trainer.train(request)
