"""Writes a plan as text for people, and as a record for programs."""

from typing import Any

from rlvf_client.planning.defaults import SOURCE
from rlvf_client.planning.records import Plan, Step
from rlvf_common.statistics.formatting import duration

__all__ = ["plan_record", "plan_text"]

_TOTAL = "to do in all"


def plan_text(plan: Plan) -> str:
    """A table of the operations with a total, then the basis of the estimates."""
    header = ["operation", "", "tokens", "samples", "time"]
    if _hours(plan, "gpu"):
        header.append("GPU-hours")
    header.append("CPU-hours")
    if plan.prices is not None:
        header.append(plan.prices.currency)
    rows = [_row(plan, step, header) for step in plan.steps]
    if plan.to_do:
        rows.append(_total(plan, header))
    lines = _table(header, rows)
    if not plan.to_do:
        return "\n".join(
            [
                *lines,
                "",
                f"{plan.experiment}: all is done; `rlvf run` only writes the report.",
            ]
        )
    done = len(plan.steps) - len(plan.to_do)
    lines += [
        "",
        f"{plan.experiment}: {done} of {len(plan.steps)} operations are done; the others are "
        f"estimated to take {duration(plan.seconds_to_do)}"
        + (f", {plan.start_seconds:.0f} s of it to start services" if plan.start_seconds else "")
        + ".",
    ]
    bases: dict[str, list[str]] = {}
    for step in plan.to_do:
        if step.basis:
            bases.setdefault(step.basis, []).append(step.title)
    lines += [f"{basis.capitalize()}: {', '.join(titles)}." for basis, titles in bases.items()]
    if SOURCE in bases:
        lines.append(
            "Defaults are rough, of other models and machines (rlvf_client/planning/defaults.py "
            "names their sources); after a first run the estimates go by what was measured."
        )
    return "\n".join([*lines, *(f"Note: {note}." for note in plan.notes)])


def plan_record(plan: Plan) -> dict[str, Any]:
    """The same for programs."""
    return {
        "experiment": plan.experiment,
        "operations": [_step_record(plan, step) for step in plan.steps],
        "to_do": {
            "operations": len(plan.to_do),
            "seconds": plan.seconds_to_do,
            "start_seconds": plan.start_seconds if plan.to_do else 0.0,
            "tokens": round(sum(step.work.tokens for step in plan.to_do)),
            "samples": round(sum(step.work.samples for step in plan.to_do)),
            "cpu_hours": sum(step.work.hours("cpu") for step in plan.to_do),
            "gpu_hours": sum(step.work.hours("gpu") for step in plan.to_do),
            "money": _money(plan, plan.to_do),
        },
        "currency": None if plan.prices is None else plan.prices.currency,
        "notes": list(plan.notes),
    }


def _step_record(plan: Plan, step: Step) -> dict[str, Any]:
    return {
        "operation": step.title,
        "done": step.is_done,
        "basis": step.basis or None,
        "tokens": round(step.work.tokens),
        "samples": round(step.work.samples),
        "seconds": step.work.seconds,
        "cpu_hours": step.work.hours("cpu"),
        "gpu_hours": step.work.hours("gpu"),
        "money": _money(plan, (step,)),
    }


def _money(plan: Plan, steps: tuple[Step, ...]) -> float | None:
    if plan.prices is None:
        return None
    return sum(step.work.money(plan.prices) for step in steps)


def _hours(plan: Plan, kind: str) -> float:
    return sum(step.work.hours(kind) for step in plan.steps)


def _row(plan: Plan, step: Step, header: list[str]) -> list[str]:
    return [
        step.title,
        "done" if step.is_done else "to do",
        *_cells(plan, (step,), step.work.seconds, header),
    ]


def _total(plan: Plan, header: list[str]) -> list[str]:
    return [_TOTAL, "", *_cells(plan, plan.to_do, plan.seconds_to_do, header)]


def _cells(plan: Plan, steps: tuple[Step, ...], seconds: float, header: list[str]) -> list[str]:
    found = {
        "tokens": f"{sum(step.work.tokens for step in steps):,.0f}",
        "samples": f"{sum(step.work.samples for step in steps):,.0f}",
        "time": duration(seconds),
        "GPU-hours": f"{sum(step.work.hours('gpu') for step in steps):.4g}",
        "CPU-hours": f"{sum(step.work.hours('cpu') for step in steps):.3f}",
    }
    money = _money(plan, steps)
    priced = f"{0.0 if money is None else money:.4f}"
    return [found.get(title, priced) for title in header[2:]]


def _table(header: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of an aligned table; the first two columns are set to the left."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if number < 2 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (header, *rows)
    ]
