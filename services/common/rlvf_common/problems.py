"""Problem records: the one shape in which a programming problem travels between services.

A problem is HumanEval-like: `prompt` is the beginning of a Python program, up to and including the
signature and docstring of `entry_point`; a completion continues it; `test` defines
`check(candidate)`.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields


@dataclass(frozen=True, slots=True)
class Problem:
    """One programming problem, graded by a `check(candidate)` function.

    `prompt + canonical_solution` is a whole program that defines `entry_point`; `test` is the
    source of a module that defines `check(candidate)`. `source` names the data set, `split` its
    part.
    """

    task_id: str
    prompt: str
    entry_point: str
    test: str
    canonical_solution: str
    source: str
    split: str


_FIELDS = tuple(field.name for field in fields(Problem))


def dump_problems(problems: Iterable[Problem]) -> bytes:
    """JSON Lines, one problem a line, in the given order."""
    return "".join(json.dumps(asdict(problem)) + "\n" for problem in problems).encode()


def parse_problems(data: bytes, *, where: str) -> Iterator[Problem]:
    """Read JSON Lines of problems; `where` names the data in errors.

    Raises:
        ValueError: a line is not a JSON object, lacks a field, or a field is not a string; the
        message
            names `where` and the line number. Unknown fields are ignored.
    """
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"{where}, line {number}: not JSON ({error})") from None
        if not isinstance(record, dict):
            raise ValueError(f"{where}, line {number}: expected an object")
        for name in _FIELDS:
            if not isinstance(record.get(name), str):
                raise ValueError(f"{where}, line {number}: `{name}` must be a string")
        yield Problem(**{name: record[name] for name in _FIELDS})
