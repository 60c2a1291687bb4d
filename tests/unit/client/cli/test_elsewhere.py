"""Answers of other harnesses' result files, to be graded here."""

import json
from pathlib import Path

import pytest

from rlvf_api.errors import InvalidArgument
from rlvf_api.samples import read_file
from rlvf_client.cli.elsewhere import graded_elsewhere
from rlvf_client.cli.reported import Flags


def _evalplus(path: Path, *answers: tuple[str, str, str | None]) -> Path:
    """Answers to one task: program, base and plus status."""
    entries = [
        {"solution": solution, "base_status": base, "plus_status": plus}
        for solution, base, plus in answers
    ]
    path.write_text(json.dumps({"date": "", "hash": "", "eval": {"HumanEval/0": entries}}))
    return path


def test_samples_are_graded_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(json.dumps({"task_id": "HumanEval/0", "completion": ""}) + "\n")
    with graded_elsewhere(path, "humaneval") as found:
        assert found == (path, None)


@pytest.mark.parametrize(("benchmark", "passed"), [("humaneval", True), ("humanevalplus", False)])
def test_answers_come_with_the_verdicts_on_the_benchmark(
    tmp_path: Path, benchmark: str, passed: bool
) -> None:
    path = _evalplus(tmp_path / "m_eval_results.json", ("def f(): pass", "pass", "fail"))
    with graded_elsewhere(path, benchmark) as (answers, flags):
        assert [one.sample.solution for one in read_file(answers)] == ["def f(): pass"]
        assert flags == Flags("EvalPlus", {"HumanEval/0": passed})
    assert not answers.exists()


def test_there_are_no_flags_of_another_benchmark_or_of_several_answers(tmp_path: Path) -> None:
    one = _evalplus(tmp_path / "one.json", ("x", "pass", None))
    with graded_elsewhere(one, "humanevalplus") as (_, flags):
        assert flags is None
    two = _evalplus(tmp_path / "two.json", ("x", "pass", None), ("y", "fail", None))
    with graded_elsewhere(two, "humaneval") as (answers, flags):
        assert len(list(read_file(answers))) == 2
        assert flags is None


def test_verdicts_without_answers_cannot_be_graded(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"eval": {"HumanEval/0": {"base": [["success"]], "plus": []}}}))
    with (
        pytest.raises(InvalidArgument, match="verdicts of EvalPlus without the answers"),
        graded_elsewhere(path, "humaneval"),
    ):
        pass


def test_a_broken_result_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{"eval": {}}')
    with (
        pytest.raises(InvalidArgument, match=r"broken\.json: eval: has no tasks"),
        graded_elsewhere(path, "humaneval"),
    ):
        pass
