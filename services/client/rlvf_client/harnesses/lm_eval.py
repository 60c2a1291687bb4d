"""Reads lm-evaluation-harness's `samples_TASK_DATE.jsonl` and `results_DATE.json`.

The samples are written with `--log_samples`: a line for each task and filter, with `doc`, the
record of the data set, `filter`, `metrics`, the names of the metrics, and each metric by its name;
for programs `pass@1`, or `pass_at_1` in its MBPP tasks, which is the share of the task's answers
that pass. `resps` has the answers as they were written, and `filtered_resps` the programs that were
run, both in a list of their own. The file does not say which answers passed, only how many; the
first of a task stand for them.

The results have totals alone: `results`, by task, has `METRIC,FILTER`, and `model_name` names the
model. Their samples lie beside them, under the same date.

Source: github.com/EleutherAI/lm-evaluation-harness, lm_eval/loggers/evaluation_tracker.py
(`save_results_aggregated`, `save_results_samples`), lm_eval/evaluator.py (`evaluate`),
lm_eval/tasks/humaneval and lm_eval/tasks/mbpp.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from rlvf_client.harnesses.records import Answer, ForeignFile, NotThis, benchmark_of, results_of
from rlvf_common.statistics.results import ModelRecord

__all__ = ["is_line", "read_samples", "read_totals"]

_HARNESS = "lm-evaluation-harness"
_METRICS = ("pass@1", "pass_at_1")
_SAMPLES = re.compile(r"samples_(?P<task>.+?)_(?P<date>\d{4}-\d\d-\d\dT.+)\.jsonl")
_TOTALS = re.compile(r"results_(?P<date>\d{4}-\d\d-\d\dT.+)\.json")
_TOLERANCE = 1e-6


def is_line(line: object) -> bool:
    """Whether a parsed line is one of a file of samples."""
    return isinstance(line, dict) and {"doc_id", "doc"} <= line.keys()


def read_samples(lines: Sequence[object], where: str) -> ForeignFile:
    """The result of a file of samples; `where` is its path. Raises ValueError where a line is
    wrong, with the line."""
    filters: set[str] = set()
    verdicts: dict[str, list[tuple[str, str]]] = {}
    answers: list[Answer] = []
    for number, line in enumerate(lines, start=1):
        place = f"{where}, line {number}"
        if not isinstance(line, dict) or not isinstance(line.get("doc"), dict):
            raise ValueError(f"{place}: doc: must be an object")
        filters.add(str(line.get("filter", "none")))
        if len(filters) > 1:
            raise ValueError(
                f"{place}: the file has answers of several filters "
                f"({', '.join(sorted(filters))}); keep the lines of one of them"
            )
        task_id = _task_id(line["doc"], place)
        if task_id in verdicts:
            raise ValueError(f"{place}: {task_id} occurs twice")
        programs = _programs(line, place)
        passed = _passed(line, len(programs), place)
        verdicts[task_id] = [
            ("passed" if sample < passed else "failed", "") for sample in range(len(programs))
        ]
        answers.extend(Answer(task_id, program, is_solution=True) for program in programs)
    benchmark = benchmark_of(list(verdicts), where)
    if "plus" in _task_name(where):
        benchmark += "plus"
    return ForeignFile(_HARNESS, (results_of(_HARNESS, benchmark, verdicts),), tuple(answers))


def read_totals(
    document: object, where: str, read_file: Callable[[Path], ForeignFile]
) -> ForeignFile:
    """The result of the samples beside a file of totals, which must agree with them.

    Raises:
        NotThis: the document is not such a file.
        ValueError: beside it there are no samples or several, or they contradict it.
    """
    if not isinstance(document, dict) or not isinstance(document.get("results"), dict):
        raise NotThis
    if not {"configs", "n-shot", "versions"} & document.keys():
        raise NotThis
    path = Path(where)
    samples = list(_beside(path))
    if len(samples) != 1:
        found = (
            f"beside it are samples of {', '.join(one.name for one in samples)}: give one of them"
            if samples
            else "lm_eval writes samples with --log_samples: give samples_*.jsonl"
        )
        raise ValueError(f"{where}: has totals only, and tasks are compared one by one; {found}")
    found_file = read_file(samples[0])
    (result,) = found_file.results
    totals = document["results"].get(_task_name(str(samples[0])), {})
    for total in _shares(totals):
        if not math.isclose(total, result.pass_at_1, abs_tol=_TOLERANCE):
            raise ValueError(
                f"{where}: its pass@1 is {total:.6g}, but that of {samples[0].name} "
                f"{result.pass_at_1:.6g}: they are not of one evaluation"
            )
    model = document.get("model_name")
    if isinstance(model, str) and model:
        result = replace(result, model=ModelRecord(model))
    return replace(found_file, results=(result,))


def _beside(path: Path) -> Iterator[Path]:
    if match := _TOTALS.fullmatch(path.name):
        for other in sorted(path.parent.glob("samples_*.jsonl")):
            found = _SAMPLES.fullmatch(other.name)
            if found and found["date"] == match["date"]:
                yield other


def _task_name(where: str) -> str:
    match = _SAMPLES.fullmatch(Path(where).name)
    return match["task"] if match else ""


def _shares(totals: object) -> Iterator[float]:
    if isinstance(totals, dict):
        for name, value in totals.items():
            if name.partition(",")[0] in _METRICS and isinstance(value, int | float):
                yield float(value)


def _task_id(doc: Mapping[str, object], place: str) -> str:
    task_id = doc.get("task_id")
    if isinstance(task_id, str):
        return task_id
    if isinstance(task_id, int):
        # MBPP's own records number their tasks.
        return f"Mbpp/{task_id}"
    raise ValueError(f"{place}: doc.task_id: is missing, so that its task is not known")


def _programs(line: Mapping[str, object], place: str) -> list[str]:
    """The programs that were run; several in one list, or in one for each."""
    programs = line.get("filtered_resps")
    while isinstance(programs, list) and len(programs) == 1 and isinstance(programs[0], list):
        programs = programs[0]
    if not isinstance(programs, list) or not programs:
        raise ValueError(f"{place}: filtered_resps: must be a list of answers")
    if not all(isinstance(program, str) for program in programs):
        raise ValueError(f"{place}: filtered_resps: must be strings")
    return programs


def _passed(line: Mapping[str, object], answers: int, place: str) -> int:
    """Number of answers that pass."""
    share = next((line[name] for name in _METRICS if name in line), None)
    if not isinstance(share, int | float) or not 0 <= share <= 1:
        raise ValueError(f"{place}: has no share of answers that pass, {' or '.join(_METRICS)}")
    passed = round(Fraction(share) * answers)
    if abs(passed / answers - share) > _TOLERANCE:
        raise ValueError(
            f"{place}: a share of {share:g} is not a whole number of its {answers} answers; the "
            "answers of a task must all be in its line"
        )
    return passed
