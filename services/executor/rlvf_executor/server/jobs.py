"""Between the contract's messages and the supervisor's: checks and conversions. No I/O."""

import functools
import math
import os

from google.protobuf.duration_pb2 import Duration

from rlvf.executor.v1 import executor_pb2
from rlvf_api.errors import FailedPrecondition, InvalidArgument, RlvfError, Unavailable
from rlvf_common.rpc.validation import require
from rlvf_executor.contract import link, policy
from rlvf_executor.contract.link import Message
from rlvf_executor.contract.outcomes import Outcome, Verdict

_OUTCOMES = {one: executor_pb2.Outcome.Value(f"OUTCOME_{one.name}") for one in Outcome}
_VERDICTS = {one: executor_pb2.Verdict.Value(f"VERDICT_{one.name}") for one in Verdict}
_LIMIT_NAMES = (
    "cpu_time", "wall_time", "memory_bytes", "output_bytes", "processes", "disk_bytes",
    "call_cpu_time",
)  # fmt: skip


# All known fields fit. Unknown ones can be of any size, and are not kept.
_MAX_CACHED_BYTES = 256


def limits_of(asked: executor_pb2.Limits) -> policy.Limits:
    """The limits in force for a request. Raises InvalidArgument."""
    serialized = asked.SerializeToString()
    return (_cached if len(serialized) <= _MAX_CACHED_BYTES else _limits_of)(serialized)


def _limits_of(serialized: bytes) -> policy.Limits:
    asked = executor_pb2.Limits.FromString(serialized)
    default = policy.DEFAULT_LIMITS
    cpu_seconds = _seconds(asked.cpu_time, "cpu_time", default.cpu_seconds)
    wall_default = max(policy.WALL_TIMES_CPU * cpu_seconds, policy.MIN_WALL_SECONDS)
    limits = policy.Limits(
        cpu_seconds=cpu_seconds,
        wall_seconds=_seconds(asked.wall_time, "wall_time", wall_default),
        memory_bytes=asked.memory_bytes or default.memory_bytes,
        output_bytes=asked.output_bytes or default.output_bytes,
        processes=asked.processes or default.processes,
        disk_bytes=asked.disk_bytes or default.disk_bytes,
        call_cpu_seconds=_seconds(asked.call_cpu_time, "call_cpu_time", default.call_cpu_seconds),
    )
    most_by_call = policy.MAXIMUM_LIMITS._replace(call_cpu_seconds=cpu_seconds)
    bounds = zip(_LIMIT_NAMES, limits, policy.MINIMUM_LIMITS, most_by_call, strict=True)
    for name, value, least, most in bounds:
        if not least <= value <= most:
            unit = " s" if name.endswith("_time") else ""
            raise InvalidArgument(
                f"limits.{name}",
                f"must be between {least:.12g}{unit} and {most:.12g}{unit}, not {value:.12g}{unit}",
            )
    return limits


# Callers send the same limits again and again.
_cached = functools.lru_cache(maxsize=1000)(_limits_of)


def _seconds(duration: Duration, name: str, default: float) -> float:
    seconds = duration.seconds + duration.nanos / 1e9
    require(math.isfinite(seconds) and seconds >= 0, f"limits.{name}", "must not be negative")
    return seconds or default


def execute_message(request: executor_pb2.ExecuteRequest) -> Message:
    """The job of an `Execute`. Raises InvalidArgument."""
    source = request.source.encode()
    require_size(source, "source", policy.MAX_SOURCE_BYTES)
    require_size(request.stdin, "stdin", policy.MAX_STDIN_BYTES)
    values = job_values(limits_of(request.limits), request.environment)
    return Message(link.EXECUTE, values, (source, request.stdin))


def job_values(limits: policy.Limits, environment: str) -> dict[str, object]:
    """What every job says; `environment` is empty where the request names none."""
    values: dict[str, object] = {"limits": limits}
    if environment:
        values["environment"] = environment
    return values


def require_batch_id(batch_id: str) -> None:
    """Raises InvalidArgument for an id that is too long."""
    require(
        len(batch_id) <= policy.MAX_BATCH_ID_CHARACTERS,
        "id",
        f"must have at most {policy.MAX_BATCH_ID_CHARACTERS} characters",
    )


