"""The section on cost of report.md."""

from collections.abc import Iterator

from rlvf_reporter.costs.records import Costs
from rlvf_reporter.costs.rows import cost_tables
from rlvf_reporter.markdown import heading, table, text

__all__ = ["costs_section"]


def costs_section(costs: Costs) -> Iterator[str]:
    """Costs by stage, then estimates of more."""
    tables = cost_tables(costs)
    yield from heading("Cost")
    header = ["stage", *tables.columns]
    rows = [[stage, *cells] for stage, cells in tables.stages]
    yield from table(header, rows, numeric=range(1, len(header)))
    for note in tables.notes:
        yield ""
        yield text(note)
    if tables.estimates:
        yield from heading("Estimates of what more would cost")
        header = ["estimate", *tables.columns[1:], "how"]
        rows = [[what, *cells, basis] for what, cells, basis in tables.estimates]
        yield from table(header, rows, numeric=range(1, len(header) - 1))
