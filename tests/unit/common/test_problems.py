"""Problem records."""

import json

import pytest

from rlvf_common.problems import Problem, dump_problems, parse_problems

PROBLEM = Problem("t/1", "def f():\n", "f", "def check(c): ...", "    return 1\n", "mine", "train")


def test_what_is_dumped_is_parsed() -> None:
    assert list(parse_problems(dump_problems([PROBLEM, PROBLEM]), where="x")) == [PROBLEM, PROBLEM]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{", "not JSON"),
        (b"[]", "expected an object"),
        (b"{}", "`task_id` must be a string"),
    ],
)
def test_a_bad_line_is_placed(line: bytes, complaint: str) -> None:
    data = dump_problems([PROBLEM]) + line
    with pytest.raises(ValueError, match=f"mine.jsonl, line 2: {complaint}"):
        list(parse_problems(data, where="mine.jsonl"))


def test_unknown_fields_are_ignored() -> None:
    record = {**json.loads(dump_problems([PROBLEM])), "extra": 1}
    assert list(parse_problems(json.dumps(record).encode(), where="x")) == [PROBLEM]
