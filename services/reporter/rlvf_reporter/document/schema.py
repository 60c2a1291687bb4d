"""Generates the JSON Schema of report.json from the types of its records.

python -m rlvf_reporter.document.schema > services/reporter/report.schema.json
"""

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from rlvf_common.statistics.comparison import Comparison
from rlvf_common.statistics.results import CalibrationRecord
from rlvf_common.statistics.trend import Trend
from rlvf_reporter.costs.records import Costs
from rlvf_reporter.distribution.records import Ending
from rlvf_reporter.distribution.rows import DistributionRow
from rlvf_reporter.document.records import Arm, Compared, Control, Difference, Explained, Said
from rlvf_reporter.files.records import DataFile
from rlvf_reporter.outcomes.primary import Primary
from rlvf_reporter.report import Condition, HeadToHead, Ladder, Recipe, Training
from rlvf_reporter.training_data.probes import Probe
from rlvf_reporter.training_data.records import AnswerSet, PairSet

__all__ = ["VERSION", "report_schema"]

VERSION = "1.3"
"""Version of the schema: the first number rises when a field is removed or changes its meaning, the
second when one is added."""

_Schema = dict[str, Any]
_STRING: _Schema = {"type": "string"}


def report_schema() -> _Schema:
    """The schema, draft 2020-12. It allows no properties that it does not name."""
    records = _Records()
    pairs = records.of(PairSet, properties={"kind": {"const": PairSet.kind}})
    answers = records.of(AnswerSet, properties={"kind": {"const": AnswerSet.kind}})
    properties: _Schema = {
        "version": {"const": VERSION},
        "experiment": _STRING,
        "headline": _STRING,
        "primary": _or_null(records.of(Primary)),
        "controls": _list_of(records.of(Control)),
        "arms": _list_of(records.of(Arm)),
        "main_findings": _list_of(_STRING),
        "findings": _list_of(records.of(Said)),
        "conditions": _list_of(records.of(Condition, Difference)),
        "recipes": _list_of(records.of(Recipe)),
        "head_to_head": _list_of(
            records.of(HeadToHead, Comparison, Compared, without=("found", "sentence"))
        ),
        "trends": _list_of(records.of(Ladder, Trend, without=("trend", "sentence"))),
        "distribution": _list_of(records.of(DistributionRow)),
        "endings": _list_of(records.of(Ending, Explained)),
        "training": _list_of(records.of(Training, without=("curve",))),
        "probes": _list_of(records.of(Probe)),
        "data": _list_of({"anyOf": [pairs, answers]}),
        "pairs": _or_null(pairs),
        "calibration": _by_name(records.of(CalibrationRecord)),
        "cost": _or_null(records.of(Costs)),
        "files": _list_of(records.of(DataFile)),
        "versions": _by_name(_STRING),
        "settings": _STRING,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "report.json of RLVF",
        "description": (
            f"Version {VERSION}. Shares are fractions of 1, intervals are [low, high], and null "
            "stands for what is not known or not a number."
        ),
        **_closed({"type": "object", "properties": properties}),
        "$defs": _closed(records.definitions),
    }


class _Generator(GenerateJsonSchema):
    """Allows null for numbers: those that are not finite are written as null."""

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        return {"type": ["number", "null"]}


class _Records:
    """Makes schemas of records, and collects the definitions that they refer to."""

    def __init__(self) -> None:
        self.definitions: _Schema = {}

    def of(
        self, *kinds: type, without: tuple[str, ...] = (), properties: _Schema | None = None
    ) -> _Schema:
        """The schema of an object with the fields of these dataclasses, of which later ones take
        precedence, except those in `without`; and with further properties."""
        found: _Schema = {}
        for kind in kinds:
            schema = TypeAdapter(kind).json_schema(
                mode="serialization", schema_generator=_Generator
            )
            for name, definition in schema.get("$defs", {}).items():
                if self.definitions.setdefault(name, definition) != definition:
                    raise ValueError(f"two records have the name {name}")
            found |= schema["properties"]
        kept = {name: schema for name, schema in found.items() if name not in without}
        return {"type": "object", "properties": kept | (properties or {})}


def _list_of(schema: _Schema) -> _Schema:
    return {"type": "array", "items": schema}


def _by_name(schema: _Schema) -> _Schema:
    return {"type": "object", "additionalProperties": schema}


def _or_null(schema: _Schema) -> _Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _closed(schema: Any) -> Any:
    """A schema in which every object has all the properties that are named, and no others."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if not isinstance(schema.get("properties"), dict):
        return {
            name: _closed(value)
            for name, value in schema.items()
            # Titles and defaults come from Python, and are left out.
            if not (name == "title" and isinstance(value, str)) and name != "default"
        }
    properties = {name: _closed(value) for name, value in schema["properties"].items()}
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


if __name__ == "__main__":
    print(json.dumps(report_schema(), indent=2))
