"""Reported pass flags against verdicts."""

import json
from pathlib import Path

import pytest

from rlvf_api.errors import InvalidArgument
from rlvf_client.cli.reported import Flags, check_flags, describe, read_flags, require_comparable
from rlvf_common.statistics.results import ReportedRecord, TaskResult


def _write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


def test_flags_of_one_condition_are_read(tmp_path: Path) -> None:
    flags = read_flags(_write(tmp_path / "f.json", {"a": True, "b": False}), None)
    assert flags == Flags("", {"a": True, "b": False})


def test_a_condition_is_chosen_by_name(tmp_path: Path) -> None:
    path = _write(tmp_path / "f.json", {"base": {"a": True}, "dpo": {"a": False}})
    assert read_flags(path, "dpo") == Flags("dpo", {"a": False})


_TWO = {"z": {"a": True}, "b": {"a": True}}


@pytest.mark.parametrize(
    ("document", "condition", "complaint"),
    [
        (
            {"z": {"a": True}, "b": {"a": True}},
            None,
            "several conditions; select one by --condition: b, z",
        ),
        (
            {"z": {"a": True}, "b": {"a": True}},
            "c",
            "no condition `c`; select one by --condition: b, z",
        ),
        ({"a": True}, "base", "leave --condition out"),
        ({"a": True, "b": "passed"}, None, "`b` must be true or false, is 'passed'"),
        ({"a": True, "b": 1}, None, "`b` must be true or false, is 1"),
        ({"base": {"a": None}}, "base", "base: `a` must be true or false"),
        ({}, None, "must be an object of flags by task id"),
        ([True], None, "must be an object of flags by task id"),
    ],
)
def test_wrong_flags_are_refused_with_their_place(
    tmp_path: Path, document: object, condition: str | None, complaint: str
) -> None:
    path = _write(tmp_path / "f.json", document)
    with pytest.raises(InvalidArgument) as caught:
        read_flags(path, condition)
    assert complaint in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text("{")
    with pytest.raises(InvalidArgument, match="is not JSON"):
        read_flags(tmp_path / "f.json", None)


def test_wrong_flags_are_counted_in_both_directions_and_named() -> None:
    flags = Flags("base", {"a": True, "b": True, "c": False, "d": False, "gone": True})
    verdicts = [
        TaskResult("a", 0, "passed"),
        TaskResult("b", 0, "failed"),
        TaskResult("c", 0, "passed"),
        TaskResult("d", 0, "timeout"),
        TaskResult("new", 0, "passed"),
    ]
    record = check_flags(flags, verdicts)
    assert record == ReportedRecord("base", 4, 2, ("b",), ("c",))
    assert describe(record, flags, verdicts).splitlines() == [
        "base: reported 2/4 passed, true 2/4: 2 flags are wrong "
        "(1 reported as passed that fail, 1 reported as failed that pass).",
        "reported as passed, but fail (1): b",
        "reported as failed, but pass (1): c",
        "not compared: 1 flags without a completion, 1 completions without a flag",
    ]


def test_right_flags_are_one_sentence() -> None:
    flags = Flags("", {"a": True})
    verdicts = [TaskResult("a", 0, "passed")]
    assert describe(check_flags(flags, verdicts), flags, verdicts) == (
        "reported 1/1 passed, true 1/1: 0 flags are wrong "
        "(0 reported as passed that fail, 0 reported as failed that pass)."
    )


@pytest.mark.parametrize(
    ("tasks", "complaint"),
    [(["a", "a"], "has 2 answers to a"), (["x"], r"no task in common .*samples: x, flags: a")],
)
def test_samples_that_flags_cannot_be_checked_against_are_refused_before_grading(
    tmp_path: Path, tasks: list[str], complaint: str
) -> None:
    samples = tmp_path / "s.jsonl"
    samples.write_text(
        "".join(json.dumps({"task_id": task, "completion": ""}) + "\n" for task in tasks)
    )
    with pytest.raises(InvalidArgument, match=complaint):
        require_comparable(Flags("", {"a": True}), samples)
