"""Reads EvalPlus's `*_eval_results.json`.

An object with `date`, `hash` of the data set, and `eval`: for each task a list with an entry for
each answer in order, with `solution`, the whole program, `base_status` by the tests of the original
benchmark and `plus_status` by EvalPlus's further ones, null with `--base-only`. A status is `pass`,
`fail` or `timeout`. EvalPlus counts an answer for its + benchmark where both pass. Its version 0.1
wrote an object for each task instead: `nfiles`, and `base` and `plus` with `[status, details]` for
each answer, where a status is `success`, `failed` or `timed out`.

Source: github.com/evalplus/evalplus, evalplus/evaluate.py (`evaluate`, `compatible_eval_result` in
evalplus/eval/utils.py) of version 0.3, and of version 0.1 at commit 0310ad2.
"""

from collections.abc import Iterator, Mapping, Sequence

from rlvf_client.harnesses.records import Answer, ForeignFile, NotThis, benchmark_of, results_of

__all__ = ["read"]

_HARNESS = "EvalPlus"
_PLUS = {"humaneval": "humanevalplus", "mbpp": "mbppplus"}
_VERDICTS = {
    "pass": "passed",
    "success": "passed",
    "fail": "failed",
    "failed": "failed",
    "timeout": "timeout",
    "timed out": "timeout",
}

_Statuses = tuple[str, str | None, str | None]
"""Status by the base tests, status by the further ones, and the program; None where there is
none."""


def read(document: object, where: str) -> ForeignFile:
    """The file's results, of the + benchmark first where it has one.

    Raises:
        NotThis: the document is not such a file.
        ValueError: it is, but something in it is wrong; the message has the place.
    """
    tasks = document.get("eval") if isinstance(document, dict) else None
    if not isinstance(tasks, dict):
        raise NotThis
    if not tasks:
        raise ValueError(f"{where}: eval: has no tasks")
    read_tasks = {
        task_id: list(_entries(entries, f"{where}: eval[{task_id}]"))
        for task_id, entries in tasks.items()
    }
    for task_id, entries in read_tasks.items():
        if not entries:
            raise ValueError(f"{where}: eval[{task_id}]: has no answers")
    benchmark = benchmark_of(list(read_tasks), where)
    base = {
        task_id: [(_VERDICTS[base], "") for base, _, _ in entries]
        for task_id, entries in read_tasks.items()
    }
    results = [results_of(_HARNESS, benchmark, base)]
    both = {task_id: [_both(entry) for entry in entries] for task_id, entries in read_tasks.items()}
    if all(verdict for entries in both.values() for verdict in entries):
        plus = {
            task_id: [(verdict or "", "") for verdict in entries]
            for task_id, entries in both.items()
        }
        name = _PLUS.get(benchmark, f"{benchmark}plus")
        results.insert(0, results_of(_HARNESS, name, plus))
    return ForeignFile(_HARNESS, tuple(results), tuple(_answers(read_tasks)))


def _entries(entries: object, where: str) -> Iterator[_Statuses]:
    if isinstance(entries, dict):
        yield from _first_version(entries, where)
        return
    if not isinstance(entries, list):
        raise ValueError(f"{where}: must be a list of answers")
    for number, entry in enumerate(entries):
        place = f"{where}[{number}]"
        if not isinstance(entry, dict):
            raise ValueError(f"{place}: must be an object")
        solution = entry.get("solution")
        if not isinstance(solution, str | None):
            raise ValueError(f"{place}.solution: must be a string")
        base = _status(entry.get("base_status"), f"{place}.base_status")
        plus = entry.get("plus_status")
        yield base, plus and _status(plus, f"{place}.plus_status"), solution


def _first_version(entries: Mapping[str, object], where: str) -> Iterator[_Statuses]:
    base, plus = (_pairs(entries.get(name), f"{where}.{name}") for name in ("base", "plus"))
    if plus and len(plus) != len(base):
        raise ValueError(f"{where}.plus: has {len(plus)} answers, and base {len(base)}")
    for number, status in enumerate(base):
        yield status, plus[number] if plus else None, None


def _pairs(pairs: object, where: str) -> list[str]:
    if not isinstance(pairs, list):
        raise ValueError(f"{where}: must be a list")
    return [
        _status(pair[0] if isinstance(pair, list) and pair else pair, f"{where}[{number}]")
        for number, pair in enumerate(pairs)
    ]


def _status(status: object, where: str) -> str:
    if not isinstance(status, str) or status not in _VERDICTS:
        raise ValueError(f"{where}: must be one of {', '.join(_VERDICTS)} (got {status!r:.60})")
    return status


def _both(entry: _Statuses) -> str | None:
    """The verdict by all tests; None where the further ones were not run."""
    base, plus, _ = entry
    if plus is None:
        return None
    return _VERDICTS[base] if _VERDICTS[base] != "passed" else _VERDICTS[plus]


def _answers(tasks: Mapping[str, Sequence[_Statuses]]) -> Iterator[Answer]:
    for task_id, entries in tasks.items():
        for _, _, solution in entries:
            if solution is not None:
                yield Answer(task_id, solution, is_solution=True)
