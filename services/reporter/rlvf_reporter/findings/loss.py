"""Findings on training loss against evaluation: whether arms with a lower final loss score
higher."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from rlvf_common.statistics.comparison import ALPHA
from rlvf_common.statistics.correlation import LEAST_PAIRS, RankCorrelation, rank_correlation
from rlvf_common.statistics.intervals import holm
from rlvf_reporter import formatting as fmt
from rlvf_reporter.report import Finding, Level, Report, Rule, Training, Weight

__all__ = ["loss_findings"]


@dataclass(frozen=True, slots=True)
class _Group:
    """Arms on one benchmark whose losses are of one kind: of one model, on pairs or on answers,
    with one loss of indifference."""

    benchmark: str
    model: str
    indifference: float | None
    losses: Sequence[float]
    scores: Sequence[float]


def loss_findings(report: Report) -> Iterator[Finding]:
    """Whether the final training loss of arms correlates with their pass@1.

    The test is Spearman's rank correlation with its permutation test
    (`rlvf_common.statistics.correlation`). An arm counts once, as the mean of its runs, since runs
    of one arm are alike in both; its loss is the mean over the last quarter of its steps. Arms are
    compared that have one model and one kind of loss. All such groups of a report are one family,
    by Holm's method. The arms differ in other things, too, so a correlation need not be causal.
    """
    groups = [group for group in _groups(report) if len(group.losses) > 1]
    large = [group for group in groups if len(group.losses) >= LEAST_PAIRS]
    found = [rank_correlation(group.losses, group.scores) for group in large]
    adjusted = holm([one.p_value for one in found])
    for group, one, p_value in zip(large, found, adjusted, strict=True):
        is_sure = p_value < ALPHA
        yield Finding(
            Level.RESULT,
            _sentence(group, one, p_value, len(large), is_sure=is_sure),
            Weight.TREND,
            nothing_said=not is_sure,
            rule=Rule.LOSS,
        )
    small = [group for group in groups if group not in large]
    if small:
        counts = "; ".join(f"{len(one.losses)} of {one.model} on {one.benchmark}" for one in small)
        yield Finding(
            Level.NOTE,
            f"Nothing can be said of whether a lower training loss goes with a higher score: "
            f"{LEAST_PAIRS} arms are needed that share model and kind of loss ({counts}).",
            nothing_said=True,
            rule=Rule.LOSS,
        )


def _sentence(
    group: _Group, one: RankCorrelation, p_value: float, family: int, *, is_sure: bool
) -> str:
    p = f"p = {fmt.p_value(one.p_value)}"
    if family > 1:
        p += f", adjusted over {family} groups of arms {fmt.p_value(p_value)}"
    where = f"of {group.model} on {group.benchmark}"
    if is_sure:
        score = "higher" if one.rho < 0 else "lower"
        start = f"A lower training loss goes with a {score} pass@1 in the arms {where}"
    else:
        start = f"Training loss and pass@1 cannot be told to go together in the arms {where}"
    return (
        f"{start}: rank correlation {fmt.number(one.rho, 2)} (permutation test, "
        f"{one.pairs} arms; {p})."
    )


def _groups(report: Report) -> Iterator[_Group]:
    trainings = {
        run.name: run
        for run in report.training
        # A policy loss says nothing: it is near 0 both when nothing and when everything is learned.
        if not run.diverged and run.reward is None
    }
    for benchmark in report.benchmarks:
        kinds: dict[tuple[str, float | None], list[tuple[float, float]]] = {}
        for name in dict.fromkeys(c.run_of for c in report.on(benchmark) if c.training):
            conditions = report.runs(name, benchmark)
            runs = [trainings[c.training] for c in conditions if c.training in trainings]
            if len(runs) == len(conditions):
                kind = conditions[0].model, runs[0].indifference
                point = fmean(map(_last_loss, runs)), fmean(c.pass_at_1 for c in conditions)
                kinds.setdefault(kind, []).append(point)
        for (model, indifference), points in kinds.items():
            losses, scores = zip(*points, strict=True)
            yield _Group(benchmark, model, indifference, losses, scores)


def _last_loss(run: Training) -> float:
    steps = run.curve[-max(1, len(run.curve) // 4) :]
    return fmean(step.loss for step in steps)
