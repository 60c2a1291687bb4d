"""`rlvf compare` and `rlvf trend` on files."""

import json
from pathlib import Path
from typing import Any

import pytest

from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_client.cli.comparing import compare_files, find_trend_of_files
from rlvf_client.cli.group import Answer


def record(answer: Answer) -> dict[str, Any]:
    """What `--json` prints."""
    read: dict[str, Any] = json.loads(json.dumps(answer.record))
    return read


def _write(path: Path, flags: dict[str, bool]) -> Path:
    rows = [
        {"task_id": task, "sample": 0, "verdict": "passed" if flag else "failed"}
        for task, flag in flags.items()
    ]
    path.write_text(json.dumps({"benchmark": "humaneval", "results": rows}))
    return path


def _ladder(folder: Path, *passing: int) -> list[Path]:
    return [
        _write(folder / f"{number}.json", {f"t{task:02}": task < count for task in range(40)})
        for number, count in enumerate(passing)
    ]


@pytest.mark.parametrize(
    ("treatment", "baseline", "counts", "p_value"),
    [
        ("dpo-120-3b", "base-3b", (7, 4, 143, 10), 0.55),
        ("dpo-500-15b", "base-15b", (2, 5, 133, 24), 0.45),
        ("dpo-1k-15b", "base-15b", (2, 8, 130, 24), 0.11),
        ("dpo-2k-15b", "base-15b", (4, 14, 124, 22), 0.03),
        ("dpo-2k-3b", "base-3b-again", (4, 26, 123, 11), 6e-5),
    ],
)
def test_the_prior_experiments_claims(
    tmp_path: Path,
    reported_flags: dict[str, dict[str, bool]],
    treatment: str,
    baseline: str,
    counts: tuple[int, int, int, int],
    p_value: float,
) -> None:
    before, after = (
        _write(tmp_path / name, reported_flags[name]) for name in (baseline, treatment)
    )
    improved, regressed, both_pass, both_fail = counts
    found = record(compare_files(before, after, (), ()))
    assert (len(found["improved"]), len(found["regressed"])) == (improved, regressed)
    assert (found["both_pass"], found["both_fail"], found["tasks"]) == (both_pass, both_fail, 164)
    assert found["p_value"] == pytest.approx(p_value, rel=0.05)
    sentence, *rest = compare_files(before, after, (), ()).text.splitlines()
    assert "exact McNemar p = " in sentence
    assert "n = 164 tasks" in sentence
    assert sentence.endswith("not distinguishable." if p_value > 0.05 else ": distinguishable.")
    assert rest[0] == f"improved ({improved}): {', '.join(found['improved'])}"
    assert rest[1] == f"regressed ({regressed}): {', '.join(found['regressed'])}"
    assert rest[2] == f"both pass: {both_pass}, both fail: {both_fail}"


def test_runs_are_told_one_by_one(tmp_path: Path) -> None:
    base, *runs = _ladder(tmp_path, 20, 22, 18, 26)
    text = compare_files(base, runs[0], (), runs[1:]).text
    assert "1 and 3 runs" in text.splitlines()[0]
    assert "runs of the treatment: +5.0, \N{MINUS SIGN}5.0, +15.0 pp" in text
    found = record(compare_files(base, runs[0], (), runs[1:]))
    assert found["run_deltas"] == pytest.approx([0.05, -0.05, 0.15])


def test_a_file_that_is_no_result_is_named(tmp_path: Path) -> None:
    [base] = _ladder(tmp_path, 20)
    (tmp_path / "none.json").write_text("{}")
    with pytest.raises(FailedPrecondition, match=r"none\.json: benchmark: field required"):
        compare_files(base, tmp_path / "none.json", (), ())


def test_a_trend_is_a_sentence_and_its_rungs_in_order_of_size(tmp_path: Path) -> None:
    low, middle, high = _ladder(tmp_path, 10, 18, 26)
    text = find_trend_of_files([f"1000={high}", f"0={low}", f"500={middle}"]).text
    sentence, *rungs = text.splitlines()
    assert sentence.startswith("pass@1 on humaneval rises by 20.0 pp a rung from 0 to 1,000 (")
    assert rungs == ["0: 25.0%", "500: 45.0%", "1,000: 65.0%"]
    found = record(find_trend_of_files([f"1000={high}", f"0={low}", f"500={middle}"]))
    assert found["sizes"] == [0, 500, 1000]
    assert found["slope"] == pytest.approx(0.2)
    assert found["p_value"] < 0.001


def test_files_of_one_size_are_runs_of_a_rung(tmp_path: Path) -> None:
    files = _ladder(tmp_path, 10, 18, 26, 12)
    rungs = [f"{size}={file}" for size, file in zip((0, 500, 1000, 0), files, strict=True)]
    assert "4 runs" in find_trend_of_files(rungs).text


@pytest.mark.parametrize("rung", ["a.json", "=a.json", "x=a.json", "-1=a.json", "inf=a.json"])
def test_a_rung_of_another_form_is_refused(rung: str) -> None:
    with pytest.raises(InvalidArgument, match="must be SIZE=FILE"):
        find_trend_of_files([rung])


def test_two_rungs_are_no_ladder(tmp_path: Path) -> None:
    files = _ladder(tmp_path, 10, 18)
    with pytest.raises(FailedPrecondition, match="at least 3 rungs"):
        find_trend_of_files([f"{k}={file}" for k, file in enumerate(files)])


