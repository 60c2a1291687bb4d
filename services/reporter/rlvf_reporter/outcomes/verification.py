"""Judges whether verification caused a gain, from the comparisons of an arm with base and controls.

An arm is a training that was compared with its base model. Its control is the same training without
verification. An arm works when it is better than its base and better than all its controls; one
that is better than its base but not distinguishable from a control shows an effect of form: of
learning from sampled answers, not of verifying them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rlvf_reporter import formatting as fmt
from rlvf_reporter.outcomes.wording import evidence, power
from rlvf_reporter.report import Finding, HeadToHead, Level, Outcome, Report, Rule, Weight

__all__ = [
    "Conclusion",
    "Judgement",
    "judgements",
    "told_together",
    "verification_findings",
    "with_base",
]

_CONTROL = "the same training without verification"


class Conclusion(StrEnum):
    """The conclusion on an arm from its comparisons with its base and its controls."""

    WORKS = "works"
    """Better than its base and than every control."""
    FORM = "form, not verification"
    """Better than its base, not distinguishable from a control and worse than none."""
    HARMFUL_VERIFICATION = "worse than its control"
    """Better than its base, and worse than a control."""
    UNCONTROLLED = "no control"
    """Better than its base, but not compared with a control."""
    NOT_BETTER = "not better than its base"
    """Not better than its base, whatever its controls show."""
    NO_BASE = "no base"
    """Compared with controls only."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """An arm on one benchmark, with its comparisons with base and controls."""

    arm: str
    benchmark: str
    base: HeadToHead | None
    controls: tuple[HeadToHead, ...]

    @property
    def conclusion(self) -> Conclusion:
        """The conclusion from the outcomes, which are decided by adjusted p-values, except the
        primary one."""
        if self.base is None:
            return Conclusion.NO_BASE
        if self.base.outcome is not Outcome.BETTER:
            return Conclusion.NOT_BETTER
        outcomes = {control.outcome for control in self.controls}
        if not outcomes:
            return Conclusion.UNCONTROLLED
        if Outcome.WORSE in outcomes:
            return Conclusion.HARMFUL_VERIFICATION
        return Conclusion.WORKS if outcomes == {Outcome.BETTER} else Conclusion.FORM


def judgements(report: Report, benchmark: str) -> tuple[Judgement, ...]:
    """Every arm on the benchmark, in the order of the comparisons."""
    comparisons = report.comparisons_on(benchmark)
    controls = {h.baseline for h in report.controls} | set(_trained_without(report))
    arms = dict.fromkeys(
        h.treatment
        for h in comparisons
        if h.against_control or (with_base(report, h) and h.treatment not in controls)
    )
    return tuple(
        Judgement(
            arm,
            benchmark,
            # Where it is compared with several evaluations of the base, the first stands for it.
            next((h for h in comparisons if h.treatment == arm and with_base(report, h)), None),
            tuple(h for h in comparisons if h.treatment == arm and h.against_control),
        )
        for arm in arms
    )


def with_base(report: Report, h: HeadToHead) -> bool:
    """Whether a trained condition is compared with the base model that it was trained from."""
    before, after = (report.runs(name, h.benchmark)[0] for name in (h.baseline, h.treatment))
    return not before.training and bool(after.training) and before.model == after.model


def _trained_without(report: Report) -> Iterator[str]:
    """Conditions that were trained on records that were not selected by true verdicts."""
    for data in report.data:
        if data.verdicts not in ("true", None):
            yield from (c.run_of for c in report.conditions if c.training in data.trainings)


def verification_findings(report: Report, benchmark: str) -> Iterator[Finding]:
    """What is known about verification on one benchmark, and for which arms nothing is known."""
    judged = judgements(report, benchmark)
    for judgement in judged:
        if text := _sentence(report, judgement):
            yield Finding(Level.RESULT, text, Weight.VERIFICATION, rule=Rule.VERIFICATION)
        for control in judgement.controls:
            yield from _not_the_same(report, control)
    without = [judgement for judgement in judged if not judgement.controls]
    if without:
        names = ", ".join(judgement.arm for judgement in without)
        better = any(one.conclusion is Conclusion.UNCONTROLLED for one in without)
        yield Finding(
            Level.RESULT if better else Level.NOTE,
            f"Nothing can be said of what verification did for {names} on {benchmark}: no control "
            f"of {'it' if len(without) == 1 else 'them'}, {_CONTROL}, was compared.",
            nothing_said=True,
            rule=Rule.VERIFICATION,
        )


def told_together(report: Report, benchmark: str) -> list[HeadToHead]:
    """The comparisons that `verification_findings` covers, so that no other rule repeats them."""
    return [
        h
        for judgement in judgements(report, benchmark)
        if _sentence(report, judgement)
        for h in (judgement.base, *judgement.controls)
        if h is not None
    ]


def _sentence(report: Report, judgement: Judgement) -> str:
    """What base and controls say together; empty where other rules report each comparison."""
    base, controls = judgement.base, judgement.controls
    arm, where = judgement.arm, f"on {judgement.benchmark}"
    against = _against(report, controls)
    if base is None:
        return (
            f"Whether {arm} works {where} is not known, as it was not compared with its base "
            f"model; with its control{against}: {_outcomes(controls)}."
        )
    found = f"{base.baseline}, {evidence(report, base)}"
    match judgement.conclusion:
        case Conclusion.WORKS:
            return (
                f"{arm} works {where}: it is better than {found}, and better than its "
                f"control{against}."
            )
        case Conclusion.FORM:
            same = [h for h in controls if h.outcome is Outcome.NOT_DISTINGUISHABLE]
            return (
                f"On {judgement.benchmark} {arm} is better than {found}, but it cannot be told "
                f"from its control{against}. What is shown is form, not verification.{power(same)}"
            )
        case Conclusion.HARMFUL_VERIFICATION:
            return (
                f"On {judgement.benchmark} {arm} is better than {found}, but worse than its "
                f"control{against}. "
                "Verification did not do it."
            )
        case Conclusion.NOT_BETTER if any(h.outcome is Outcome.BETTER for h in controls):
            is_no = "is worse than" if base.outcome is Outcome.WORSE else "cannot be told from"
            return (
                f"{arm} does not work {where}: it {is_no} {found}, though it is better than its "
                f"control{against}."
            )
        case _:
            return ""


def _against(report: Report, controls: Sequence[HeadToHead]) -> str:
    """The text after `its control`: the only one, or each of several with its outcome."""
    if len(controls) == 1:
        return f" {controls[0].baseline}, {_CONTROL}, {evidence(report, controls[0])}"
    each = "; ".join(f"{h.baseline} ({h.outcome}), {evidence(report, h)}" for h in controls)
    return f"s, {_CONTROL}: {each}"


def _outcomes(controls: Sequence[HeadToHead]) -> str:
    return ", ".join(dict.fromkeys(str(h.outcome) for h in controls))


def _not_the_same(report: Report, control: HeadToHead) -> Iterator[Finding]:
    """A warning where arm and control have different numbers of records: they differ in more than
    verification."""
    of_arm, of_control = (
        {run.pairs for run in report.runs(name, control.benchmark)}
        for name in (control.treatment, control.baseline)
    )
    if of_arm != of_control:
        yield Finding(
            Level.WARNING,
            f"{control.baseline} was trained on {_counts(of_control)} "
            f"{'record' if of_control == {1} else 'records'} and "
            f"{control.treatment} on {_counts(of_arm)}: they differ in more than verification.",
            Weight.INVALID,
        )


def _counts(counts: set[int]) -> str:
    return " or ".join(fmt.count(count) for count in sorted(counts))
