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

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2, pair_generator_pb2_grpc
from rlvf.pair_generator.v1.pair_generator_pb2 import REJECTED_ANY
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_client.local_stack.ports import free_port
from rlvf_common import starter
from rlvf_common.problems.problem import Problem, dump_problems
from rlvf_common.problems.prompts import PromptStyle, chat_message, completion_prompt
from rlvf_common.rollouts.rollout_set import parse_rollout_set
from rlvf_common.rollouts.sampling import STYLE_NUMBERS
from rlvf_common.rpc.channels import open_channel, wait_operation
from rlvf_common.storage.artifacts import JSONL, ArtifactStore

from ...conftest import StackThread

EASY = (
    "last_letter",
    "repeat_text_twice",
    "shout",
    "put_in_parentheses",
)


@pytest.fixture
async def channel(stack: StackThread) -> AsyncIterator[grpc.aio.Channel]:
    stack.ensure("storage", "executor", "inference", "pair-generator")
    channel = open_channel(stack.address("pair-generator"))
    yield channel
    await channel.close()


def rollouts_request(
    stack: StackThread,
    store: ArtifactStore,
    problems: list[Problem],
    *,
    samples: int,
    benchmark: list[Problem] | None = None,
    rounds: pair_generator_pb2.Rounds | None = None,
    style: PromptStyle = "completion",
) -> pair_generator_pb2.GenerateRolloutsRequest:
    return pair_generator_pb2.GenerateRolloutsRequest(
        problems=store.put_bytes(dump_problems(problems), JSONL),
        model=sampling_pb2.Model(base=stack.model.name),
        sampling=sampling_pb2.Sampling(
            samples_per_problem=samples,
            temperature=0.8,
            max_tokens=96 if style == "completion" else 192,
            seed=11,
            prompt_style=STYLE_NUMBERS[style],
        ),
        rounds=rounds,
        benchmarks=[store.put_bytes(dump_problems(benchmark), JSONL)] if benchmark else [],
    )


def selection_request(
    rollouts: artifact_pb2.ArtifactRef,
    *ladder: int,
    selection: pair_generator_pb2.Selection | None = None,
) -> pair_generator_pb2.SelectPairsRequest:
    return pair_generator_pb2.SelectPairsRequest(
        rollouts=rollouts,
        selection=selection or pair_generator_pb2.Selection(rejected=REJECTED_ANY),
        ladder=ladder,
    )


async def start(
    channel: grpc.aio.Channel,
    wanted: pair_generator_pb2.GenerateRolloutsRequest | pair_generator_pb2.SelectPairsRequest,
) -> operations_pb2.Operation:
    stub = pair_generator_pb2_grpc.PairGeneratorServiceStub(channel)
    if isinstance(wanted, pair_generator_pb2.SelectPairsRequest):
        return await stub.SelectPairs(wanted, timeout=30, wait_for_ready=True)
    return await stub.GenerateRollouts(wanted, timeout=30, wait_for_ready=True)


async def rollouts_of(
    channel: grpc.aio.Channel, operation: operations_pb2.Operation
) -> pair_generator_pb2.GenerateRolloutsResponse:
    done = await wait_operation(channel, operation)
    response = pair_generator_pb2.GenerateRolloutsResponse()
    assert done.response.Unpack(response)
    return response


async def pairs_of(
    channel: grpc.aio.Channel, operation: operations_pb2.Operation
) -> pair_generator_pb2.SelectPairsResponse:
    done = await wait_operation(channel, operation)
    response = pair_generator_pb2.SelectPairsResponse()
    assert done.response.Unpack(response)
    return response


def lines_of(store: ArtifactStore, ref: artifact_pb2.ArtifactRef) -> list[dict[str, object]]:
    return [json.loads(line) for line in store.get_bytes(ref).splitlines()]


