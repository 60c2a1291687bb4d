"""Findings on contrasts: the effect of a factor in two arms that differ in nothing else."""

from collections.abc import Iterator

from rlvf_reporter.outcomes.wording import evidence, power
from rlvf_reporter.report import Finding, HeadToHead, Level, Outcome, Report, Rule, Weight

__all__ = ["contrast_findings"]

_VERBS = {
    Outcome.BETTER: "is better than",
    Outcome.WORSE: "is worse than",
    Outcome.NOT_DISTINGUISHABLE: "cannot be told from",
}


def contrast_findings(report: Report) -> Iterator[Finding]:
    """The effects of quality, diversity, curriculum, precision and rounds.

    The test is that of any comparison (`rlvf_common.statistics.comparison`), in the same family on
    its benchmark.
    """
    for h in report.head_to_head:
        if h.contrast is None or h.outcome is None:
            continue
        is_none = h.outcome is Outcome.NOT_DISTINGUISHABLE
        text = (
            f"{h.contrast.factor.capitalize()}: {h.treatment} ({h.contrast.treatment_value}"
            f"{_pairs(report, h, h.treatment)}) {_VERBS[h.outcome]} {h.baseline} "
            f"({h.contrast.baseline_value}{_pairs(report, h, h.baseline)}), the same training "
            f"otherwise, on {h.benchmark}: {evidence(report, h)}."
        )
        yield Finding(
            Level.RESULT,
            text + (power((h,)) if is_none else ""),
            Weight.DIFFERENCE,
            nothing_said=is_none,
            rule=h.contrast.factor,
        )


def _pairs(report: Report, h: HeadToHead, name: str) -> str:
    """The number of records that it was trained on, where the contrast is one of quality."""
    if h.contrast is None or h.contrast.factor is not Rule.QUALITY:
        return ""
    counts = sorted({run.pairs for run in report.runs(name, h.benchmark)})
    return f", {' or '.join(map(str, counts))} records"
