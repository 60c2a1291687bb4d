"""Finds overlaps of a training set with an evaluation benchmark.

A record overlaps a task for any of four reasons:

* **task id**: the record names the benchmark's task;
* **entry point**: the record is about a function of the same name;
* **10-gram**: the record contains ten consecutive words of the benchmark's prompt. Lengths of 8 to
  13 words are usual; shorter ones find more overlaps, and more by chance. A prompt, or a text of
  the record, of six to nine words counts if the other contains it whole; a shorter one if both are
  equal;
* **solution**: the record contains twenty consecutive words of the benchmark's reference solution.

Words are letters, digits and underscores, in lower case: punctuation, indentation and line breaks
do not count. Runs are compared with and without the function's own name, so a renamed problem is
found even if its name is in every example. A rewritten docstring is not found.

Solutions need twenty words because ten words of code are often an idiom (`for i in range(n): for j
in range(i ...`). Against HumanEval's solutions, runs of ten find 12 of MBPP's 974 solutions, all by
chance; runs of thirteen find 1; runs of sixteen and more none. With twenty, 94 of the 164 solutions
are long enough to be found. For prompts, ten words find none of MBPP's texts. A run that more than
two tasks of a benchmark share is boilerplate ("Write a function to check whether the given number")
and is ignored. Tasks that share half of their runs count as one for this, so that a problem that a
benchmark has three times is not boilerplate. Entry points with common names (`add`, `is_prime`)
still overlap by chance: look at the reason before you drop a record.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rlvf_common.problems.problem import Problem

__all__ = [
    "MAX_OVERLAPS",
    "NGRAM_WORDS",
    "SHORT_WORDS",
    "SOLUTION_WORDS",
    "BenchmarkIndex",
    "Match",
    "Overlap",
    "TrainingRecord",
    "find_overlaps",
    "parse_record",
]

NGRAM_WORDS = 10
"""Length of the runs of words that a record may not share with a prompt."""

SOLUTION_WORDS = 20
"""The same for a reference solution."""

SHORT_WORDS = 6
"""Minimum number of words of a whole text that is searched in longer ones."""

MAX_OVERLAPS = 1_000
"""Maximum number of overlaps per benchmark that `CheckContamination` lists. All are counted."""

_MAX_TASKS = 2
"""A run of words that more tasks of a benchmark than this share is boilerplate."""

_WORD = re.compile(r"\w+")
_DEFINITION = re.compile(r"^(?:async +)?def +(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """The relevant parts of one record of a training set."""

    task_id: str
    """Empty if it names none."""
    entry_points: tuple[str, ...]
    texts: tuple[str, ...]
    """Prompt, answers, or other text."""


class Match(NamedTuple):
    """A task that a record overlaps."""

    task_id: str
    reason: str
    """The first of `task id`, `entry point`, `10-gram` and `solution` that applies."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """A problem that is also in a benchmark."""

    task_id: str
    benchmark_task_id: str
    reason: str
    """As `Match.reason`."""


class BenchmarkIndex:
    """An index of a benchmark to look up records. It takes about 200 bytes per word."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._by_task_id: dict[str, int] = {}
        self._by_entry_point: dict[str, dict[int, None]] = {}
        self._prompts = _Runs()
        self._short = _Runs()
        self._solutions = _Runs()
        self._short_prompts: set[int] = set()
        """Lengths of the prompts that are searched whole."""
        for problem in problems:
            number = self._by_task_id.setdefault(problem.task_id, len(self._by_task_id))
            if problem.entry_point:
                self._by_entry_point.setdefault(problem.entry_point, {})[number] = None
            names = {problem.entry_point.lower()}
            prompts = list(_wordings(problem.prompt, names))
            self._short_prompts |= {len(words) for words in prompts if _is_short(words)}
            self._prompts.add(number, prompts, NGRAM_WORDS, whole=True)
            self._short.add(number, prompts, SHORT_WORDS)
            solutions = _wordings(problem.canonical_solution, names)
            self._solutions.add(number, list(solutions), SOLUTION_WORDS)
        self._tasks = list(self._by_task_id)

    def matches(self, record: TrainingRecord) -> list[Match]:
        """The tasks that `record` overlaps, each once with the first reason that applies, in order
        of the reasons."""
        found: dict[int, str] = {}
        if record.task_id in self._by_task_id:
            found[self._by_task_id[record.task_id]] = "task id"
        for name in record.entry_points:
            for number in self._by_entry_point.get(name, ()):
                found.setdefault(number, "entry point")
        names = {name.lower() for name in record.entry_points}
        texts = [words for text in record.texts for words in _wordings(text, names)]
        for words in texts:
            for number in self._sharing_prompt(words):
                found.setdefault(number, f"{NGRAM_WORDS}-gram")
        for words in texts:
            for number in self._solutions.sharing(_runs(words, SOLUTION_WORDS)):
                found.setdefault(number, "solution")
        return [Match(self._tasks[number], reason) for number, reason in found.items()]

    def _sharing_prompt(self, words: Sequence[str]) -> Iterator[int]:
        yield from self._prompts.sharing(_runs(words, NGRAM_WORDS, whole=True))
        for length in self._short_prompts:
            if length < len(words):
                yield from self._prompts.sharing(_runs(words, length))
        if _is_short(words):
            yield from self._short.sharing_all(_runs(words, SHORT_WORDS))


