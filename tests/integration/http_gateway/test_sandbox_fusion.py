"""SandboxFusion's `run_code` and `submit`, called as its callers do."""

from typing import Any

import httpx
import pytest

from tests.processes.http_gateway import HttpGatewayProcess


def _run(client: httpx.Client, code: str, **others: object) -> dict[str, Any]:
    """A call with the fields that verl sends."""
    body = {
        "compile_timeout": 10,
        "run_timeout": 10,
        "code": code,
        "stdin": None,
        "memory_limit_MB": 1024,
        "language": "python",
        "files": {},
        "fetch_files": [],
        **others,
    }
    answer = client.post("/run_code", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_program_that_ends_well_is_a_success(client: httpx.Client) -> None:
    found = _run(client, "print(int(input()) * 2)", stdin="21\n")
    run = found.pop("run_result")
    assert found == {
        "status": "Success",
        "message": "",
        "compile_result": None,
        "executor_pod_name": None,
        "files": {},
    }
    assert 0 < run.pop("execution_time") < 10
    assert run == {"status": "Finished", "return_code": 0, "stdout": "42\n", "stderr": ""}


@pytest.mark.parametrize(
    ("code", "seconds", "run"),
    [
        ("raise SystemExit(3)", 30, {"status": "Finished", "return_code": 3}),
        ("import os; os.kill(os.getpid(), 11)", 30, {"status": "Finished", "return_code": -11}),
        ("while True: pass", 1, {"status": "TimeLimitExceeded", "return_code": None}),
        ("x = 'a' * 10**10", 30, {"status": "Finished"}),
    ],
)
def test_a_program_that_ends_badly_has_failed(
    client: httpx.Client, code: str, seconds: int, run: dict[str, object]
) -> None:
    found = _run(client, code, run_timeout=seconds)
    assert found["status"] == "Failed"
    assert {name: found["run_result"][name] for name in run} == run
    assert found["run_result"]["return_code"] != 0


def test_a_part_of_the_output_is_not_taken_for_all_of_it(client: httpx.Client) -> None:
    found = _run(client, "print('a' * (5 << 20))")
    assert (found["status"], found["message"]) == ("Failed", "stdout has more than 4,194,304 bytes")


def test_what_is_not_offered_is_said(client: httpx.Client) -> None:
    for others, said in (
        ({"language": "cpp"}, "'cpp' is not offered, only 'python'"),
        ({"files": {"a.txt": "YQ=="}}, "`files`"),
        ({"fetch_files": ["a.txt"]}, "`fetch_files`"),
    ):
        found = _run(client, "print(1)", **others)
        assert (found["status"], found["run_result"]) == ("SandboxError", None)
        assert said in found["message"]


def test_a_sandbox_that_cannot_be_reached_is_no_wrong_answer() -> None:
    with (
        HttpGatewayProcess(
            executor_address="127.0.0.1:9", evaluator_address="127.0.0.1:9"
        ) as alone,
        httpx.Client(base_url=alone.url, timeout=60, trust_env=False) as client,
    ):
        found = _run(client, "print(1)")
        assert (found["status"], found["run_result"]) == ("SandboxError", None)
        body = {"dataset": "humaneval_python", "id": 53, "completion": "x", "config": {}}
        answer = client.post("/submit", json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_an_answer_is_submitted(client: httpx.Client) -> None:
    prose = "Here it is:\n```python\ndef add(x, y):\n    return x {} y\n```\n"
    for sign, accepted in (("+", True), ("-", False)):
        body = {
            "dataset": "humaneval_python",
            "id": 53,
            "completion": prose.format(sign),
            "config": {"language": "python"},
        }
        found = client.post("/submit", json=body).json()
        assert (found["id"], found["accepted"]) == (53, accepted)
        (test,) = found["tests"]
        assert test["passed"] is accepted
        assert test["exec_info"]["status"] == ("Success" if accepted else "Failed")


def test_a_task_that_there_is_not_is_an_error(client: httpx.Client) -> None:
    for dataset, task, status in (("no-such", 1, 404), ("humaneval_python", 999, 400)):
        body = {"dataset": dataset, "id": task, "completion": "", "config": {}}
        assert client.post("/submit", json=body).status_code == status
