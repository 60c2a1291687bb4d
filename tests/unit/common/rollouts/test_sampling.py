"""What is asked of inference, and what is made of its answers."""

from datetime import timedelta

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf.version.v1 import version_pb2
from rlvf_api.errors import FailedPrecondition, InvalidArgument, NotFound, Unavailable
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import STOP, PromptStyle
from rlvf_common.rollouts.sampling import (
    STYLE_NUMBERS,
    InferenceClient,
    SamplingParameters,
    Trace,
    adapter_name,
    check_model,
    derived_seed,
    served_name,
)

from ....messages import with_fields
from .conftest import FakeInference

PROBLEM = Problem("t/1", "def f():\n", "f", CheckFunction(""), "    return 1\n", "unit", "train")
BASE = sampling_pb2.Model(base="base")
SHORT = timedelta(seconds=0.3)


def sampling(**values: float) -> sampling_pb2.Sampling:
    return with_fields(sampling_pb2.Sampling(), values)


def test_defaults_of_sampling() -> None:
    assert SamplingParameters.checked(sampling()) == SamplingParameters(1, 0.0, 1.0, 512, 0)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"samples_per_problem": -1}, "sampling.samples_per_problem"),
        ({"samples_per_problem": 1001, "temperature": 1}, "sampling.samples_per_problem"),
        ({"samples_per_problem": 2}, "sampling.samples_per_problem"),
        ({"temperature": -0.1}, "sampling.temperature"),
        ({"temperature": 2.1}, "sampling.temperature"),
        ({"temperature": float("nan")}, "sampling.temperature"),
        ({"top_p": 1.1}, "sampling.top_p"),
        ({"top_p": -0.1}, "sampling.top_p"),
        ({"max_tokens": -1}, "sampling.max_tokens"),
        ({"max_tokens": 32769}, "sampling.max_tokens"),
        ({"prompt_style": 9}, "sampling.prompt_style"),
    ],
)
def test_sampling_out_of_range_names_its_field(values: dict[str, float], field: str) -> None:
    with pytest.raises(InvalidArgument) as error:
        SamplingParameters.checked(sampling(**values))
    assert error.value.field == field


def test_model_needs_a_base_and_a_well_formed_adapter() -> None:
    with pytest.raises(InvalidArgument, match=r"model\.base"):
        check_model(sampling_pb2.Model())
    adapter = artifact_pb2.ArtifactRef(uri=f"s3://bucket/blobs/sha256/{'a' * 64}", sha256="xyz")
    with pytest.raises(InvalidArgument, match=r"model\.adapter\.sha256"):
        check_model(sampling_pb2.Model(base="base", adapter=adapter))


def test_an_adapter_is_served_under_its_digest_and_its_base() -> None:
    digest = "a" * 64
    adapter = artifact_pb2.ArtifactRef(uri="s3://b/k", sha256=digest)
    served = served_name(sampling_pb2.Model(base="base", adapter=adapter))
    assert served == adapter_name(digest, "base") == f"adapter-{digest}@base"
    assert served != adapter_name(digest, "other")
    assert served_name(BASE) == "base"


def test_seeds_differ_by_seed_task_and_sample_and_fit_63_bits() -> None:
    seeds = {derived_seed(s, t, n) for s in (0, 1, -1) for t in ("a", "b") for n in range(50)}
    assert len(seeds) == 300
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert derived_seed(7, "starter/add", 3) == derived_seed(7, "starter/add", 3)


async def test_samples_come_in_order_each_with_its_own_seed(fake_inference: FakeInference) -> None:
    async with InferenceClient(fake_inference.url, max_in_flight=3) as client:
        drawn = await client.complete(
            BASE, PROBLEM, sampling(samples_per_problem=8, temperature=0.8, seed=5)
        )
    assert [c.text for c in drawn] == [
        f"\n    return {derived_seed(5, 't/1', sample)}\n" for sample in range(8)
    ]
    assert all(c.tokens == 5 and c.finish_reason == "stop" for c in drawn)


async def test_top_p_is_sent_only_when_it_cuts(fake_inference: FakeInference) -> None:
    async with InferenceClient(fake_inference.url) as client:
        await client.complete(BASE, PROBLEM, sampling(temperature=1, top_p=1))
        await client.complete(BASE, PROBLEM, sampling(temperature=1, top_p=0.5))
    first, second = fake_inference.requests
    assert "top_p" not in first
    assert second["top_p"] == 0.5
    assert first["stop"] == list(STOP)
    assert first["prompt"] == "def f():"


