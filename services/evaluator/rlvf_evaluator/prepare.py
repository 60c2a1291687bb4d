"""Makes a problem file of those tasks of a data set whose tests pass a solution.

    python -m rlvf_evaluator.prepare NAME --out NAME.jsonl [--file FILE] [--solutions FILE]
        [--executor HOST:PORT]

Some tests of APPS and CodeContests pass no solution that the data set itself calls correct.
LiveCodeBench has no solutions, and needs a file of them. Some tests of BigCodeBench only work with
test and program in one process. Solutions are graded until one passes; problems without a passing
one are omitted, and listed in a second file, as are problems whose tests pass answers that solve
nothing.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path

from rlvf_api.errors import FailedPrecondition, InvalidArgument, RlvfError
from rlvf_common.problems.benchmarks import Content, Omission
from rlvf_common.problems.benchmarks.programs import python_3
from rlvf_common.problems.benchmarks.sources import dump_omissions, omissions_path, read_records
from rlvf_common.problems.problem import Problem, dump_problems
from rlvf_common.problems.prompts import program, support_source
from rlvf_common.rollouts.grading import MOST_AT_ONCE, Grade, Grader
from rlvf_common.rpc.channels import open_channel
from rlvf_common.rpc.concurrency import for_each
from rlvf_common.rpc.settings import TransportSettings, load
from rlvf_evaluator.benchmarks import read_known

__all__ = ["keep_proven", "with_solutions"]

# An object that stays in the program's process answers a test's questions about itself; this one
# answers yes to all.
_OBJECT = """
class _Object:
    def __getattr__(self, name):
        return ANSWER

def ENTRY(*args, **kwargs):
    return _Object()
"""
_OBJECTS = {
    "whose attributes are true": _OBJECT.replace("ANSWER", "True"),
    "whose methods return true": _OBJECT.replace("ANSWER", "lambda *args, **kwargs: True"),
}


async def keep_proven(
    content: Content, grade: Callable[[Problem, str], Awaitable[Grade]]
) -> Content:
    """The problems that have a passing solution, which becomes the canonical one, and whose tests
    pass no answer that any test should refuse.

    `grade` raises InvalidArgument or FailedPrecondition if a test cannot be run.

    Raises:
        Unavailable: a solution could not be graded.
    """

    async def prove(problem: Problem) -> Problem | Omission:
        last = ""
        candidates = list(_candidates(problem, content))
        try:
            for candidate in candidates:
                found = await grade(candidate, program(candidate, candidate.canonical_solution))
                if found.verdict == "passed":
                    return await _unless_lax(candidate, grade)
                last = f"{found.verdict}, {found.detail}"
        except (InvalidArgument, FailedPrecondition) as error:
            return Omission(problem.task_id, f"its test cannot be run: {error}"[:500])
        if not candidates:
            return Omission(problem.task_id, "there is no solution of it to verify its tests with")
        reason = f"none of {len(candidates)} solutions that should be correct passes its tests"
        return Omission(problem.task_id, f"{reason}; the last one: {last}"[:500])

    found = await for_each(content.problems, prove, at_once=MOST_AT_ONCE)
    return replace(
        content,
        problems=tuple(one for one in found if isinstance(one, Problem)),
        omissions=(*content.omissions, *(one for one in found if isinstance(one, Omission))),
    )


async def _unless_lax(
    problem: Problem, grade: Callable[[Problem, str], Awaitable[Grade]]
) -> Problem | Omission:
    """The problem, or an omission that names an answer which passes without solving it."""
    answers = {"an empty answer": program(problem, "")}
    for name in problem.entry_points[:1]:
        for what, source in _OBJECTS.items():
            forged = f"{support_source(problem)}\n{source.replace('ENTRY', name)}"
            answers[f"an object {what}"] = forged
    for described, answer in answers.items():
        if (await grade(problem, answer)).verdict == "passed":
            return Omission(problem.task_id, f"its tests pass {described}")
    return problem


def with_solutions(content: Content, file: Path) -> Content:
    """The content with further solutions from a file: records with `question_id` or `task_id`, and
    `code_list`, a list of whole programs, as LiveCodeBench's harness reads them.

    Raises:
        FailedPrecondition: the file has other content; the message names the place.
    """
    by_task: dict[str, list[str]] = {}
    for place, record in read_records(file):
        name, programs = record.get("question_id", record.get("task_id")), record.get("code_list")
        if name is None or not isinstance(programs, list) or not all(map(_is_text, programs)):
            raise FailedPrecondition(
                f"{place}: expected `question_id` or `task_id`, and `code_list`, a list of texts"
            )
        by_task.setdefault(str(name), []).extend(programs)
    alternatives = {}
    for problem in content.problems:
        given = [
            solution
            for name in (problem.task_id, problem.task_id.partition("/")[2])
            for solution in by_task.get(name, ())
        ]
        own = content.alternatives.get(problem.task_id, ())
        alternatives[problem.task_id] = (*own, *python_3(given))
    return replace(content, alternatives=alternatives)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _candidates(problem: Problem, content: Content) -> Iterator[Problem]:
    if problem.canonical_solution:
        yield problem
    for solution in content.alternatives.get(problem.task_id, ()):
        yield replace(problem, canonical_solution=solution)


def _require_environments(content: Content, offered: Collection[str]) -> None:
    """Raise FailedPrecondition if the executor lacks an environment; otherwise every problem that
    needs it would be omitted."""
    for name in sorted({one.environment for one in content.problems if one.environment}):
        if name not in offered:
            raise FailedPrecondition(
                f"the executor does not offer the environment `{name}`; it offers "
                f"{', '.join(sorted(offered))}"
            )


async def _prepare(
    name: str, file: Path | None, solutions: Path | None, executor: str, out: Path
) -> str:
    content = await asyncio.to_thread(read_known, name, file)
    if solutions is not None:
        content = with_solutions(content, solutions)
    transport = load(TransportSettings)
    channel = open_channel(executor, token=transport.auth_token, tls_ca=transport.tls_ca)
    async with channel:
        grader = Grader(channel)
        capabilities = await grader.capabilities()
        _require_environments(content, {one.name for one in capabilities.environments})
        grader = grader.of(capabilities.policy_sha256)
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
    parser.add_argument("--solutions", type=Path, help="further solutions, by task: code_list")
    parser.add_argument("--executor", default="127.0.0.1:50051", help="host:port")
    arguments = parser.parse_args()
    if arguments.out.suffix != ".jsonl":
        parser.error("--out must end in .jsonl")
    try:
        given = arguments.name, arguments.file, arguments.solutions
        print(asyncio.run(_prepare(*given, arguments.executor, arguments.out)))
    except (RlvfError, OSError) as error:
        print(f"prepare: {error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
