"""A grader that is wrong on purpose: the double at the edge of the calibration's tests.

Run as a script it reads one job a line, a JSON object with `mode`, `solution`, `test` and
`entry_point`, forks, runs the job in the child, and writes `true` or `false`. The modes:

* `never_called`: runs the solution and the test's source, and never calls `check`: the harness of
  the prior experiment.
* `visible`: calls `check`, takes only plain values, and reports by a secret token; but solution and
  test share a process.
* `naive`: believes the exit status, the output, and a list on the stack, whichever says "passed".
"""

import json
import os
import secrets
import sys


def plain(value):
    """Whether a value is built from exact builtin types."""
    if type(value) in (list, tuple, set):
        return all(plain(item) for item in value)
    if type(value) is dict:
        return all(plain(item) for pair in value.items() for item in pair)
    return value is None or type(value) in (bool, int, float, complex, str, bytes)


def never_called(job):
    scope = {}
    exec(job["solution"] + "\n" + job["test"], scope)
    return True


def visible(job):
    scope = {}
    exec(job["solution"], scope)
    exec(job["test"], scope)
    function = scope[job["entry_point"]]

    def candidate(*args):
        value = function(*args)
        if not plain(value):
            raise TypeError("not plain data")
        return value

    scope["check"](candidate)
    return True


def naive(job):
    result = []
    scope = {}
    exec(job["test"], scope)
    exec(job["solution"], scope)
    try:
        scope["check"](scope[job["entry_point"]])
    except Exception:
        return "passed" in result
    return True


def run(job):
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
            status = exit_request.code or 0
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
