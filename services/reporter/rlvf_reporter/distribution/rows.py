"""The table of how models answered: a row for each condition, shared by all forms of the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from rlvf_reporter import formatting as fmt
from rlvf_reporter.report import Condition, Report, Training

__all__ = ["DistributionRow", "distribution_columns", "distribution_rows"]

_NONE = "–"


@dataclass(frozen=True, slots=True)
class DistributionRow:
    """One condition on one benchmark, a mean over its runs; None where a run does not say.

    `distinct_programs` is a mean number of `samples_per_task`; `ended` is the share of answers that
    were not truncated. `entropy_before` and `entropy_after` are the policy's, nats per token,
    before and after its training.
    """

    name: str
    benchmark: str
    runs: int
    samples_per_task: float
    pass_at_1: float
    greedy_pass_at_1: float | None
    pass_at_k: Mapping[int, float]
    distinct_programs: float | None
    mean_characters: float | None
    mean_tokens: float | None
    ended: float | None
    entropy_before: float | None
    entropy_after: float | None


def distribution_rows(report: Report, benchmark: str) -> tuple[DistributionRow, ...]:
    """The conditions on a benchmark, in their order; empty where no result states a distribution
    and there is no greedy decoding."""
    conditions = report.on(benchmark)
    if not any(c.distribution or c.greedy for c in conditions):
        return ()
    names = dict.fromkeys(c.run_of for c in conditions)
    trainings = {training.name: training for training in report.training}
    return tuple(_row(name, report.runs(name, benchmark), trainings) for name in names)


def _row(
    name: str, runs: Sequence[Condition], trainings: Mapping[str, Training]
) -> DistributionRow:
    distributions = [run.distribution for run in runs if run.distribution]
    of_runs = (trainings[run.training].entropy for run in runs if run.training)
    entropies = [entropy for entropy in of_runs if entropy is not None]
    ks = [k for k in runs[0].pass_at_k if all(k in run.pass_at_k for run in runs)]
    return DistributionRow(
        name=name,
        benchmark=runs[0].benchmark,
        runs=len(runs),
        samples_per_task=fmean(run.samples / run.tasks for run in runs),
        pass_at_1=fmean(run.pass_at_1 for run in runs),
        greedy_pass_at_1=_mean(len(runs), [r.greedy.pass_at_1 for r in runs if r.greedy]),
        pass_at_k={k: fmean(run.pass_at_k[k] for run in runs) for k in ks},
        distinct_programs=_mean(len(runs), [one.distinct_programs for one in distributions]),
        mean_characters=_mean(len(runs), [one.mean_characters for one in distributions]),
        mean_tokens=_mean(len(runs), [one.mean_tokens for one in distributions]),
        ended=_mean(len(runs), [one.ended for one in distributions]),
        entropy_before=_mean(len(runs), [before for before, _ in entropies]),
        entropy_after=_mean(len(runs), [after for _, after in entropies]),
    )


def _mean(runs: int, values: Sequence[float]) -> float | None:
    """The mean over all runs; None where one has no value."""
    return fmean(values) if len(values) == runs else None


def distribution_columns(rows: Sequence[DistributionRow]) -> list[tuple[str, list[str]]]:
    """The table of at least one row, by columns: a title and a cell for each row. Empty columns are
    left out."""
    ks = sorted({k for row in rows for k in row.pass_at_k if k > 1})
    columns = [
        ("pass@1 sampled", [fmt.percent(row.pass_at_1) for row in rows]),
        ("pass@1 greedy", [_percent(row.greedy_pass_at_1) for row in rows]),
        *((f"pass@{k}", [_percent(row.pass_at_k.get(k)) for row in rows]) for k in ks),
        ("distinct programs", [_distinct(row) for row in rows]),
        ("characters", [_number(row.mean_characters, 0) for row in rows]),
        ("tokens", [_number(row.mean_tokens, 0) for row in rows]),
        ("ended", [_percent(row.ended) for row in rows]),
        ("entropy", [_change(row) for row in rows]),
    ]
    return [(title, cells) for title, cells in columns if set(cells) != {_NONE}]


def _percent(share: float | None) -> str:
    return _NONE if share is None else fmt.percent(share)


def _number(value: float | None, decimals: int) -> str:
    return _NONE if value is None else fmt.number(value, decimals)


def _distinct(row: DistributionRow) -> str:
    if row.distinct_programs is None:
        return _NONE
    return f"{fmt.number(row.distinct_programs, 2)} of {fmt.count(round(row.samples_per_task, 2))}"


def _change(row: DistributionRow) -> str:
    if row.entropy_before is None or row.entropy_after is None:
        return _NONE
    return f"{fmt.number(row.entropy_before, 2)} → {fmt.number(row.entropy_after, 2)}"
