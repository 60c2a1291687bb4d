"""Pairs as tokens: the boundary between prompt and answer, the end of an answer, and truncation."""

import pytest

from rlvf_api.errors import FailedPrecondition
from rlvf_trainer.job.answers import Answer
from rlvf_trainer.job.encoding import (
    EncodedAnswer,
    EncodedPair,
    Encoder,
    encode_answers,
    encode_pairs,
)
from rlvf_trainer.job.pairs import Pair
from rlvf_trainer.job.records import Message

EOS = 0
END_OF_TURN = "$"


class Characters:
    """A tokenizer of single characters, but for `merges`, which are one token each."""

    eos_token_id: int | None = EOS
    chat_template: str | dict[str, str] | None = "one, in `apply_chat_template`"

    def __init__(self, *merges: str, begin: list[int] | None = None) -> None:
        self._merges = merges
        self._begin = begin or []

    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        ids = []
        while text:
            merge = next((merge for merge in self._merges if text.startswith(merge)), text[0])
            ids.append(sum(map(ord, merge)) if len(merge) > 1 else ord(merge))
            text = text[len(merge) :]
        return [*self._begin, *ids] if add_special_tokens else ids

    def apply_chat_template(
        self,
        conversation: list[dict[str, str]],
        *,
        tokenize: bool = True,
        add_generation_prompt: bool = False,
    ) -> str:
        """Turns as `<role>content$`, with a line break behind each."""
        assert not tokenize
        turns = [f"<{turn['role'][0]}>{turn['content']}{END_OF_TURN}\n" for turn in conversation]
        return "".join(turns) + ("<a>" if add_generation_prompt else "")


def ids(text: str) -> list[int]:
    return [ord(character) for character in text]


def encode_pair(tokenizer: Characters, pair: Pair) -> EncodedPair:
    return encode_pairs(Encoder(tokenizer), [pair], 100).records[0]


def asked(text: str) -> tuple[Message, ...]:
    return (Message("user", text),)


def said(text: str) -> tuple[Message, ...]:
    return (Message("assistant", text),)


def chat_encoder(*merges: str) -> Encoder:
    return Encoder(Characters(*merges), [ord(END_OF_TURN)])


def test_both_answers_end_in_the_end_of_sequence_token() -> None:
    encoded = encode_pair(Characters(), Pair("ab", "\nc", "\nd"))
    assert encoded == EncodedPair(ids("ab"), [*ids("\nc"), EOS], [*ids("\nd"), EOS])


def test_a_merge_across_the_boundary_leaves_the_prompt_as_it_is_sampled() -> None:
    encoded = encode_pair(Characters('"\n'), Pair('a"', "\nc", "d"))
    assert encoded.prompt_ids == ids('a"')
    assert encoded.chosen_ids == [*ids("\nc"), EOS]


def test_a_beginning_of_sequence_token_stands_once_before_the_prompt() -> None:
    encoded = encode_pair(Characters(begin=[7]), Pair("a", "b", "c"))
    assert encoded == EncodedPair([7, *ids("a")], [*ids("b"), EOS], [*ids("c"), EOS])


def test_a_pair_whose_prompt_fills_the_length_is_left_out() -> None:
    pairs = [Pair("abcd", "x", "y"), Pair("a", "x", "y")]
    encoded, warnings = encode_pairs(Encoder(Characters()), pairs, 4)
    assert [pair.prompt_ids for pair in encoded] == [ids("a")]
    assert warnings == ["1 of 2 pairs left out: their prompts fill max_length"]


def test_answers_are_cut_where_prompt_and_answer_fill_the_length() -> None:
    encoded, warnings = encode_pairs(
        Encoder(Characters()), [Pair("ab", "xyz", "z"), Pair("a", "b", "c")], 4
    )
    assert encoded[0] == EncodedPair(ids("ab"), ids("xy"), [*ids("z"), EOS])
    assert warnings == ["1 of 2 pairs with an answer cut at max_length"]


def test_a_pair_whose_answers_differ_only_in_what_is_cut_is_left_out() -> None:
    pairs = [Pair("ab", "xyz", "xyw"), Pair("ab", "xy", "x"), Pair("a", "b", "c")]
    encoded, warnings = encode_pairs(Encoder(Characters()), pairs, 4)
    assert [pair.chosen_ids for pair in encoded] == [ids("xy"), [*ids("b"), EOS]]
    assert warnings == [
        "1 of 3 pairs left out: their answers are the same within max_length",
        "1 of 3 pairs with an answer cut at max_length",
    ]


def test_pairs_whose_answers_all_differ_only_in_what_is_cut_are_refused() -> None:
    with pytest.raises(
        FailedPrecondition, match="answers that differ within max_length, which is 4"
    ):
        encode_pairs(Encoder(Characters()), [Pair("ab", "xyz", "xyw")], 4)


