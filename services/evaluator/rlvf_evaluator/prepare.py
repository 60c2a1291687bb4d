"""Makes a problem file of those tasks of a data set whose tests pass a solution.

    python -m rlvf_evaluator.prepare NAME --out NAME.jsonl [--file FILE] [--executor HOST:PORT]

Some tests of APPS and CodeContests pass no solution that the data set itself calls correct.
Solutions are graded until one passes; problems without one are omitted, and listed in a second
file.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

from rlvf_api.errors import FailedPrecondition, RlvfError
from rlvf_common.problems.benchmarks import Content, Omission
from rlvf_common.problems.benchmarks.sources import dump_omissions, omissions_path
from rlvf_common.problems.problem import Problem, dump_problems
from rlvf_common.problems.prompts import program
from rlvf_common.rollouts.grading import MOST_AT_ONCE, Grade, Grader
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.concurrency import for_each
from rlvf_common.rpc.settings import TransportSettings, load
from rlvf_evaluator.benchmarks import read_known

__all__ = ["keep_proven"]


async def keep_proven(
    content: Content, grade: Callable[[Problem, str], Awaitable[Grade]]
) -> Content:
    """The problems that have a passing solution, which becomes the canonical one.

    Raises:
        Unavailable: a solution could not be graded.
    """

    async def prove(problem: Problem) -> Problem | Omission:
        last = ""
        for candidate in _candidates(problem, content):
            found = await grade(candidate, program(candidate, candidate.canonical_solution))
            if found.verdict == "passed":
                return candidate
            last = f"{found.verdict}, {found.detail}"
        count = 1 + len(content.alternatives.get(problem.task_id, ()))
        reason = f"none of {count} solutions that the data set calls correct passes its tests"
        return Omission(problem.task_id, f"{reason}; the last one: {last}"[:500])

    found = await for_each(content.problems, prove, at_once=MOST_AT_ONCE)
    return replace(
        content,
        problems=tuple(one for one in found if isinstance(one, Problem)),
        omissions=(*content.omissions, *(one for one in found if isinstance(one, Omission))),
    )


def _candidates(problem: Problem, content: Content) -> Iterator[Problem]:
    yield problem
    for solution in content.alternatives.get(problem.task_id, ()):
        yield replace(problem, canonical_solution=solution)


async def _prepare(name: str, file: Path | None, executor: str, out: Path) -> str:
    content = await asyncio.to_thread(read_known, name, file)
    transport = load(TransportSettings)
    channel = open_channel(executor, token=transport.auth_token, tls_ca=transport.tls_ca)
    async with channel:
        grader = Grader(channel)
        grader = grader.of((await grader.capabilities()).policy_sha256)
        proven = await keep_proven(content, grader.grade)
    if not proven.problems:
        raise FailedPrecondition(f"no problem of {name} has a solution that passes")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(dump_problems(proven.problems))
    omissions_path(out).write_bytes(dump_omissions(proven.omissions))
    return (
        f"{out}: {len(proven.problems)} problems; {len(proven.omissions)} left out, see "
        f"{omissions_path(out)}"
    )


def main() -> None:
    """Write the file, and print a line about it."""
    parser = argparse.ArgumentParser(prog="python -m rlvf_evaluator.prepare")
    parser.add_argument("name", help="benchmark, such as apps")
    parser.add_argument("--out", type=Path, required=True, help="problem file to write, .jsonl")
    parser.add_argument("--file", type=Path, help="records of the data set; default: the hub")
    parser.add_argument("--executor", default="127.0.0.1:50051", help="host:port")
    arguments = parser.parse_args()
    if arguments.out.suffix != ".jsonl":
        parser.error("--out must end in .jsonl")
    try:
        print(
            asyncio.run(_prepare(arguments.name, arguments.file, arguments.executor, arguments.out))
        )
    except (RlvfError, OSError) as error:
        print(f"prepare: {error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
