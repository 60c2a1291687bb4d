"""Findings that warn about numbers: runs that went wrong, and completions that say little."""

import math
from collections.abc import Iterator, Sequence

from rlvf_reporter import formatting as fmt
from rlvf_reporter.findings.displacement import displaced
from rlvf_reporter.report import Condition, Finding, Level, Report, Training, Weight

LN_2 = math.log(2)

FIRST_LOSS_TOLERANCE = 0.01
"""Maximum distance of a first loss from ln 2 that rounding explains, in proportion for another loss
of indifference; above it, policy and reference differ."""

SHARE_OF_NOTE = 0.1
"""Minimum share of completions with a flaw, such as empty or cut off ones, for a warning."""


def training_warnings(report: Report) -> Iterator[Finding]:
    """Runs that diverged, began wrong or went the wrong way, and the trainer's own warnings."""
    for run in report.training:
        for text in _run_warnings(run):
            yield Finding(Level.WARNING, text, Weight.INVALID)


def _run_warnings(run: Training) -> Iterator[str]:
    steps = fmt.plural(run.steps, "step")
    if run.diverged:
        detail = f": {run.detail.rstrip('.')}" if run.detail else ""
        yield (
            f"Training of {run.name} diverged and was stopped after {steps}{detail}. "
            "Its scores are those of a broken run, not the effect of "
            f"{fmt.plural(run.pairs, run.records)}."
        )
    if run.indifference is not None:
        tolerance = FIRST_LOSS_TOLERANCE * run.indifference / LN_2
        named = indifference_label(run.indifference)
        # For a run that continues from an adapter the trainer has checked this itself.
        if not run.went_on and not abs(run.first_loss - run.indifference) <= tolerance:
            yield (
                f"The first preference loss of {run.name} is {fmt.number(run.first_loss)}, not "
                f"{named} (step 1 of {run.steps}): policy and reference differed before training."
            )
        if not run.diverged and not run.mean_loss <= run.indifference + tolerance:
            yield (
                f"Training of {run.name} went the wrong way: its mean preference loss is "
                f"{fmt.number(run.mean_loss)} over {steps}, above {named}."
            )
    if (detail := _told_by_trainer(run)) and not run.diverged:
        yield f"Training of {run.name} ({steps}): {detail.rstrip('.')}."


def _told_by_trainer(run: Training) -> str:
    """The trainer's own warnings, without the one on likelihood displacement where the metrics
    allow the reporter to test it."""
    told = run.detail.split("; ")
    if displaced(run.curve) is not None:
        told = [one for one in told if not one.startswith("likelihood displacement:")]
    return "; ".join(told)


def validation_sentence(run: Training) -> str:
    """How often the answers of a run's checkpoints passed, and which checkpoint is the run."""
    rates = ", ".join(
        f"{fmt.percent(each.pass_rate)} after step {each.step}" for each in run.validation
    )
    samples = fmt.plural(run.validation[0].samples, "sample")
    return (
        f"The adapter is that of step {run.steps}, the best checkpoint on problems held out of its "
        f"training problems ({samples} each): {rates} passed."
    )


def loss_notes(runs: Sequence[Training]) -> Iterator[str]:
    """What the losses and the records of the runs are, for readers of their table."""
    labels = [indifference_label(t.indifference) for t in runs if t.indifference is not None]
    if labels:
        indifference = " or ".join(
            dict.fromkeys(label.removeprefix("indifference = ") for label in labels)
        )
        yield (
            f"Losses of runs on pairs are those of the preference term alone; {indifference} is "
            "indifference, above which a policy prefers the rejected answers."
        )
    if any(t.records == "answer" for t in runs):
        yield (
            "A run on answers has no margin; its losses are their negative log-likelihood, nats a "
            "token."
        )
    for run in runs:
        if run.reward is not None:
            first, last = (fmt.number(reward, 3) for reward in run.reward)
            yield (
                f"{run.name} learned from rewards; its loss says nothing. The mean reward was "
                f"{first} over the first steps and {last} over the last, of "
                f"{fmt.plural(run.samples_graded, 'graded answer')}."
            )
    records = dict.fromkeys(run.records for run in runs)
    yield f"Records are {' or '.join(f'{one}s' for one in records)}."


def indifference_label(indifference: float) -> str:
    """The loss of indifference in words: `ln 2 = 0.6931`."""
    if math.isclose(indifference, LN_2):
        return f"ln 2 = {fmt.number(LN_2)}"
    return f"indifference = {fmt.count(round(indifference, 4))}"


def training_notes(report: Report) -> Iterator[Finding]:
    """A note on each run that did not diverge: steps, records, time and losses."""
    for run in report.training:
        if run.diverged:
            continue
        text = (
            f"{run.name} trained for {fmt.plural(run.steps, 'step')} on "
            f"{fmt.plural(run.pairs, run.records)} in {fmt.duration(run.seconds)}: "
            f"{'loss' if run.indifference is None else 'preference loss'} "
            f"{fmt.number(run.first_loss)} at the first step, "
            f"{fmt.number(run.last_loss)} at the last, {fmt.number(run.mean_loss)} on average"
        )
        if run.reward is not None:
            first, last = (fmt.number(reward, 3) for reward in run.reward)
            text += (
                f"; mean reward {first} over the first steps and {last} over the last, of "
                f"{fmt.plural(run.samples_graded, 'graded answer')}."
            )
        elif run.last_margin is None:
            text += ", nats a token."
        else:
            text += f"; last margin {fmt.number(run.last_margin, 3)}."
        if run.entropy is not None:
            before, after = run.entropy
            text += (
                f" The policy's entropy where it foretells a token of an answer went from "
                f"{fmt.number(before, 3)} to {fmt.number(after, 3)} nats."
            )
        yield Finding(Level.NOTE, text)


def evaluation_warnings(report: Report) -> Iterator[Finding]:
    """Empty, truncated and stopped completions."""
    for benchmark in report.benchmarks:
        conditions = report.on(benchmark)
        answers = [condition.answers for condition in conditions]
        cautions: tuple[tuple[str, list[int | None]], ...] = (
            ("empty", [a.empty if a else None for a in answers]),
            ("not Python", [a.unparseable if a else None for a in answers]),
            ("cut off at the token limit", [a.truncated if a else None for a in answers]),
            ("stopped by a time or memory limit", [_stopped(c) for c in conditions]),
        )
        for caution, counts in cautions:
            yield from _many(caution, benchmark, conditions, counts)


def _stopped(condition: Condition) -> int:
    return condition.verdicts.get("timeout", 0) + condition.verdicts.get("memory", 0)


def _many(
    caution: str, benchmark: str, conditions: Sequence[Condition], counts: Sequence[int | None]
) -> Iterator[Finding]:
    named = [
        f"{condition.name} {fmt.count(count)} of {fmt.count(condition.samples)} "
        f"({fmt.percent(count / condition.samples)})"
        for condition, count in zip(conditions, counts, strict=True)
        if count is not None and count >= SHARE_OF_NOTE * condition.samples
    ]
    if named:
        yield Finding(
            Level.WARNING,
            f"Many completions on {benchmark} are {caution}: {', '.join(named)}.",
            Weight.CAUTION,
        )
