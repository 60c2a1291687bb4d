"""Renders report.json: the report for programs."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rlvf_reporter.distribution.records import Ending
from rlvf_reporter.distribution.rows import distribution_rows
from rlvf_reporter.document.records import (
    Arm,
    Compared,
    Control,
    Difference,
    EndedBefore,
    Explained,
    Said,
)
from rlvf_reporter.document.schema import VERSION
from rlvf_reporter.findings.find import headline
from rlvf_reporter.outcomes.primary import primary_record
from rlvf_reporter.outcomes.verification import Judgement, judgements
from rlvf_reporter.report import Condition, Finding, HeadToHead, Ladder, Report, Training
from rlvf_reporter.training_data.records import AnswerSet, PairSet

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def render_json(report: Report) -> bytes:
    """The report as strict JSON: UTF-8, one value per line, numbers unrounded.

    Shares are fractions; intervals are `[low, high]`; unknown values and values that are not
    numbers are null. `document.schema` has its schema.
    """
    primary = primary_record(report)
    document: dict[str, Json] = {
        "version": VERSION,
        "experiment": report.experiment,
        "headline": headline(report),
        "primary": None if primary is None else _record(asdict(primary)),
        "controls": [_record(asdict(_control(h))) for h in report.controls],
        "arms": [
            _record(asdict(_arm(one)))
            for name in report.benchmarks
            for one in judgements(report, name)
        ],
        "main_findings": [finding.text for finding in report.main_findings],
        "findings": [_record(asdict(_said(finding))) for finding in report.findings],
        "conditions": [_condition(c, report.comparison_of(c)) for c in report.conditions],
        "recipes": [_record(asdict(r)) for r in report.recipes],
        "head_to_head": [_head_to_head(h) for h in report.head_to_head],
        "trends": [_trend(ladder) for ladder in report.ladders],
        "distribution": [
            _record(asdict(row))
            for name in report.benchmarks
            for row in distribution_rows(report, name)
        ],
        "endings": [_ending(ending) for ending in report.endings],
        "training": [_training(t) for t in report.training],
        "probes": [_record(asdict(probe)) for probe in report.probes],
        "data": [_data(data) for data in report.data],
        # The first set of pairs again, for programs that were written when there was only one.
        "pairs": next((_data(data) for data in report.data if isinstance(data, PairSet)), None),
        "calibration": {
            name: _record(asdict(report.calibration(name))) for name in report.benchmarks
        },
        "cost": None if report.costs is None else _record(asdict(report.costs)),
        "files": [_record(asdict(file)) for file in report.files],
        "versions": dict(report.versions),
        "settings": report.settings,
    }
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def _said(finding: Finding) -> Said:
    return Said(
        finding.level, int(finding.weight), finding.nothing_said, finding.rule, finding.text
    )


def _condition(condition: Condition, own: HeadToHead | None) -> Json:
    """A condition with its difference from its baseline; the fields are null if there is none."""
    difference = Difference()
    if own is not None:
        difference = Difference(
            baseline=own.baseline,
            delta=own.found.delta,
            delta_ci95=own.found.ci95,
            p_value=own.found.p_value,
            p_value_adjusted=own.p_value_adjusted,
            outcome=own.outcome,
        )
    return _record(asdict(condition) | asdict(difference))


def _head_to_head(h: HeadToHead) -> Json:
    derived = Compared(noise_floor=h.noise_floor, flipped=h.flipped, outcome=h.outcome)
    return _record(_flat(asdict(h), "found") | asdict(derived))


def _control(h: HeadToHead) -> Control:
    return Control(
        arm=h.treatment,
        control=h.baseline,
        benchmark=h.benchmark,
        delta=h.found.delta,
        ci95=h.found.ci95,
        p_value=h.found.p_value,
        p_value_adjusted=h.p_value_adjusted,
        outcome=h.outcome,
    )


def _arm(judgement: Judgement) -> Arm:
    return Arm(
        arm=judgement.arm,
        benchmark=judgement.benchmark,
        base=None if judgement.base is None else judgement.base.baseline,
        controls=tuple(h.baseline for h in judgement.controls),
        conclusion=judgement.conclusion,
    )


def _ending(ending: Ending) -> Json:
    left = ending.ended_before
    explained = Explained(
        explains_gain=ending.explains_gain,
        ended_before=None
        if left is None
        else EndedBefore(left.tasks, left.delta, left.ci95, left.p_value),
    )
    return _record(asdict(ending) | asdict(explained))


def _trend(ladder: Ladder) -> Json:
    return _record(_flat(asdict(ladder), "trend"))


def _flat(record: dict[str, Any], name: str) -> dict[str, Any]:
    """`record` with the fields of its part `name` in place of it, but without the sentence:
    findings have one with the adjusted p-value."""
    part = record.pop(name)
    return record | {key: value for key, value in part.items() if key != "sentence"}


def _training(training: Training) -> Json:
    record = asdict(training)
    # The curve is in the artifact of `metrics_sha256`.
    del record["curve"]
    return _record(record)


def _data(data: PairSet | AnswerSet) -> Json:
    return _record({"kind": data.kind} | asdict(data))


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
