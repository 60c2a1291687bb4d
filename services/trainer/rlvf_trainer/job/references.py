"""Log-probabilities of the pairs under the reference model, computed once for all runs.

The reference is the base model, or the base with the adapter from which training starts: no run
changes it. So each pair's log-probabilities are stored under the digest of what they depend on: the
loaded weights, the tokens, and the machinery. All rungs of a ladder, all seeds and every epoch read
them, and so does a job that continues a killed one. A pair is always computed in a row of its own,
so that its numbers do not depend on its neighbours: a run that reads them ends in the same bits as
one that computes them.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import torch
import transformers
from peft import PeftModel
from transformers import PreTrainedModel

from rlvf_api.hyperparameters import Precision
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_trainer.job.encoding import EncodedPair
from rlvf_trainer.job.parallel import barrier
from rlvf_trainer.job.processes import rank, world
from rlvf_trainer.job.scoring import Scorer

log = logging.getLogger(__name__)

_PREFIX = "training/references"
_CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Reference:
    """Log-probabilities of the tokens of both answers under the reference model, fp32 values."""

    chosen: list[float]
    rejected: list[float]


def reference_logps(
    model: PreTrainedModel | PeftModel,
    pairs: Sequence[EncodedPair],
    scorer: Scorer,
    store: ArtifactStore,
    precision: Precision,
    autocast: Callable[[], AbstractContextManager[object]],
) -> list[Reference]:
    """The reference of each pair, in order: read if it is stored, else computed and stored.

    `model` has no adapter, or that of the reference. With several processes each computes its part
    and reads the others'.
    """
    machinery = _machinery(model, precision, scorer)
    keys = [f"{_PREFIX}/{_digest(machinery, pair)}" for pair in pairs]
    with ThreadPoolExecutor(_CONNECTIONS) as threads:
        stored = list(threads.map(store.read_document, keys))
        missing = [
            index
            for index, (data, pair) in enumerate(zip(stored, pairs, strict=True))
            if data is None or len(data) != _size_bytes(pair)
        ]
        # Divided by place, not by what is missing: a process that looks later finds more stored.
        own = [index for index in missing if index % world() == rank()]
        log.info("reference log-probabilities: %d stored, %d to compute",
                 len(pairs) - len(missing), len(own))  # fmt: skip
        with torch.no_grad(), autocast():
            writes = []
            for index in own:
                logps = scorer(model, pairs[index])
                data = torch.cat(logps).float().cpu().numpy().astype("<f4").tobytes()
                stored[index] = data
                writes.append(threads.submit(store.write_document, keys[index], data))
        for write in writes:
            write.result()
        barrier()
        of_others = [index for index in missing if index not in own]
        computed = threads.map(store.read_document, [keys[index] for index in of_others])
        for index, found in zip(of_others, computed, strict=True):
            stored[index] = found
    return [
        _parse(data or b"", len(pair.chosen_ids)) for data, pair in zip(stored, pairs, strict=True)
    ]


def _size_bytes(pair: EncodedPair) -> int:
    return 4 * (len(pair.chosen_ids) + len(pair.rejected_ids))


def _parse(data: bytes, chosen_tokens: int) -> Reference:
    values = np.frombuffer(data, "<f4").tolist()
    return Reference(values[:chosen_tokens], values[chosen_tokens:])


def _digest(machinery: str, pair: EncodedPair) -> str:
    tokens = [pair.prompt_ids, pair.chosen_ids, pair.rejected_ids]
    return hashlib.sha256(f"{machinery}{json.dumps(tokens)}".encode()).hexdigest()


def _machinery(model: PreTrainedModel | PeftModel, precision: Precision, scorer: Scorer) -> str:
    """Digest of everything except the tokens that determines the numbers, down to the order of a
    sum."""
    device = next(model.parameters()).device
    on_cpu = device.type == "cpu"
    parts = [
        model_digest(model),
        precision,
        f"shared={scorer.shared}",
        torch.__version__,
        transformers.__version__,
        torch.backends.cpu.get_cpu_capability() if on_cpu else torch.cuda.get_device_name(device),
        f"threads={torch.get_num_threads()}" if on_cpu else "",
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def model_digest(model: PreTrainedModel | PeftModel) -> str:
    """SHA-256 of a model's configuration and weights as they are loaded. The place from which it
    was loaded does not enter."""
    config = model.config.to_dict()
    for name in ("_name_or_path", "transformers_version"):
        config.pop(name, None)
    digest = hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode())
    for name, values in _weights(model):
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}".encode())
        digest.update(values.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _weights(model: PreTrainedModel | PeftModel) -> Iterator[tuple[str, torch.Tensor]]:
    """Each tensor of the state once, even if it is tied to several names."""
    seen = set()
    for name, values in sorted(model.state_dict().items()):
        if values.data_ptr() not in seen:
            seen.add(values.data_ptr())
            yield name, values
