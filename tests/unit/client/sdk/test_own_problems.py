"""Own problems, before they are sent."""

import gzip
import json
from pathlib import Path

import pytest

from rlvf_client.sdk.errors import InvalidArgument
from rlvf_client.sdk.own_problems import problem_lines


def test_records_and_files_are_the_same_lines(tmp_path: Path) -> None:
    records = [{"task_id": "own/1", "prompt": "é"}, {"task_id": "own/2"}]
    lines = problem_lines(records)
    assert [json.loads(line) for line in lines.splitlines()] == records
    for name, data in (("plain", lines), ("packed", gzip.compress(lines))):
        path = tmp_path / name
        path.write_bytes(data)
        assert problem_lines(path) == lines


@pytest.mark.parametrize(
    ("problems", "field"),
    [
        ([], "problems"),
        ({"task_id": "own/1"}, "problems"),
        ([{"task_id": "own/1"}, {"test": object()}], "problems[1]"),
    ],
)
def test_a_wrong_list_of_records_is_reported(problems: list[dict[str, object]], field: str) -> None:
    with pytest.raises(InvalidArgument) as raised:
        problem_lines(problems)
    assert raised.value.field == field


def test_a_file_that_was_cut_short_is_told(tmp_path: Path) -> None:
    path = tmp_path / "problems.jsonl.gz"
    path.write_bytes(gzip.compress(problem_lines([{"task_id": "own/1"}]))[:-12])
    with pytest.raises(InvalidArgument, match=r"problems\.jsonl\.gz: broken gzip data"):
        problem_lines(path)
