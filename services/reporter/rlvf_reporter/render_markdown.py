"""Renders report.md: the report for terminals and code review, in aligned tables."""

from collections.abc import Iterator, Sequence

from rlvf_reporter import formatting as fmt
from rlvf_reporter.cautions import loss_notes, validation_sentence
from rlvf_reporter.costs.markdown import costs_section
from rlvf_reporter.distribution.rows import DistributionRow, distribution_columns, distribution_rows
from rlvf_reporter.files.markdown import files_section
from rlvf_reporter.findings.find import headline
from rlvf_reporter.markdown import folded, heading, table, text
from rlvf_reporter.outcomes.verification import judgements
from rlvf_reporter.report import Condition, Finding, HeadToHead, Recipe, Report, Training
from rlvf_reporter.training_data.markdown import data_section

_NONE = "–"


def render_markdown(report: Report) -> bytes:
    """The report as GitHub-flavoured Markdown in UTF-8."""
    return ("\n".join(_lines(report)) + "\n").encode()


def _lines(report: Report) -> Iterator[str]:
    yield f"# {text(report.experiment)}"
    yield ""
    yield text(headline(report))
    if report.main_findings:
        yield from heading("Findings")
        yield from _findings(report.main_findings)
    if report.nothing_said:
        yield from heading("What cannot be said")
        yield from _findings(report.nothing_said)
    if report.controls:
        yield from _controls(report)
    for benchmark in report.benchmarks:
        yield from folded(f"{benchmark}: conditions and answers", _benchmark(report, benchmark))
    if report.head_to_head:
        yield from folded(
            "Head to head, with all tasks that flipped", _head_to_head(report.head_to_head)
        )
    if report.training:
        yield from folded("Training", _training(report.training))
    for data in report.data:
        yield from folded(
            f"Where the {data.kind} came from: {data.name}", data_section(report, data)
        )
    if report.further_findings:
        yield from folded("Further findings", _further(report.further_findings))
    if report.costs:
        yield from folded("Cost", costs_section(report.costs))
    if report.files:
        yield from folded("Data files", files_section(report.files))
    yield from folded("Calibration, versions and settings", _provenance(report))


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"- **{finding.level.value}**: {text(finding.text)}"


def _further(findings: Sequence[Finding]) -> Iterator[str]:
    yield from heading("Further findings")
    yield from _findings(findings)


def _controls(report: Report) -> Iterator[str]:
    yield from heading("Arms and their controls")
    yield (
        "A control is the same training without verification. An arm works when it is better than "
        "its base and than its controls."
    )
    yield ""
    header = ("arm", "benchmark", "against", "difference", "p", "verdict", "says")
    rows = [
        [
            judgement.arm,
            judgement.benchmark,
            h.baseline,
            *_difference(h),
            h.outcome or _NONE,
            judgement.conclusion,
        ]
        for benchmark in report.benchmarks
        for judgement in judgements(report, benchmark)
        for h in (judgement.base, *judgement.controls)
        if h is not None
    ]
    yield from table(header, rows, numeric=range(3, 5))


def _benchmark(report: Report, benchmark: str) -> Iterator[str]:
    yield from heading(f"{benchmark}: conditions")
    header = ("condition", "model", "records", "passed", "pass@1", "difference", "p", "verdict")
    rows = [_condition(c, report.comparison_of(c)) for c in report.on(benchmark)]
    yield from table(header, rows, numeric=range(2, 7))
    if recipes := report.recipes_on(benchmark):
        yield from heading(f"{benchmark}: runs taken together")
        columns = ("condition", "records", "runs", "passed", "pass@1")
        yield from table(columns, [_recipe(r) for r in recipes], numeric=range(1, 5))
        if any(recipe.few for recipe in recipes):
            yield ""
            yield "Two runs hardly show how runs differ."
    yield from _distribution(distribution_rows(report, benchmark), benchmark)


def _distribution(rows: Sequence[DistributionRow], benchmark: str) -> Iterator[str]:
    if not rows:
        return
    yield from heading(f"{benchmark}: what training did to the answers")
    columns = [("condition", [row.name for row in rows]), *distribution_columns(rows)]
    cells = list(zip(*(column for _, column in columns), strict=True))
    yield from table([title for title, _ in columns], cells, numeric=range(1, len(columns)))


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
        _p(h),
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
    yield from heading("Head to head")
    header = ("comparison", "improved", "regressed", "both pass", "both fail", "difference", "p")
    rows = [
        [
            _name(h),
            fmt.count(len(h.found.improved)),
            fmt.count(len(h.found.regressed)),
            fmt.count(h.found.both_pass),
            fmt.count(h.found.both_fail),
            *_difference(h),
        ]
        for h in comparisons
    ]
    yield from table(header, rows, numeric=range(1, 7))
    for h in comparisons:
        yield ""
        yield f"{text(_name(h))}, all tasks that flipped:"
        yield ""
        yield f"- improved ({len(h.found.improved)}): {_listed(h.found.improved)}"
        yield f"- regressed ({len(h.found.regressed)}): {_listed(h.found.regressed)}"


def _training(runs: Sequence[Training]) -> Iterator[str]:
    yield from heading("Training")
    header = (
        "run",
        "records",
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
            "–" if t.last_margin is None else fmt.number(t.last_margin, 3),
            fmt.duration(t.seconds),
            t.stopped_because,
        ]
        for t in runs
    ]
    yield from table(header, rows, numeric=range(1, 8))
    yield ""
    yield from map(text, loss_notes(runs))
    for run in runs:
        if run.validation:
            yield ""
            yield f"{text(run.name)}: {validation_sentence(run)}"


def _provenance(report: Report) -> Iterator[str]:
    yield from heading("Calibration")
    header = ("benchmark", "tasks", "reference", "empty", "stub", "forged")
    calibrations = [(name, report.calibration(name)) for name in report.benchmarks]
    rows = [
        [
            name,
            fmt.count(c.tasks),
            c.references,
            fmt.count(c.empty_passed),
            fmt.count(c.stub_passed),
            fmt.count(c.forged_passed),
        ]
        for name, c in calibrations
    ]
    yield from table(header, rows, numeric=range(1, 6))
    if report.versions:
        yield from heading("Versions")
        yield from table(("name", "version or digest"), [list(i) for i in report.versions.items()])
    if report.settings:
        yield from heading("Settings")
        # Longer than any fence within the settings.
        fence = "```"
        while fence in report.settings:
            fence += "`"
        yield f"{fence}yaml"
        yield report.settings.rstrip("\n")
        yield fence


def _name(h: HeadToHead) -> str:
    return f"{h.treatment} against {h.baseline} on {h.benchmark}"


def _p(h: HeadToHead) -> str:
    p = fmt.p_value(h.found.p_value)
    if h.primary:
        return f"{p} (primary)"
    return p if h.p_value_adjusted is None else f"{p} (adjusted {fmt.p_value(h.p_value_adjusted)})"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(text(name) for name in names) or "none"
