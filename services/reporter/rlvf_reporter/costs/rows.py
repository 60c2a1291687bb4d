"""Cells of the tables of costs, shared by Markdown and HTML; empty columns are left out."""

from collections.abc import Callable
from typing import NamedTuple

from rlvf_reporter import formatting as fmt
from rlvf_reporter.costs.records import Amount, Costs

__all__ = ["CostTables", "cost_tables"]

_Cell = Callable[[Amount, float | None], str]


class CostTables(NamedTuple):
    """Tables of costs, with notes."""

    columns: list[str]
    """Headings of the amounts."""
    stages: list[tuple[str, list[str]]]
    """Name and operations of a stage, and a cell for each amount."""
    estimates: list[tuple[str, list[str], str]]
    """What is estimated, a cell for each amount, and how it was estimated."""
    notes: list[str]
    """What the numbers are, and what they leave out."""


def cost_tables(costs: Costs) -> CostTables:
    """The tables of these costs."""
    columns = _columns(costs)

    def cells(amount: Amount, money: float | None) -> list[str]:
        return [cell(amount, money) for _, cell in columns]

    return CostTables(
        columns=["operations", *(title for title, _ in columns)],
        stages=[
            (one.stage, [fmt.count(one.operations), *cells(one.amount, one.money)])
            for one in costs.stages
        ],
        estimates=[(one.what, cells(one.amount, one.money), one.basis) for one in costs.estimates],
        notes=_notes(costs),
    )


def _columns(costs: Costs) -> list[tuple[str, _Cell]]:
    total = costs.stages[-1].amount
    columns: list[tuple[str, _Cell]] = [
        ("tokens sampled", lambda amount, _: fmt.count(round(amount.tokens))),
        ("samples graded", lambda amount, _: fmt.count(round(amount.samples_graded))),
    ]
    if total.gpu_hours:
        columns.append(("GPU-hours", lambda amount, _: fmt.hours(amount.gpu_hours)))
    columns.append(("CPU-hours", lambda amount, _: fmt.hours(amount.cpu_hours)))
    if total.unknown_hours:
        columns.append(
            ("server-hours", lambda amount, _: fmt.hours(amount.unknown_hours)),
        )
    if costs.prices is not None:
        columns.append((costs.prices.currency, lambda _, money: fmt.money(money or 0.0)))
    return columns


def _notes(costs: Costs) -> list[str]:
    notes = [
        f"Measured by the operations when they ran, in all their attempts, on {_listed(costs)}. "
        "Hours are those of single devices: time of the engine while it had requests, and of the "
        "training job, times the devices; of grading the CPU time of the graded programs. What "
        "was lost in a crash before it was saved, calibration, selection, the report and idle "
        "time are not in them."
    ]
    if costs.stages[-1].amount.unknown_hours:
        notes.append(
            "Server-hours are those of an inference server that does not say on what it runs."
        )
    if costs.unpriced:
        notes.append(f"Without a price, and in no sum: {', '.join(costs.unpriced)}.")
    return notes


def _listed(costs: Costs) -> str:
    return ", ".join(costs.devices) or "devices that are not known"