def require_batch_size(items: int, cancelled: int) -> None:
    """Raises InvalidArgument for a message of a batch with nothing in it or too much."""
    most = policy.MAX_BATCH_ITEMS
    least = 0 if cancelled else 1
    require(least <= items <= most, "items", f"must have {least} to {most} items, not {items}")
    most = policy.MAX_BATCH_CANCELLED
    require(cancelled <= most, "cancelled", f"must have at most {most} ids, not {cancelled}")


def require_size(data: bytes, field: str, most: int) -> None:
    require(len(data) <= most, field, f"is {len(data)} bytes long, more than {most}")


def execute_response(answer: Message) -> executor_pb2.ExecuteResponse:
    """The response to an `Execute`. Raises the error that an answer without a result stands for."""
    if answer.kind != link.EXECUTED:
        raise error_of(answer)
    values = answer.values
    outcome = Outcome(str(values["outcome"]))
    status = values["status"]
    truncated = values["truncated"]
    assert isinstance(truncated, list)
    stdout, stderr = answer.blobs
    response = executor_pb2.ExecuteResponse(
        outcome=_OUTCOMES[outcome],
        stdout=stdout,
        stderr=stderr,
        stdout_truncated=truncated[0],
        stderr_truncated=truncated[1],
        usage=_usage_of(values["usage"]),
    )
    assert isinstance(status, int)
    if outcome is Outcome.EXITED:
        response.exit_code = os.waitstatus_to_exitcode(status)
    elif outcome is Outcome.SIGNALED:
        response.signal = os.WTERMSIG(status)
    return response


def grade_response(
    answer: Message, grader: executor_pb2.ExecutorIdentity
) -> executor_pb2.GradeResponse:
    """The response of `grader` to a `Grade`.

    Raises the error that an answer without a verdict stands for.
    """
    if answer.kind != link.GRADED:
        raise error_of(answer)
    response = executor_pb2.GradeResponse(
        verdict=_VERDICTS[Verdict(str(answer.values["verdict"]))],
        # A test's message may hold lone surrogates, which protobuf does not carry.
        detail=str(answer.values["detail"]).encode("utf-8", "backslashreplace").decode(),
        usage=_usage_of(answer.values["usage"]),
        policy_sha256=grader.policy_sha256,
        tier=grader.tier,
    )
    if "credit" in answer.values:
        credit = answer.values["credit"]
        assert isinstance(credit, list)
        response.cases_passed, response.cases_total = credit
    return response


def error_of(answer: Message) -> RlvfError:
    """The error that an answer without a result stands for."""
    values = answer.values
    if answer.kind == link.BAD_TEST:
        return InvalidArgument(str(values["field"]), str(values["problem"]))
    if answer.kind == link.TEST_MISBEHAVED:
        return FailedPrecondition(str(values["problem"]))
    return Unavailable(str(values.get("reason", "the sandbox failed")))


def _usage_of(usage: object) -> executor_pb2.Usage:
    assert isinstance(usage, list)
    cpu_seconds, wall_seconds, peak_memory_bytes = usage
    return executor_pb2.Usage(
        cpu_time=_duration(cpu_seconds),
        wall_time=_duration(wall_seconds),
        peak_memory_bytes=int(peak_memory_bytes),
    )


def _duration(seconds: float) -> Duration:
    whole, nanos = divmod(round(seconds * 1e9), 10**9)
    return Duration(seconds=whole, nanos=nanos)


def limits_message(limits: policy.Limits) -> executor_pb2.Limits:
    """Limits as the contract writes them."""
    return executor_pb2.Limits(
        cpu_time=_duration(limits.cpu_seconds),
        wall_time=_duration(limits.wall_seconds),
        memory_bytes=limits.memory_bytes,
        output_bytes=limits.output_bytes,
        processes=limits.processes,
        disk_bytes=limits.disk_bytes,
        call_cpu_time=_duration(limits.call_cpu_seconds) if limits.call_cpu_seconds else None,
    )
