"""Collects all findings of a report; the same numbers give the same sentences.

Every number in a sentence has its interval or its n. Warnings come first, then results, then notes.
"""

from collections.abc import Iterable, Iterator, Sequence

from rlvf_reporter import formatting as fmt
from rlvf_reporter.cautions import evaluation_warnings, training_notes, training_warnings
from rlvf_reporter.distribution.endings import ending_findings
from rlvf_reporter.findings.benchmarks import blind_benchmarks, noise_floors, published_scores
from rlvf_reporter.findings.contrasts import contrast_findings
from rlvf_reporter.findings.differences import difference_findings
from rlvf_reporter.findings.displacement import displacement_findings
from rlvf_reporter.findings.forgetting import forgetting_findings, forgotten
from rlvf_reporter.findings.ladders import saturation_findings, trend_findings
from rlvf_reporter.findings.loss import loss_findings
from rlvf_reporter.makers import maker_findings
from rlvf_reporter.outcomes.primary import primary_sentence
from rlvf_reporter.outcomes.verification import (
    judgements,
    told_together,
    verification_findings,
)
from rlvf_reporter.report import Finding, HeadToHead, Level, Outcome, Report, Rule
from rlvf_reporter.training_data.findings import data_findings

__all__ = ["find", "headline"]


def find(report: Report) -> tuple[Finding, ...]:
    """The findings of a report, warnings first."""
    answers = [
        *(one for name in report.benchmarks for one in verification_findings(report, name)),
        *forgetting_findings(report),
        *contrast_findings(report),
        *difference_findings(report, _told(report)),
        *trend_findings(report),
        *saturation_findings(report),
        *displacement_findings(report),
        *loss_findings(report),
    ]
    findings = [
        *training_warnings(report),
        *evaluation_warnings(report),
        *ending_findings(report),
        *maker_findings(report),
        *blind_benchmarks(report),
        *published_scores(report),
        *answers,
        *noise_floors(report),
        *_single_runs(report),
        *_unasked(report, answers),
        *training_notes(report),
        *data_findings(report),
    ]
    order = list(Level)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.level)))


def _told(report: Report) -> list[HeadToHead]:
    """The comparisons that a more specific rule covers."""
    return [
        *(one for name in report.benchmarks for one in told_together(report, name)),
        *forgotten(report),
        *(h for h in report.head_to_head if h.contrast),
    ]


def _single_runs(report: Report) -> Iterator[Finding]:
    """A note that one run of an arm says nothing about other runs."""
    trained = {c.run_of for c in report.conditions if c.training}
    if trained and not report.recipes:
        yield Finding(
            Level.NOTE,
            f"{'The arm was' if len(trained) == 1 else 'All arms were'} trained once. What is "
            "found is true of these adapters; how far those of another seed would differ is not "
            "known.",
            nothing_said=True,
        )


def _unasked(report: Report, answers: Iterable[Finding]) -> Iterator[Finding]:
    """A note with the questions that the experiment cannot answer."""
    asked = {finding.rule for finding in answers}
    # Where neither base nor control is distinguishable from an arm, `difference_findings` says so.
    if any(one.controls for name in report.benchmarks for one in judgements(report, name)):
        asked.add(Rule.VERIFICATION)
    unasked = [rule.value for rule in Rule if rule not in asked and rule is not Rule.DIFFERENCE]
    if unasked:
        yield Finding(
            Level.NOTE,
            f"Nothing can be said of {', '.join(unasked)}: the experiment does not test this.",
            nothing_said=True,
        )


def headline(report: Report) -> str:
    """The headline: the outcome that was declared before the run, if there is one, and a tally of
    the claims."""
    claims = [h for h in report.head_to_head if h.outcome is not None and not h.primary]
    if report.primary is None:
        return _tally(claims, "comparison")
    opening = primary_sentence(report, report.primary)
    return f"{opening} {_tally(claims, 'further comparison')}" if claims else opening


def _tally(claims: Sequence[HeadToHead], what: str) -> str:
    if not claims:
        return "Nothing was compared, so nothing is claimed."
    better = sum(h.outcome is Outcome.BETTER for h in claims)
    worse = sum(h.outcome is Outcome.WORSE for h in claims)
    if not better and not worse:
        if len(claims) == 1:
            return f"The only {what} shows no difference distinguishable from chance."
        return f"None of {len(claims)} {what}s shows a difference distinguishable from chance."
    parts = [
        f"{amount} {word}"
        for amount, word in (
            (better, "better"),
            (worse, "worse"),
            (len(claims) - better - worse, "not distinguishable"),
        )
        if amount
    ]
    return f"Of {fmt.plural(len(claims), what)}: {', '.join(parts)}."
