"""Trains on groups of answers with fixed rewards: `policy_steps.py MODEL FOLDER` trains each of
`CASES` and writes the adapter to `FOLDER/CASE-RANK.pt`. Several processes divide each step."""

import signal
import sys
from dataclasses import replace
from pathlib import Path

import torch

from rlvf_api.hyperparameters import Hyperparameters, Loss, Precision
from rlvf_trainer.job.model import load_base
from rlvf_trainer.job.online.policy_trainer import EncodedGroup, PolicyTrainer, make_policy_trainer
from rlvf_trainer.job.online.samples import Group, Sample
from rlvf_trainer.job.online.schedule import Schedule
from rlvf_trainer.job.parallel import joined
from rlvf_trainer.job.processes import rank
from rlvf_trainer.job.scoring import Scorer

HYPER = Hyperparameters(
    precision=Precision.FP32,
    learning_rate=1e-3,
    epochs=1,
    batch_size=8,
    micro_batch_size=2,
    group_size=4,
    warmup_ratio=0.0,
    loss=Loss.DAPO,
    sft_weight=0.0,
    keep_order=True,
)
ANSWERS = (" x", " x + 1", " 2 * x - 5", " y")
MIXED, SAME = (0.0, 1.0, 0.0, 1.0), (1.0, 1.0, 1.0, 1.0)
CASES = {
    # Of two processes both end on an empty micro-batch: in the first step, and in the second, where
    # they have no other.
    "both-end-empty": (HYPER, [(MIXED, SAME), (SAME, SAME), (MIXED, MIXED)]),
    # One process has the only micro-batch that is not empty.
    "one-is-empty": (replace(HYPER, batch_size=4, group_size=2), [(SAME, MIXED), (MIXED, MIXED)]),
    "answer-means": (replace(HYPER, loss=Loss.GRPO), [(MIXED, SAME)]),
}
"""By name, the settings and for each step the rewards of its groups."""
SECONDS = 240


def train(case: str, model: str, scratch: Path) -> PolicyTrainer:
    """Train a case; the trainer at its end."""
    hyper, steps = CASES[case]
    base = load_base(model, hyper.precision)
    scorer = Scorer(shared=True)

    def group(number: int, rewards: tuple[float, ...]) -> Group:
        answers = [base.tokenizer.encode(answer) for answer in ANSWERS[: hyper.group_size]]
        record = EncodedGroup(base.tokenizer.encode(f"def f{number}(x):"), tuple(answers))
        with torch.no_grad():
            logps = scorer(trainer.model, record)
        return Group(
            str(number),
            [
                Sample(record.prompt_ids, ids, one.tolist(), "", False, reward)
                for ids, one, reward in zip(answers, logps, rewards, strict=False)
            ],
        )

    trainer = make_policy_trainer(
        base,
        Schedule(2 * len(steps), hyper),
        hyper,
        max_tokens=16,
        scorer=scorer,
        take=lambda step: [group(*one) for one in enumerate(steps[step - 1])],
        callbacks=[],
        scratch=scratch,
    )
    trainer.train()
    return trainer


def adapter(trainer: PolicyTrainer) -> torch.Tensor:
    """All trained parameters in a row."""
    return torch.cat(
        [one.detach().flatten() for one in trainer.model.parameters() if one.requires_grad]
    )


def main(model: str, folder: Path) -> None:
    """Train each case in this process."""
    # A process that waits for another one would wait too long for a test.
    signal.alarm(SECONDS)
    torch.set_num_threads(1)
    with joined():
        for case in CASES:
            trained = adapter(train(case, model, folder / f"{case}-{rank()}"))
            torch.save(trained, folder / f"{case}-{rank()}.pt")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