async def test_a_chat_sends_one_message_and_no_stop_strings(fake_inference: FakeInference) -> None:
    chat = sampling_pb2.Sampling(prompt_style=sampling_pb2.PROMPT_STYLE_CHAT, seed=5)
    async with InferenceClient(fake_inference.url) as client:
        (answer,) = await client.complete(BASE, PROBLEM, chat)
    (request,) = fake_inference.requests
    assert [message["role"] for message in request["messages"]] == ["user"]
    assert "def f():" in request["messages"][0]["content"]
    assert "stop" not in request
    assert "prompt" not in request
    assert answer.text.startswith("Sure:\n```python\ndef f():")


async def test_a_model_without_a_chat_template_is_a_failed_precondition(
    fake_inference: FakeInference,
) -> None:
    fake_inference.failures = [(400, "you must provide a chat template")]
    chat = sampling_pb2.Sampling(prompt_style=sampling_pb2.PROMPT_STYLE_CHAT)
    async with InferenceClient(fake_inference.url) as client:
        with pytest.raises(FailedPrecondition, match="must provide a chat template"):
            await client.complete(BASE, PROBLEM, chat)


async def test_passing_failures_are_tried_again(fake_inference: FakeInference) -> None:
    fake_inference.failures = [(503, "loading"), (500, "engine dead"), (429, "slow down")]
    async with InferenceClient(fake_inference.url) as client:
        drawn = await client.complete(BASE, PROBLEM, sampling())
    assert len(drawn) == 1


async def test_lasting_failures_are_unavailable_and_say_why(fake_inference: FakeInference) -> None:
    fake_inference.failures = [(500, "engine dead")] * 100
    async with InferenceClient(fake_inference.url, patience=SHORT) as client:
        with pytest.raises(Unavailable, match="engine dead"):
            await client.complete(BASE, PROBLEM, sampling())


async def test_nobody_listening_is_unavailable() -> None:
    async with InferenceClient("http://127.0.0.1:9", patience=SHORT) as client:
        with pytest.raises(Unavailable, match="RLVF_INFERENCE_URL"):
            await client.complete(BASE, PROBLEM, sampling())


async def test_what_is_no_url_is_a_failed_precondition_that_names_the_settings() -> None:
    async with InferenceClient("127.0.0.1:8000") as client:
        with pytest.raises(FailedPrecondition, match=r"is not a URL \(RLVF_INFERENCE_URL"):
            await client.complete(BASE, PROBLEM, sampling())


async def test_an_unknown_base_is_not_found_and_names_what_is_served(
    fake_inference: FakeInference,
) -> None:
    async with InferenceClient(fake_inference.url) as client:
        with pytest.raises(NotFound, match=r"it serves `base`$"):
            await client.complete(sampling_pb2.Model(base="other"), PROBLEM, sampling())


async def test_the_models_of_a_server_that_says_no_more_have_only_names(
    fake_inference: FakeInference,
) -> None:
    async with InferenceClient(fake_inference.url) as client:
        assert await client.models() == [version_pb2.ServedModel(name="base")]


async def test_a_server_that_came_to_have_another_base_is_not_taken_for_the_old_one(
    fake_inference: FakeInference,
) -> None:
    now = 0.0
    async with InferenceClient(fake_inference.url, clock=lambda: now) as client:
        await client.complete(BASE, PROBLEM, sampling())
        fake_inference.base = "other"
        now = 10.0
        with pytest.raises(NotFound, match=r"it serves `other`$"):
            await client.complete(BASE, PROBLEM, sampling())
    assert len(fake_inference.requests) == 1


def serving(weights: str) -> dict[str, object]:
    """What inference of ours says of itself."""
    return {
        "service": "inference",
        "codeSha256": "c0de",
        "packages": {"vllm": "0.32.0"},
        "model": {"name": "base", "weightsSha256": weights},
        "ofALaterVersion": 1,
    }


async def test_a_model_is_pinned_to_the_weights_that_are_served(
    fake_inference: FakeInference,
) -> None:
    fake_inference.version = serving("one")
    now = 0.0
    async with InferenceClient(fake_inference.url, clock=lambda: now) as client:
        pinned = await client.pinned(BASE)
        assert pinned == sampling_pb2.Model(base="base", weights_sha256="one")
        assert client.versions() == {"inference code": "c0de", "inference vllm": "0.32.0"}
        await client.complete(pinned, PROBLEM, sampling())
        fake_inference.version = serving("two")
        now = 10.0
        with pytest.raises(FailedPrecondition, match=r"weights two, but those with one are asked"):
            await client.complete(pinned, PROBLEM, sampling())
        # Nor do those count of which it is not said what they are.
        fake_inference.version = None
        now = 20.0
        with pytest.raises(FailedPrecondition, match=r"does not say which.*with one are asked"):
            await client.complete(pinned, PROBLEM, sampling())
    assert len(fake_inference.requests) == 1


