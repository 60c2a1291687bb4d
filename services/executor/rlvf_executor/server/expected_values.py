"""Expected values computed by a reference program: run once, cached by digest; in the server."""

import asyncio
import hashlib
from collections.abc import Awaitable
from typing import Protocol
from weakref import WeakValueDictionary

from rlvf.executor.v1 import executor_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_executor.contract import link, policy, reference_job
from rlvf_executor.contract.cache import Cache
from rlvf_executor.contract.link import Message
from rlvf_executor.contract.outcomes import Outcome, last_line
from rlvf_executor.contract.rules import Comparison
from rlvf_executor.server import grade_jobs
from rlvf_executor.server.jobs import error_of, job_values, limits_of

# Size of the cache: the values of HumanEval+ and MBPP+ together take some 20 MB.
_KEPT_BYTES = 128 * policy.MIB
_MIN_CPU_SECONDS = 60.0


class Run(Protocol):
    """Runs a job, as `Executor.run` does."""

    def __call__(self, message: Message, *, patient: bool) -> Awaitable[Message]: ...


class References:
    """Computes expected values with `run`; concurrent requests share one job."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._kept: Cache[bytes] = Cache(_KEPT_BYTES)
        # A lock stays as long as a request holds it or waits for it.
        self._locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def expected(self, request: executor_pb2.GradeRequest, *, patient: bool) -> bytes | None:
        """The encoded expected values of a request; None where it has no reference.

        The reference may wait beside a full queue only if the request itself is `patient`.

        Raises:
            InvalidArgument: the reference or an input is at fault.
        """
        if request.WhichOneof("test") != "cases" or not request.cases.reference_source:
            return None
        grade_jobs.require_cases(request.cases)
        message, digest = _job(request)
        # The first request computes the values, the others wait; if it fails, the next one tries.
        lock = self._locks.setdefault(digest, asyncio.Lock())
        async with lock:
            if digest in self._kept:
                return self._kept[digest]
            encoded = _encoded(await self._run(message, patient=patient))
            self._kept.keep(digest, encoded, len(encoded))
            return encoded


def _job(request: executor_pb2.GradeRequest) -> tuple[Message, bytes]:
    test = request.cases
    comparison = grade_jobs.rule_of(test).comparison
    stdin = reference_job.encode_job(
        source=test.reference_source,
        entry_point=request.entry_point,
        inputs=test.inputs,
        only_not_none=comparison is Comparison.NOT_NONE,
        with_digests=comparison is Comparison.EQUAL and not test.oracle_source,
    )
    asked = limits_of(request.limits)
    cpu_seconds = max(asked.cpu_seconds, _MIN_CPU_SECONDS)
    limits = asked._replace(
        cpu_seconds=cpu_seconds,
        wall_seconds=max(asked.wall_seconds, policy.WALL_TIMES_CPU * cpu_seconds),
        output_bytes=policy.MAX_VALUE_BYTES + policy.KIB,
        call_cpu_seconds=0.0,
    )
    values = job_values(limits, request.environment)
    message = Message(link.EXECUTE, values, (reference_job.PROGRAM.encode(), stdin))
    return message, hashlib.sha256(repr(values).encode() + stdin).digest()


def _encoded(answer: Message) -> bytes:
    """The values in an answer. Raises InvalidArgument if the reference is at fault."""
    if answer.kind != link.EXECUTED:
        raise error_of(answer)
    found = reference_job.decode_answer(answer.blobs[0])
    outcome = answer.values["outcome"]
    if found is None or outcome != Outcome.EXITED:
        last_words = last_line(answer.blobs[1])
        why = f"{outcome}: {last_words}" if last_words else str(outcome)
        raise InvalidArgument(reference_job.FIELD, f"did not run to its end: {why}")
    if found.field:
        raise InvalidArgument(found.field, found.problem)
    return found.encoded
