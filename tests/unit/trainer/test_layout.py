"""One row for a pair: what stands where, who sees whom, and what is foretold."""

import pytest

pytest.importorskip("torch")

from rlvf_trainer.job.encoding import EncodedPair
from rlvf_trainer.job.layout import Row, plain_rows, shared_row

PAIR = EncodedPair(prompt_ids=[1, 2, 3], chosen_ids=[4, 5], rejected_ids=[6, 7, 8])
SHORTEST = EncodedPair(prompt_ids=[9], chosen_ids=[10], rejected_ids=[11])


def seen(row: Row, index: int) -> list[int]:
    """The tokens that a token sees, by value."""
    assert row.visible is not None
    sights = row.visible[0, 0, index].tolist()
    return [token for token, sight in zip(row.input_ids[0].tolist(), sights, strict=True) if sight]


def test_the_prompt_stands_once_and_its_last_token_heads_both_answers() -> None:
    row = shared_row(PAIR)
    assert row.input_ids.tolist() == [[1, 2, 3, 4, 3, 6, 7]]
    assert row.position_ids.tolist() == [[0, 1, 2, 3, 2, 3, 4]]


@pytest.mark.parametrize("pair", [PAIR, SHORTEST])
def test_each_token_of_an_answer_sees_what_it_would_see_alone(pair: EncodedPair) -> None:
    row = shared_row(pair)
    views = [seen(row, index) for index in row.positions.tolist()]
    alone = [
        one.input_ids[0, : position + 1].tolist()
        for one in plain_rows(pair)
        for position in one.positions
    ]
    assert views == alone


def test_no_token_of_the_prompt_sees_an_answer() -> None:
    row = shared_row(PAIR)
    assert [seen(row, index) for index in range(2)] == [[1], [1, 2]]


def test_what_is_foretold_is_the_answers_in_order() -> None:
    row = shared_row(PAIR)
    assert row.labels.tolist() == [4, 5, 6, 7, 8]
    assert row.lengths == (2, 3)
    chosen, rejected = plain_rows(PAIR)
    assert chosen.labels.tolist() == [4, 5]
    assert rejected.labels.tolist() == [6, 7, 8]
    assert chosen.positions.tolist() == [2, 3]


def test_a_prompt_and_answers_of_one_token_make_a_row() -> None:
    row = shared_row(SHORTEST)
    assert row.input_ids.tolist() == [[9, 9]]
    assert row.positions.tolist() == [0, 1]
    assert row.labels.tolist() == [10, 11]
