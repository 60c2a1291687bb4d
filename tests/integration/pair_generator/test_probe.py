"""A probe of the real model, with the real jail and real S3."""

from pathlib import Path

import grpc
import pytest

from rlvf.pair_generator.v1 import pair_generator_pb2, pair_generator_pb2_grpc
from rlvf.sampling.v1 import sampling_pb2
from rlvf.sampling.v1.sampling_pb2 import PROMPT_STYLE_CHAT, PROMPT_STYLE_COMPLETION
from rlvf_api.errors import FailedPrecondition
from rlvf_client.local_stack.models import ServedModel
from rlvf_client.local_stack.stack import LocalStack
from rlvf_common import starter
from rlvf_common.problems.problem import dump_problems
from rlvf_common.problems.prompts import chat_message, completion_prompt
from rlvf_common.rollouts.rollout import parse_rollouts
from rlvf_common.rpc.channels import open_channel, wait_operation
from rlvf_common.storage.artifacts import JSONL, ArtifactStore

from ...conftest import StackThread

PROBLEMS = [one for one in starter.load("train") if one.entry_point.islower()][:8]
SAMPLING = sampling_pb2.Sampling(samples_per_problem=2, temperature=0.8, max_tokens=96, seed=11)


def probe_request(
    store: ArtifactStore, model: str, *styles: sampling_pb2.PromptStyle.ValueType
) -> pair_generator_pb2.ProbeRequest:
    return pair_generator_pb2.ProbeRequest(
        problems=store.put_bytes(dump_problems(PROBLEMS), JSONL),
        model=sampling_pb2.Model(base=model),
        sampling=SAMPLING,
        styles=styles,
    )


async def probe(
    channel: grpc.aio.Channel, wanted: pair_generator_pb2.ProbeRequest
) -> tuple[pair_generator_pb2.ProbeResponse, pair_generator_pb2.ProbeMetadata]:
    stub = pair_generator_pb2_grpc.PairGeneratorServiceStub(channel)
    done = await wait_operation(channel, await stub.Probe(wanted, timeout=30, wait_for_ready=True))
    response, metadata = pair_generator_pb2.ProbeResponse(), pair_generator_pb2.ProbeMetadata()
    assert done.response.Unpack(response)
    assert done.metadata.Unpack(metadata)
    return response, metadata


@pytest.mark.slow
async def test_both_styles_are_read_and_their_counts_are_those_of_rollouts(
    stack: StackThread, store: ArtifactStore
) -> None:
    stack.ensure("storage", "executor", "inference", "pair-generator")
    async with open_channel(stack.address("pair-generator")) as channel:
        response, metadata = await probe(channel, probe_request(store, stack.model.name))
        stub = pair_generator_pb2_grpc.PairGeneratorServiceStub(channel)
        wanted = pair_generator_pb2.GenerateRolloutsRequest(
            problems=store.put_bytes(dump_problems(PROBLEMS), JSONL),
            model=sampling_pb2.Model(base=stack.model.name),
            sampling=SAMPLING,
        )
        done = await wait_operation(channel, await stub.GenerateRollouts(wanted, timeout=30))
    rollouts, counts = (
        pair_generator_pb2.GenerateRolloutsResponse(),
        pair_generator_pb2.GenerateRolloutsMetadata(),
    )
    assert done.response.Unpack(rollouts)
    assert done.metadata.Unpack(counts)

    completion, chat = response.readings
    assert (completion.style, chat.style) == (PROMPT_STYLE_COMPLETION, PROMPT_STYLE_CHAT)
    assert (metadata.answers_done, metadata.answers_total) == (32, 32)
    assert response.policy_sha256 == rollouts.policy_sha256 != ""
    for reading, prompt in ((completion, completion_prompt), (chat, chat_message)):
        assert reading.unavailable == ""
        assert reading.samples == 16
        assert 0 < reading.usable <= reading.with_entry_point <= reading.parseable <= 16
        assert reading.usable <= 16 - reading.truncated
        prompts = {problem.task_id: prompt(problem) for problem in PROBLEMS}
        assert len({one.task_id for one in reading.examples}) == 3
        for one in reading.examples:
            assert one.prompt == prompts[one.task_id]
    # The model answers a chat in prose and fences, and the example has them.
    assert any("```" in one.answer for one in chat.examples)

    # The same seeds draw the same answers, but for the last bit: see `InferenceClient.complete`.
    samples = parse_rollouts(store.get_bytes(rollouts.samples), where="samples")
    assert counts.samples_done == len(samples) == 16
    assert counts.passed == sum(one.verdict == "passed" for one in samples)
    assert counts.passed + counts.failed == counts.samples_done
    assert counts.truncated == sum(one.truncated for one in samples)
    assert counts.problems_with_both == rollouts.problems_with_both
    assert abs(completion.passed - counts.passed) <= 3
    assert abs((completion.samples - completion.parseable) - counts.unparseable) <= 3
    assert abs(completion.truncated - counts.truncated) <= 3


@pytest.mark.slow
async def test_a_model_without_a_chat_template_has_one_style(
    tmp_path: Path, model_home: Path
) -> None:
    checkpoint = tmp_path / "base-model"
    checkpoint.mkdir()
    for file in (model_home / "smollm2-135m-instruct").iterdir():
        if file.name != "chat_template.jinja":
            (checkpoint / file.name).symlink_to(file)
    model = ServedModel(name="base-model", source=str(checkpoint))
    async with LocalStack(tmp_path / "stack", model=model) as stack:
        await stack.ensure("storage", "executor", "inference", "pair-generator")
        store = ArtifactStore.connect(stack.storage_settings())
        async with open_channel(stack.address("pair-generator")) as channel:
            response, metadata = await probe(channel, probe_request(store, model.name))
            completion, chat = response.readings
            assert "chat template" in chat.unavailable
            assert chat.samples == 0
            assert completion.samples == 16
            assert response.best == PROMPT_STYLE_COMPLETION
            assert (metadata.answers_done, metadata.answers_total) == (16, 16)

            with pytest.raises(FailedPrecondition, match=r"answers in no style: chat: .*template"):
                await probe(channel, probe_request(store, model.name, PROMPT_STYLE_CHAT))
