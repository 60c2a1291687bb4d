"""Problem records: the common form of a programming problem in all services.

`prompt` is the beginning of a Python program; a completion continues it, and `test` judges the
whole. The prompt may end anywhere: HumanEval's ends after the docstring of `entry_point`; MBPP's is
a docstring that describes a function, and that of APPS a docstring that describes a whole program.
"""

import json
import keyword
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from rlvf_common.problems.kinds_of_test import (
    KINDS,
    AssertList,
    Cases,
    JsonTest,
    StandardStreams,
    record_of,
)

__all__ = [
    "CPU_SECONDS",
    "Problem",
    "check_problem",
    "dump_problems",
    "json_object",
    "parse_problem",
    "parse_problems",
]

CPU_SECONDS = 3.0
"""CPU time of an answer if its problem sets none. The value is that of human-eval's harness
(github.com/openai/human-eval, `evaluate_functional_correctness`), where it limits wall time."""

MAX_CPU_SECONDS = 300.0
"""The executor's maximum for a program."""

MAX_OUTPUT_BYTES = 16 << 20
"""The executor's maximum for a program's output."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One programming problem.

    `prompt + canonical_solution` is a correct program, unless `canonical_solution` is empty: then
    none is known.
    """

    task_id: Annotated[str, Field(min_length=1)]
    prompt: str
    entry_point: str
    """The function or class that the test calls. Empty if the whole program is run."""
    test: JsonTest
    canonical_solution: str
    source: str = ""
    """The data set."""
    split: str = ""
    """Its part."""
    cpu_seconds: Annotated[float, Field(gt=0, le=MAX_CPU_SECONDS)] = CPU_SECONDS
    """Maximum CPU time of an answer over all calls or runs of its test."""
    call_cpu_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Maximum CPU time of one call or run. 0: only `cpu_seconds` limits it."""
    output_bytes: Annotated[int, Field(ge=0, le=MAX_OUTPUT_BYTES)] = 0
    """Maximum output of a whole program, unless longer output is expected. 0: the executor's
    default, 64 KiB."""
    environment: Annotated[str, Field(max_length=63)] = ""
    """The executor's environment with the packages that answers, test and reference import, such as
    `python-scientific`. Empty for the standard library only."""
    released: str = ""
    """The date of its publication, `YYYY-MM-DD`; empty if it is not known."""

    @property
    def entry_points(self) -> tuple[str, ...]:
        """The names of which a program must define at least one; the first that it defines counts:
        the function that the test calls, then the class that may have it as a method. Empty if the
        whole program is run."""
        names = [self.entry_point]
        if isinstance(self.test, AssertList):
            names = [self.test.function or self.entry_point, self.test.method_of]
        return tuple(name for name in names if name)


_ADAPTER = TypeAdapter(Problem)


def dump_problems(problems: Iterable[Problem]) -> bytes:
    """JSON Lines, one problem per line, in the given order."""
    return "".join(json.dumps(_record(problem)) + "\n" for problem in problems).encode()


def _record(problem: Problem) -> dict[str, Any]:
    record: dict[str, Any] = {
        "task_id": problem.task_id,
        "prompt": problem.prompt,
        "entry_point": problem.entry_point,
        "test": record_of(problem.test),
        "canonical_solution": problem.canonical_solution,
        "source": problem.source,
        "split": problem.split,
    }
    if problem.cpu_seconds != CPU_SECONDS:
        record["cpu_seconds"] = problem.cpu_seconds
    if problem.call_cpu_seconds:
        record["call_cpu_seconds"] = problem.call_cpu_seconds
    if problem.output_bytes:
        record["output_bytes"] = problem.output_bytes
    if problem.environment:
        record["environment"] = problem.environment
    if problem.released:
        record["released"] = problem.released
    return record


def parse_problems(data: bytes, *, where: str) -> Iterator[Problem]:
    """Read JSON Lines of problems; `where` names the data in errors.

    Raises:
        ValueError: as `parse_problem`; the message names `where` and the line number.
    """
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            yield parse_problem(line, where=f"{where}, line {number}")


def parse_problem(line: bytes, *, where: str) -> Problem:
    """Read one problem from JSON; `where` names the place in errors. Unknown fields are ignored,
    except those of a test.

    Raises:
        ValueError: it is not a JSON object, or a field is missing or wrong; the message names
            `where` and the field.
    """
    return _checked(json_object(line, where=where), where)


def check_problem(problem: Problem, *, where: str) -> None:
    """Raise ValueError, as `parse_problem`, if a problem that was made here could not be read
    again."""
    _checked(_record(problem), where)


def _checked(record: dict[str, Any], where: str) -> Problem:
    try:
        problem = _ADAPTER.validate_python(record)
    except ValidationError as error:
        raise ValueError(f"{where}: {_complaint(error)}") from None
    _check(problem, where)
    return problem


def json_object(line: bytes, *, where: str) -> dict[str, Any]:
    """Read one JSON object; `where` names the place in errors.

    Raises:
        ValueError: it is something else.
    """
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where}: not JSON ({error})") from None
    if not isinstance(record, dict):
        raise ValueError(f"{where}: expected an object")
    return record


def _complaint(error: ValidationError) -> str:
    """The first error with its field, such as `test.inputs[2]`."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ""
    for index, part in enumerate(first["loc"]):
        if isinstance(part, int):
            place += f"[{part}]"
        elif index != 1 or part not in KINDS:
            place += f".{part}" if place else part
    if first["type"] == "missing":
        return f"`{place}` is missing"
    if first["type"].startswith("union_tag"):
        return f"`{place}` must be a string, or an object whose `kind` is one of {', '.join(KINDS)}"
    if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"`{place}` is not a field of this kind of test"
    return f"`{place}`: {first['msg'][0].lower()}{first['msg'][1:]}"


def _check(problem: Problem, where: str) -> None:
    test, name = problem.test, problem.entry_point
    if isinstance(test, StandardStreams):
        if name:
            raise ValueError(f"{where}: `entry_point` must be empty: the whole program is run")
    elif not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"{where}: `entry_point` must be the name of a function, not {name!r:.60}")
    if problem.call_cpu_seconds > problem.cpu_seconds:
        raise ValueError(f"{where}: `call_cpu_seconds` must be at most `cpu_seconds`")
    if problem.released and not _is_date(problem.released):
        raise ValueError(f"{where}: `released` must be a date, such as 2024-08-31")
    if isinstance(test, Cases) and not (test.expected or problem.canonical_solution):
        raise ValueError(
            f"{where}: `canonical_solution` is empty: without `test.expected` it must say what is "
            "expected"
        )
    if isinstance(test, Cases) and len(test.expected) not in (0, len(test.inputs)):
        raise ValueError(
            f"{where}: `test.expected` has {len(test.expected)} values for "
            f"{len(test.inputs)} inputs"
        )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
