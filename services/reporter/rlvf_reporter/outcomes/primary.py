"""The primary outcome, which was declared before the run and begins the report."""

from dataclasses import dataclass
from statistics import fmean

from rlvf_common.statistics.intervals import Interval
from rlvf_reporter import formatting as fmt
from rlvf_reporter.outcomes.verification import judgements
from rlvf_reporter.outcomes.wording import extent, p_words
from rlvf_reporter.report import HeadToHead, Outcome, Report

__all__ = ["Primary", "primary_record", "primary_sentence"]


@dataclass(frozen=True, slots=True)
class Primary:
    """The primary outcome in numbers; scores are pass@1, a mean over the runs."""

    arm: str
    baseline: str
    benchmark: str
    delta: float
    ci95: Interval
    p_value: float
    baseline_score: float
    treatment_score: float
    outcome: Outcome


def primary_record(report: Report) -> Primary | None:
    """The primary outcome; None where none was declared."""
    h = report.primary
    if h is None or h.outcome is None:
        return None

    def score(name: str) -> float:
        return fmean(run.pass_at_1 for run in report.runs(name, h.benchmark))

    return Primary(
        arm=h.treatment,
        baseline=h.baseline,
        benchmark=h.benchmark,
        delta=h.found.delta,
        ci95=h.found.ci95,
        p_value=h.found.p_value,
        baseline_score=score(h.baseline),
        treatment_score=score(h.treatment),
        outcome=h.outcome,
    )


def primary_sentence(report: Report, primary: HeadToHead) -> str:
    """The outcome in one sentence, with the arm's other comparisons with its base and its
    controls."""
    control = ", its control," if primary.against_control else ""
    beside = [
        f"; against {_called(h)} {_found(report, h)}), {h.outcome}"
        for judgement in judgements(report, primary.benchmark)
        if judgement.arm == primary.treatment
        for h in (judgement.base, *judgement.controls)
        if h is not None and h != primary
    ]
    return (
        f"Primary outcome, declared before the run: {primary.treatment} {_verb(primary)} "
        f"{primary.baseline}{control} on {primary.benchmark}: {_found(report, primary)}; "
        f"{extent(report, primary)}){''.join(beside)}."
    )


def _verb(h: HeadToHead) -> str:
    match h.outcome:
        case Outcome.BETTER:
            return "is better than"
        case Outcome.WORSE:
            return "is worse than"
        case _:
            return "is not distinguishable from"


def _called(h: HeadToHead) -> str:
    return f"its control {h.baseline}" if h.against_control else h.baseline


def _found(report: Report, h: HeadToHead) -> str:
    return (
        f"{fmt.points(h.found.delta)} (95% interval {fmt.points_interval(h.found.ci95)}; "
        f"{p_words(report, h)}"
    )
