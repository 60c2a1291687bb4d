"""Findings on forgetting: losses on a benchmark of another source than the training problems."""

from collections.abc import Iterator, Sequence

from rlvf_common.problems.benchmarks.windows import split_name
from rlvf_reporter import formatting as fmt
from rlvf_reporter.outcomes.verification import with_base
from rlvf_reporter.outcomes.wording import evidence
from rlvf_reporter.report import Finding, HeadToHead, Level, Outcome, Report, Rule, Weight

__all__ = ["forgetting_findings", "forgotten"]


def forgotten(report: Report) -> list[HeadToHead]:
    """The comparisons with a base that show forgetting."""
    return [h for h in _elsewhere(report) if h.outcome is Outcome.WORSE]


def forgetting_findings(report: Report) -> Iterator[Finding]:
    """Every arm that is worse than its base on a benchmark that it was not trained on, and for the
    others the largest loss that their intervals do not exclude.

    An arm counts as trained on a benchmark that is of a source of its problems; windows of dates of
    one data set are one source. The test is that of any comparison
    (`rlvf_common.statistics.comparison`), in the family of the comparisons on the benchmark.
    Whether the arm gained on a benchmark that it was trained on does not matter here.
    """
    compared = _elsewhere(report)
    for h in forgotten(report):
        sources = ", ".join(sorted(_sources(report, h)))
        yield Finding(
            Level.RESULT,
            f"{h.treatment} forgets: on {h.benchmark}, of another source than what it was trained "
            f"on ({sources}), it is worse than {h.baseline}: {evidence(report, h)}.",
            Weight.DIFFERENCE,
            rule=Rule.FORGETTING,
        )
    for benchmark in report.benchmarks:
        others = [
            h for h in compared if h.benchmark == benchmark and h.outcome is not Outcome.WORSE
        ]
        if others:
            yield _not_shown(benchmark, others)
    with_sources = [h for h in report.head_to_head if with_base(report, h) and _sources(report, h)]
    if with_sources and not compared:
        sources = ", ".join(sorted({one for h in with_sources for one in _sources(report, h)}))
        yield Finding(
            Level.NOTE,
            f"Nothing can be said of forgetting: every benchmark "
            f"({', '.join(report.benchmarks)}) is of a source that was trained on ({sources}).",
            nothing_said=True,
            rule=Rule.FORGETTING,
        )


def _not_shown(benchmark: str, others: Sequence[HeadToHead]) -> Finding:
    names = ", ".join(h.treatment for h in others)
    largest = max(max(0.0, -h.found.ci95.low) for h in others)
    return Finding(
        Level.RESULT,
        f"Forgetting on {benchmark}, of another source than what was trained on, is not shown for "
        f"{names}: the 95% interval of {'it' if len(others) == 1 else 'each'} excludes a loss of "
        f"more than {fmt.size(largest)} ({fmt.plural(others[0].found.tasks, 'task')}).",
        nothing_said=True,
        rule=Rule.FORGETTING,
    )


def _elsewhere(report: Report) -> list[HeadToHead]:
    """The comparisons of arms with their base on benchmarks that they were not trained on."""
    return [
        h
        for h in report.head_to_head
        if with_base(report, h)
        and (sources := _sources(report, h))
        and not any(h.benchmark.startswith(split_name(source)[0]) for source in sources)
    ]


def _sources(report: Report, h: HeadToHead) -> set[str]:
    """Sources of the problems that the treatment was trained on; empty where one is not known."""
    trainings = {run.training for run in report.runs(h.treatment, h.benchmark)}
    found = [data.sources for data in report.data if trainings & set(data.trainings)]
    return {source for sources in found for source in sources} if all(found) else set()
