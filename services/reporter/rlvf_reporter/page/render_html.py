"""Renders report.html: the report for people, one self-contained page."""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from rlvf_reporter import formatting as fmt
from rlvf_reporter.cautions import loss_notes, validation_sentence
from rlvf_reporter.costs.rows import cost_tables
from rlvf_reporter.distribution.rows import distribution_columns, distribution_rows
from rlvf_reporter.files.markdown import LOADING
from rlvf_reporter.findings.find import headline
from rlvf_reporter.measuring import how_measured
from rlvf_reporter.outcomes.verification import judgements
from rlvf_reporter.page import curves, figures
from rlvf_reporter.page.drill_down import NOTHING, DrillDown
from rlvf_reporter.page.strips import strips
from rlvf_reporter.report import Report
from rlvf_reporter.training_data.findings import nested_sets, selected_by
from rlvf_reporter.training_data.records import SelectionStep

_TEMPLATES = Environment(
    loader=PackageLoader("rlvf_reporter.page"),
    # Names of models and problems come from outside: everything is escaped, without exception.
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


_MAX_LOST = 200
"""Maximum number of problems that are named for each reason why they gave no record; all are
counted."""

_SCRIPT = files("rlvf_reporter.page").joinpath("templates/page.js").read_text(encoding="utf-8")
_SCRIPT_DIGEST = "sha256-" + base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()


def render_html(
    report: Report, drill_down: DrillDown = NOTHING, *, tasks_folder: str = ""
) -> bytes:
    """The report as one HTML page in UTF-8, with tasks and answers, and without a time stamp.

    Its policy allows only our script to run, by its digest. The page makes no request, but with
    `tasks_folder`, which `site` writes, it reads all answers to a task from there.
    """
    page = _TEMPLATES.get_template("report.html.j2").render(
        report=report,
        pictures=[(grid, strips(grid)) for grid in drill_down.grids],
        examples=drill_down.examples,
        max_lost=_MAX_LOST,
        page_json=drill_down.page_json,
        tasks_folder=tasks_folder,
        script=_SCRIPT,
        script_digest=_SCRIPT_DIGEST,
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
        loss_notes=list(loss_notes(report.training)),
        validation_sentence=validation_sentence,
        measured=list(how_measured(report)),
        funnels={data.name: _funnel(data.steps) for data in report.data},
        nested_sets=nested_sets,
        selected_by=selected_by,
        arms=[one for name in report.benchmarks for one in judgements(report, name)],
        costs=report.costs and cost_tables(report.costs),
        loading=LOADING,
    )
    return page.encode()


def _funnel(steps: Sequence[SelectionStep]) -> list[tuple[SelectionStep, float]]:
    """The steps, each with what was left after it, in percent of the maximum of its unit."""
    most: dict[str, int] = {}
    for step in steps:
        most[step.unit] = max(most.get(step.unit, 1), step.before, step.after)
    return [(step, round(100 * step.after / most[step.unit], 2)) for step in steps]
