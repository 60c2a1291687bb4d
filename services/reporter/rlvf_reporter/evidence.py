"""Reads the artifacts of a report, and checks their form."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rlvf.artifact.v1 import artifact_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_common.problems.problem import parse_problems
from rlvf_common.statistics.results import EvaluationResult, parse_result
from rlvf_reporter.report import Step

ReadBytes = Callable[[artifact_pb2.ArtifactRef], bytes]
"""Reads an artifact; raises FailedPrecondition when it is missing or does not match its digest."""


Completions = Mapping[tuple[str, int], str]
"""Answers by task and sample."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The artifacts of a request: a result for each condition, and one of greedy decoding where it
    has one; a curve for each run; in order."""

    results: tuple[EvaluationResult, ...]
    greedy: tuple[EvaluationResult | None, ...]
    curves: tuple[tuple[Step, ...], ...]
    completions: tuple[Completions | None, ...]
    """What each condition answered, where the request names it."""
    prompts: Mapping[str, Mapping[str, str]]
    """Prompts by task, of the benchmarks whose problems the request names."""


class _Answer(BaseModel):
    """A line of completions; other fields are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    task_id: str
    completion: str
    sample: int = 0


class _StepMetrics(BaseModel):
    """A line of a run's metrics; fields that a report does not use are ignored. null: not a
    number."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    step: int
    grad_norm: float | None = None


class _PreferenceMetrics(_StepMetrics):
    """Of a run on pairs."""

    loss: float | None = Field(alias="preference_loss")
    margin: float | None
    logps_chosen: float | None
    logps_rejected: float | None
    accuracy: float | None = None
    # Runs of older trainers have none of these.
    token_logp_chosen: float | None = None
    token_logp_rejected: float | None = None
    kl: float | None = None


class _LikelihoodMetrics(_StepMetrics):
    """Of a run on answers."""

    loss: float | None
    logps: float | None


def load_evidence(request: reporter_pb2.RenderReportRequest, read: ReadBytes) -> Evidence:
    """Read the artifacts that the report is computed from.

    Raises:
        FailedPrecondition: from `read`.
        InvalidArgument: an artifact exists, but is not what the field requires.
    """
    return Evidence(
        results=tuple(
            _result(read(condition.result), f"conditions[{index}].result")
            for index, condition in enumerate(request.conditions)
        ),
        greedy=tuple(
            _result(read(condition.greedy), f"conditions[{index}].greedy")
            if condition.HasField("greedy")
            else None
            for index, condition in enumerate(request.conditions)
        ),
        curves=tuple(
            _curve(
                read(training.run.metrics),
                _LikelihoodMetrics
                if training.run.summary.loss == trainer_pb2.LOSS_NLL
                else _PreferenceMetrics,
                f"training[{index}].run.metrics",
            )
            for index, training in enumerate(request.training)
        ),
        completions=tuple(
            _completions(read(condition.completions), f"conditions[{index}].completions")
            if condition.HasField("completions")
            else None
            for index, condition in enumerate(request.conditions)
        ),
        prompts={
            name: _prompts(read(ref), f"problems[{name}]")
            for name, ref in sorted(request.problems.items())
        },
    )


def _completions(data: bytes, field: str) -> Completions:
    found: dict[tuple[str, int], str] = {}
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            answer = _Answer.model_validate_json(line)
        except ValidationError as error:
            problem = error.errors()[0]
            raise InvalidArgument(field, f"line {number}: {problem['msg']}") from None
        found[answer.task_id, answer.sample] = answer.completion
    return found


def _prompts(data: bytes, field: str) -> Mapping[str, str]:
    try:
        return {one.task_id: one.prompt for one in parse_problems(data, where="not problems")}
    except ValueError as error:
        raise InvalidArgument(field, str(error)) from None


def _result(data: bytes, field: str) -> EvaluationResult:
    try:
        return parse_result(data, where="not a result")
    except ValueError as error:
        raise InvalidArgument(field, str(error)) from None


def _curve(data: bytes, kind: type[_StepMetrics], field: str) -> tuple[Step, ...]:
    return tuple(
        _step(line, kind, f"{field}: line {number}")
        for number, line in enumerate(data.split(b"\n"), start=1)
        if line.strip()
    )


def _step(line: bytes, kind: type[_StepMetrics], field: str) -> Step:
    try:
        metrics = kind.model_validate(json.loads(line)).model_dump()
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise InvalidArgument(field, f"{where}: {problem['msg']}") from None
    except ValueError as error:
        raise InvalidArgument(field, f"is not JSON: {error}") from None
    numbers = {name: _known(value) for name, value in metrics.items() if name != "step"}
    return Step(step=metrics["step"], **numbers)


def _known(value: float | None) -> float:
    return math.nan if value is None else value
