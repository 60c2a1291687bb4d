"""Problems in, pairs out: with the real model, the real jail and real S3."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import grpc
import pytest
from google.longrunning import operations_pb2

from rlvf.pair_generator.v1 import pair_generator_pb2, pair_generator_pb2_grpc
from rlvf.sampling.v1 import sampling_pb2
from rlvf_client.stack import free_port
from rlvf_common import starter
from rlvf_common.artifacts import JSONL, ArtifactStore
from rlvf_common.channels import open_channel, wait_operation
from rlvf_common.errors import FailedPrecondition
from rlvf_common.problems import Problem, dump_problems
from rlvf_common.prompts import completion_prompt

pytestmark = pytest.mark.slow

EASY = (
    "last_letter",
    "repeat_text_twice",
    "shout",
    "put_in_parentheses",
)


@pytest.fixture
async def channel(stack) -> AsyncIterator[grpc.aio.Channel]:  # type: ignore[no-untyped-def]
    stack.ensure("storage", "executor", "inference", "pair-generator")
    channel = open_channel(stack.address("pair-generator"))
    yield channel
    await channel.close()


def request(
    stack,  # type: ignore[no-untyped-def]
    store: ArtifactStore,
    problems: list[Problem],
    *,
    samples: int,
    ladder: tuple[int, ...] = (),
    benchmark: list[Problem] | None = None,
    rounds: pair_generator_pb2.Rounds | None = None,
) -> pair_generator_pb2.GeneratePairsRequest:
    return pair_generator_pb2.GeneratePairsRequest(
        problems=store.put_bytes(dump_problems(problems), JSONL),
        model=sampling_pb2.Model(base=stack.model.name),
        sampling=sampling_pb2.Sampling(
            samples_per_problem=samples, temperature=0.8, max_tokens=96, seed=11
        ),
        rounds=rounds,
        selection=pair_generator_pb2.Selection(rejected=pair_generator_pb2.REJECTED_ANY),
        benchmarks=[store.put_bytes(dump_problems(benchmark), JSONL)] if benchmark else [],
        ladder=ladder,
    )


async def start(
    channel: grpc.aio.Channel, wanted: pair_generator_pb2.GeneratePairsRequest
) -> operations_pb2.Operation:
    stub = pair_generator_pb2_grpc.PairGeneratorServiceStub(channel)
    return await stub.GeneratePairs(wanted, timeout=30, wait_for_ready=True)


async def finish(
    channel: grpc.aio.Channel, operation: operations_pb2.Operation
) -> pair_generator_pb2.GeneratePairsResponse:
    done = await wait_operation(channel, operation)
    response = pair_generator_pb2.GeneratePairsResponse()
    assert done.response.Unpack(response)
    return response


async def test_pairs_are_made_and_the_same_request_is_the_same_operation(  # type: ignore[no-untyped-def]
    channel, stack, store
) -> None:
    train = starter.load("train")
    problems = [problem for problem in train if problem.entry_point in EASY]
    excluded = next(problem for problem in train if problem.entry_point not in EASY)
    wanted = request(
        stack, store, [*problems, excluded], samples=8, ladder=(1,), benchmark=[excluded]
    )
    operation = await start(channel, wanted)
    response = await finish(channel, operation)

    samples = [json.loads(line) for line in store.get_bytes(response.samples).splitlines()]
    assert [(each["task_id"], each["sample"]) for each in samples] == [
        (problem.task_id, sample) for problem in problems for sample in range(8)
    ]
    verdicts = {(each["task_id"], each["sample"]): each["verdict"] for each in samples}
    prompts = {problem.task_id: completion_prompt(problem) for problem in problems}
    pairs = [json.loads(line) for line in store.get_bytes(response.pairs).splitlines()]
    assert pairs
    for pair in pairs:
        assert pair["prompt"] == prompts[pair["task_id"]]
        assert verdicts[pair["task_id"], pair["chosen_sample"]] == "passed"
        assert verdicts[pair["task_id"], pair["rejected_sample"]] != "passed"
    (rung,) = response.ladder
    assert store.get_bytes(rung.pairs) == store.get_bytes(response.pairs).splitlines(True)[0]
    assert [each.task_id for each in response.excluded] == [excluded.task_id]
    assert (response.steps[0].before, response.steps[0].after) == (len(EASY) + 1, len(EASY))
    assert response.steps[-1].after == len(pairs)

    assert rung.curriculum == rung.pairs
    assert not response.off_policy
    # Pairs of so few problems are too few for the audit to tell anything.
    assert not response.HasField("audit_after")
    assert {pair["off_policy"] for pair in pairs} == {False}

    again = await start(channel, wanted)
    assert again.name == operation.name
    assert again.done

    in_rounds = request(stack, store, problems, samples=8, rounds=pair_generator_pb2.Rounds(size=4))
    response = await finish(channel, await start(channel, in_rounds))
    drawn = [json.loads(line) for line in store.get_bytes(response.samples).splitlines()]
    for problem in problems:
        passes = [
            each["verdict"] == "passed" for each in drawn if each["task_id"] == problem.task_id
        ]
        mixed = 0 < sum(passes[:4]) < 4
        assert len(passes) == (8 if mixed else 4)

    too_many = request(stack, store, problems[:1], samples=2, ladder=(500,))
    with pytest.raises(FailedPrecondition, match="500 are needed"):
        await finish(channel, await start(channel, too_many))


@contextmanager
def pair_generator(stack, address: str) -> Iterator[subprocess.Popen[bytes]]:  # type: ignore[no-untyped-def]
    """A replica that a test may kill. It samples little at one time, so that it has a middle."""
    environment = {
        **os.environ,
        **stack.stack.environment(),
        "RLVF_LISTEN": address,
        "RLVF_MAX_IN_FLIGHT": "16",
    }
    process = subprocess.Popen([sys.executable, "-m", "rlvf_pair_generator"], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_after_kill_9_another_replica_finishes_and_keeps_what_was_done(stack, store) -> None:  # type: ignore[no-untyped-def]
    stack.ensure("storage", "executor", "inference")
    address = f"127.0.0.1:{free_port()}"
    problems = starter.load("train")[:40]
    wanted = request(stack, store, problems, samples=2)
    channel = open_channel(address)
    with pair_generator(stack, address) as process:
        operation = await start(channel, wanted)
        prefix = f"{operation.name}/checkpoints/"
        while not (kept := store.list_documents(prefix)):
            await asyncio.sleep(0.1)
        process.kill()
        process.wait()
        parts = {key: store.read_document(key) for key in kept}
    with pair_generator(stack, address):
        response = await finish(channel, operation)
    await channel.close()
    assert {key: store.read_document(key) for key in kept} == parts
    lines = store.get_bytes(response.samples).splitlines()
    before_the_kill = [line for data in parts.values() if data for line in data.splitlines()]
    assert 0 < len(before_the_kill) < 80
    assert set(before_the_kill) <= set(lines)
    assert [(each["task_id"], each["sample"]) for each in map(json.loads, lines)] == [
        (problem.task_id, sample) for problem in problems for sample in range(2)
    ]
