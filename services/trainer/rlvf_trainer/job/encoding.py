"""Encodes training records as token ids, the same ids that the model sees when it is sampled.

The prompt is encoded by itself, because that is what the inference server does with it. A plain
prompt is encoded as it is, since that is the format of a base model, even if the tokenizer has a
chat template; a conversation as the model's own chat template renders it before an answer, as vLLM
does.

The answer is what joint encoding puts after the prompt. Where the tokenizer would merge characters
across the boundary (some merge the last quotes of a docstring with the line break that follows),
the prompt keeps its own tokens and the answer is encoded by itself, as in sampling. A plain answer
ends in the end-of-sequence token, one in a conversation in the token that ends the assistant's
turn: what a template puts after that token is never sampled, so it is left out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, Self, TypeVar

from rlvf_api.errors import FailedPrecondition
from rlvf_trainer.job.answers import Answer
from rlvf_trainer.job.errors import first_line
from rlvf_trainer.job.pairs import Pair
from rlvf_trainer.job.records import Message, Text


class Tokenizer(Protocol):
    """The part of a Hugging Face tokenizer that is used here."""

    eos_token_id: int | None
    chat_template: str | dict[str, str] | None

    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        """Token ids of `text`."""

    def apply_chat_template(
        self,
        conversation: list[dict[str, str]],
        *,
        tokenize: bool = True,
        add_generation_prompt: bool = False,
    ) -> str:
        """The conversation as text, where `tokenize` is false."""


class Encoder:
    """Encodes prompts and the answers to them.

    `stop_ids` are the tokens at which the model's generation ends, beside its tokenizer's
    end-of-sequence token.
    """

    def __init__(self, tokenizer: Tokenizer, stop_ids: Collection[int] = ()) -> None:
        """Raises FailedPrecondition where the tokenizer has no end-of-sequence token."""
        if tokenizer.eos_token_id is None:
            raise FailedPrecondition("the model's tokenizer has no end-of-sequence token")
        self._tokenizer = tokenizer
        self._end = tokenizer.eos_token_id
        self._stops = {self._end, *stop_ids}

    def encode(self, prompt: Text, answers: Sequence[Text]) -> tuple[list[int], list[list[int]]]:
        """Token ids of a prompt and of each of the answers to it, all in one form.

        Raises:
            FailedPrecondition: a conversation cannot be rendered so that the answer follows the
                prompt and ends.
        """
        if isinstance(prompt, str):
            prompt_ids = self._tokenizer.encode(prompt)
            return prompt_ids, [self._plain(prompt, prompt_ids, str(answer)) for answer in answers]
        asked = self._rendered(prompt, before_answer=True)
        prompt_ids = self._tokenizer.encode(asked, add_special_tokens=False)
        turns = [self._rendered((*prompt, *_messages(answer))) for answer in answers]
        return prompt_ids, [self._turn(asked, prompt_ids, turn) for turn in turns]

    def _plain(self, prompt: str, prompt_ids: list[int], answer: str) -> list[int]:
        ids = self._behind(prompt_ids, prompt + answer, answer, add_special_tokens=True)
        # Some tokenizers append the token themselves.
        return ids if ids[-1:] == [self._end] else [*ids, self._end]

    def _turn(self, asked: str, prompt_ids: list[int], conversation: str) -> list[int]:
        if not conversation.startswith(asked):
            raise FailedPrecondition(
                "the model's chat template renders a prompt differently when an answer follows it, "
                f"so the model cannot be trained on what it is asked: {asked[-60:]!r} is not how "
                f"the conversation begins, which is {conversation[: len(asked)][-60:]!r}"
            )
        answer = conversation[len(asked) :]
        ids = self._behind(prompt_ids, conversation, answer, add_special_tokens=False)
        ends = (place for place, token in enumerate(ids, start=1) if token in self._stops)
        end = next(ends, None)
        if end is None:
            raise FailedPrecondition(
                "the model's chat template ends an answer in no token that ends generation (the "
                f"end of {answer[-60:]!r}), so the model would not learn to stop; name the token "
                "as eos_token_id in the model's generation_config.json"
            )
        return ids[:end]

    def _behind(
        self, prompt_ids: list[int], joint: str, answer: str, *, add_special_tokens: bool
    ) -> list[int]:
        """The tokens that follow the prompt in `joint`. If the tokens of `joint` do not begin with
        the prompt's, those of the answer encoded by itself."""
        ids = self._tokenizer.encode(joint, add_special_tokens=add_special_tokens)
        if ids[: len(prompt_ids)] == prompt_ids:
            return ids[len(prompt_ids) :]
        return self._tokenizer.encode(answer, add_special_tokens=False)

    def _rendered(self, messages: Sequence[Message], *, before_answer: bool = False) -> str:
        if self._tokenizer.chat_template is None:
            raise FailedPrecondition(
                "the records are conversations, and the model has no chat template; use plain "
                "records, or a chat model"
            )
        try:
            return self._tokenizer.apply_chat_template(
                [message._asdict() for message in messages],
                tokenize=False,
                add_generation_prompt=before_answer,
            )
        except Exception as error:  # a template is a program, and raises what it likes
            raise FailedPrecondition(
                f"the model's chat template cannot render a record ({first_line(error)})"
            ) from error


