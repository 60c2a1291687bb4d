"""Reading records, and what is said of those that cannot be read."""

import json

import pytest

from rlvf_api.errors import FailedPrecondition
from rlvf_trainer.job.answers import Answer, parse_answers
from rlvf_trainer.job.pairs import Pair, parse_pairs
from rlvf_trainer.job.records import Message

GOOD = {"prompt": "def f():", "chosen": "\n    return 1", "rejected": "\n    return 2"}
ASKED = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Write f."}]
CHAT: dict[str, object] = {
    "prompt": ASKED,
    "chosen": [{"role": "assistant", "content": "right"}],
    "rejected": [{"role": "assistant", "content": "wrong"}],
}


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
        (
            lines(GOOD | {"chosen": None}),
            "`chosen` must be a string or a list of messages, is NoneType",
        ),
        (lines(GOOD | {"prompt": ""}), "line 1: `prompt` is empty"),
        (lines(GOOD | {"rejected": GOOD["chosen"]}), "are the same text"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_unreadable_pairs_are_refused_with_the_line(data: bytes, message: str) -> None:
    with pytest.raises(FailedPrecondition, match=message):
        parse_pairs(data)


def test_conversations_are_read_as_messages() -> None:
    prompt = (Message("system", "Be brief."), Message("user", "Write f."))
    assert parse_pairs(lines(CHAT)) == [
        Pair(prompt, (Message("assistant", "right"),), (Message("assistant", "wrong"),))
    ]
    answer = {"prompt": ASKED, "completion": CHAT["chosen"], "verdict": "passed"}
    assert parse_answers(lines(answer)) == [Answer(prompt, (Message("assistant", "right"),))]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chosen": "right"}, "mixed: `prompt` is messages, `chosen` is a string, `rejected` is"),
        ({"prompt": []}, "line 1: `prompt` is empty"),
        ({"prompt": ["Write f."]}, "`prompt`: a message must be an object with `role` and"),
        ({"prompt": [{"role": "user"}]}, "`prompt`: a message must be an object with `role` and"),
        ({"prompt": CHAT["chosen"]}, "`prompt` ends in a message of the assistant"),
        ({"chosen": ASKED}, "`chosen` must be one message of the assistant"),
        ({"chosen": []}, "`chosen` must be one message of the assistant"),
        ({"rejected": CHAT["chosen"]}, "are the same text"),
    ],
)
def test_conversations_that_are_none_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(FailedPrecondition, match=message):
        parse_pairs(lines(CHAT | change))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the set of answers is empty"),
        (lines({"prompt": "a"}), "answers, line 1: `completion` is missing"),
        (lines({"prompt": "a", "completion": ""}), "answers, line 1: `completion` is empty"),
    ],
)
def test_unreadable_answers_are_refused_with_the_line(data: bytes, message: str) -> None:
    with pytest.raises(FailedPrecondition, match=message):
        parse_answers(data)
