"""Preference pairs as they are stored: the standard preference format plus where each pair comes
from.

`prompt`, `chosen` and `rejected` are what TRL and `datasets` read. `prompt` is the prompt as the
model was sent it, and `prompt + chosen` the text of the program, so training sees what sampling
saw.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rlvf_common.rollouts.rollout_set import RolloutSet
from rlvf_pair_generator.audit import Audit, Reading, sides_of
from rlvf_pair_generator.candidates import Pair
from rlvf_pair_generator.schedule import Schedule

__all__ = ["Provenance", "dump_pairs", "is_off_policy"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What all pairs of one selection have in common."""

    rollouts: RolloutSet
    rollouts_sha256: str
    """Digest of its manifest."""
    trained_model: str
    """Name of the base model to train; empty: the one that sampled."""
    audit: Audit


def is_off_policy(rollouts: RolloutSet, trained_model: str) -> bool:
    """Whether the answers are not those of the model that is to be trained, as it is before it is.

    Another endpoint counts as another model: nothing says that it serves the same weights.
    """
    return (
        rollouts.model != (trained_model or rollouts.model)
        or bool(rollouts.adapter_sha256)
        or bool(rollouts.endpoint)
    )


def dump_pairs(pairs: Iterable[Pair], provenance: Provenance) -> bytes:
    """JSON Lines, one pair a line, in the given order."""
    rollouts = provenance.rollouts
    temperatures = Schedule.of(rollouts).temperatures_of_samples()
    common = {
        "model": rollouts.model,
        "weights_sha256": rollouts.weights_sha256,
        "adapter_sha256": rollouts.adapter_sha256,
        "endpoint": rollouts.endpoint,
        "off_policy": is_off_policy(rollouts, provenance.trained_model),
        "samples_per_problem": rollouts.sampling.samples_per_problem,
        "round_size": rollouts.round_size,
        "temperature": rollouts.sampling.temperature,
        "top_p": rollouts.sampling.top_p,
        "max_tokens": rollouts.sampling.max_tokens,
        "seed": rollouts.sampling.seed,
        "template": rollouts.template,
        "template_sha256": rollouts.template_sha256,
        "grader_policy_sha256": rollouts.grader.policy_sha256,
        "grader_tier": rollouts.grader.tier,
        "rollouts_sha256": provenance.rollouts_sha256,
        "samples_sha256": rollouts.samples.sha256,
        "audit_before": _reading(provenance.audit.before),
        "audit_after": _reading(provenance.audit.after),
    }
    return "".join(
        json.dumps({**_record(pair, temperatures), **common}) + "\n" for pair in pairs
    ).encode()


def _record(pair: Pair, temperatures: Sequence[float]) -> dict[str, object]:
    sides = sides_of(pair)
    return {
        "prompt": sides.prompt,
        "chosen": sides.chosen,
        "rejected": sides.rejected,
        "task_id": pair.problem.task_id,
        "source": pair.problem.source,
        "split": pair.problem.split,
        "chosen_sample": pair.chosen.sample,
        "rejected_sample": pair.rejected.sample,
        "chosen_temperature": temperatures[pair.chosen.sample],
        "rejected_temperature": temperatures[pair.rejected.sample],
        "chosen_verdict": pair.chosen.verdict,
        "rejected_verdict": pair.rejected.verdict,
        "pass_rate": pair.pass_rate,
        "passes": pair.passes,
        "samples": pair.samples,
        "quality": round(pair.quality, 6),
        "edit_distance": round(pair.edit_distance, 6),
        "length_ratio": round(pair.length_ratio, 6),
    }


def _reading(reading: Reading | None) -> dict[str, float] | None:
    if reading is None:
        return None
    found = reading.discrimination
    return {
        "auc": round(found.auc, 6),
        "paired_auc": round(found.paired_auc, 6),
        "low": round(found.low, 6),
        "high": round(found.high, 6),
        "p_value": round(found.p_value, 6),
    }
