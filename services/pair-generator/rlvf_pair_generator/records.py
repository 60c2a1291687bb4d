"""Preference pairs as they are stored: the standard preference format plus where each pair comes
from.

`prompt`, `chosen` and `rejected` are what TRL and `datasets` read. `prompt` is the prompt as the
model was sent it, and `prompt + chosen` the text of the program, so training sees what sampling
saw.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf_common.prompts import TEMPLATE
from rlvf_pair_generator.audit import Audit, Reading, sides_of
from rlvf_pair_generator.candidates import Pair
from rlvf_pair_generator.validation import checked_schedule

__all__ = ["Provenance", "dump_pairs", "is_off_policy"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What all pairs of one request have in common."""

    request: pair_generator_pb2.GeneratePairsRequest
    samples_sha256: str
    """Digest of the artifact of all samples."""
    audit: Audit


def is_off_policy(request: pair_generator_pb2.GeneratePairsRequest) -> bool:
    """Whether the answers are not those of the model that is to be trained, as it is before it is.

    Another endpoint counts as another model: nothing says that it serves the same weights.
    """
    model = request.model
    return (
        model.base != (request.trained_model or model.base)
        or model.HasField("adapter")
        or bool(request.endpoint)
    )


def dump_pairs(pairs: Iterable[Pair], provenance: Provenance) -> bytes:
    """JSON Lines, one pair a line, in the given order."""
    request = provenance.request
    schedule = checked_schedule(request)
    temperatures = schedule.temperatures_of_samples()
    common = {
        "model": request.model.base,
        "adapter_sha256": request.model.adapter.sha256,
        "endpoint": request.endpoint,
        "off_policy": is_off_policy(request),
        "samples_per_problem": schedule.sampling.samples_per_problem,
        "round_size": schedule.size,
        "temperature": schedule.sampling.temperature,
        "top_p": schedule.sampling.top_p,
        "max_tokens": schedule.sampling.max_tokens,
        "seed": schedule.sampling.seed,
        "template": TEMPLATE.name,
        "template_sha256": TEMPLATE.sha256,
        "samples_sha256": provenance.samples_sha256,
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
