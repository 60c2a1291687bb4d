"""Findings on training data: prompt styles, sampling, off-policy data and shortcuts."""

from collections.abc import Iterator

from rlvf_common.statistics.comparison import ALPHA
from rlvf_reporter import formatting as fmt
from rlvf_reporter.report import Finding, Level, Report, Weight
from rlvf_reporter.training_data.probes import StyleReading
from rlvf_reporter.training_data.records import AnswerSet, PairSet, ShortcutAudit, TrainingData

__all__ = ["data_findings", "nested_sets", "selected_by"]

_MAX_AUC = 0.6
"""Shortcut audits with an AUC above this give a warning: for all pairs even where chance may
explain it; for a rung, where chance often does, only with a p-value of at most `ALPHA`."""


def data_findings(report: Report) -> Iterator[Finding]:
    """The prompt style of each model; for every training set, its samples and why to read it with
    care."""
    for probe in report.probes:
        found = ", ".join(map(_usable_share, probe.readings))
        yield Finding(
            Level.NOTE,
            f"{probe.model} was asked in the prompt style {probe.style}. Of its answers to a few "
            f"training problems before the sampling were usable: {found}.",
        )
    for data in report.data:
        of = f" of {data.name}" if len(report.data) > 1 else ""
        if report.sampled_before(data) is None:
            yield from _sampled(data)
        if data.off_policy:
            yield Finding(
                Level.WARNING,
                f"The {data.kind}{of} are off-policy: {data.sampler} wrote the answers, not the "
                "model that was trained on them.",
                Weight.CAUTION,
            )
        if isinstance(data, PairSet):
            yield from _audited(data, of)
        else:
            yield _answers(data)


def _usable_share(reading: StyleReading) -> str:
    if reading.unavailable:
        return f"{reading.style} not available"
    share = reading.usable / reading.samples if reading.samples else 0.0
    return f"{fmt.percent(share)} of {fmt.count(reading.samples)} in {reading.style}"


def _sampled(data: TrainingData) -> Iterator[Finding]:
    share = data.problems_with_both / data.problems if data.problems else 0.0
    only = ""
    if isinstance(data, PairSet):
        only = (
            "; a failing answer may be chosen over one with less credit, so others make pairs too"
            if data.by_gap
            else "; only these make pairs"
        )
    yield Finding(
        Level.NOTE,
        f"{fmt.count(data.problems_with_both)} of {fmt.plural(data.problems, 'problem')} "
        f"({fmt.percent(share)}) had both passing and failing answers{only}.",
    )
    if data.excluded:
        yield Finding(
            Level.NOTE,
            f"{fmt.plural(len(data.excluded), 'problem')} "
            f"{'was' if len(data.excluded) == 1 else 'were'} kept out of training because of an "
            "overlap with an evaluation benchmark.",
        )


def _answers(data: AnswerSet) -> Finding:
    return Finding(
        Level.NOTE,
        f"{data.name} has {fmt.plural(data.count, 'answer')} to "
        f"{fmt.plural(data.problems_answered, 'problem')}, {selected_by(data)}; "
        f"{fmt.count(data.passed)} of them ({fmt.percent(data.passing)}) truly pass.",
    )


def selected_by(data: AnswerSet) -> str:
    """The verdicts that the answers were selected by, in words."""
    return {
        "true": "selected by their verdicts",
        "ignored": "a control selected without looking at verdicts",
        "shuffled": "a control selected by verdicts that were exchanged at random",
    }[data.verdicts]


def nested_sets(pairs: PairSet) -> str:
    """The sizes of the nested training sets in a sentence; empty where there are none."""
    if not pairs.ladder:
        return ""
    *first, last = pairs.ladder
    sizes = f"{', '.join(map(fmt.count, first))} and " if first else ""
    return f"Training sets are nested, of {sizes}{fmt.plural(last, 'pair')}."


def _audited(pairs: PairSet, of: str) -> Iterator[Finding]:
    audit = pairs.audit_after
    if audit is None:
        yield Finding(
            Level.WARNING,
            f"The pairs{of} are of too few problems to tell whether length or format give the "
            "chosen answers away.",
            Weight.CAUTION,
        )
    elif _largest(audit) > _MAX_AUC:
        where = f"In the pairs{of} length" if of else "Length"
        yield Finding(Level.WARNING, f"{where} and format {_told_apart(audit)}", Weight.CAUTION)
    for size, reading in pairs.audit_of_rungs.items():
        if reading and _largest(reading) > _MAX_AUC and reading.p_value <= ALPHA:
            yield Finding(
                Level.WARNING,
                f"In the training set of the first {fmt.plural(int(size), 'pair')}{of} length and "
                f"format {_told_apart(reading)}",
                Weight.CAUTION,
            )


def _largest(audit: ShortcutAudit) -> float:
    return max(audit.auc, audit.paired_auc)


def _told_apart(audit: ShortcutAudit) -> str:
    telling = ", ".join(feature.name.replace("_", " ") for feature in audit.features[:3])
    return (
        f"tell chosen from rejected with AUC {fmt.number(_largest(audit), 2)} (95% interval "
        f"{fmt.interval(audit.ci95, 2)}, p = {fmt.p_value(audit.p_value)}; most "
        f"telling: {telling}). What is learned may be that."
    )
