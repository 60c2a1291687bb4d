"""Writes training data: records in the standard formats, with columns that say where each comes
from.

Pairs have `prompt`, `chosen` and `rejected`, answers `prompt` and `completion`, which TRL and
`datasets` read. They are the texts that were sent and written, so training sees what sampling saw;
if the model was asked in a chat they are conversations.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rlvf_common.rollouts.rollout_set import RolloutSet
from rlvf_pair_generator.schedule import Schedule
from rlvf_pair_generator.selecting.answer_selection import SelectedAnswer
from rlvf_pair_generator.selecting.audit import Audit, Reading
from rlvf_pair_generator.selecting.candidates import Pair
from rlvf_pair_generator.selecting.texts import answer_record, prompt_record

__all__ = ["Provenance", "dump_answers", "dump_pairs"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """The provenance that all records of one selection have in common."""

    rollouts: RolloutSet
    rollouts_sha256: str
    """Digest of the rollouts' manifest."""
    trained_model: str
    """Name of the base model to train; empty for the one that sampled."""
    trained_adapter_sha256: str = ""
    """Digest of the adapter from which training starts; empty for the base model itself."""

    @property
    def off_policy(self) -> bool:
        """Whether the answers were sampled from another model than the one to be trained, as it is
        before training.

        Another endpoint counts as another model, since it may serve other weights.
        """
        rollouts = self.rollouts
        return (
            rollouts.model != (self.trained_model or rollouts.model)
            or rollouts.adapter_sha256 != self.trained_adapter_sha256
            or bool(rollouts.endpoint)
        )

    def columns(self) -> dict[str, object]:
        """Names and values of the columns that all records share."""
        rollouts = self.rollouts
        return {
            "model": rollouts.model,
            "weights_sha256": rollouts.weights_sha256,
            "adapter_sha256": rollouts.adapter_sha256,
            "endpoint": rollouts.endpoint,
            "off_policy": self.off_policy,
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
            "rollouts_sha256": self.rollouts_sha256,
            "samples_sha256": rollouts.samples.sha256,
        }


def dump_pairs(pairs: Iterable[Pair], provenance: Provenance, audit: Audit) -> bytes:
    """JSON Lines, one pair a line, in the given order."""
    temperatures = Schedule.of(provenance.rollouts).temperatures_of_samples()
    common = {
        **provenance.columns(),
        "audit_before": _reading(audit.before),
        "audit_after": _reading(audit.after),
    }
    return _json_lines({**_pair(pair, temperatures), **common} for pair in pairs)


def dump_answers(answers: Iterable[SelectedAnswer], provenance: Provenance) -> bytes:
    """JSON Lines, one answer a line, in the given order."""
    temperatures = Schedule.of(provenance.rollouts).temperatures_of_samples()
    common = provenance.columns()
    return _json_lines({**_answer(answer, temperatures), **common} for answer in answers)


def _json_lines(records: Iterable[Mapping[str, object]]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def _pair(pair: Pair, temperatures: Sequence[float]) -> dict[str, object]:
    problem = pair.problem
    return {
        "prompt": prompt_record(problem, pair.chosen),
        "chosen": answer_record(problem, pair.chosen),
        "rejected": answer_record(problem, pair.rejected),
        "task_id": problem.task_id,
        "source": problem.source,
        "split": problem.split,
        "chosen_sample": pair.chosen.sample,
        "rejected_sample": pair.rejected.sample,
        "chosen_temperature": temperatures[pair.chosen.sample],
        "rejected_temperature": temperatures[pair.rejected.sample],
        "chosen_verdict": pair.chosen.verdict,
        "rejected_verdict": pair.rejected.verdict,
        "chosen_credit": pair.chosen.credit,
        "rejected_credit": pair.rejected.credit,
        "pass_rate": pair.pass_rate,
        "passes": pair.passes,
        "samples": pair.samples,
        "quality": round(pair.quality, 6),
        "edit_distance": round(pair.edit_distance, 6),
        "length_ratio": round(pair.length_ratio, 6),
    }


def _answer(answer: SelectedAnswer, temperatures: Sequence[float]) -> dict[str, object]:
    problem, rollout = answer.problem, answer.rollout
    return {
        "prompt": prompt_record(problem, rollout),
        "completion": answer_record(problem, rollout),
        "task_id": problem.task_id,
        "source": problem.source,
        "split": problem.split,
        "sample": rollout.sample,
        "sample_temperature": temperatures[rollout.sample],
        "verdict": rollout.verdict,
        "pass_rate": answer.pass_rate,
        "passes": answer.passes,
        "samples": answer.samples,
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
