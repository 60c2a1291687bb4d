"""Pairs as rows of tokens, in which a prompt stands once and nothing is padding.

Chosen and rejected answer follow the same prompt, and in a causal model a prompt does not see what
follows it. So one row holds the prompt and, behind it, both answers as branches: each sees the
prompt and itself, and its positions go on from the prompt. Several pairs lie in one row side by
side, blind to each other: prefix sharing, Wang and Hegde 2024, https://arxiv.org/abs/2410.20305.

The last token of a prompt stands at the head of both branches instead, since it foretells both
first tokens; and the last token of an answer is never fed, since it foretells nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from rlvf_trainer.job.encoding import EncodedPair


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `n` tokens, of which `k` foretell a token of an answer.

    `input_ids` and `position_ids` are (1, n); `visible` is (1, 1, n, n) and true where the token of
    the third index sees that of the fourth, or None where every token sees all before it;
    `positions` and `labels` are (k,): where the hidden state of a foretelling token is, and what it
    is to foretell, answer by answer. `lengths` are the tokens of each answer, k in all.
    """

    input_ids: torch.Tensor
    position_ids: torch.Tensor
    visible: torch.Tensor | None
    positions: torch.Tensor
    labels: torch.Tensor
    lengths: tuple[int, ...]


def shared_row(pairs: Sequence[EncodedPair]) -> Row:
    """All pairs in one row, each prompt once; answers in the order chosen, rejected, chosen, ..."""
    tokens = sum(_tokens(pair) for pair in pairs)
    visible = torch.zeros(1, 1, tokens, tokens, dtype=torch.bool)
    ids: list[int] = []
    places: list[int] = []
    positions: list[int] = []
    labels: list[int] = []
    lengths: list[int] = []
    for pair in pairs:
        *prompt, last = pair.prompt_ids
        prompt_start, prompt_end = len(ids), len(ids) + len(prompt)
        ids += prompt
        places += range(len(prompt))
        _see(visible, prompt_start, prompt_end)
        for answer in (pair.chosen_ids, pair.rejected_ids):
            start, end = len(ids), len(ids) + len(answer)
            ids += [last, *answer[:-1]]
            places += range(len(prompt), len(prompt) + len(answer))
            visible[..., start:end, prompt_start:prompt_end] = True
            _see(visible, start, end)
            positions += range(start, end)
            labels += answer
            lengths.append(len(answer))
    return Row(
        input_ids=torch.tensor([ids]),
        position_ids=torch.tensor([places]),
        visible=visible,
        positions=torch.tensor(positions),
        labels=torch.tensor(labels),
        lengths=tuple(lengths),
    )


def plain_rows(pair: EncodedPair) -> list[Row]:
    """Chosen and rejected answer in a row each, behind a prompt of its own."""
    rows = []
    for answer in (pair.chosen_ids, pair.rejected_ids):
        ids = [*pair.prompt_ids, *answer[:-1]]
        rows.append(
            Row(
                input_ids=torch.tensor([ids]),
                position_ids=torch.arange(len(ids)).unsqueeze(0),
                visible=None,
                positions=torch.arange(len(pair.prompt_ids) - 1, len(ids)),
                labels=torch.tensor(answer),
                lengths=(len(answer),),
            )
        )
    return rows


def _tokens(pair: EncodedPair) -> int:
    return len(pair.prompt_ids) - 1 + len(pair.chosen_ids) + len(pair.rejected_ids)


def _see(visible: torch.Tensor, start: int, end: int) -> None:
    """Let each token of a stretch see itself and those before it in the stretch."""
    size = end - start
    visible[..., start:end, start:end] = torch.ones(size, size, dtype=torch.bool).tril()
