"""Grades the attacks' programs with one grader that is not ours, in a process of its own.

    python -m tests.trust.peers NAME OUTSIDE ANSWERS

Reads a list of programs from standard input, and writes their `Outcome`s to the file ANSWERS, both
as JSON. The grader is imported once. Each program is graded in a fork, which is killed after
`LONGEST_SECONDS`, with its process group.
"""

import json
import os
import select
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.trust.attacks import LEFTOVER
from tests.trust.harnesses import Passes, load

LONGEST_SECONDS = 70.0
SECRET = "what-the-trainer-knows"


class Outcome(NamedTuple):
    """A grader's verdict on a program, and the harm that the program did meanwhile."""

    verdict: str
    """`passed`, `refused`, `crashed` (the grader's process ended without a verdict), `hung`."""
    harm: tuple[str, ...]
    """Kinds of harm: `file`, `secret`, `process`, `code`."""


def _graded(passes: Passes, source: str, folder: Path) -> str:
    """The verdict on a program, graded in a fork of this process."""
    answer = folder / "answer"
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            verdict = "passed" if passes(source) else "refused"
            answer.write_text(verdict)
        except BaseException:
            # An exception of the grader would end its trainer or evaluation.
            traceback.print_exc()
        finally:
            os._exit(0)
    watched = os.pidfd_open(child)
    ended, _, _ = select.select([watched], [], [], LONGEST_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(watched)
    if not ended:
        return "hung"
    return answer.read_text() if answer.exists() else "crashed"


def _leftovers() -> list[psutil.Process]:
    """Processes that a program left behind."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess):
            if process.name() == LEFTOVER and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _harm(outside: Path) -> Iterator[str]:
    """The kinds of harm that a program did; cleans up after it."""
    for file in sorted(outside.iterdir()):
        yield "code" if file.name == "code" else "file"
        if SECRET in file.read_text():
            yield "secret"
        file.unlink()
    for process in _leftovers():
        yield "process"
        process.kill()


def main() -> None:
    """Grade the programs of standard input."""
    name, outside, answers = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    os.environ["TRUST_SECRET"] = SECRET
    os.environ["RLVF_TRUST_KEEP"] = str(os.getpid())
    passes = load(name)
    outcomes = []
    for source in json.load(sys.stdin):
        with tempfile.TemporaryDirectory() as folder:
            verdict = _graded(passes, source, Path(folder))
        outcomes.append(Outcome(verdict, tuple(_harm(outside))))
    # To a file, since programs write to all descriptors that they find.
    answers.write_text(json.dumps(outcomes))


if __name__ == "__main__":
    main()
