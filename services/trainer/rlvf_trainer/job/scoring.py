"""Computes the log-probabilities of the tokens of answers.

To save work, a prompt is computed once for all its answers if the model allows it (`layout`),
nothing is padded, and the projection to the vocabulary, a fifth of a small model's work, is done
only where a token of an answer is predicted.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import torch
from torch.nn import functional
from transformers import PreTrainedConfig, PreTrainedModel

from rlvf_api.hyperparameters import Precision
from rlvf_trainer.job.encoding import Encoded
from rlvf_trainer.job.errors import first_line, resource_problem
from rlvf_trainer.job.layout import Row, plain_rows, shared_row


class Scores(NamedTuple):
    """Scores of the answers of a record under a model: for each answer a tensor (tokens,), fp32, of
    the tokens' log-probabilities and one of the entropies where they are predicted, in nats.
    """

    logps: tuple[torch.Tensor, ...]
    entropies: tuple[torch.Tensor, ...]


class Scorer:
    """Computes the log-probabilities of answers under a causal model of transformers.

    With `shared`, the answers of a record share the computation of their prompt; without, each
    answer is a row of its own. No row has more than one record, so that a record's numbers depend
    on it alone, to the bit. Probabilities are those at `temperature`.
    """

    def __init__(self, *, shared: bool, temperature: float = 1.0) -> None:
        self.shared = shared
        self._temperature = temperature

    def __call__(self, model: torch.nn.Module, record: Encoded) -> tuple[torch.Tensor, ...]:
        """Log-probabilities of each answer, with gradients where they are on."""
        return tuple(
            logps
            for row in self._rows(record)
            for logps in torch.split(_logps(self._logits(model, row), row), list(row.lengths))
        )

    def scores(self, model: torch.nn.Module, record: Encoded) -> Scores:
        """Log-probabilities of each answer, with gradients where they are on, and entropies, which
        have none. The entropies cost as much as the logits.
        """
        logps: list[torch.Tensor] = []
        entropies: list[torch.Tensor] = []
        for row in self._rows(record):
            logits = self._logits(model, row)
            logps += torch.split(_logps(logits, row), list(row.lengths))
            entropies += torch.split(_entropies(logits.detach()), list(row.lengths))
        return Scores(tuple(logps), tuple(entropies))

    def _rows(self, record: Encoded) -> list[Row]:
        return [shared_row(record)] if self.shared else plain_rows(record)

    def _logits(self, model: torch.nn.Module, row: Row) -> torch.Tensor:
        logits = _logits(model, row)
        return logits if self._temperature == 1.0 else logits / self._temperature


def _logits(model: torch.nn.Module, row: Row) -> torch.Tensor:
    """Logits (k, vocabulary) of the row's `k` predicting tokens, fp32."""
    device = next(model.parameters()).device
    # Without these arguments positions count up and attention is causal, in every architecture.
    layout = (
        {}
        if row.visible is None
        else {
            "position_ids": row.position_ids.to(device),
            "attention_mask": row.visible.to(device),
        }
    )
    logits: torch.Tensor = model(
        input_ids=row.input_ids.to(device),
        logits_to_keep=row.positions.to(device),
        use_cache=False,
        **layout,
    ).logits[0]
    return logits.float()


def _logps(logits: torch.Tensor, row: Row) -> torch.Tensor:
    return -functional.cross_entropy(logits, row.labels.to(logits.device), reduction="none")


def _entropies(logits: torch.Tensor) -> torch.Tensor:
    logps = logits.log_softmax(dim=-1)
    entropies: torch.Tensor = -torch.linalg.vecdot(logps.exp(), logps)
    return entropies


SHARING_TOLERANCE = {Precision.FP32: 1e-3, Precision.BF16: 0.5, Precision.NF4: 0.5}
"""Largest difference of a token's log-probability between the two forms, in nats, that is taken for
rounding.

The largest difference by rounding alone, measured on a CPU: with SmolLM2-135M on source code, pairs
of 75 to 1,000 tokens (nf4: to 600), 0.28 in nf4, 0.24 in bf16, 2e-5 in fp32; with the tests' tiny
model 0.02, 0.02 and 1e-6. Logits are bf16 unless all is fp32, and bf16 numbers from 32 to 64 are
0.25 apart: the largest logit of SmolLM2 is 31 in the median and 44 at most.
"""


def sharing_problem(
    model: PreTrainedModel,
    records: Sequence[Encoded],
    precision: Precision,
    autocast: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> str | None:
    """Why the answers of a record must not share the computation of its prompt with this model, or
    None.

    An attention window that is shorter than a record would have to be in the mask. It is read from
    the configuration, since the difference that it makes on a few tokens can be small. Some
    architectures have no positions that can be set, or no mask (recurrent ones, ALiBi), so the
    longest record is also computed in both forms.

    Raises:
        ResourceExhausted: out of memory.
    """
    longest = max(records, key=_length)
    window = attention_window(model.config)
    if window is not None and window < _length(longest):
        return (
            f"attention sees {window} tokens and the longest prompt with an answer has "
            f"{_length(longest)}"
        )
    with torch.no_grad(), autocast():
        try:
            shared = Scorer(shared=True)(model, longest)
        except Exception as error:  # the model's own code can raise any kind
            if (resources := resource_problem(error)) is not None:
                raise resources from error
            return f"it takes no mask of its own ({first_line(error)})"
        plain = Scorer(shared=False)(model, longest)
    difference = float((torch.cat(plain) - torch.cat(shared)).abs().max())
    if difference <= SHARING_TOLERANCE[precision]:
        return None
    return f"the log-probability of a token differs by {difference:.2g} nats"


def _length(record: Encoded) -> int:
    """Tokens of the prompt and the longest answer."""
    return len(record.prompt_ids) + max(map(len, record.answers))


def attention_window(config: PreTrainedConfig) -> int | None:
    """How many tokens the layers with the narrowest attention see, or None if all see all."""
    config = config.get_text_config()
    # If `layer_types` is missing or has other kinds too, a window that is named is in use.
    if set(getattr(config, "layer_types", None) or ()) == {"full_attention"}:
        return None
    windows = [getattr(config, name, None) for name in ("sliding_window", "attention_chunk_size")]
    return min((window for window in windows if window), default=None)
