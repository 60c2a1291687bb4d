"""report.md: the report for terminals and code review, in aligned tables."""

from collections.abc import Iterator, Sequence

from rlvf_reporter import formatting as fmt
from rlvf_reporter.cautions import indifference_label
from rlvf_reporter.findings import headline
from rlvf_reporter.report import Condition, HeadToHead, Pairs, Recipe, Report, Training

_NONE = "–"


def render_markdown(report: Report) -> bytes:
    """The report as GitHub-flavoured Markdown in UTF-8."""
    return ("\n".join(_lines(report)) + "\n").encode()


def _lines(report: Report) -> Iterator[str]:
    yield f"# {_text(report.experiment)}"
    yield ""
    yield _text(headline(report))
    yield ""
    yield "## Findings"
    yield ""
    for finding in report.findings:
        yield f"- **{finding.level.value}**: {_text(finding.text)}"
    for benchmark in report.benchmarks:
        yield from _benchmark(report, benchmark)
    if report.head_to_head:
        yield from _head_to_head(report.head_to_head)
    if report.training:
        yield from _training(report.training)
    if report.pairs:
        yield from _pairs(report.pairs)
    yield from _provenance(report)


def _benchmark(report: Report, benchmark: str) -> Iterator[str]:
    yield from _heading(f"{benchmark}: conditions")
    header = ("condition", "model", "pairs", "passed", "pass@1", "difference", "p", "verdict")
    rows = [_condition(c, report.comparison_of(c)) for c in report.on(benchmark)]
    yield from _table(header, rows, numeric=range(2, 7))
    if recipes := report.recipes_on(benchmark):
        yield from _heading(f"{benchmark}: combined runs")
        columns = ("condition", "pairs", "runs", "passed", "pass@1")
        yield from _table(columns, [_recipe(r) for r in recipes], numeric=range(1, 5))
        if any(recipe.few for recipe in recipes):
            yield ""
            yield "Two runs hardly show how runs differ."


def _condition(c: Condition, h: HeadToHead | None) -> Sequence[str]:
    row = [
        c.name,
        c.model,
        fmt.count(c.pairs),
        f"{fmt.count(c.passed)}/{fmt.count(c.samples)}",
        f"{fmt.percent(c.pass_at_1)} ({fmt.percent_interval(c.ci95)})",
    ]
    if h is None:
        return [*row, _NONE, _NONE, _NONE]
    return [
        *row,
        *_difference(h),
        f"{h.outcome or 'noise floor'} against {h.baseline}",
    ]


def _difference(h: HeadToHead) -> Sequence[str]:
    found = h.found
    return [
        f"{fmt.points(found.delta)} ({fmt.points_interval(found.ci95)})",
        _p(found.p_value, h.p_value_adjusted),
    ]


def _recipe(r: Recipe) -> Sequence[str]:
    return [
        r.name,
        fmt.count(r.pairs),
        fmt.count(len(r.runs)),
        f"{fmt.count(r.passed)}/{fmt.count(r.samples)}",
        f"{fmt.percent(r.pass_at_1)} ({fmt.percent_interval(r.ci95)})",
    ]


def _head_to_head(comparisons: Sequence[HeadToHead]) -> Iterator[str]:
    yield from _heading("Head to head")
    header = ("comparison", "improved", "regressed", "both pass", "both fail", "difference", "p")
    rows = [
        [
            _name(h),
            str(len(h.found.improved)),
            str(len(h.found.regressed)),
            fmt.count(h.found.both_pass),
            fmt.count(h.found.both_fail),
            *_difference(h),
        ]
        for h in comparisons
    ]
    yield from _table(header, rows, numeric=range(1, 7))
    for h in comparisons:
        yield ""
        yield f"{_text(_name(h))}, all tasks that flipped:"
        yield ""
        yield f"- improved ({len(h.found.improved)}): {_listed(h.found.improved)}"
        yield f"- regressed ({len(h.found.regressed)}): {_listed(h.found.regressed)}"


def _training(runs: Sequence[Training]) -> Iterator[str]:
    yield from _heading("Training")
    header = (
        "run",
        "pairs",
        "steps",
        "first loss",
        "last loss",
        "mean loss",
        "last margin",
        "time",
        "ended",
    )
    rows = [
        [
            t.name,
            fmt.count(t.pairs),
            fmt.count(t.steps),
            fmt.number(t.first_loss),
            fmt.number(t.last_loss),
            fmt.number(t.mean_loss),
            fmt.number(t.last_margin, 3),
            fmt.duration(t.seconds),
            t.stopped_because,
        ]
        for t in runs
    ]
    yield from _table(header, rows, numeric=range(1, 8))
    yield ""
    yield f"Losses are those of the preference term alone; {_indifference(runs)} is indifference."


