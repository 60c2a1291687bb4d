"""Measures the policy on a few records, the same before and after training."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import torch

from rlvf_trainer.job.adapter import without_dropout
from rlvf_trainer.job.encoding import Encoded
from rlvf_trainer.job.scoring import Scorer
from rlvf_trainer.metrics import Measured

SAMPLE = 16
"""How many records are measured: few, so that it takes little time beside a training."""


def measure(
    policy: torch.nn.Module,
    scorer: Scorer,
    records: Sequence[Encoded],
    autocast: Callable[[], AbstractContextManager[object]],
) -> Measured:
    """Measure the policy as it is now on the first `SAMPLE` records, without dropout."""
    with torch.no_grad(), autocast(), without_dropout(policy):
        scores = [scorer.scores(policy, record) for record in records[:SAMPLE]]
    logps = torch.stack([answer.sum() for one in scores for answer in one.logps])
    entropies = torch.cat([answer for one in scores for answer in one.entropies])
    return Measured(float(logps.mean()), float(entropies.mean()))
