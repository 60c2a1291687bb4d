"""The tasks with their answers, and the examples of training records, that the page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rlvf_reporter.evidence import Evidence
from rlvf_reporter.page.documents import dump, page_document
from rlvf_reporter.page.tasks import Grid, grids_of
from rlvf_reporter.report import Report
from rlvf_reporter.training_data.examples import Examples

__all__ = ["NOTHING", "DrillDown", "drill_down_of"]


@dataclass(frozen=True)
class DrillDown:
    """A grid for each benchmark, and examples of each set of training data, in the order of the
    report."""

    grids: Sequence[Grid] = ()
    examples: Sequence[Examples] = ()

    @cached_property
    def page_json(self) -> str:
        """The JSON that the page carries; it is the same in report.html and report.zip."""
        return dump(page_document(self))


NOTHING = DrillDown()


def drill_down_of(report: Report, evidence: Evidence) -> DrillDown:
    """The drill-down of a report that `assemble` made from the evidence."""
    return DrillDown(grids_of(report, evidence), evidence.examples)