def test_pairs_that_are_all_too_long_are_refused_with_the_numbers() -> None:
    with pytest.raises(
        FailedPrecondition, match="shortest prompt has 4 tokens, and max_length is 4"
    ):
        encode_pairs(Encoder(Characters()), [Pair("abcd", "x", "y")], 4)


def test_a_tokenizer_without_an_end_is_refused() -> None:
    tokenizer = Characters()
    tokenizer.eos_token_id = None
    with pytest.raises(FailedPrecondition, match="no end-of-sequence token"):
        Encoder(tokenizer)


def test_a_conversation_is_encoded_as_the_template_renders_it_up_to_the_end_of_the_turn() -> None:
    pair = Pair(asked("q"), said("yes"), said("no"))
    encoded = encode_pairs(chat_encoder(), [pair], 100).records[0]
    # The template's line break behind the turn is never sampled.
    assert encoded == EncodedPair(ids("<u>q$\n<a>"), ids("yes$"), ids("no$"))


def test_all_messages_before_the_answer_are_the_prompt() -> None:
    prompt = (Message("system", "s"), *asked("q"), *said("a"), *asked("r"))
    encoded = encode_answers(chat_encoder(), [Answer(prompt, said("b"))], 100).records[0]
    assert encoded == EncodedAnswer(ids("<s>s$\n<u>q$\n<a>a$\n<u>r$\n<a>"), ids("b$"))


def test_a_conversation_has_no_beginning_of_sequence_token_but_the_template_s() -> None:
    encoder = Encoder(Characters(begin=[7]), [ord(END_OF_TURN)])
    encoded = encode_answers(encoder, [Answer(asked("q"), said("a"))], 100).records[0]
    assert encoded == EncodedAnswer(ids("<u>q$\n<a>"), ids("a$"))


def test_a_merge_across_the_start_of_a_turn_leaves_the_prompt_as_it_is_sampled() -> None:
    answer = Answer(asked("q"), said("\nx"))
    encoded = encode_answers(chat_encoder(">\n"), [answer], 100).records[0]
    assert encoded == EncodedAnswer(ids("<u>q$\n<a>"), ids("\nx$"))


def test_a_model_without_a_chat_template_is_refused_conversations() -> None:
    tokenizer = Characters()
    tokenizer.chat_template = None
    with pytest.raises(FailedPrecondition, match="the model has no chat template"):
        encode_answers(Encoder(tokenizer), [Answer(asked("q"), said("a"))], 100)


def test_a_template_that_renders_the_prompt_differently_before_an_answer_is_refused() -> None:
    class Changing(Characters):
        def apply_chat_template(
            self,
            conversation: list[dict[str, str]],
            *,
            tokenize: bool = True,
            add_generation_prompt: bool = False,
        ) -> str:
            rendered = super().apply_chat_template(
                conversation, tokenize=tokenize, add_generation_prompt=add_generation_prompt
            )
            return rendered.replace("<a>", "<a>think") if add_generation_prompt else rendered

    encoder = Encoder(Changing(), [ord(END_OF_TURN)])
    with pytest.raises(FailedPrecondition, match="differently when an answer follows it") as caught:
        encode_answers(encoder, [Answer(asked("q"), said("a"))], 100)
    assert "<a>think" in caught.value.message


def test_a_template_that_ends_no_turn_is_refused() -> None:
    with pytest.raises(FailedPrecondition, match="in no token that ends generation"):
        encode_answers(Encoder(Characters()), [Answer(asked("q"), said("a"))], 100)


def test_a_template_that_raises_is_named() -> None:
    class Raising(Characters):
        def apply_chat_template(
            self,
            conversation: list[dict[str, str]],
            *,
            tokenize: bool = True,
            add_generation_prompt: bool = False,
        ) -> str:
            raise ValueError("roles must alternate")

    with pytest.raises(FailedPrecondition, match=r"cannot render a record.*roles must alternate"):
        encode_answers(Encoder(Raising()), [Answer(asked("q"), said("a"))], 100)


def test_answers_are_cut_or_left_out_by_the_length() -> None:
    answers = [Answer("ab", "xyz"), Answer("abcd", "x"), Answer("a", "b")]
    encoded, warnings = encode_answers(Encoder(Characters()), answers, 4)
    assert encoded == [
        EncodedAnswer(ids("ab"), ids("xy")),
        EncodedAnswer(ids("a"), [*ids("b"), EOS]),
    ]
    assert warnings == [
        "1 of 3 answers left out: their prompts fill max_length",
        "1 of 3 answers cut at max_length",
    ]
