"""Requests with one reference share its run."""

import asyncio

import pytest

from rlvf.executor.v1 import executor_pb2
from rlvf_executor.contract import link, reference_job
from rlvf_executor.contract.link import Message
from rlvf_executor.contract.outcomes import Outcome
from rlvf_executor.server.expected_values import References

REQUEST = executor_pb2.GradeRequest(
    entry_point="f",
    cases=executor_pb2.Cases(inputs=["(1,)"], reference_source="def f(x): return x"),
)


class Runs:
    """Runs of a reference, which end when the test says so."""

    def __init__(self) -> None:
        self.begun = self.running = self.most = 0
        self.release = asyncio.Event()

    async def run(self, message: Message, *, patient: bool) -> Message:
        self.begun += 1
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.release.wait()
        finally:
            self.running -= 1
        values: dict[str, object] = {"outcome": Outcome.EXITED}
        return Message(link.EXECUTED, values, (reference_job.VALUES + b"kept", b""))


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_request_that_comes_when_one_was_cancelled_waits_too() -> None:
    runs = Runs()
    references = References(runs.run)

    def begin() -> asyncio.Task[bytes | None]:
        return asyncio.ensure_future(references.expected(REQUEST, patient=True))

    first = begin()
    await _settle()
    second = begin()
    await _settle()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    third = begin()
    await _settle()
    assert runs.running == 1
    runs.release.set()
    assert list(await asyncio.gather(second, third)) == [b"kept", b"kept"]
    assert (runs.begun, runs.most) == (2, 1)  # The cancelled one, and one for both others.
    assert not references._locks
