"""The executor's service: bad input, health, reflection, capabilities, cancellation, failures."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import suppress

import grpc
import psutil
import pytest
from google.protobuf.duration_pb2 import Duration
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf_api.errors import InvalidArgument, ResourceExhausted, from_rpc_error, from_status
from rlvf_common.rpc.channels import open_channel
from tests.processes.executor import ExecutorProcess, limits

from .conftest import Stub
from .samples import RIGHT, SLEEP, WRONG

CHECK = executor_pb2.CheckFunction


def changed(**fields: object) -> executor_pb2.GradeRequest:
    """The right request, but for these fields."""
    request = executor_pb2.GradeRequest()
    request.CopyFrom(RIGHT)
    for name, value in fields.items():
        if isinstance(value, str):
            setattr(request, name, value)
        else:
            getattr(request, name).CopyFrom(value)
    return request


BAD = {
    "entry_point": [changed(entry_point=""), changed(entry_point="a b"), changed(entry_point="1")],
    "candidate_source": [changed(candidate_source="#" * (1 << 20) + "#")],
    "check_function.source": [changed(check_function=CHECK(support_source="x = 1"))],
    "check_function.support_source": [
        changed(check_function=CHECK(source="def check(c): pass", support_source="(")),
    ],
    "test": [executor_pb2.GradeRequest(candidate_source="", entry_point="f")],
    "limits.cpu_time": [
        changed(limits=executor_pb2.Limits(cpu_time=Duration(seconds=-1))),
        changed(limits=limits(cpu_seconds=10_000)),
    ],
    "limits.wall_time": [changed(limits=limits(wall_seconds=1e6))],
    "limits.memory_bytes": [
        changed(limits=limits(memory_bytes=-1)),
        changed(limits=limits(memory_bytes=1)),
        changed(limits=limits(memory_bytes=1 << 50)),
    ],
    "limits.output_bytes": [changed(limits=limits(output_bytes=-5))],
    "limits.processes": [changed(limits=limits(processes=100_000))],
    "limits.disk_bytes": [changed(limits=limits(disk_bytes=1))],
}  # fmt: skip


@pytest.mark.parametrize("field", BAD)
async def test_bad_input_is_named(stub: Stub, field: str) -> None:
    for request in BAD[field]:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await stub.Grade(request, timeout=30)
        error = from_rpc_error(raised.value)
        assert isinstance(error, InvalidArgument)
        assert error.field == field


async def test_too_much_input_for_a_program_is_named(stub: Stub) -> None:
    for request, field in (
        (executor_pb2.ExecuteRequest(source="#" * (2 << 20)), "source"),
        (executor_pb2.ExecuteRequest(stdin=bytes((16 << 20) + 1)), "stdin"),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await stub.Execute(request, timeout=30)
        error = from_rpc_error(raised.value)
        assert isinstance(error, InvalidArgument)
        assert error.field == field


async def test_a_deadline_is_required(stub: Stub) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.Grade(RIGHT)
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def test_health_and_reflection_answer(executor: ExecutorProcess) -> None:
    name = "rlvf.executor.v1.ExecutorService"
    async with grpc.aio.insecure_channel(executor.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for service in ("", name):
            response = await health.Check(
                health_pb2.HealthCheckRequest(service=service), timeout=30
            )
            assert response.status == health_pb2.HealthCheckResponse.SERVING
        call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(timeout=30)
        await call.write(reflection_pb2.ServerReflectionRequest(list_services=""))
        await call.done_writing()
        listed = await call.read()
        assert name in [service.name for service in listed.list_services_response.service]


async def test_capabilities_say_what_the_executor_is(stub: Stub) -> None:
    found = await stub.GetCapabilities(executor_pb2.GetCapabilitiesRequest(), timeout=30)
    assert found.tier in (executor_pb2.TIER_NAMESPACES, executor_pb2.TIER_LANDLOCK)
    assert found.slots == len(os.sched_getaffinity(0))
    assert len(found.policy_sha256) == 64
    assert len(found.canaries) > 10
    assert all(canary.stopped for canary in found.canaries)
    assert found.default_limits.cpu_time.seconds == 10
    assert found.maximum_limits.memory_bytes > found.default_limits.memory_bytes


async def test_cancelling_frees_the_slots(stub: Stub) -> None:
    calls = [stub.Execute(SLEEP, timeout=600) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.Execute(SLEEP, timeout=1)
    assert raised.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    for call in calls:
        call.cancel()
    response = await stub.Grade(RIGHT, timeout=20)
    assert response.verdict == executor_pb2.VERDICT_PASSED


async def test_a_batch_answers_every_request_by_its_id(stub: Stub) -> None:
    async def requests() -> AsyncIterator[executor_pb2.GradeBatchRequest]:
        for number in range(60):
            request = (RIGHT, WRONG, changed(entry_point="not a name"))[number % 3]
            item = executor_pb2.GradeBatchRequest.Item(id=str(number), request=request)
            yield executor_pb2.GradeBatchRequest(items=[item] * (1 + number % 2))

    answers: dict[str, executor_pb2.GradeBatchResponse.Item] = {}
    came: Counter[str] = Counter()
    async for message in stub.GradeBatch(requests(), timeout=120):
        came.update(item.id for item in message.items)
        answers |= {item.id: item for item in message.items}
    assert came == {str(number): 1 + number % 2 for number in range(60)}
    for number, answer in ((int(key), value) for key, value in answers.items()):
        if number % 3 == 2:
            assert isinstance(from_status(answer.error), InvalidArgument)
        else:
            expected = (executor_pb2.VERDICT_PASSED, executor_pb2.VERDICT_FAILED)[number % 3]
            assert answer.response.verdict == expected


@pytest.mark.parametrize("count", [0, 101])
async def test_a_message_of_a_batch_holds_some_requests(stub: Stub, count: int) -> None:
    item = executor_pb2.GradeBatchRequest.Item(request=RIGHT)

    async def requests() -> AsyncIterator[executor_pb2.GradeBatchRequest]:
        yield executor_pb2.GradeBatchRequest(items=[item] * count)

    with pytest.raises(grpc.aio.AioRpcError) as raised:
        _ = [message async for message in stub.GradeBatch(requests(), timeout=20)]
    error = from_rpc_error(raised.value)
    assert isinstance(error, InvalidArgument)
    assert f"1 to 100 items, not {count}" in str(error)


async def test_answers_that_do_not_fit_one_message_come_in_several(stub: Stub) -> None:
    program = executor_pb2.ExecuteRequest(
        source="print('x' * 10_000_000)", limits=limits(output_bytes=16 << 20)
    )
    item = executor_pb2.ExecuteBatchRequest.Item(request=program)

    async def requests() -> AsyncIterator[executor_pb2.ExecuteBatchRequest]:
        yield executor_pb2.ExecuteBatchRequest(items=[item] * 12)

    sizes = [
        len(answer.response.stdout)
        async for message in stub.ExecuteBatch(requests(), timeout=60)
        for answer in message.items
    ]
    assert sizes == [10_000_001] * 12


async def test_a_stream_says_first_who_answers_it(stub: Stub) -> None:
    found = await stub.GetCapabilities(executor_pb2.GetCapabilitiesRequest(), timeout=30)
    instances = set()
    for method in (stub.ExecuteBatch, stub.GradeBatch):
        call = method(timeout=30)
        first = await call.read()  # No request was sent.
        assert isinstance(
            first, executor_pb2.ExecuteBatchResponse | executor_pb2.GradeBatchResponse
        )
        assert not first.items
        assert first.executor.slots == found.slots
        assert first.executor.policy_sha256 == found.policy_sha256
        assert first.executor.tier == found.tier
        instances.add(first.executor.instance)
        call.cancel()
    assert len(instances) == 1


async def test_a_verdict_names_its_grader(stub: Stub) -> None:
    found = await stub.GetCapabilities(executor_pb2.GetCapabilitiesRequest(), timeout=30)
    item = executor_pb2.GradeBatchRequest.Item(request=RIGHT)

    async def requests() -> AsyncIterator[executor_pb2.GradeBatchRequest]:
        yield executor_pb2.GradeBatchRequest(items=[item])

    streamed = [
        answer.response
        async for message in stub.GradeBatch(requests(), timeout=60)
        for answer in message.items
    ]
    for response in (await stub.Grade(RIGHT, timeout=60), *streamed):
        assert (response.policy_sha256, response.tier) == (found.policy_sha256, found.tier)


async def test_programs_run_in_a_batch(stub: Stub) -> None:
    async def requests() -> AsyncIterator[executor_pb2.ExecuteBatchRequest]:
        for number in range(10):
            request = executor_pb2.ExecuteRequest(source=f"print({number})")
            item = executor_pb2.ExecuteBatchRequest.Item(id=str(number), request=request)
            yield executor_pb2.ExecuteBatchRequest(items=[item])
        too_long = executor_pb2.ExecuteBatchRequest.Item(id="x" * 300)
        yield executor_pb2.ExecuteBatchRequest(items=[too_long])

    outputs = {}
    async for message in stub.ExecuteBatch(requests(), timeout=120):
        for answer in message.items:
            outputs[answer.id] = answer.response.stdout.decode().strip()
    assert outputs.pop("x" * 300) == ""
    assert outputs == {str(number): str(number) for number in range(10)}


async def test_a_full_queue_is_told_with_a_time_to_come_back() -> None:
    with ExecutorProcess(executor_slots="1", executor_queue="1") as process:
        async with open_channel(process.address) as channel:
            stub = executor_pb2_grpc.ExecutorServiceStub(channel)
            running = [stub.Execute(SLEEP, timeout=20) for _ in range(5)]
            errors = []
            for outcome in asyncio.as_completed([_outcome(call) for call in running]):
                error = await outcome
                errors.append(error)
                if isinstance(error, ResourceExhausted):
                    break
            assert isinstance(errors[-1], ResourceExhausted)
            assert errors[-1].retry_after is not None
            assert errors[-1].retry_after.total_seconds() > 0
            for call in running:
                call.cancel()


async def _outcome(call: Awaitable[object]) -> BaseException | None:
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return from_rpc_error(error)
    except asyncio.CancelledError:
        return None
    return None


def _inside(process: ExecutorProcess, name: str) -> list[psutil.Process]:
    """The processes of one kind below an executor: supervisors, nsjails, zygotes."""
    supervisors = psutil.Process(process.pid).children()
    if name == "supervisor":
        return supervisors
    jails: list[psutil.Process] = []
    zygotes: list[psutil.Process] = []
    for supervisor in supervisors:
        # Slots are restarted all the time here: a process may be gone by now.
        with suppress(psutil.NoSuchProcess):
            for jail in supervisor.children():
                if jail.name() == "nsjail":
                    jails.append(jail)
                    zygotes += jail.children()
    return jails if name == "nsjail" else zygotes


@pytest.mark.parametrize("victim", ["supervisor", "nsjail", "zygote"])
async def test_a_killed_part_of_the_sandbox_changes_no_verdict(victim: str) -> None:
    with ExecutorProcess() as process:
        async with open_channel(process.address) as channel:
            stub = executor_pb2_grpc.ExecutorServiceStub(channel)
            capabilities = await stub.GetCapabilities(
                executor_pb2.GetCapabilitiesRequest(), timeout=30
            )
            if victim != "supervisor" and capabilities.tier != executor_pb2.TIER_NAMESPACES:
                pytest.skip("there is no nsjail in this tier")
            calls = [stub.Grade((RIGHT, WRONG)[n % 2], timeout=120) for n in range(120)]
            await calls[10]
            for number in range(3):
                for target in _inside(process, victim)[:2]:
                    with suppress(psutil.NoSuchProcess):
                        target.send_signal(signal.SIGKILL)
                await calls[30 + 20 * number]
            verdicts = [(await call).verdict for call in calls]
    expected = [executor_pb2.VERDICT_PASSED, executor_pb2.VERDICT_FAILED]
    assert verdicts == expected * 60


async def test_nothing_is_left_when_a_part_is_killed_beside_a_test_without_end() -> None:
    endless = executor_pb2.GradeRequest()
    endless.CopyFrom(RIGHT)
    endless.check_function.source = "def check(candidate):\n    while True:\n        pass\n"
    with ExecutorProcess(executor_slots="1") as process:
        async with open_channel(process.address) as channel:
            stub = executor_pb2_grpc.ExecutorServiceStub(channel)
            await stub.Grade(RIGHT, timeout=60)
            (supervisor,) = psutil.Process(process.pid).children()
            below = supervisor.children(recursive=True)
            call = stub.Grade(endless, timeout=60)
            while all(one.cpu_times().user < 0.5 for one in below):
                await asyncio.sleep(0.05)
            supervisor.kill()
            _, alive = await asyncio.to_thread(psutil.wait_procs, below, timeout=20)
            assert alive == []
            call.cancel()


async def test_nothing_is_left_when_the_executor_is_killed() -> None:
    with ExecutorProcess() as process:
        async with open_channel(process.address) as channel:
            stub = executor_pb2_grpc.ExecutorServiceStub(channel)
            call = stub.Execute(SLEEP, timeout=60)
            await stub.Grade(RIGHT, timeout=60)
            below = psutil.Process(process.pid).children(recursive=True)
            assert below
            os.kill(process.pid, signal.SIGKILL)
            with pytest.raises(grpc.aio.AioRpcError):
                await call
            _, alive = await asyncio.to_thread(psutil.wait_procs, below, timeout=20)
            assert alive == []


async def test_the_executor_drains_and_ends_on_sigterm() -> None:
    with ExecutorProcess() as process:
        below = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGTERM)
        give_up_at = time.monotonic() + 20
        while psutil.pid_exists(process.pid) and time.monotonic() < give_up_at:
            if psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE:
                break
            await asyncio.sleep(0.05)
        _, alive = await asyncio.to_thread(psutil.wait_procs, below, timeout=20)
        assert alive == []
    assert "Traceback" not in str(process.events)
