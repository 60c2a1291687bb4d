"""Training on graded answers has the loss curve of TRL's `GRPOTrainer`, step by step."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rlvf_api.hyperparameters import AdvantageScale, Hyperparameters, Loss, Precision

# Warnings of the training stack are its own affair.
pytestmark = pytest.mark.filterwarnings("ignore")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

PROMPTS = [f"def add_{number}(x):\n    return" for number in range(4)]
ANSWERS = [" x", " x + 1", "\n", " 2 * x - 5"]
MAX_TOKENS = 32
HYPER = Hyperparameters(
    precision=Precision.FP32,
    learning_rate=2e-2,
    epochs=2,
    batch_size=8,
    micro_batch_size=2,
    warmup_ratio=0.0,
    seed=3,
    loss=Loss.DAPO,
    sft_weight=0.0,
    keep_order=True,
    group_size=4,
    kl_weight=0.05,
    clip_low=0.1,
    clip_high=0.15,
)
TEMPERATURE = 0.7


def reward(prompt: str, answer: int) -> float:
    """Of one of `ANSWERS`: not the same for all prompts, and never one for all answers."""
    return ((PROMPTS.index(prompt) + answer) % 3) / 2


def token_ids(tokenizer: Any, answer: str) -> list[int]:
    ids: list[int] = tokenizer.encode(answer, add_special_tokens=False)
    return [*ids, tokenizer.eos_token_id]


def train_ours(model: str, hyper: Hyperparameters, scratch: Path) -> Any:
    """Every second step trains on the answers of the step before it again, as TRL does with two
    iterations; they are sampled by the policy of the first of the two."""
    import torch

    from rlvf_trainer.job.model import load_base
    from rlvf_trainer.job.online.policy_trainer import EncodedGroup, make_policy_trainer
    from rlvf_trainer.job.online.samples import Group, Sample
    from rlvf_trainer.job.online.schedule import Schedule
    from rlvf_trainer.job.scoring import Scorer

    torch.set_num_threads(1)
    base = load_base(model, hyper.precision)
    scorer = Scorer(shared=True, temperature=TEMPERATURE)
    taken: list[Group] = []

    def group(prompt: str) -> Group:
        record = EncodedGroup(
            base.tokenizer.encode(prompt),
            tuple(token_ids(base.tokenizer, answer) for answer in ANSWERS),
        )
        with torch.no_grad():
            logps = scorer(trainer.model, record)
        samples = [
            Sample(
                record.prompt_ids,
                record.answers[n],
                logps[n].tolist(),
                "",
                False,
                reward(prompt, n),
            )
            for n in range(len(ANSWERS))
        ]
        return Group(prompt, samples)

    def take(step: int) -> list[Group]:
        if step % 2 == 1:
            taken[:] = [group(prompt) for prompt in PROMPTS[step - 1 : step + 1]]
        return taken

    trainer = make_policy_trainer(
        base,
        Schedule(len(PROMPTS), hyper),
        hyper,
        max_tokens=MAX_TOKENS,
        scorer=scorer,
        take=take,
        callbacks=[],
        scratch=scratch,
    )
    trainer.train()
    return trainer


def train_trl(model: str, hyper: Hyperparameters, scratch: Path) -> Any:
    """TRL's trainer with the same answers, its encoding of batches, and its forward pass."""
    from datasets import Dataset

    from rlvf_trainer.job.model import load_base
    from rlvf_trainer.job.online.trl_trainer import GRPOConfig, GRPOTrainer

    from .trl_defaults import arguments_of, lora_of

    base = load_base(model, hyper.precision)

    def rollout(prompts: Sequence[str], _: object) -> dict[str, list[Any]]:
        # Each prompt comes as often as it has answers.
        answers = [n % len(ANSWERS) for n in range(len(prompts))]
        return {
            "prompt_ids": [base.tokenizer.encode(prompt) for prompt in prompts],
            "completion_ids": [token_ids(base.tokenizer, ANSWERS[n]) for n in answers],
            "logprobs": [[0.0] * len(token_ids(base.tokenizer, ANSWERS[n])) for n in answers],
            "answer": answers,
        }

    def rewards(prompts: Sequence[str], answer: Sequence[int], **_: object) -> list[float]:
        return [reward(prompt, n) for prompt, n in zip(prompts, answer, strict=True)]

    arguments = arguments_of(hyper, hyper.total_steps(len(PROMPTS)), scratch) | {
        "num_train_epochs": 1,
        "num_generations": hyper.group_size,
        "num_iterations": 2,
        "max_completion_length": MAX_TOKENS,
        "temperature": TEMPERATURE,
        "loss_type": str(hyper.loss),
        "scale_rewards": str(hyper.advantage_scale),
        "beta": hyper.kl_weight,
        "epsilon": hyper.clip_low,
        "epsilon_high": hyper.clip_high,
        "shuffle_dataset": False,
    }
    del arguments["max_length"]
    trainer = GRPOTrainer(
        model=base.model,
        reward_funcs=rewards,
        args=GRPOConfig(**arguments),
        train_dataset=Dataset.from_dict({"prompt": PROMPTS}),
        processing_class=base.tokenizer,
        peft_config=lora_of(hyper),
        rollout_func=rollout,
    )
    trainer.train()
    return trainer


