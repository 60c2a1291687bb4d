"""report.json: the report for programs."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict

from rlvf_reporter.findings import headline
from rlvf_reporter.report import HeadToHead, Interval, Report, Training

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def render_json(report: Report) -> bytes:
    """The report as strict JSON: UTF-8, one value a line, numbers unrounded.

    Shares are fractions; intervals are `[low, high]`; what is unknown, or not a number, is null.
    """
    document: dict[str, Json] = {
        "experiment": report.experiment,
        "headline": headline(report),
        "findings": [{"level": f.level.value, "text": f.text} for f in report.findings],
        "conditions": [
            _record(asdict(c) | {"ci95": _pair(c.ci95), "delta_ci95": _pair(c.delta_ci95)})
            for c in report.conditions
        ],
        "recipes": [_record(asdict(r) | {"ci95": _pair(r.ci95)}) for r in report.recipes],
        "head_to_head": [_head_to_head(h) for h in report.head_to_head],
        "trends": [_record(asdict(t) | {"ci95": _pair(t.ci95)}) for t in report.trends],
        "training": [_training(t) for t in report.training],
        "pairs": None if report.pairs is None else _record(asdict(report.pairs)),
        "calibration": {
            name: _record(asdict(report.calibration(name))) for name in report.benchmarks
        },
        "versions": dict(report.versions),
        "settings": report.settings,
    }
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def _head_to_head(h: HeadToHead) -> Json:
    record = asdict(h) | {"ci95": _pair(h.ci95), "tasks": h.tasks, "flipped": h.flipped}
    return _record(record | {"outcome": h.outcome})


def _training(training: Training) -> Json:
    record = asdict(training)
    # The curve is in the artifact that `metrics_sha256` names.
    del record["curve"]
    return _record(record)


def _pair(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _record(values: Mapping[str, object]) -> Json:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> Json:
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case str():
            return str(value)
        case list() | tuple():
            return [_plain(item) for item in value]
        case Mapping():
            return {str(name): _plain(item) for name, item in value.items()}
        case _:
            raise TypeError(f"{type(value).__name__} has no form in JSON")
