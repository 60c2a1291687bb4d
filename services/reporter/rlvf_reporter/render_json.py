"""report.json: the report for programs."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rlvf_reporter.findings import headline
from rlvf_reporter.report import Condition, HeadToHead, Ladder, Report, Training

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def render_json(report: Report) -> bytes:
    """The report as strict JSON: UTF-8, one value per line, numbers unrounded.

    Shares are fractions; intervals are `[low, high]`; unknown values and values that are not
    numbers are null.
    """
    document: dict[str, Json] = {
        "experiment": report.experiment,
        "headline": headline(report),
        "findings": [{"level": f.level.value, "text": f.text} for f in report.findings],
        "conditions": [_condition(c, report.comparison_of(c)) for c in report.conditions],
        "recipes": [_record(asdict(r)) for r in report.recipes],
        "head_to_head": [_head_to_head(h) for h in report.head_to_head],
        "trends": [_trend(ladder) for ladder in report.ladders],
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


def _condition(condition: Condition, own: HeadToHead | None) -> Json:
    """A condition with the difference from its baseline, which is null if there is none."""
    return _record(
        asdict(condition)
        | {
            "baseline": own and own.baseline,
            "delta": own and own.found.delta,
            "delta_ci95": own and own.found.ci95,
            "p_value": own and own.found.p_value,
            "p_value_adjusted": own and own.p_value_adjusted,
            "outcome": own and own.outcome,
        }
    )


def _head_to_head(h: HeadToHead) -> Json:
    derived = {"noise_floor": h.noise_floor, "flipped": h.flipped, "outcome": h.outcome}
    return _record(_flat(asdict(h), "found") | derived)


def _trend(ladder: Ladder) -> Json:
    return _record(_flat(asdict(ladder), "trend"))


def _flat(record: dict[str, Any], name: str) -> dict[str, Any]:
    """`record` with the fields of its part `name`, without the sentence: findings say more, with
    the adjusted p-value."""
    part = record.pop(name)
    return record | {key: value for key, value in part.items() if key != "sentence"}


def _training(training: Training) -> Json:
    record = asdict(training)
    # The curve is in the artifact of `metrics_sha256`.
    del record["curve"]
    return _record(record)


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
