"""Reads the artifacts of a report, and checks their form."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rlvf.artifact.v1 import artifact_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_api.hyperparameters import LOSSES, SETTINGS, DataKind
from rlvf_common.problems.problem import parse_problems
from rlvf_common.rollouts.rollout_set import RolloutSet, parse_rollout_set
from rlvf_common.statistics.results import EvaluationResult, parse_result
from rlvf_common.storage.artifacts import DIRECTORY
from rlvf_reporter.report import Step
from rlvf_reporter.training_data.examples import Examples, load_examples

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
    examples: tuple[Examples, ...]
    """Of each set of training data."""
    rollout_sets: Mapping[str, RolloutSet]
    """The manifests of graded samples that the request names, by digest."""
    adapter_bytes: Mapping[str, int]
    """Bytes of the files of each adapter that is a directory, by digest."""


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
    reward_chosen: float | None = None


class _LikelihoodMetrics(_StepMetrics):
    """Of a run on answers."""

    loss: float | None
    logps: float | None


class _PolicyMetrics(_StepMetrics):
    """Of a run on problems."""

    loss: float | None
    reward: float | None
    one_outcome: float | None
    entropy: float | None
    kl: float | None


_METRICS: Mapping[DataKind, type[_StepMetrics]] = {
    "pairs": _PreferenceMetrics,
    "answers": _LikelihoodMetrics,
    "problems": _PolicyMetrics,
}


def kind_of(loss: trainer_pb2.Loss.ValueType) -> DataKind:
    """What a run with that loss trained on."""
    write = SETTINGS["loss"].write
    return next((kind for kind, losses in LOSSES.items() if loss in map(write, losses)), "pairs")


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
                _METRICS[kind_of(training.run.summary.loss)],
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
        examples=tuple(
            load_examples(data, read, f"data[{index}]") for index, data in enumerate(request.data)
        ),
        rollout_sets={
            ref.sha256: _rollout_set(read(ref), field) for field, ref in _rollouts_of(request)
        },
        adapter_bytes={
            run.adapter.sha256: _directory_bytes(
                read(run.adapter), f"training[{index}].run.adapter"
            )
            for index, run in enumerate(training.run for training in request.training)
            if run.adapter.media_type == DIRECTORY
        },
    )


def _rollouts_of(
    request: reporter_pb2.RenderReportRequest,
) -> Iterator[tuple[str, artifact_pb2.ArtifactRef]]:
    """Every manifest of graded samples that is named, and the field in which it is."""
    for index, data in enumerate(request.data):
        kind = "pairs" if data.HasField("pairs") else "answers"
        selected = data.pairs if data.HasField("pairs") else data.answers
        if selected.HasField("rollouts"):
            yield f"data[{index}].{kind}.rollouts", selected.rollouts
    for index, training in enumerate(request.training):
        for number, checkpoint in enumerate(training.validation):
            if checkpoint.HasField("rollouts"):
                field = f"training[{index}].validation[{number}].rollouts"
                yield field, checkpoint.rollouts


def _rollout_set(data: bytes, field: str) -> RolloutSet:
    try:
        return parse_rollout_set(data, where="not a manifest of graded samples")
    except ValueError as error:
        raise InvalidArgument(field, str(error)) from None


def _directory_bytes(data: bytes, field: str) -> int:
    try:
        return sum(file["size_bytes"] for file in json.loads(data)["files"].values())
    except (ValueError, LookupError, AttributeError, TypeError):
        raise InvalidArgument(field, "is not a directory artifact") from None


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