LOSSES = [
    (Loss.DAPO, AdvantageScale.GROUP),
    (Loss.GRPO, AdvantageScale.GROUP),
    (Loss.DR_GRPO, AdvantageScale.NONE),
]


@pytest.mark.parametrize(("loss", "scale"), LOSSES)
def test_every_policy_loss_has_the_curve_of_trl(
    tiny_model: str, tmp_path: Path, loss: Loss, scale: AdvantageScale
) -> None:
    from .trl_defaults import curve

    hyper = replace(HYPER, loss=loss, advantage_scale=scale)
    ours = train_ours(tiny_model, hyper, tmp_path / "ours")
    trl = train_trl(tiny_model, hyper, tmp_path / "trl")
    steps = hyper.total_steps(len(PROMPTS))
    assert len(curve(ours)) == len(curve(trl)) == steps == 4
    assert curve(ours) == pytest.approx(curve(trl), rel=1e-4, abs=2e-5)
    assert curve(ours, "grad_norm") == pytest.approx(curve(trl, "grad_norm"), rel=1e-3)
    # The policy that sampled is the one that is trained in every second step, and only there.
    moved = curve(ours, "log_ratio")
    assert max(moved[::2]) < 1e-4
    assert min(moved[1::2]) > 0.05


def test_what_is_logged_of_a_step_is_what_trl_logs(tiny_model: str, tmp_path: Path) -> None:
    from .trl_defaults import curve

    # In one micro-batch TRL's means over micro-batches are means over tokens.
    hyper = replace(HYPER, micro_batch_size=8)
    ours = train_ours(tiny_model, hyper, tmp_path / "ours")
    trl = train_trl(tiny_model, hyper, tmp_path / "trl")
    for name, theirs in (
        ("kl", "kl"),
        ("entropy", "entropy"),
        ("clip_low", "clip_ratio/low_mean"),
        ("clip_high", "clip_ratio/high_mean"),
        ("reward", "reward"),
        ("one_outcome", "frac_reward_zero_std"),
    ):
        logged = curve(trl, theirs)
        if name in ("reward", "one_outcome"):
            # It logs them where it samples, which is every second step.
            assert curve(ours, name)[::2] == pytest.approx(logged, rel=1e-4)
            continue
        assert curve(ours, name) == pytest.approx(logged, rel=1e-3, abs=1e-5), name
    assert max(curve(ours, "clip_low")) > 0
    assert max(curve(ours, "clip_high")) > 0