async def test_pairs_are_made_and_the_same_requests_are_the_same_operations(
    channel: grpc.aio.Channel, stack: StackThread, store: ArtifactStore
) -> None:
    train = starter.load("train")
    problems = [problem for problem in train if problem.entry_point in EASY]
    excluded = next(problem for problem in train if problem.entry_point not in EASY)
    wanted = rollouts_request(stack, store, [*problems, excluded], samples=8, benchmark=[excluded])
    drawing = await start(channel, wanted)
    drawn = await rollouts_of(channel, drawing)
    assert [each.task_id for each in drawn.excluded] == [excluded.task_id]
    assert (drawn.problems, drawn.samples_drawn) == (len(problems), 8 * len(problems))
    samples = lines_of(store, drawn.samples)
    assert [(each["task_id"], each["sample"]) for each in samples] == [
        (problem.task_id, sample) for problem in problems for sample in range(8)
    ]
    manifest = parse_rollout_set(store.get_bytes(drawn.rollouts), where="manifest")
    assert manifest.samples.ref == drawn.samples
    assert manifest.grader.policy_sha256 == drawn.policy_sha256 != ""

    selection = selection_request(drawn.rollouts, 1)
    selecting = await start(channel, selection)
    response = await pairs_of(channel, selecting)
    verdicts = {(each["task_id"], each["sample"]): each["verdict"] for each in samples}
    prompts = {problem.task_id: completion_prompt(problem) for problem in problems}
    pairs = lines_of(store, response.pairs)
    assert pairs
    for pair in pairs:
        assert pair["prompt"] == prompts[str(pair["task_id"])]
        assert verdicts[pair["task_id"], pair["chosen_sample"]] == "passed"
        assert verdicts[pair["task_id"], pair["rejected_sample"]] != "passed"
        assert pair["grader_policy_sha256"] == drawn.policy_sha256
        assert pair["rollouts_sha256"] == drawn.rollouts.sha256
    (rung,) = response.ladder
    assert store.get_bytes(rung.pairs) == store.get_bytes(response.pairs).splitlines(True)[0]
    assert [each.task_id for each in response.excluded] == [excluded.task_id]
    assert [(step.before, step.after) for step in response.steps[:2]] == [
        (len(EASY) + 1, len(EASY) + 1),
        (len(EASY) + 1, len(EASY)),
    ]
    assert response.steps[-1].after == len(pairs)
    yields = lines_of(store, response.problem_yields)
    assert [each["task_id"] for each in yields] == sorted(p.task_id for p in problems)
    assert sum(int(str(each["records"])) for each in yields) == len(pairs)
    assert all(bool(each["lost_at"]) is not bool(each["records"]) for each in yields)

    assert rung.curriculum == rung.pairs
    assert not response.off_policy
    # Pairs of so few problems are too few for the audit to tell anything.
    assert not response.HasField("audit_after")
    assert {pair["off_policy"] for pair in pairs} == {False}

    for again, before in ((wanted, drawing), (selection, selecting)):
        operation = await start(channel, again)
        assert operation.name == before.name
        assert operation.done


@pytest.mark.slow
async def test_verified_answers_of_a_chat_are_selected_and_their_control_is_as_large(
    channel: grpc.aio.Channel, stack: StackThread, store: ArtifactStore
) -> None:
    problems = [problem for problem in starter.load("train") if problem.entry_point in EASY]
    wanted = rollouts_request(stack, store, problems, samples=8, style="chat")
    drawn = await rollouts_of(channel, await start(channel, wanted))
    manifest = parse_rollout_set(store.get_bytes(drawn.rollouts), where="manifest")
    assert manifest.template.startswith("chat")
    samples = {(one["task_id"], one["sample"]): one for one in lines_of(store, drawn.samples)}
    prompts = {problem.task_id: chat_message(problem) for problem in problems}
    stub = pair_generator_pb2_grpc.PairGeneratorServiceStub(channel)

    async def select(
        verdicts: pair_generator_pb2.Verdicts.ValueType,
    ) -> pair_generator_pb2.SelectAnswersResponse:
        request = pair_generator_pb2.SelectAnswersRequest(
            rollouts=drawn.rollouts,
            selection=pair_generator_pb2.AnswerSelection(max_pass_rate=1.0, verdicts=verdicts),
        )
        done = await wait_operation(channel, await stub.SelectAnswers(request, timeout=30))
        response = pair_generator_pb2.SelectAnswersResponse()
        assert done.response.Unpack(response)
        return response

    verified = await select(pair_generator_pb2.VERDICTS_TRUE)
    answers = lines_of(store, verified.answers)
    assert len(answers) == verified.count == verified.passed > 0
    for answer in answers:
        sample = samples[answer["task_id"], answer["sample"]]
        assert answer["prompt"] == [{"role": "user", "content": prompts[str(answer["task_id"])]}]
        assert answer["completion"] == [{"role": "assistant", "content": sample["answer"]}]
        assert answer["verdict"] == sample["verdict"] == "passed"
        assert sample["finish_reason"] == "stop"
    control = await select(pair_generator_pb2.VERDICTS_IGNORED)
    assert control.count == verified.count
    assert control.passed < control.count


