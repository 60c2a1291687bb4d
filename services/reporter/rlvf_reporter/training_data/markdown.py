"""The sections on training data of report.md."""

from collections.abc import Iterator

from rlvf_reporter import formatting as fmt
from rlvf_reporter.markdown import heading, table, text
from rlvf_reporter.report import Report
from rlvf_reporter.training_data.findings import nested_sets, selected_by
from rlvf_reporter.training_data.records import AnswerSet, PairSet, TrainingData

__all__ = ["data_section"]


def data_section(report: Report, data: PairSet | AnswerSet) -> Iterator[str]:
    """One training set: how it was sampled and selected."""
    yield from heading(f"Where the {data.kind} came from: {data.name}")
    yield (
        f"{fmt.plural(data.problems, 'problem')} sampled, "
        f"{fmt.count(data.problems_with_both)} with both passing and failing answers."
    )
    if data.trainings:
        yield f"Trained on it: {text(', '.join(data.trainings))}."
    if isinstance(data, AnswerSet):
        yield (
            f"{fmt.plural(data.count, 'answer')} to "
            f"{fmt.plural(data.problems_answered, 'problem')}, {selected_by(data)}; "
            f"{fmt.count(data.passed)} ({fmt.percent(data.passing)}) truly pass."
        )
    elif data.ladder:
        yield nested_sets(data)
    if data.steps:
        yield ""
        rows = [[s.name, s.unit, fmt.count(s.before), fmt.count(s.after)] for s in data.steps]
        yield from table(("step", "unit", "before", "after"), rows, numeric=range(2, 4))
    if data.off_policy:
        yield ""
        yield f"Off-policy: {text(data.sampler)} wrote the answers, not the model that was trained."
    if isinstance(data, PairSet):
        yield from _audits(data)
    first = report.sampled_before(data)
    if first is None:
        yield from _kept_out(data)
    else:
        yield ""
        yield f"Of the same samples as {text(first)}."


def _audits(pairs: PairSet) -> Iterator[str]:
    yield ""
    if not pairs.audits:
        yield "Shortcut audit: too few problems to tell."
        return
    yield (
        "Shortcut audit: AUC of a classifier that sees only length and format, on held-out "
        "problems; 0.5 is a coin."
    )
    yield ""
    header = ("set", "pairs", "problems", "one side", "within pairs", "95% CI", "p")
    rows = [[name, *fmt.audit_cells(audit)] for name, audit in pairs.audits]
    yield from table(header, rows, numeric=range(1, 7))


def _kept_out(data: TrainingData) -> Iterator[str]:
    if data.excluded:
        yield ""
        yield "Kept out, since they overlap a benchmark:"
        yield ""
        excluded = [[p.task_id, p.benchmark_task_id, p.reason] for p in data.excluded]
        yield from table(("problem", "overlaps", "shares its"), excluded)
    if data.duplicates:
        yield ""
        yield "Kept out, since an earlier problem has the same prompt:"
        yield ""
        duplicates = [[p.task_id, p.duplicate_of] for p in data.duplicates]
        yield from table(("problem", "is"), duplicates)