class _Runs:
    """Which tasks have which runs of words, without boilerplate."""

    def __init__(self) -> None:
        self._tasks: dict[int, tuple[int, ...]] = {}
        """Tasks by run; empty for boilerplate."""
        self._same_as: dict[int, int] = {}
        """The first task that is the same problem as a task; maybe the task itself."""

    def add(
        self, number: int, wordings: Sequence[Sequence[str]], length: int, *, whole: bool = False
    ) -> None:
        """Add a task's runs."""
        runs = {run for words in wordings for run in _runs(words, length, whole=whole)}
        self._same_as.setdefault(number, self._same_problem(number, runs))
        only = (number,)
        for run in runs:
            tasks = self._tasks.get(run)
            if tasks is None:
                # One object for all runs of a task, because there are many.
                self._tasks[run] = only
            elif tasks and number not in tasks:
                problems = {self._same_as[task] for task in (*tasks, number)}
                self._tasks[run] = (*tasks, number) if len(problems) <= _MAX_TASKS else ()

    def _same_problem(self, number: int, runs: Collection[int]) -> int:
        """The problem that has half of the runs that are not boilerplate."""
        telling = [tasks for run in runs if (tasks := self._tasks.get(run)) != ()]
        shared: Counter[int] = Counter()
        for tasks in telling:
            shared.update({self._same_as[task] for task in tasks or ()})
        most = max(shared, key=lambda task: (shared[task], -task), default=number)
        return most if 2 * shared[most] >= len(telling) else number

    def sharing(self, runs: Iterable[int]) -> Iterator[int]:
        """The tasks that have one of the runs, maybe repeatedly."""
        for run in runs:
            yield from self._tasks.get(run, ())

    def sharing_all(self, runs: Iterable[int]) -> list[int]:
        """The tasks that have all of the runs, ignoring boilerplate."""
        found = [tasks for run in runs if (tasks := self._tasks.get(run)) != ()]
        if not found or None in found:
            return []
        return sorted(set.intersection(*(set(tasks or ()) for tasks in found)))


def find_overlaps(problems: Sequence[Problem], benchmark: Sequence[Problem]) -> list[Overlap]:
    """The problems that overlap a benchmark problem, each once, in order."""
    index = BenchmarkIndex(benchmark)
    overlaps = []
    for problem in problems:
        names = (problem.entry_point,) if problem.entry_point else ()
        matches = index.matches(TrainingRecord(problem.task_id, names, (problem.prompt,)))
        if matches:
            overlaps.append(Overlap(problem.task_id, matches[0].task_id, matches[0].reason))
    return overlaps


_PROMPT = "prompt"
_ANSWERS = (
    "chosen",
    "rejected",
    "completion",
    "canonical_solution",
    "solution",
    "text",
    "messages",
)


def parse_record(line: str | bytes, where: str) -> TrainingRecord:
    """One line of a training set: a preference pair (`prompt`, `chosen`, `rejected`), a problem
    record, or `text`. Of conversations (lists of `{"role", "content"}`) the contents are read.

    The entry point is the field of that name; else the last function that the prompt defines; else
    all functions that the answers define at their top level.

    Raises:
        ValueError: it is not a JSON object with any of these texts. The message is one line that
            begins with `where`.
    """
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{where}: not JSON ({error})") from None
    if not isinstance(record, dict):
        raise ValueError(f"{where}: expected an object")
    prompt = _text(record, _PROMPT)
    answers = [text for text in (_text(record, name) for name in _ANSWERS) if text]
    texts = (prompt, *answers) if prompt else tuple(answers)
    if not texts:
        raise ValueError(
            f"{where}: has no text; expected `prompt`, `chosen` and `rejected`, a problem record, "
            "or `text`"
        )
    task_id = record.get("task_id")
    return TrainingRecord(
        task_id=task_id if isinstance(task_id, str) else "",
        entry_points=_entry_points(record.get("entry_point"), prompt, answers),
        texts=texts,
    )


def _entry_points(field: object, prompt: str, answers: Sequence[str]) -> tuple[str, ...]:
    if isinstance(field, str) and field:
        return (field,)
    begun: list[str] = _DEFINITION.findall(prompt)
    if begun:
        return (begun[-1],)
    return tuple(dict.fromkeys(name for text in answers for name in _DEFINITION.findall(text)))


def _text(record: Mapping[str, object], name: str) -> str:
    """A field's text; of a conversation, the contents of its messages."""
    value = record.get(name)
    if isinstance(value, list):
        contents = [item.get("content") for item in value if isinstance(item, dict)]
        return "\n".join(content for content in contents if isinstance(content, str))
    return value if isinstance(value, str) else ""


def _wordings(text: str, names: Collection[str]) -> Iterator[list[str]]:
    """The words of a text, and, if they contain any of `names`, the words without those."""
    words = _WORD.findall(text.lower())
    yield words
    nameless = [word for word in words if word not in names]
    if len(nameless) < len(words):
        yield nameless


def _is_short(words: Sequence[str]) -> bool:
    """Whether a text is too short for runs, and is searched whole."""
    return SHORT_WORDS <= len(words) < NGRAM_WORDS


def _runs(words: Sequence[str], length: int, *, whole: bool = False) -> Iterator[int]:
    """Hashes of every run of `length` words, in order; with `whole`, a shorter text is one run.

    Hashes instead of words keep the index small. Two different runs have the same hash in 1 of 2^64
    cases.
    """
    if whole and 0 < len(words) < length:
        yield hash(tuple(words))
    for start in range(len(words) - length + 1):
        yield hash(tuple(words[start : start + length]))
