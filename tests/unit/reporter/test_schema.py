"""The published schema of report.json is that of what is rendered: no more and no less."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_common.statistics.distribution import DistributionRecord
from rlvf_common.statistics.results import AnswerShares, ModelRecord, PublishedRecord
from rlvf_reporter.document.schema import VERSION, report_schema
from rlvf_reporter.render_json import render_json
from rlvf_reporter.report import Report

from .fixture_costs import add_costs, manifest, set_prices

ReportOf = Callable[[Any], Report]
PUBLISHED = Path(__file__).parents[3] / "services" / "reporter" / "report.schema.json"


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(PUBLISHED.read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.fixture(scope="module")
def documents(fixtures: ModuleType, report_of: ReportOf) -> list[Any]:
    """Reports of invented experiments that together have everything that a report can have."""
    experiments = [fixtures.build(), rich(fixtures), ending(fixtures), online(fixtures)]
    return [json.loads(render_json(report_of(one))) for one in experiments]


def rich(fixtures: ModuleType) -> Any:
    """Arms with several seeds and controls, on pairs and on answers, with all that can be said."""
    experiment = fixtures.controlled(
        0.3,
        {"arm": 0.5, "other": 0.4, "control": 0.3},
        {"arm": "control", "other": "control"},
        tasks=60,
        seeds=2,
        primary=("control", "arm"),
    )
    request = experiment.request
    for training in request.training:
        if training.name.startswith("control"):
            training.run.summary.pairs = 40
    ladder = request.trends.add(benchmark="humaneval")
    for size, name in ((0, "base"), (40, "control"), (303, "arm")):
        ladder.rungs.add(size=size, condition=name)
    request.contrasts.add(
        comparison=request.head_to_head[-1],
        factor=reporter_pb2.FACTOR_PRECISION,
        baseline_value="nf4",
        treatment_value="bf16",
    )
    fixtures.set_likelihood(experiment, [0.5, 0.4])
    names = [training.name for training in request.training]
    answers = fixtures.add_answers(experiment, "answers", names[:3])
    answers.rollouts.CopyFrom(manifest(experiment, "answers", problems=30, samples=240))
    pairs = fixtures.add_pairs(experiment, "pairs", names[3:])
    pairs.ladder[0].audit.CopyFrom(pairs.audit_after)
    pairs.verdicts = pair_generator_pb2.VERDICTS_SHUFFLED
    for training in request.training:
        summary = training.run.summary
        summary.first_entropy, summary.last_entropy = 1.0, 0.9
        training.run.versions["torch"] = "2"
    run = request.training[1].run
    request.training[1].validation.add(step=run.summary.steps, passed=1, samples=8)
    probe = request.probes.add(model="model", style=sampling_pb2.PROMPT_STYLE_COMPLETION)
    probe.probe.readings.add(style=sampling_pb2.PROMPT_STYLE_COMPLETION, samples=4, usable=3)
    fixtures.set_result(
        experiment,
        0,
        distribution=DistributionRecord(90.0, 30.0, 1.0, 1.0),
        published=PublishedRecord(0.9, "a paper"),
        answers=AnswerShares(empty=1.0, unparseable=2.0, truncated=3.0, missing_entry_point=4.0),
        versions={"evaluator code": "a" * 64},
        model=ModelRecord("model", "", "b" * 64),
    )
    greedy = fixtures.result("humaneval", 60, fixtures.passes_in(set(range(20))))
    greedy = replace(greedy, model=ModelRecord("model", "", "b" * 64))
    request.conditions[0].greedy.CopyFrom(
        fixtures.condition(experiment, "greedy", "model", greedy).result
    )
    add_costs(experiment)
    set_prices(experiment, gpu_hour=2.0, cpu_hour=0.1, million_tokens=3.0)
    return experiment


def ending(fixtures: ModuleType) -> Any:
    """A gain of answers that end."""
    experiment = fixtures.small(range(100, 150), {20: {*range(100, 150), *range(30)}}, tasks=200)
    for index, cut_off in ((0, range(100)), (1, range(10))):
        truncated = {f"HumanEval/{task}": 1 for task in cut_off}
        share = len(truncated) / 200
        fixtures.set_result(
            experiment,
            index,
            answers=AnswerShares(0.0, 0.0, 100 * share, 0.0),
            distribution=DistributionRecord(90.0, 30.0, 1 - share, 1.0, truncated),
        )
    return experiment


def online(fixtures: ModuleType) -> Any:
    """A run that learned from rewards."""
    experiment = fixtures.small(range(30), {20: range(31)})
    fixtures.set_rewards(experiment, [0.25, 0.75])
    return experiment


def test_the_published_schema_is_the_one_of_the_code() -> None:
    assert json.loads(PUBLISHED.read_text()) == report_schema(), (
        "run `python -m rlvf_reporter.document.schema > services/reporter/report.schema.json`; "
        "raise VERSION where a field came, went or means something else"
    )


def test_reports_are_valid(validator: Draft202012Validator, documents: list[Any]) -> None:
    for document in documents:
        validator.validate(document)
        assert document["version"] == VERSION


def test_every_property_of_the_schema_is_in_some_report(documents: list[Any]) -> None:
    schema = report_schema()
    named = set(_named(schema, schema, "report"))
    said = {
        f"{place}.{name}"
        for document in documents
        for place, record in _records(schema, schema, document)
        for name, value in record.items()
        if value is not None
    }
    assert sorted(named - said) == []


def test_a_further_or_a_missing_property_is_refused_everywhere(
    validator: Draft202012Validator, documents: list[Any]
) -> None:
    rich_one = documents[1]
    records = [record for _, record in _records(report_schema(), report_schema(), rich_one)]
    assert len(records) > 50
    for record in records:
        record["further"] = 1
        assert not validator.is_valid(rich_one)
        del record["further"]
        name = next(iter(record))
        value = record.pop(name)
        assert not validator.is_valid(rich_one)
        record[name] = value
    assert validator.is_valid(rich_one)


def _resolved(schema: Any, root: Any) -> Any:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def _alternatives(schema: Any, root: Any) -> list[Any]:
    schema = _resolved(schema, root)
    return [one for each in schema.get("anyOf", [schema]) for one in [_resolved(each, root)]]


def _named(schema: Any, root: Any, place: str) -> Iterator[str]:
    """Every property that a schema names, by its place."""
    for one in _alternatives(schema, root):
        for name, inner in one.get("properties", {}).items():
            yield f"{place}.{name}"
            yield from _named(inner, root, f"{place}.{name}")
        if isinstance(inner := one.get("items"), dict):
            yield from _named(inner, root, f"{place}[]")
        if isinstance(inner := one.get("additionalProperties"), dict):
            yield from _named(inner, root, f"{place}{{}}")


def _records(
    schema: Any, root: Any, value: Any, place: str = "report"
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a document that has properties of its own, with its place."""
    for one in _alternatives(schema, root):
        inner_of_list, inner_of_map = one.get("items"), one.get("additionalProperties")
        if isinstance(value, dict) and value and set(value) == set(one.get("properties", {})):
            yield place, value
            for name, inner in one["properties"].items():
                yield from _records(inner, root, value[name], f"{place}.{name}")
        elif isinstance(value, list) and isinstance(inner_of_list, dict):
            for item in value:
                yield from _records(inner_of_list, root, item, f"{place}[]")
        elif isinstance(value, dict) and isinstance(inner_of_map, dict):
            for item in value.values():
                yield from _records(inner_of_map, root, item, f"{place}{{}}")