def _messages(answer: Text) -> tuple[Message, ...]:
    assert not isinstance(answer, str), "records are of one form"
    return answer


class Encoded(Protocol):
    """A record as token ids: a prompt and the answers to it."""

    @property
    def prompt_ids(self) -> list[int]:
        """Token ids of the prompt."""

    @property
    def answers(self) -> tuple[list[int], ...]:
        """Token ids of each answer."""

    def cut(self, tokens: int) -> Self:
        """The same with answers of this many tokens at most."""


@dataclass(frozen=True, slots=True)
class EncodedPair:
    """Token ids of a pair; both answers end in the token that ends them, unless they are cut."""

    prompt_ids: list[int]
    chosen_ids: list[int]
    rejected_ids: list[int]

    @property
    def answers(self) -> tuple[list[int], ...]:
        """The chosen answer and the rejected one."""
        return self.chosen_ids, self.rejected_ids

    def cut(self, tokens: int) -> "EncodedPair":
        """The same with answers of this many tokens at most."""
        return EncodedPair(self.prompt_ids, self.chosen_ids[:tokens], self.rejected_ids[:tokens])


@dataclass(frozen=True, slots=True)
class EncodedAnswer:
    """Token ids of an answer; it ends in the token that ends it, unless it is cut."""

    prompt_ids: list[int]
    answer_ids: list[int]

    @property
    def answers(self) -> tuple[list[int], ...]:
        """The one answer."""
        return (self.answer_ids,)

    def cut(self, tokens: int) -> "EncodedAnswer":
        """The same with an answer of this many tokens at most."""
        return EncodedAnswer(self.prompt_ids, self.answer_ids[:tokens])


EncodedRecord = TypeVar("EncodedRecord", bound=Encoded)


class EncodedRecords(NamedTuple, Generic[EncodedRecord]):
    """The records that can be trained on, and how many `max_length` cut or left out, in words."""

    records: list[EncodedRecord]
    warnings: list[str]


def encode_pairs(
    encoder: Encoder, pairs: Sequence[Pair], max_length: int
) -> EncodedRecords[EncodedPair]:
    """Encode all pairs, answers cut to `max_length` tokens of prompt and answer. Left out are pairs
    whose prompt leaves an answer no token, and pairs whose answers are then the same tokens.

    Raises:
        FailedPrecondition: none is left, or one cannot be encoded.
    """

    def encoded(pair: Pair) -> EncodedPair:
        prompt_ids, answers = encoder.encode(pair.prompt, (pair.chosen, pair.rejected))
        return EncodedPair(prompt_ids, *answers)

    return _fitted([encoded(pair) for pair in pairs], max_length, "pair")


def encode_answers(
    encoder: Encoder, answers: Sequence[Answer], max_length: int
) -> EncodedRecords[EncodedAnswer]:
    """Encode all answers, cut to `max_length` tokens of prompt and answer. Left out are answers
    whose prompt leaves them no token.

    Raises:
        FailedPrecondition: none is left, or one cannot be encoded.
    """

    def encoded(answer: Answer) -> EncodedAnswer:
        prompt_ids, answers = encoder.encode(answer.prompt, (answer.completion,))
        return EncodedAnswer(prompt_ids, *answers)

    return _fitted([encoded(answer) for answer in answers], max_length, "answer")


def _fitted(
    encoded: Sequence[EncodedRecord], max_length: int, what: str
) -> EncodedRecords[EncodedRecord]:
    whole = [record for record in encoded if len(record.prompt_ids) < max_length]
    if not whole:
        shortest = min(len(record.prompt_ids) for record in encoded)
        raise FailedPrecondition(
            f"no {what} has room in max_length: the shortest prompt has {shortest} tokens, and "
            f"max_length is {max_length}"
        )
    cut = [(record, record.cut(max_length - len(record.prompt_ids))) for record in whole]
    kept = [(record, short) for record, short in cut if _differ(short.answers)]
    if not kept:
        raise FailedPrecondition(
            f"no {what} has answers that differ within max_length, which is {max_length} tokens of "
            "prompt and answer"
        )
    counts = (
        (len(encoded) - len(whole), "left out: their prompts fill max_length"),
        (len(whole) - len(kept), "left out: their answers are the same within max_length"),
        (
            sum(record != short for record, short in kept),
            f"{'with an answer ' if what == 'pair' else ''}cut at max_length",
        ),
    )
    return EncodedRecords(
        [short for _, short in kept],
        [f"{count} of {len(encoded)} {what}s {taken}" for count, taken in counts if count],
    )


def _differ(answers: Sequence[list[int]]) -> bool:
    return all(answer not in answers[:place] for place, answer in enumerate(answers))
