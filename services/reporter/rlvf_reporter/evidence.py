"""Reads the artifacts of a report, and checks their form."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from rlvf.artifact.v1 import artifact_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_common.statistics.results import EvaluationResult, parse_result
from rlvf_reporter.report import Step

ReadBytes = Callable[[artifact_pb2.ArtifactRef], bytes]
"""Reads an artifact; raises FailedPrecondition when it is missing or does not match its digest."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The artifacts of a request: a result for each condition, a curve for each run, in order."""

    results: tuple[EvaluationResult, ...]
    curves: tuple[tuple[Step, ...], ...]


class _StepMetrics(BaseModel):
    """A line of a run's metrics; fields that a report does not use are ignored. null: not a
    number."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    step: int
    preference_loss: float | None
    margin: float | None
    logps_chosen: float | None
    logps_rejected: float | None
    accuracy: float | None = None
    grad_norm: float | None = None
    # Runs of older trainers lack these.
    token_logp_chosen: float | None = None
    token_logp_rejected: float | None = None
    kl: float | None = None


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
        curves=tuple(
            _curve(read(training.run.metrics), f"training[{index}].run.metrics")
            for index, training in enumerate(request.training)
        ),
    )


def _result(data: bytes, field: str) -> EvaluationResult:
    try:
        return parse_result(data, where="not a result")
    except ValueError as error:
        raise InvalidArgument(field, str(error)) from None


def _curve(data: bytes, field: str) -> tuple[Step, ...]:
    return tuple(
        _step(line, f"{field}: line {number}")
        for number, line in enumerate(data.split(b"\n"), start=1)
        if line.strip()
    )


def _step(line: bytes, field: str) -> Step:
    try:
        metrics = _StepMetrics.model_validate(json.loads(line))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise InvalidArgument(field, f"{where}: {problem['msg']}") from None
    except ValueError as error:
        raise InvalidArgument(field, f"is not JSON: {error}") from None
    return Step(
        step=metrics.step,
        preference_loss=_known(metrics.preference_loss),
        margin=_known(metrics.margin),
        logps_chosen=_known(metrics.logps_chosen),
        logps_rejected=_known(metrics.logps_rejected),
        accuracy=_known(metrics.accuracy),
        grad_norm=_known(metrics.grad_norm),
        token_logp_chosen=_known(metrics.token_logp_chosen),
        token_logp_rejected=_known(metrics.token_logp_rejected),
        kl=_known(metrics.kl),
    )


def _known(value: float | None) -> float:
    return math.nan if value is None else value
