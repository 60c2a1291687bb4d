"""`rlvf score --reported`: pass flags of an earlier scoring vs. verdicts on the same samples."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rlvf_api.errors import InvalidArgument
from rlvf_api.samples import read_file
from rlvf_common.statistics.results import ReportedRecord, TaskResult

__all__ = ["Flags", "check_flags", "describe", "read_flags", "require_comparable"]


@dataclass(frozen=True, slots=True)
class Flags:
    """The tasks that an earlier scoring reported as passed or failed."""

    condition: str
    """Empty if the file has one condition."""
    passed: Mapping[str, bool]


def read_flags(path: Path, condition: str | None) -> Flags:
    """Flags of a JSON file: `{task_id: true or false}`, or such an object for each of several
    conditions, of which `condition` selects one.

    Raises:
        OSError: the file cannot be read.
        InvalidArgument: it is neither; or it has several conditions and `condition` is not one of
            them.
    """
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(str(path), f"is not JSON: {error}") from None
    if not isinstance(document, dict) or not document:
        raise InvalidArgument(str(path), "must be an object of flags by task id")
    if all(isinstance(value, dict) for value in document.values()):
        if condition is None or condition not in document:
            names = ", ".join(sorted(document))
            problem = "several conditions" if condition is None else f"no condition `{condition}`"
            raise InvalidArgument(str(path), f"has {problem}; select one by --condition: {names}")
        return Flags(condition, _checked(document[condition], f"{path}, {condition}"))
    if condition is not None:
        raise InvalidArgument(str(path), "has one condition; leave --condition out")
    return Flags("", _checked(document, str(path)))


def _checked(flags: Mapping[str, object], where: str) -> dict[str, bool]:
    checked = {}
    for task, flag in flags.items():
        if not isinstance(flag, bool):
            raise InvalidArgument(where, f"`{task}` must be true or false, is {flag!r:.60}")
        checked[task] = flag
    return checked


def require_comparable(flags: Flags, samples: Path) -> None:
    """Raise InvalidArgument unless the samples have one answer per task, and at least one task has
    a flag."""
    counts = Counter(one.sample.task_id for one in read_file(samples))
    several = next((task for task, count in counts.items() if count > 1), None)
    if several is not None:
        raise InvalidArgument(
            str(samples),
            f"has {counts[several]} answers to {several}; flags need exactly one per task",
        )
    if not counts.keys() & flags.passed.keys():
        raise InvalidArgument(
            str(samples),
            f"has no task in common with the flags (samples: {next(iter(counts), 'none')}, flags: "
            f"{next(iter(flags.passed), 'none')})",
        )


def check_flags(flags: Flags, verdicts: Sequence[TaskResult]) -> ReportedRecord:
    """The wrong flags among the tasks with a flag and a verdict, in the order of the verdicts."""
    both = [verdict for verdict in verdicts if verdict.task_id in flags.passed]
    wrong = [verdict for verdict in both if flags.passed[verdict.task_id] != verdict.passed]
    return ReportedRecord(
        condition=flags.condition,
        tasks=len(both),
        passed=sum(flags.passed[verdict.task_id] for verdict in both),
        wrongly_passed=tuple(verdict.task_id for verdict in wrong if not verdict.passed),
        wrongly_failed=tuple(verdict.task_id for verdict in wrong if verdict.passed),
    )


def describe(record: ReportedRecord, flags: Flags, verdicts: Sequence[TaskResult]) -> str:
    """One sentence, then the tasks whose flags are wrong."""
    wrong = len(record.wrongly_passed) + len(record.wrongly_failed)
    true = record.passed - len(record.wrongly_passed) + len(record.wrongly_failed)
    name = f"{record.condition}: " if record.condition else ""
    lines = [
        f"{name}reported {record.passed}/{record.tasks} passed, true {true}/{record.tasks}: "
        f"{wrong} flags are wrong ({len(record.wrongly_passed)} reported as passed that fail, "
        f"{len(record.wrongly_failed)} reported as failed that pass)."
    ]
    for title, tasks in (
        ("reported as passed, but fail", record.wrongly_passed),
        ("reported as failed, but pass", record.wrongly_failed),
    ):
        if tasks:
            lines.append(f"{title} ({len(tasks)}): {', '.join(tasks)}")
    unanswered = len(flags.passed) - record.tasks
    unflagged = len(verdicts) - record.tasks
    if unanswered or unflagged:
        lines.append(
            f"not compared: {unanswered} flags without a completion, "
            f"{unflagged} completions without a flag"
        )
    return "\n".join(lines)