async def test_weights_that_are_still_hashed_are_waited_for_and_the_reason_is_told(
    fake_inference: FakeInference,
) -> None:
    fake_inference.version_status = 503
    fake_inference.version = {"error": {"message": "the weights are being hashed"}}
    async with InferenceClient(fake_inference.url, patience=SHORT) as client:
        with pytest.raises(Unavailable, match="the weights are being hashed"):
            await client.pinned(BASE)


async def test_other_weights_than_the_caller_means_are_told_with_both_digests(
    fake_inference: FakeInference,
) -> None:
    fake_inference.version = serving("served")
    meant = sampling_pb2.Model(base="base", weights_sha256="meant")
    async with InferenceClient(fake_inference.url) as client:
        with pytest.raises(FailedPrecondition, match=r"weights served, but those with meant are"):
            await client.pinned(meant)


@pytest.mark.parametrize(
    ("status", "version"),
    [
        (200, None),
        (200, []),
        (200, {"service": "other"}),
        (200, {"model": 3}),
        (404, {"service": "inference", "codeSha256": "c"}),
        (401, {}),
        (500, {}),
    ],
)
async def test_a_server_of_somebody_else_has_no_weights_and_no_versions(
    fake_inference: FakeInference, status: int, version: object
) -> None:
    fake_inference.version_status, fake_inference.version = status, version
    meant = sampling_pb2.Model(base="base", weights_sha256="meant")
    async with InferenceClient(fake_inference.url) as client:
        pinned = await client.pinned(meant)
        assert pinned.weights_sha256 == ""
        assert client.versions() == {}
        assert await client.complete(pinned, PROBLEM, sampling())


async def test_an_unknown_adapter_is_not_found(fake_inference: FakeInference) -> None:
    fake_inference.failures = [(404, "no such model")]
    async with InferenceClient(fake_inference.url) as client:
        with pytest.raises(NotFound, match="no such model"):
            await client.complete(BASE, PROBLEM, sampling())


async def test_a_refused_request_names_the_task(fake_inference: FakeInference) -> None:
    fake_inference.failures = [(400, "maximum context length")]
    async with InferenceClient(fake_inference.url) as client:
        with pytest.raises(FailedPrecondition, match=r"t/1.*maximum context length"):
            await client.complete(BASE, PROBLEM, sampling())


async def test_the_api_key_is_sent_and_a_wrong_one_is_named(fake_inference: FakeInference) -> None:
    fake_inference.api_key = "right"
    async with InferenceClient(fake_inference.url, api_key="right") as client:
        assert await client.complete(BASE, PROBLEM, sampling())
    for key in ("wrong", ""):
        async with InferenceClient(fake_inference.url, api_key=key) as client:
            with pytest.raises(FailedPrecondition, match=r"\(401\): no such key"):
                await client.complete(BASE, PROBLEM, sampling())


@pytest.mark.parametrize("style", list(STYLE_NUMBERS))
async def test_a_trace_has_the_engine_s_own_tokens_and_their_probabilities(
    fake_inference: FakeInference, style: PromptStyle
) -> None:
    asked = sampling(temperature=0.5)
    asked.prompt_style = STYLE_NUMBERS[style]
    model = sampling_pb2.Model(base="base")
    async with InferenceClient(fake_inference.url, patience=timedelta()) as client:
        (plain,) = await client.complete(model, PROBLEM, asked)
        (traced,) = await client.complete(model, PROBLEM, asked, traced=True)
        fake_inference.traces = False
        with pytest.raises(FailedPrecondition, match="does not answer like"):
            await client.complete(model, PROBLEM, asked, traced=True)
    assert plain.trace is None
    assert traced.trace == Trace([1, 2, 3], [11, 12], [-0.5, -0.25])
    assert "return_token_ids" not in fake_inference.requests[0]


async def test_a_model_is_made_ready_by_one_token_of_it(fake_inference: FakeInference) -> None:
    adapter = artifact_pb2.ArtifactRef(uri="s3://b/a", sha256="0" * 64, size_bytes=1)
    async with InferenceClient(fake_inference.url, patience=timedelta()) as client:
        await client.warm(sampling_pb2.Model(base="base", adapter=adapter))
        (request,) = fake_inference.requests
        assert (request["model"], request["max_tokens"]) == (f"adapter-{'0' * 64}@base", 1)
        fake_inference.failures.append((404, "no such adapter"))
        with pytest.raises(NotFound, match="no such adapter"):
            await client.warm(sampling_pb2.Model(base="base", adapter=adapter))
