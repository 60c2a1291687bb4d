"""Pairs as tokens: the boundary between prompt and answer, the end of an answer, and truncation."""

import pytest

from rlvf_api.errors import FailedPrecondition
from rlvf_trainer.job.encoding import EncodedPair, encode_pair, encode_pairs
from rlvf_trainer.job.pairs import Pair

EOS = 0


class Characters:
    """A tokenizer of single characters, but for `merges`, which are one token each."""

    eos_token_id: int | None = EOS

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


def ids(text: str) -> list[int]:
    return [ord(character) for character in text]


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
    encoded, warnings = encode_pairs(Characters(), pairs, 4)
    assert [pair.prompt_ids for pair in encoded] == [ids("a")]
    assert warnings == ["1 of 2 pairs left out: their prompts fill max_length"]


def test_answers_are_cut_where_prompt_and_answer_fill_the_length() -> None:
    encoded, warnings = encode_pairs(Characters(), [Pair("ab", "xyz", "z"), Pair("a", "b", "c")], 4)
    assert encoded[0] == EncodedPair(ids("ab"), ids("xy"), [*ids("z"), EOS])
    assert warnings == ["1 of 2 pairs with an answer cut at max_length"]


def test_a_pair_whose_answers_differ_only_in_what_is_cut_is_left_out() -> None:
    pairs = [Pair("ab", "xyz", "xyw"), Pair("ab", "xy", "x"), Pair("a", "b", "c")]
    encoded, warnings = encode_pairs(Characters(), pairs, 4)
    assert [pair.chosen_ids for pair in encoded] == [ids("xy"), [*ids("b"), EOS]]
    assert warnings == [
        "1 of 3 pairs left out: their answers are the same within max_length",
        "1 of 3 pairs with an answer cut at max_length",
    ]


def test_pairs_whose_answers_all_differ_only_in_what_is_cut_are_refused() -> None:
    with pytest.raises(
        FailedPrecondition, match="answers that differ within max_length, which is 4"
    ):
        encode_pairs(Characters(), [Pair("ab", "xyz", "xyw")], 4)


def test_pairs_that_are_all_too_long_are_refused_with_the_numbers() -> None:
    with pytest.raises(
        FailedPrecondition, match="shortest prompt has 4 tokens, and max_length is 4"
    ):
        encode_pairs(Characters(), [Pair("abcd", "x", "y")], 4)


def test_a_tokenizer_without_an_end_is_refused() -> None:
    tokenizer = Characters()
    tokenizer.eos_token_id = None
    with pytest.raises(FailedPrecondition, match="no end-of-sequence token"):
        encode_pair(tokenizer, Pair("a", "b", "c"))