@pytest.mark.slow
async def test_problems_of_mixed_outcome_go_on_in_rounds(
    channel: grpc.aio.Channel, stack: StackThread, store: ArtifactStore
) -> None:
    problems = [problem for problem in starter.load("train") if problem.entry_point in EASY]
    in_rounds = rollouts_request(
        stack, store, problems, samples=8, rounds=pair_generator_pb2.Rounds(size=4)
    )
    response = await rollouts_of(channel, await start(channel, in_rounds))
    drawn = lines_of(store, response.samples)
    for problem in problems:
        passes = [
            each["verdict"] == "passed" for each in drawn if each["task_id"] == problem.task_id
        ]
        mixed = 0 < sum(passes[:4]) < 4
        assert len(passes) == (8 if mixed else 4)


async def test_selecting_again_samples_nothing(
    channel: grpc.aio.Channel, stack: StackThread, store: ArtifactStore
) -> None:
    """Other settings on the same samples, by a replica for which inference and the executor are
    gone."""
    problems = [problem for problem in starter.load("train") if problem.entry_point in EASY]
    wanted = rollouts_request(stack, store, problems, samples=8)
    drawn = await rollouts_of(channel, await start(channel, wanted))
    first = await pairs_of(channel, await start(channel, selection_request(drawn.rollouts)))
    gone = {
        "RLVF_INFERENCE_URL": f"http://127.0.0.1:{free_port()}",
        "RLVF_EXECUTOR_ADDRESS": f"127.0.0.1:{free_port()}",
    }
    address = f"127.0.0.1:{free_port()}"
    with pair_generator(stack, address, **gone):
        async with open_channel(address) as alone:
            one_each = pair_generator_pb2.Selection(
                rejected=REJECTED_ANY, max_pairs_per_problem=1, max_length_imbalance=0.5
            )
            other = selection_request(drawn.rollouts, 1, selection=one_each)
            second = await pairs_of(alone, await start(alone, other))
            tasks = [pair["task_id"] for pair in lines_of(store, second.pairs)]
            assert 0 < len(tasks) == len(set(tasks))
            assert second.samples == first.samples
            assert second.pairs != first.pairs

            with pytest.raises(FailedPrecondition, match=r"500 are needed.*samples nothing again"):
                await pairs_of(alone, await start(alone, selection_request(drawn.rollouts, 500)))


@contextmanager
def pair_generator(
    stack: StackThread, address: str, **settings: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A replica that a test may kill, with further `settings`. It samples little at one time, so
    that it has a middle."""
    environment = {
        **os.environ,
        **stack.stack.environment(),
        "RLVF_LISTEN": address,
        "RLVF_MAX_IN_FLIGHT": "16",
        **settings,
    }
    process = subprocess.Popen([sys.executable, "-m", "rlvf_pair_generator"], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
async def test_after_kill_9_another_replica_finishes_and_keeps_what_was_done(
    stack: StackThread, store: ArtifactStore
) -> None:
    stack.ensure("storage", "executor", "inference")
    address = f"127.0.0.1:{free_port()}"
    functions = [one for one in starter.load("train") if one.entry_point.islower()]
    problems = functions[:40]
    wanted = rollouts_request(stack, store, problems, samples=2)
    channel = open_channel(address)
    with pair_generator(stack, address) as process:
        operation = await start(channel, wanted)
        prefix = f"{operation.name}/checkpoints/"
        # What was spent is kept beside the samples.
        while not (kept := [key for key in store.list_documents(prefix) if "/spent-" not in key]):
            await asyncio.sleep(0.1)
        process.kill()
        process.wait()
        parts = {key: store.read_document(key) for key in kept}
    with pair_generator(stack, address):
        response = await rollouts_of(channel, operation)
    await channel.close()
    assert {key: store.read_document(key) for key in kept} == parts
    lines = store.get_bytes(response.samples).splitlines()
    before_the_kill = [line for data in parts.values() if data for line in data.splitlines()]
    assert 0 < len(before_the_kill) < 80
    assert set(before_the_kill) <= set(lines)
    assert [(each["task_id"], each["sample"]) for each in map(json.loads, lines)] == [
        (problem.task_id, sample) for problem in problems for sample in range(2)
    ]
