"""Findings on contrasts: the effect of a factor in two arms that differ in nothing else."""

from collections.abc import Iterator

from rlvf_reporter import formatting as fmt
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
    its benchmark. Arms that were trained on different numbers of records differ in more than the
    factor, which the finding says.
    """
    for h in report.head_to_head:
        if h.contrast is None or h.outcome is None:
            continue
        is_none = h.outcome is Outcome.NOT_DISTINGUISHABLE
        of_quality = h.contrast.factor is Rule.QUALITY
        before, after = _records(report, h, h.baseline), _records(report, h, h.treatment)
        is_same = before == after
        treatment, baseline = h.contrast.treatment_value, h.contrast.baseline_value
        if of_quality or not is_same:
            treatment, baseline = f"{treatment}, {after} records", f"{baseline}, {before} records"
        text = (
            f"{h.contrast.factor.capitalize()}: {h.treatment} ({treatment}) {_VERBS[h.outcome]} "
            f"{h.baseline} ({baseline}){', the same training otherwise,' if is_same else ''} on "
            f"{h.benchmark}: {evidence(report, h)}."
        )
        if not (of_quality or is_same):
            text += " They differ in their number of records, too."
        yield Finding(
            Level.RESULT,
            text + (power((h,)) if is_none else ""),
            Weight.DIFFERENCE,
            nothing_said=is_none,
            rule=h.contrast.factor,
        )


def _records(report: Report, h: HeadToHead, name: str) -> str:
    """The number of records that it was trained on, or those of its runs where they differ."""
    counts = sorted({run.pairs for run in report.runs(name, h.benchmark)})
    return " or ".join(map(fmt.count, counts))
