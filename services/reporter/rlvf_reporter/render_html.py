"""report.html: the report for people, one self-contained page."""

from collections.abc import Iterator, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined

from rlvf_reporter import curves, figures
from rlvf_reporter import formatting as fmt
from rlvf_reporter.cautions import validation_sentence
from rlvf_reporter.distribution.rows import distribution_columns, distribution_rows
from rlvf_reporter.findings import headline
from rlvf_reporter.flips import FlippedTasks
from rlvf_reporter.outcomes.verification import judgements
from rlvf_reporter.report import Report
from rlvf_reporter.training_data.findings import selected_by
from rlvf_reporter.training_data.records import PairSet, SelectionStep

_TEMPLATES = Environment(
    loader=PackageLoader("rlvf_reporter"),
    # Names of models and problems come from outside: everything is escaped, without exception.
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render_html(report: Report, flips: Sequence[FlippedTasks] = ()) -> bytes:
    """The report as one HTML page in UTF-8, with the answers of `flips`: no scripts, no requests,
    no time stamp."""
    page = _TEMPLATES.get_template("report.html.j2").render(
        report=report,
        flips=flips,
        headline=headline(report),
        fmt=fmt,
        distributions={
            name: (rows, distribution_columns(rows))
            for name in report.benchmarks
            if (rows := distribution_rows(report, name))
        },
        scaling={name: figures.scaling_figures(report, name) for name in report.benchmarks},
        differences={name: figures.differences_figure(report, name) for name in report.benchmarks},
        curves=[curves.curve_figures(training) for training in report.training],
        width=figures.WIDTH,
        validation_sentence=validation_sentence,
        funnels={data.name: _funnel(data.steps) for data in report.data},
        selected_by=selected_by,
        arms=[one for name in report.benchmarks for one in judgements(report, name)],
        artifacts=list(_artifacts(report)),
    )
    return page.encode()


def _funnel(steps: Sequence[SelectionStep]) -> list[tuple[SelectionStep, float]]:
    """The steps, each with what was left in percent of the maximum of its unit."""
    most: dict[str, int] = {}
    for step in steps:
        most[step.unit] = max(most.get(step.unit, 1), step.before, step.after)
    return [(step, round(100 * step.after / most[step.unit], 2)) for step in steps]


def _artifacts(report: Report) -> Iterator[tuple[str, str]]:
    """Names and digests of the report's artifacts."""
    for condition in report.conditions:
        yield f"{condition.name} on {condition.benchmark}: result", condition.result_sha256
        if condition.completions_sha256:
            yield (
                f"{condition.name} on {condition.benchmark}: completions",
                condition.completions_sha256,
            )
        if condition.greedy:
            yield (
                f"{condition.name} on {condition.benchmark}: greedy result",
                condition.greedy.result_sha256,
            )
    for training in report.training:
        yield f"{training.name}: adapter", training.adapter_sha256
        yield f"{training.name}: metrics", training.metrics_sha256
    for data in report.data:
        if report.sampled_before(data) is None:
            yield f"{data.name}: graded samples", data.samples_sha256
        if isinstance(data, PairSet):
            yield f"{data.name}: pairs", data.pairs_sha256
        else:
            yield f"{data.name}: answers", data.answers_sha256