def _made(path: Path, style: str) -> Path:
    sampling = {
        "samples_per_problem": 1, "temperature": 0.0, "top_p": 1.0, "max_tokens": 9, "seed": 0,
        "prompt_style": style,
    }  # fmt: skip
    record = json.loads(_write(path, {"a": True}).read_text())
    path.write_text(json.dumps({**record, "sampling": sampling}))
    return path


def test_results_of_different_prompt_styles_are_said_to_be(tmp_path: Path) -> None:
    completion, chat = (_made(tmp_path / style, style) for style in ("completion", "chat"))
    line = "made differently: prompt style: completion and chat"
    assert line in compare_files(completion, chat, (), ()).text.splitlines()
    found = record(compare_files(completion, chat, (), ()))
    assert found["differences"] == ["prompt style: completion and chat"]
    assert "made differently" not in compare_files(chat, chat, (), ()).text
    rungs = [f"0={completion}", f"1={completion}", f"2={chat}"]
    text = find_trend_of_files(rungs).text
    assert "made differently: prompt style: completion or chat" in text.splitlines()
    assert record(find_trend_of_files(rungs))["differences"]


def _evalplus(path: Path, statuses: dict[str, list[tuple[str, str]]]) -> Path:
    """A result file of EvalPlus, given base and plus status of each answer."""
    tasks = {
        task: [{"solution": "", "base_status": base, "plus_status": plus} for base, plus in each]
        for task, each in statuses.items()
    }
    path.write_text(json.dumps({"date": "", "hash": "", "eval": tasks}))
    return path


_PASS, _BASE, _FAIL = ("pass", "pass"), ("pass", "fail"), ("fail", "fail")


def test_verdicts_of_another_harness_are_said_to_be_its_own(tmp_path: Path) -> None:
    flags = {f"HumanEval/{task}": task < 10 for task in range(20)}
    ours = _write(tmp_path / "ours.json", flags)
    theirs = _evalplus(
        tmp_path / "theirs_eval_results.json",
        {task: [_BASE if flag else _FAIL] for task, flag in flags.items()},
    )
    text = compare_files(ours, theirs, (), ()).text
    # Ours is of HumanEval, so that its verdicts by the base tests are compared.
    assert "have the same pass@1 on humaneval" in text
    lines = text.splitlines()
    assert "made differently: verdicts: ours and of EvalPlus" in lines
    assert lines[-1].startswith(f"not verified: {theirs} has the verdicts of EvalPlus; `rlvf score")
    found = record(compare_files(ours, theirs, (), ()))
    assert found["unverified"] == {str(theirs): "EvalPlus"}
    assert "verdicts: ours and of EvalPlus" in found["differences"]


def test_two_files_of_evalplus_are_compared_by_its_stricter_tests(tmp_path: Path) -> None:
    before, after = (
        _evalplus(tmp_path / name, {f"HumanEval/{task}": [status] for task in range(20)})
        for name, status in (("a.json", _BASE), ("b.json", _PASS))
    )
    text = compare_files(before, after, (), ()).text
    assert "100.0 pp higher than" in text
    assert "on humanevalplus" in text
    assert text.count("not verified: ") == 2
    assert "made differently" not in text


def test_pass_at_k_is_told_for_the_k_that_both_have(tmp_path: Path) -> None:
    ten = {f"HumanEval/{task}": [_PASS, *[_FAIL] * 9] for task in range(20)}
    five = {f"HumanEval/{task}": [_PASS] * 5 for task in range(20)}
    before, after = _evalplus(tmp_path / "a.json", ten), _evalplus(tmp_path / "b.json", five)
    line = "baseline and treatment: pass@1 10.0% and 100.0%, pass@5 50.0% and 100.0%"
    assert line in compare_files(before, after, (), ()).text.splitlines()
    found = record(compare_files(before, after, (), ()))
    assert found["pass_at_k"]["baseline"] == pytest.approx({"1": 0.1, "5": 0.5, "10": 1.0})
    assert found["pass_at_k"]["treatment"].keys() == {"1", "5"}


def test_only_common_tasks_are_compared_where_that_is_asked(tmp_path: Path) -> None:
    many = _write(tmp_path / "many.json", {f"t{task}": task < 5 for task in range(12)})
    few = _write(tmp_path / "few.json", {f"t{task}": True for task in range(10)})
    with pytest.raises(FailedPrecondition, match=r"few\.json lacks 2 of the tasks.*t10, t11"):
        compare_files(many, few, (), ())
    text = compare_files(many, few, (), (), common=True).text
    assert "n = 10 tasks" in text
    assert "improved (5)" in text
    assert text.splitlines()[-1] == f"left out: 2 tasks of {many} that not all files have"
    found = record(compare_files(many, few, (), (), common=True))
    assert (found["tasks"], found["left_out"]) == (10, {str(many): 2})
    rungs = [f"{size}={path}" for size, path in enumerate((many, few, many))]
    with pytest.raises(FailedPrecondition, match="lacks 2 of the tasks"):
        find_trend_of_files(rungs)
    other = _write(tmp_path / "other.json", {f"t{task}": task < 8 for task in range(11)})
    rungs = [f"0={many}", f"1={other}", f"2={few}"]
    assert "n = 10 tasks" in find_trend_of_files(rungs, common=True).text


def test_files_without_a_common_task_are_not_compared(tmp_path: Path) -> None:
    left, right = _write(tmp_path / "a", {"a": True}), _write(tmp_path / "b", {"b": True})
    with pytest.raises(FailedPrecondition, match="lacks 1 of the tasks"):
        compare_files(left, right, (), (), common=True)
