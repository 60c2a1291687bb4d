"""A grader that is wrong on purpose: the double at the edge of the calibration's tests.

Run as a script it reads one job a line, a JSON object with `mode`, `solution`, `test` (the JSON
form of a test) and `entry_point`, forks, runs the job in the child, and writes `true` or `false`.
The modes:

* `never_called`: runs the solution and the test's source, and never calls `check`: the harness of
  the prior experiment.
* `visible`: calls the test, takes only plain values, and reports by a secret token; but solution
  and test share a process.
* `naive`: believes the exit status, the output, and a list on the stack, whichever says "passed".
  Of a program's output it asks only that what is expected is somewhere in it.
"""

import contextlib
import io
import json
import os
import secrets
import sys
from collections.abc import Callable
from typing import Any, TypedDict


class Job(TypedDict):
    """One line of the input."""

    mode: str
    solution: str
    test: str | dict[str, Any]
    entry_point: str


def plain(value: object) -> bool:
    """Whether a value is built from exact builtin types."""
    if isinstance(value, list | tuple | set) and type(value) in (list, tuple, set):
        return all(plain(item) for item in value)
    if isinstance(value, dict) and type(value) is dict:
        return all(plain(item) for pair in value.items() for item in pair)
    return value is None or type(value) in (bool, int, float, complex, str, bytes)


def apply_test(
    test: str | dict[str, Any],
    entry_point: str,
    scope: dict[str, Any],
    function: Callable[..., object],
) -> None:
    """Raises where a function does not pass a test."""
    if isinstance(test, str):
        scope["check"](function)
    elif test["kind"] == "assert_list":
        for assertion in test["assertions"]:
            exec(assertion, {entry_point: function})
    else:
        for arguments, literal in zip(test["inputs"], test["expected"], strict=True):
            expected = eval(literal)
            assert function(*eval(arguments)) == expected


def never_called(job: Job) -> bool:
    scope: dict[str, Any] = {}
    exec(job["solution"], scope)
    if isinstance(job["test"], str):
        exec(job["test"], scope)
    return True


def visible(job: Job) -> bool:
    scope: dict[str, Any] = {}
    exec(job["solution"], scope)
    if isinstance(job["test"], str):
        exec(job["test"], scope)
    function = scope[job["entry_point"]]

    def candidate(*args: object) -> object:
        value = function(*args)
        if not plain(value):
            raise TypeError("not plain data")
        return value

    apply_test(job["test"], job["entry_point"], scope, candidate)
    return True


def naive(job: Job) -> bool:
    result: list[str] = []
    scope: dict[str, Any] = {"__name__": "__main__"}
    if not isinstance(job["test"], str) and job["test"]["kind"] == "standard_streams":
        return all(naive_run(job["solution"], case) for case in job["test"]["cases"])
    if isinstance(job["test"], str):
        exec(job["test"], scope)
    exec(job["solution"], scope)
    try:
        apply_test(job["test"], job["entry_point"], scope, scope[job["entry_point"]])
    except Exception:
        return "passed" in result
    return True


def naive_run(solution: str, case: dict[str, str]) -> bool:
    """Whether a program writes what it must, somewhere."""
    expected, output = case["stdout"], io.StringIO()
    sys.stdin = io.StringIO(case["stdin"])
    with contextlib.redirect_stdout(output):
        exec(solution, {"__name__": "__main__"})
    return all([expected.strip() in output.getvalue()])


def run(job: Job) -> bool:
    """The verdict of one job, from a child."""
    token = secrets.token_hex(16).encode()
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing if job["mode"] != "naive" else write_end, descriptor)
        status = 1
        try:
            if {"never_called": never_called, "visible": visible, "naive": naive}[job["mode"]](job):
                os.write(write_end, token)
                status = 0
        except SystemExit as exit_request:
            code = exit_request.code
            status = code if isinstance(code, int) else int(code is not None)
        except BaseException:
            pass
        os._exit(status)
    os.close(write_end)
    report = b""
    while chunk := os.read(read_end, 65536):
        report += chunk
    os.close(read_end)
    _, status = os.waitpid(child, 0)
    if job["mode"] == "naive":
        return status == 0 or b"passed" in report
    return report == token


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)
