"""Reading pairs, and what is said of those that cannot be read."""

import json

import pytest

from rlvf_api.errors import FailedPrecondition
from rlvf_trainer.job.pairs import Pair, parse_pairs

GOOD = {"prompt": "def f():", "chosen": "\n    return 1", "rejected": "\n    return 2"}


def lines(*records: object) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def test_other_columns_and_blank_lines_are_ignored() -> None:
    data = b"\n" + lines(GOOD | {"task_id": "t/1", "gap": 0.5}) + b"\n"
    assert parse_pairs(data) == [Pair(**GOOD)]


def test_a_line_separator_inside_an_answer_does_not_split_the_line() -> None:
    record = GOOD | {"chosen": "\n    return '\u2028'"}
    data = json.dumps(record, ensure_ascii=False).encode()
    assert parse_pairs(data)[0].chosen == record["chosen"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the set of pairs is empty"),
        (b"\n\n", "the set of pairs is empty"),
        (lines(GOOD) + b"{", "line 2: not JSON"),
        (lines(GOOD, [1]), "line 2: expected an object with `prompt`, `chosen`, `rejected`"),
        (lines({"prompt": "a", "chosen": "b"}), "line 1: `rejected` is missing"),
        (lines(GOOD | {"chosen": None}), "line 1: `chosen` must be a string, is NoneType"),
        (lines(GOOD | {"prompt": ""}), "line 1: `prompt` is empty"),
        (lines(GOOD | {"rejected": GOOD["chosen"]}), "are the same text"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_unreadable_pairs_are_refused_with_the_line(data: bytes, message: str) -> None:
    with pytest.raises(FailedPrecondition, match=message):
        parse_pairs(data)
