"""The artifacts behind a report: read, checked for shape, reduced to what a report needs."""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from rlvf.artifact.v1 import artifact_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf_common.errors import InvalidArgument

from rlvf_reporter.report import Step

ReadBytes = Callable[[artifact_pb2.ArtifactRef], bytes]
"""Reads an artifact; raises FailedPrecondition when it is missing or not what its digest says."""

TRUNCATED = "length"
"""The finish reason of a completion that reached the limit of tokens (OpenAI's completions API)."""


@dataclass(frozen=True, slots=True)
class EvaluationEvidence:
    """What the artifacts of one evaluation say.

    `passed_by_task` holds the samples of each task that passed, `samples_by_task` all of them.
    `truncated` is None when no completion says why it ended.
    """

    benchmark: str
    passed_by_task: Mapping[str, int]
    samples_by_task: Mapping[str, int]
    verdicts: Mapping[str, int]
    empty: int | None
    truncated: int | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The artifacts of a request: one evaluation per condition, one curve per training run, in order."""

    evaluations: tuple[EvaluationEvidence, ...]
    curves: tuple[tuple[Step, ...], ...]


class _Record(BaseModel):
    """A record of an artifact; fields that a report does not need are let be."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _TaskResult(_Record):
    task_id: str
    verdict: Literal["passed", "failed", "error", "timeout", "memory"]


class _Result(_Record):
    benchmark: str
    results: list[_TaskResult]


class _Completion(_Record):
    completion: str
    finish_reason: str | None = None


class _Metrics(_Record):
    step: int
    preference_loss: float | None
    margin: float | None
    logps_chosen: float | None
    logps_rejected: float | None


_RecordT = TypeVar("_RecordT", bound=_Record)


def load_evidence(request: reporter_pb2.RenderReportRequest, read: ReadBytes) -> Evidence:
    """Read every artifact that the request names.

    Raises:
        FailedPrecondition: from `read`.
        InvalidArgument: an artifact is there, but is not what the field asks for.
    """
    return Evidence(
        evaluations=tuple(
            _evaluation(condition, f"conditions[{index}].evaluation", read)
            for index, condition in enumerate(request.conditions)
        ),
        curves=tuple(
            _curve(read(training.run.metrics), f"training[{index}].run.metrics")
            for index, training in enumerate(request.training)
        ),
    )


def _evaluation(
    condition: reporter_pb2.Condition, field: str, read: ReadBytes
) -> EvaluationEvidence:
    evaluation = condition.evaluation
    result = _parse(_Result, read(evaluation.result), f"{field}.result", "a result in JSON")
    passed: Counter[str] = Counter()
    samples: Counter[str] = Counter()
    for record in result.results:
        samples[record.task_id] += 1
        passed[record.task_id] += record.verdict == "passed"
    empty = truncated = None
    if evaluation.HasField("completions"):
        completions = _parse_lines(
            _Completion, read(evaluation.completions), f"{field}.completions"
        )
        empty = sum(not record.completion.strip() for record in completions)
        reasons = [record.finish_reason for record in completions]
        if any(reasons):
            truncated = reasons.count(TRUNCATED)
    return EvaluationEvidence(
        benchmark=result.benchmark,
        passed_by_task=passed,
        samples_by_task=samples,
        verdicts=Counter(record.verdict for record in result.results),
        empty=empty,
        truncated=truncated,
    )


def _curve(data: bytes, field: str) -> tuple[Step, ...]:
    def known(value: float | None) -> float:
        return math.nan if value is None else value

    return tuple(
        Step(
            step=record.step,
            preference_loss=known(record.preference_loss),
            margin=known(record.margin),
            logps_chosen=known(record.logps_chosen),
            logps_rejected=known(record.logps_rejected),
        )
        for record in _parse_lines(_Metrics, data, field)
    )


def _parse(kind: type[_RecordT], data: bytes, field: str, what: str) -> _RecordT:
    try:
        # The standard parser, not pydantic's: metrics of a diverged run hold NaN.
        return kind.model_validate(json.loads(data))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "the top"
        raise InvalidArgument(field, f"is not {what}: at {where}: {problem['msg']}") from None
    except ValueError as error:
        raise InvalidArgument(field, f"is not {what}: {error}") from None


def _parse_lines(kind: type[_RecordT], data: bytes, field: str) -> list[_RecordT]:
    # Not splitlines(): a JSON string may hold U+2028, which is no end of line.
    return [
        _parse(kind, line, field, f"JSON Lines (line {number})")
        for number, line in enumerate(data.split(b"\n"), start=1)
        if line.strip()
    ]
