"""The examples of the READMEs, as they are written there, against the real service."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rlvf_evaluator.benchmarks import BENCHMARKS

_SERVICES = Path(__file__).parents[3] / "services"


def example(service: str, heading: str) -> str:
    """The first Python block below a heading."""
    readme = (_SERVICES / service / "README.md").read_text()
    return readme.split(f"# {heading}\n", 1)[1].split("```python\n", 1)[1].split("```", 1)[0]


def run(code: str, address: str, directory: Path) -> tuple[str, list[str]]:
    """What an example prints, with `samples.jsonl` beside it, and its lines on stderr."""
    assert "localhost:50054" in code
    problem = BENCHMARKS["humaneval"].problems["HumanEval/53"]
    record = {"task_id": problem.task_id, "completion": problem.canonical_solution}
    (directory / "samples.jsonl").write_text(json.dumps(record) + "\n")
    done = subprocess.run(
        [sys.executable, "-c", code.replace("localhost:50054", address)],
        cwd=directory,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr.splitlines()


def test_completions_are_scored_with_generated_code(evaluator_address: str, tmp_path: Path) -> None:
    printed, said = run(example("evaluator", "Call it"), evaluator_address, tmp_path)
    assert not said
    assert 'verdict: "passed"' in printed
    assert "pass_at_1: 1" in printed


def test_completions_are_scored_without_generated_code(
    evaluator_address: str, tmp_path: Path
) -> None:
    code = example("evaluator", "Without generated code")
    assert "rlvf" not in code.replace("rlvf.evaluator.v1.EvaluatorService", "")
    printed, said = run(code, evaluator_address, tmp_path)
    assert not said
    assert 'verdict: "passed"' in printed
    assert "pass_at_1: 1" in printed


@pytest.mark.parametrize("heading", ["The SDK", "With asyncio", "When something is wrong"])
def test_completions_are_scored_with_the_sdk(
    evaluator_address: str, tmp_path: Path, heading: str
) -> None:
    # A warning in a thread has a line of source too.
    printed, [said, *_] = run(example("client", heading), evaluator_address, tmp_path)
    assert "1 of 1 passed" in printed
    assert "PartialScoreWarning: only 1 of the 164 tasks of humaneval" in said
