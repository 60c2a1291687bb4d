"""`Compare` and `TestTrend`: checks requests, reads stored results, converts answers."""

import math
from collections.abc import Sequence
from typing import TypeVar

from google.protobuf.message import Message

from rlvf.artifact.v1 import artifact_pb2
from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.rpc.validation import require, require_artifact
from rlvf_common.statistics.comparison import Comparison, compare
from rlvf_common.statistics.results import EvaluationResult, parse_result
from rlvf_common.statistics.trend import MIN_RUNGS, Rung, Trend, find_trend
from rlvf_common.storage.artifacts import ArtifactStore

__all__ = [
    "check_compare_request",
    "check_trend_request",
    "compare_stored",
    "find_stored_trend",
]

_LARGEST_RESULT_BYTES = 256 << 20
_MAX_RUNS = 100
"""Maximum number of runs of a side or a rung."""
_MAX_RUNGS = 100

MessageT = TypeVar("MessageT", bound=Message)


def check_compare_request(request: evaluator_pb2.CompareRequest) -> None:
    """Raise InvalidArgument for the first field that is wrong."""
    _require_result(request.baseline, "baseline")
    _require_result(request.treatment, "treatment")
    _require_results(request.more_baselines, "more_baselines")
    _require_results(request.more_treatments, "more_treatments")


def check_trend_request(request: evaluator_pb2.TestTrendRequest) -> None:
    """Raise InvalidArgument for the first field that is wrong."""
    rungs = request.rungs
    require(
        MIN_RUNGS <= len(rungs) <= _MAX_RUNGS,
        "rungs",
        f"must be {MIN_RUNGS} to {_MAX_RUNGS}, got {len(rungs)}",
    )
    last = -math.inf
    for number, rung in enumerate(rungs):
        require(
            math.isfinite(rung.size) and rung.size >= 0,
            f"rungs[{number}].size",
            "must be a number of at least 0",
        )
        require(
            rung.size > last, f"rungs[{number}].size", f"must be above the previous one, {last:g}"
        )
        require(bool(rung.results), f"rungs[{number}].results", "are required")
        _require_results(rung.results, f"rungs[{number}].results")
        last = rung.size


def _require_results(refs: Sequence[artifact_pb2.ArtifactRef], field: str) -> None:
    require(len(refs) <= _MAX_RUNS, field, f"are more than {_MAX_RUNS}")
    for number, ref in enumerate(refs):
        _require_result(ref, f"{field}[{number}]")


def _require_result(ref: artifact_pb2.ArtifactRef, field: str) -> None:
    require_artifact(ref, field)
    require(
        ref.size_bytes <= _LARGEST_RESULT_BYTES,
        f"{field}.size_bytes",
        f"is more than a result has, {_LARGEST_RESULT_BYTES:,}",
    )


def compare_stored(
    store: ArtifactStore, request: evaluator_pb2.CompareRequest
) -> evaluator_pb2.Comparison:
    """The comparison of stored results. Blocks.

    Raises:
        FailedPrecondition: a result is missing or invalid, or they have different tasks.
    """
    try:
        found = compare(
            _read(store, request.baseline),
            _read(store, request.treatment),
            more_baselines=[_read(store, ref) for ref in request.more_baselines],
            more_treatments=[_read(store, ref) for ref in request.more_treatments],
        )
    except ValueError as error:
        raise FailedPrecondition(str(error)) from None
    return _message(found, evaluator_pb2.Comparison)


def find_stored_trend(
    store: ArtifactStore, request: evaluator_pb2.TestTrendRequest
) -> evaluator_pb2.TestTrendResponse:
    """The trend over stored results. Blocks; raises the errors of `compare_stored`."""
    try:
        found = find_trend(
            [
                Rung(rung.size, tuple(_read(store, ref) for ref in rung.results))
                for rung in request.rungs
            ]
        )
    except ValueError as error:
        raise FailedPrecondition(str(error)) from None
    return _message(found, evaluator_pb2.TestTrendResponse)


def _message(found: Comparison | Trend, kind: type[MessageT]) -> MessageT:
    """The message of a comparison or trend; its fields have the names of the attributes."""
    values = {field.name: getattr(found, field.name) for field in kind.DESCRIPTOR.fields}
    ci95 = evaluator_pb2.Interval(low=found.ci95.low, high=found.ci95.high)
    return kind(**{**values, "ci95": ci95})


def _read(store: ArtifactStore, ref: artifact_pb2.ArtifactRef) -> EvaluationResult:
    return parse_result(store.get_bytes(ref), where=ref.uri)
