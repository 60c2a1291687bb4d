"""A problem file of the tasks whose tests are right, made with a real executor."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rlvf_evaluator.benchmarks import find_named_benchmark, use_sources

from ...conftest import StackThread


def _record(number: int, solutions: list[str]) -> dict[str, object]:
    return {
        "problem_id": number,
        "question": "Double the number.",
        "solutions": json.dumps(solutions),
        "input_output": json.dumps({"inputs": ["1\n", "2\n"], "outputs": ["2\n", "4\n"]}),
        "starter_code": "",
    }


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Three problems: one whose first solution is right, one whose third is, one without any."""
    right, wrong = "print(2 * int(input()))", "print(input())"
    solutions = [[right], [wrong, "raise ValueError", right], [wrong, "print(3)"]]
    path = tmp_path / "test.jsonl"
    lines = [json.dumps(_record(number, given)) for number, given in enumerate(solutions)]
    path.write_text("\n".join(lines))
    return path


def test_problems_that_no_solution_passes_are_left_out_and_listed(
    stack: StackThread, records: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "benchmarks"
    command = [sys.executable, "-m", "rlvf_evaluator.prepare", "apps", "--file", str(records)]
    done = subprocess.run(
        [*command, "--out", str(folder / "apps.jsonl"), "--executor", stack.address("executor")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "2 problems; 1 left out" in done.stdout
    try:
        use_sources(folder)
        apps = find_named_benchmark("apps")
        assert list(apps.problems) == ["apps/0", "apps/1"]
        assert {one.canonical_solution for one in apps.problems.values()} == {
            "print(2 * int(input()))"
        }
        (omission,) = apps.omissions
        assert omission.task_id == "apps/2"
        assert "none of 2 solutions" in omission.reason
    finally:
        use_sources()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["starter", "--out", "x.jsonl"], "no data set `starter`"),
        (["mbppplus", "--out", "x.jsonl"], "mbppplus has no data here"),
        (
            ["apps", "--out", "x.jsonl", "--file", "none.jsonl"],
            "none.jsonl cannot be read: No such",
        ),
    ],
)
def test_what_cannot_be_prepared_is_one_line(arguments: list[str], complaint: str) -> None:
    command = [sys.executable, "-m", "rlvf_evaluator.prepare", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
