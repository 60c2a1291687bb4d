"""Pairs as token ids, as the model meets them when it is sampled.

The prompt is encoded by itself, because that is what the inference server does with it, and it is
plain text: the format is that of a base model, so no chat template takes part even where the
tokenizer has one. The answer is what joint encoding puts after the prompt; where the tokenizer
would merge characters across the boundary (some merge the last quotes of a docstring with the line
break that follows), the prompt keeps its own tokens and the answer is encoded by itself, as
sampling would have had it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from rlvf_api.errors import FailedPrecondition
from rlvf_trainer.job.pairs import Pair


class Tokenizer(Protocol):
    """What is needed of a Hugging Face tokenizer."""

    eos_token_id: int | None

    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        """Token ids of `text`."""


@dataclass(frozen=True, slots=True)
class EncodedPair:
    """Token ids of a pair; both answers end in the end-of-sequence token, unless they are cut."""

    prompt_ids: list[int]
    chosen_ids: list[int]
    rejected_ids: list[int]


def encode_pair(tokenizer: Tokenizer, pair: Pair) -> EncodedPair:
    """Encode one pair.

    Raises:
        FailedPrecondition: the tokenizer has no end-of-sequence token.
    """
    prompt_ids = tokenizer.encode(pair.prompt)
    return EncodedPair(
        prompt_ids,
        _answer_ids(tokenizer, pair.prompt, prompt_ids, pair.chosen),
        _answer_ids(tokenizer, pair.prompt, prompt_ids, pair.rejected),
    )


class EncodedPairs(NamedTuple):
    """The pairs that can be trained on, and what `max_length` took, in words."""

    pairs: list[EncodedPair]
    warnings: list[str]


def encode_pairs(tokenizer: Tokenizer, pairs: Sequence[Pair], max_length: int) -> EncodedPairs:
    """Encode all pairs, answers cut to `max_length` tokens of prompt and answer. Left out are pairs
    whose prompt leaves an answer no token, and pairs whose answers are then the same tokens.

    Raises:
        FailedPrecondition: none is left, or the tokenizer has no end-of-sequence token.
    """
    encoded = [encode_pair(tokenizer, pair) for pair in pairs]
    whole = [pair for pair in encoded if len(pair.prompt_ids) < max_length]
    if not whole:
        shortest = min(len(pair.prompt_ids) for pair in encoded)
        raise FailedPrecondition(
            f"no pair leaves room for an answer: the shortest prompt has {shortest} tokens, and "
            f"max_length is {max_length}"
        )
    cut = [(pair, _cut(pair, max_length - len(pair.prompt_ids))) for pair in whole]
    kept = [(pair, short) for pair, short in cut if short.chosen_ids != short.rejected_ids]
    if not kept:
        raise FailedPrecondition(
            f"no pair has answers that differ within max_length, which is {max_length} tokens of "
            "prompt and answer"
        )
    counts = (
        (len(encoded) - len(whole), "left out: their prompts fill max_length"),
        (len(whole) - len(kept), "left out: their answers are the same within max_length"),
        (sum(pair != short for pair, short in kept), "with an answer cut at max_length"),
    )
    return EncodedPairs(
        [short for _, short in kept],
        [f"{count} of {len(encoded)} pairs {what}" for count, what in counts if count],
    )


def _cut(pair: EncodedPair, tokens: int) -> EncodedPair:
    return replace(
        pair, chosen_ids=pair.chosen_ids[:tokens], rejected_ids=pair.rejected_ids[:tokens]
    )


def _answer_ids(tokenizer: Tokenizer, prompt: str, prompt_ids: list[int], answer: str) -> list[int]:
    if tokenizer.eos_token_id is None:
        raise FailedPrecondition("the model's tokenizer has no end-of-sequence token")
    joint = tokenizer.encode(prompt + answer)
    if joint[: len(prompt_ids)] == prompt_ids:
        ids = joint[len(prompt_ids) :]
    else:
        ids = tokenizer.encode(answer, add_special_tokens=False)
    # Some tokenizers append the token themselves.
    return ids if ids[-1:] == [tokenizer.eos_token_id] else [*ids, tokenizer.eos_token_id]
