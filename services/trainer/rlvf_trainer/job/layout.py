"""Lays a record out as rows of tokens without padding, in which its answers can share the prompt.

Chosen and rejected answer follow the same prompt, and in a causal model a prompt does not see what
follows it. So one row holds the prompt and, after it, the answers as branches: each sees the
prompt and itself, and its positions continue those of the prompt (prefix sharing: Wang and Hegde
2024, https://arxiv.org/abs/2410.20305).

The last token of the prompt is not part of the shared prompt but the head of each branch, since it
predicts the first token of every answer. The last token of an answer is not in the row, since it
predicts nothing.
"""

from dataclasses import dataclass

import torch

from rlvf_trainer.job.encoding import Encoded


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `n` tokens, of which `k` predict a token of an answer.

    `input_ids` and `position_ids` are (1, n). `visible` is (1, 1, n, n) and true where the token of
    the third index sees that of the fourth, or None if every token sees all before it. `positions`
    and `labels` are (k,): the indices of the predicting tokens in the row, and the tokens that they
    are to predict, answer by answer. `lengths` are the tokens of each answer, k in all.
    """

    input_ids: torch.Tensor
    position_ids: torch.Tensor
    visible: torch.Tensor | None
    positions: torch.Tensor
    labels: torch.Tensor
    lengths: tuple[int, ...]


def shared_row(record: Encoded) -> Row:
    """One row with all answers after one prompt, in order."""
    *prompt, last = record.prompt_ids
    tokens = len(prompt) + sum(map(len, record.answers))
    visible = torch.zeros(1, 1, tokens, tokens, dtype=torch.bool)
    _see(visible, 0, len(prompt))
    ids = [*prompt]
    places = [*range(len(prompt))]
    for answer in record.answers:
        start, end = len(ids), len(ids) + len(answer)
        ids += [last, *answer[:-1]]
        places += range(len(prompt), len(prompt) + len(answer))
        visible[..., start:end, : len(prompt)] = True
        _see(visible, start, end)
    return Row(
        input_ids=torch.tensor([ids]),
        position_ids=torch.tensor([places]),
        visible=visible,
        positions=torch.arange(len(prompt), tokens),
        labels=torch.tensor([token for answer in record.answers for token in answer]),
        lengths=tuple(map(len, record.answers)),
    )


def plain_rows(record: Encoded) -> list[Row]:
    """A row for each answer, after a prompt of its own."""
    rows = []
    for answer in record.answers:
        ids = [*record.prompt_ids, *answer[:-1]]
        rows.append(
            Row(
                input_ids=torch.tensor([ids]),
                position_ids=torch.arange(len(ids)).unsqueeze(0),
                visible=None,
                positions=torch.arange(len(record.prompt_ids) - 1, len(ids)),
                labels=torch.tensor(answer),
                lengths=(len(answer),),
            )
        )
    return rows


def _see(visible: torch.Tensor, start: int, end: int) -> None:
    """Let each token of a stretch see itself and those before it in the stretch."""
    size = end - start
    visible[..., start:end, start:end] = torch.ones(size, size, dtype=torch.bool).tril()
