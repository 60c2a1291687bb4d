"""Preference pairs as they are stored: the standard preference format plus where each pair comes
from.

`prompt`, `chosen` and `rejected` are what TRL and `datasets` read. `prompt` is the prompt as the
model was sent it, and `prompt + chosen` the text of the program, so training sees what sampling
saw.
"""

import json
from collections.abc import Iterable

from rlvf.sampling.v1 import sampling_pb2
from rlvf_common.prompts import TEMPLATE, completion_prompt, sent_continuation
from rlvf_common.sampling import SamplingParameters
from rlvf_pair_generator.selection import Pair

__all__ = ["dump_pairs"]


def dump_pairs(
    pairs: Iterable[Pair],
    *,
    model: sampling_pb2.Model,
    sampling: SamplingParameters,
    samples_sha256: str,
) -> bytes:
    """JSON Lines, one pair a line, in the given order. `samples_sha256` is the artifact of all
    samples."""
    provenance = {
        "model": model.base,
        "adapter_sha256": model.adapter.sha256,
        "samples_per_problem": sampling.samples_per_problem,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens,
        "seed": sampling.seed,
        "template": TEMPLATE.name,
        "template_sha256": TEMPLATE.sha256,
        "samples_sha256": samples_sha256,
    }
    lines = []
    for pair in pairs:
        record = {
            "prompt": completion_prompt(pair.problem),
            "chosen": sent_continuation(pair.problem, pair.chosen.completion),
            "rejected": sent_continuation(pair.problem, pair.rejected.completion),
            "task_id": pair.problem.task_id,
            "source": pair.problem.source,
            "split": pair.problem.split,
            "chosen_sample": pair.chosen.sample,
            "rejected_sample": pair.rejected.sample,
            "chosen_verdict": pair.chosen.verdict,
            "rejected_verdict": pair.rejected.verdict,
            "pass_rate": pair.pass_rate,
            **provenance,
        }
        lines.append(json.dumps(record) + "\n")
    return "".join(lines).encode()
