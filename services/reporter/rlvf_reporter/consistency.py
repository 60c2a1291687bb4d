"""Whether the numbers of a request follow from the artifacts that it names.

A report repeats summaries that others computed. It is refused where they contradict the verdicts.
"""

import math
from collections.abc import Mapping

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf_common.statistics import mcnemar_exact
from rlvf_common.validation import require

from rlvf_reporter.evidence import EvaluationEvidence, Evidence

_TOLERANCE = 1e-9


def check_consistency(request: reporter_pb2.RenderReportRequest, evidence: Evidence) -> None:
    """Raise InvalidArgument for the first number that does not follow from the artifacts."""
    by_key: dict[tuple[str, str], EvaluationEvidence] = {}
    for index, (condition, seen) in enumerate(
        zip(request.conditions, evidence.evaluations, strict=True)
    ):
        summary = condition.evaluation.summary
        field = f"conditions[{index}].evaluation"
        require(
            seen.benchmark == summary.benchmark,
            f"{field}.result",
            f"is of benchmark `{seen.benchmark}`, its summary of `{summary.benchmark}`",
        )
        _check_summary(summary, seen, f"{field}.summary")
        by_key[summary.benchmark, condition.name] = seen
    for index, head_to_head in enumerate(request.head_to_head):
        _check_comparison(
            head_to_head.comparison,
            by_key[head_to_head.benchmark, head_to_head.baseline],
            by_key[head_to_head.benchmark, head_to_head.treatment],
            f"head_to_head[{index}].comparison",
        )
    for index, (training, curve) in enumerate(zip(request.training, evidence.curves, strict=True)):
        require(
            len(curve) == training.run.summary.steps,
            f"training[{index}].run.summary.steps",
            f"is {training.run.summary.steps}, but the metrics have {len(curve)} steps",
        )


def pass_rates(evaluation: EvaluationEvidence) -> Mapping[str, float]:
    """Share of the samples that passed, by task."""
    return {
        task_id: evaluation.passed_by_task[task_id] / samples
        for task_id, samples in evaluation.samples_by_task.items()
    }


def _check_summary(
    summary: evaluator_pb2.ScoreSummary, seen: EvaluationEvidence, field: str
) -> None:
    counts = (
        ("tasks", summary.tasks, len(seen.samples_by_task)),
        ("samples", summary.samples, sum(seen.samples_by_task.values())),
        ("passed", summary.passed, sum(seen.passed_by_task.values())),
    )
    for name, said, found in counts:
        require(said == found, f"{field}.{name}", f"is {said}, but the result has {found}")
    mean = math.fsum(pass_rates(seen).values()) / len(seen.samples_by_task)
    require(
        math.isclose(summary.pass_at_1, mean, abs_tol=_TOLERANCE),
        f"{field}.pass_at_1",
        f"is {summary.pass_at_1}, but the result's verdicts give {mean}",
    )


def _check_comparison(
    comparison: evaluator_pb2.Comparison,
    baseline: EvaluationEvidence,
    treatment: EvaluationEvidence,
    field: str,
) -> None:
    before, after = pass_rates(baseline), pass_rates(treatment)
    require(before.keys() == after.keys(), field, "the two results are not of the same tasks")
    delta = math.fsum(after[task_id] - before[task_id] for task_id in before) / len(before)
    require(
        math.isclose(comparison.delta, delta, abs_tol=_TOLERANCE),
        f"{field}.delta",
        f"is {comparison.delta}, but the verdicts give {delta}",
    )
    improved, regressed = set(comparison.improved), set(comparison.regressed)
    told = len(improved) + len(regressed) + comparison.both_pass + comparison.both_fail
    require(
        told == len(before) and not improved & regressed and improved | regressed <= before.keys(),
        field,
        f"its four groups hold {told} tasks, the results {len(before)}; each task is in one group",
    )
    if not all(rate in (0, 1) for rate in (*before.values(), *after.values())):
        # With several samples a task it is the evaluator who says when a task passes.
        return
    for name, listed, found in (
        ("improved", improved, {task for task in before if after[task] > before[task]}),
        ("regressed", regressed, {task for task in before if after[task] < before[task]}),
    ):
        wrong = sorted(listed ^ found)
        require(not wrong, f"{field}.{name}", f"contradicts the verdicts of {', '.join(wrong[:3])}")
    both_pass = sum(before[task] == after[task] == 1 for task in before)
    require(
        comparison.both_pass == both_pass,
        f"{field}.both_pass",
        f"is {comparison.both_pass}, but the verdicts give {both_pass}",
    )
    p_value = mcnemar_exact(len(improved), len(regressed))
    require(
        math.isclose(comparison.p_value, p_value, abs_tol=_TOLERANCE),
        f"{field}.p_value",
        f"is {comparison.p_value}, but the flipped tasks give {p_value}",
    )
