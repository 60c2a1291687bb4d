"""The prior experiment's training, rebuilt small: learning rate 5e-5, no likelihood term, rejected
answers that are fenced and longer. There nobody noticed; here the run is flagged.
"""

import json

import pytest

from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.storage.artifacts import JSONL, ArtifactStore

from ...messages import with_fields
from .trainer_testing import TrainerProcess

PAIRS = 32
_NAMES = ("total", "items", "value", "count", "left", "right", "text", "number")


def pairs_jsonl(*, skewed: bool) -> bytes:
    """Small programs against wrong ones; skewed, the wrong ones come with a fence and an
    explanation around the whole function."""
    return "".join(json.dumps(_pair(number, skewed)) + "\n" for number in range(PAIRS)).encode()


def _pair(number: int, skewed: bool) -> dict[str, str]:
    name = _NAMES[number % len(_NAMES)]
    prompt = f'def f_{number}(x):\n    """Compute the {name}."""'
    wrong = f"\n    {name} = x - {number}\n    return {name} * {number % 5 + 1}"
    return {
        "prompt": prompt,
        "chosen": f"\n    {name} = x + {number}\n    return {name} * {number % 7}",
        "rejected": (
            f"\n```python\n{prompt}{wrong}\n```\nThis function computes the {name} of x."
            if skewed
            else wrong
        ),
    }


async def train(
    trainer: TrainerProcess,
    store: ArtifactStore,
    model: str,
    *,
    skewed: bool,
    **recipe: float,
) -> tuple[trainer_pb2.TrainingSummary, list[dict[str, float]]]:
    """32 steps of 8 pairs each, as many as the prior experiment's first rung had."""
    hyperparameters = trainer_pb2.Hyperparameters(
        precision=trainer_pb2.PRECISION_FP32, batch_size=8, micro_batch_size=8, epochs=8
    )
    response = await trainer.train(
        trainer_pb2.RunTrainingRequest(
            base_model=model,
            pairs=store.put_bytes(pairs_jsonl(skewed=skewed), JSONL),
            hyperparameters=with_fields(hyperparameters, recipe),
        )
    )
    assert response.summary.steps == 32
    lines = store.get_bytes(response.metrics).splitlines()
    return response.summary, [json.loads(line) for line in lines]


@pytest.mark.slow
async def test_the_prior_recipe_is_flagged_and_the_default_one_is_not(
    trainer: TrainerProcess, store: ArtifactStore, tiny_model: str
) -> None:
    summary, steps = await train(
        trainer, store, tiny_model, skewed=True, learning_rate=5e-5, sft_weight=0
    )
    # What anyone would have looked at is fine: the loss falls, the margin rises.
    assert summary.last_loss < 0.5 < summary.first_loss
    assert summary.last_margin > 0.5
    # What nobody looked at is not.
    assert steps[-1]["token_logp_chosen"] < steps[0]["token_logp_chosen"]
    assert steps[-1]["kl"] > steps[0]["kl"]
    assert summary.detail.startswith(
        "likelihood displacement: over the last 16 steps the margin is"
    )
    assert "the chosen answers are less likely than under the reference" in summary.detail

    summary, steps = await train(trainer, store, tiny_model, skewed=False)
    # So small a model gains little on so short answers, and that is all that is said.
    assert summary.detail.startswith("the policy ends nearly where it began")
    assert "displacement" not in summary.detail
    assert summary.last_loss < summary.first_loss