def _indifference(runs: Sequence[Training]) -> str:
    """The loss, or losses, of indifference."""
    labels = (indifference_label(run).removeprefix("indifference = ") for run in runs)
    return " or ".join(dict.fromkeys(labels))


def _pairs(pairs: Pairs) -> Iterator[str]:
    yield from _heading("Pairs")
    yield (
        f"{fmt.plural(pairs.problems, 'problem')} sampled, "
        f"{fmt.count(pairs.problems_with_both)} with both passing and failing answers."
    )
    if pairs.ladder:
        sizes = ", ".join(fmt.count(size) for size in pairs.ladder)
        yield f"Nested training sets: {sizes} pairs."
    if pairs.steps:
        yield ""
        rows = [[s.name, s.unit, fmt.count(s.before), fmt.count(s.after)] for s in pairs.steps]
        yield from _table(("step", "unit", "before", "after"), rows, numeric=range(2, 4))
    if pairs.off_policy:
        yield ""
        yield f"Off-policy: {pairs.sampler} wrote the answers, not the model that was trained."
    yield ""
    audits = pairs.audits
    if audits:
        yield (
            "Shortcut audit: AUC of a classifier that sees only length and format, on held-out "
            "problems; 0.5 is chance."
        )
        yield ""
        header = ("set", "pairs", "problems", "one side", "within pairs", "95% CI", "p")
        rows = [[name, *fmt.audit_cells(audit)] for name, audit in audits]
        yield from _table(header, rows, numeric=range(1, 7))
    else:
        yield "Shortcut audit: too few problems."
    if pairs.excluded:
        yield ""
        yield "Excluded because they overlap a benchmark:"
        yield ""
        excluded = [[p.task_id, p.benchmark_task_id, p.reason] for p in pairs.excluded]
        yield from _table(("problem", "overlaps", "shares its"), excluded)
    if pairs.duplicates:
        yield ""
        yield "Excluded because an earlier problem has the same prompt:"
        yield ""
        duplicates = [[p.task_id, p.duplicate_of] for p in pairs.duplicates]
        yield from _table(("problem", "is"), duplicates)


def _provenance(report: Report) -> Iterator[str]:
    yield from _heading("Calibration")
    header = ("benchmark", "tasks", "reference", "empty", "stub", "forged")
    calibrations = [(name, report.calibration(name)) for name in report.benchmarks]
    rows = [
        [
            name,
            str(c.tasks),
            str(c.reference_passed),
            str(c.empty_passed),
            str(c.stub_passed),
            str(c.forged_passed),
        ]
        for name, c in calibrations
    ]
    yield from _table(header, rows, numeric=range(1, 6))
    if report.versions:
        yield from _heading("Versions")
        yield from _table(("name", "version or digest"), [list(i) for i in report.versions.items()])
    if report.settings:
        yield from _heading("Settings")
        # Longer than any fence within the settings.
        fence = "```"
        while fence in report.settings:
            fence += "`"
        yield f"{fence}yaml"
        yield report.settings.rstrip("\n")
        yield fence


def _heading(title: str) -> Iterator[str]:
    yield ""
    yield f"## {_text(title)}"
    yield ""


def _name(h: HeadToHead) -> str:
    return f"{h.treatment} against {h.baseline} on {h.benchmark}"


def _p(p_value: float, adjusted: float | None) -> str:
    if adjusted is None:
        return fmt.p_value(p_value)
    return f"{fmt.p_value(p_value)} (adjusted {fmt.p_value(adjusted)})"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(_text(name) for name in names) or "none"


def _text(text: str) -> str:
    """Text escaped for Markdown: on one line, no HTML, no table cell, no markup."""
    for special in "\\`*_[]<>|":
        if special == "_":
            # Not markup within a word, and common in names.
            continue
        text = text.replace(special, "\\" + special)
    return " ".join(text.split())


def _table(
    header: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int] = ()
) -> Iterator[str]:
    """A table whose columns are aligned as plain text too; those in `numeric` to the right."""
    cells = [[_text(cell) for cell in row] for row in (header, *rows)]
    widths = [max(3, *(len(row[column]) for row in cells)) for column in range(len(header))]

    def line(row: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if column in numeric else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return f"| {' | '.join(padded)} |"

    yield line(cells[0])
    rule = (
        "-" * (width - 1) + ":" if column in numeric else "-" * width
        for column, width in enumerate(widths)
    )
    yield f"| {' | '.join(rule)} |"
    for row in cells[1:]:
        yield line(row)
