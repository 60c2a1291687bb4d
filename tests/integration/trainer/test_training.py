"""Training for real: TRL and PEFT on a tiny model, jobs as processes, results in real S3."""

import asyncio
import json
import math
import uuid
from importlib.metadata import version
from pathlib import Path

import pytest
from google.protobuf.message import Message

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import (
    Cancelled,
    FailedPrecondition,
    InvalidArgument,
    ResourceExhausted,
    Unavailable,
)
from rlvf_common.rpc.context import Principal, principal
from rlvf_common.rpc.resources import Resource
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_common.storage.operations import OperationContext
from rlvf_common.storage.quotas import Quotas
from rlvf_common.weights.adapters import PROVENANCE_FILE, read_base_weights
from rlvf_common.weights.checkpoints import checkpoint_sha256
from rlvf_trainer.launchers.launcher import OnWaiting
from rlvf_trainer.runs import Run
from rlvf_trainer.supervision import train

from ...conftest import StackThread
from ...messages import point_nowhere
from .trainer_testing import (
    PAIRS,
    STEPS,
    MakeRequest,
    TrainerProcess,
    Undisturbed,
    pairs_jsonl,
)


def steps_of(
    store: ArtifactStore, response: trainer_pb2.RunTrainingResponse
) -> list[dict[str, float]]:
    return [json.loads(line) for line in store.get_bytes(response.metrics).splitlines()]


def test_a_run_starts_at_ln_2_and_learns(undisturbed: Undisturbed, store: ArtifactStore) -> None:
    response = undisturbed.response
    summary = response.summary
    assert summary.first_loss == pytest.approx(math.log(2), abs=1e-5)
    assert summary.last_loss < summary.mean_loss < summary.first_loss
    assert summary.last_margin > 0
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_COMPLETED
    assert (summary.pairs, summary.steps) == (PAIRS, STEPS)
    assert summary.duration.ToTimedelta().total_seconds() > 0
    steps = steps_of(store, response)
    assert [step["step"] for step in steps] == list(range(1, STEPS + 1))
    for step in steps:
        assert step["loss"] == pytest.approx(step["preference_loss"] + step["sft_loss"], rel=1e-5)
        margin = step["reward_chosen"] - step["reward_rejected"]
        assert step["margin"] == pytest.approx(margin, abs=1e-5)


def test_the_adapter_is_a_plain_peft_directory(
    undisturbed: Undisturbed, store: ArtifactStore, tmp_path: Path
) -> None:
    request, response = undisturbed.request, undisturbed.response
    store.get_directory(response.adapter, tmp_path / "adapter")
    files = {file.name for file in (tmp_path / "adapter").iterdir()}
    assert files == {"adapter_config.json", "adapter_model.safetensors", PROVENANCE_FILE}
    weights = checkpoint_sha256(Path(request.base_model))
    assert read_base_weights(tmp_path / "adapter") == response.base_weights_sha256 == weights
    assert response.versions["torch"] == version("torch")
    config = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == Path(request.base_model).name
    assert config["target_modules"] == sorted(config["target_modules"])
    linear = {name.rpartition(".")[2] for name in config["target_modules"]}
    assert linear == {"c_fc", "c_proj", "k_proj", "o_proj", "q_proj", "v_proj"}
    assert (config["r"], config["lora_alpha"], config["lora_dropout"]) == (16, 32, 0.1)


async def test_the_same_request_again_is_the_same_operation_and_trains_nothing(
    undisturbed: Undisturbed, trainer: TrainerProcess
) -> None:
    request, response = undisturbed.request, undisturbed.response
    # The job of another test may still be ending.
    before = trainer.jobs()
    operation = await trainer.call(request)
    assert operation.done
    assert set(trainer.jobs()) <= set(before)
    again = trainer_pb2.RunTrainingResponse()
    operation.response.Unpack(again)
    assert again == response


def test_progress_reaches_the_operation(undisturbed: Undisturbed) -> None:
    last = undisturbed.progress[-1]
    assert last.step == last.total_steps == STEPS
    assert last.loss > 0
    assert last.margin == pytest.approx(undisturbed.response.summary.last_margin)


async def test_pairs_that_contradict_each_other_at_a_high_rate_diverge_and_the_run_says_so(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore
) -> None:
    pairs = [json.loads(line) for line in pairs_jsonl(12).splitlines()]
    mirrored = [pair | {"chosen": pair["rejected"], "rejected": pair["chosen"]} for pair in pairs]
    data = "".join(json.dumps(pair) + "\n" for pair in pairs + mirrored).encode()
    request = make_request("divergence", learning_rate=5.0, beta=5.0, warmup_ratio=0)
    request.pairs.CopyFrom(store.put_bytes(data, JSONL))
    response = await trainer.train(request)
    assert response.summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_DIVERGED
    assert response.summary.steps < STEPS
    assert "preference loss" in response.summary.detail
    assert len(steps_of(store, response)) == response.summary.steps


async def test_nf4_trains_an_fp32_adapter_without_a_gpu(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore
) -> None:
    request = make_request("nf4", precision=trainer_pb2.PRECISION_NF4, epochs=0.5, sft_weight=0)
    response = await trainer.train(request)
    assert response.summary.first_loss == pytest.approx(math.log(2), abs=2e-3)
    for step in steps_of(store, response):
        assert step["loss"] == pytest.approx(step["preference_loss"])
    manifest = json.loads(store.get_bytes(response.adapter))
    size_bytes = manifest["files"]["adapter_model.safetensors"]["size_bytes"]
    # Rank 16 on both sides of four attention and two feed-forward matrices, two layers, fp32.
    assert size_bytes > 2 * 16 * 4 * ((64 + 64) * 2 + (64 + 32) * 2 + (64 + 128) * 2)


async def test_pairs_that_cannot_be_read_are_refused_with_the_line(
    trainer: TrainerProcess, make_request: MakeRequest, store: ArtifactStore
) -> None:
    request = make_request("bad-pairs")
    request.pairs.CopyFrom(store.put_bytes(b'{"prompt": "a", "chosen": "b"}\n', JSONL))
    with pytest.raises(FailedPrecondition, match="pairs, line 1: `rejected` is missing"):
        await trainer.train(request)


async def test_a_model_directory_that_is_not_there_is_named(
    trainer: TrainerProcess, make_request: MakeRequest
) -> None:
    request = make_request("no-model")
    request.base_model = "/nonexistent/model"
    with pytest.raises(FailedPrecondition, match="no checkpoint at /nonexistent/model"):
        await trainer.train(request)


async def test_pairs_that_are_not_there_are_refused_by_the_call(
    trainer: TrainerProcess, make_request: MakeRequest
) -> None:
    request = make_request("no-pairs")
    point_nowhere(request.pairs)
    with pytest.raises(FailedPrecondition, match="does not exist"):
        await trainer.call(request)


async def test_a_bad_field_is_refused_by_the_call(
    trainer: TrainerProcess, make_request: MakeRequest
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        await trainer.call(make_request("bad-field", micro_batch_size=3))
    assert caught.value.field == "hyperparameters.micro_batch_size"


async def test_a_cancelled_run_leaves_no_job(
    trainer: TrainerProcess, make_request: MakeRequest
) -> None:
    operation = await trainer.call(make_request("cancelled"))
    while not trainer.jobs():
        await asyncio.sleep(0.05)
    await trainer.cancel(operation)
    with pytest.raises(Cancelled):
        await trainer.finish(operation)
    assert trainer.jobs() == []


class DyingLauncher:
    """Starts jobs that die before their first step."""

    def __init__(self) -> None:
        self.attempts: list[int] = []

    async def run(self, run_id: str, attempt: int, on_waiting: OnWaiting) -> str | None:
        self.attempts.append(attempt)
        return "was killed by signal 9"

    async def end(self, run_id: str, attempt: int) -> None:
        raise AssertionError("nobody cancelled")


class SilentContext(OperationContext):
    """An operation that nobody asks about."""

    def __init__(self, store: ArtifactStore) -> None:
        self.id = "dying"
        self.store = store

    @property
    def cancelled(self) -> bool:
        return False

    async def report(self, metadata: Message) -> None:
        pass


async def test_three_deaths_without_progress_end_a_run_and_the_next_call_tries_again(
    store: ArtifactStore, make_request: MakeRequest
) -> None:
    launcher = DyingLauncher()
    for attempts in ([1, 2, 3], [1, 2, 3, 4, 5, 6]):
        with pytest.raises(Unavailable, match="killed by signal 9; 3 attempts in a row"):
            await train(make_request("dying"), SilentContext(store), launcher, Quotas(store))
        assert launcher.attempts == attempts


class EndlessLauncher:
    """Starts jobs that train until they are ended."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self.ended = False

    async def run(self, run_id: str, attempt: int, on_waiting: OnWaiting) -> str | None:
        on_waiting("")
        progress = trainer_pb2.RunTrainingMetadata(step=1)
        await asyncio.to_thread(Run(self._store, run_id).write_progress, progress)
        await asyncio.Event().wait()
        return None

    async def end(self, run_id: str, attempt: int) -> None:
        self.ended = True


async def test_a_used_up_quota_ends_the_job_and_says_which_one(
    store: ArtifactStore, make_request: MakeRequest
) -> None:
    who = Principal(f"team-{uuid.uuid4().hex[:8]}", {Resource.TRAINING_SECONDS: 1})
    launcher, quotas = EndlessLauncher(store), Quotas(store)
    principal.set(who)
    with pytest.raises(ResourceExhausted, match="1 of 1 training seconds a day"):
        await train(make_request(who.name), SilentContext(store), launcher, quotas)
    assert launcher.ended
    assert [one.used for one in await quotas.usage(who)] == [1]


@pytest.mark.slow
async def test_the_embedded_model_trains(
    trainer: TrainerProcess, stack: StackThread, store: ArtifactStore
) -> None:
    request = trainer_pb2.RunTrainingRequest(
        request_id="embedded",
        base_model=str(stack.model.source),
        pairs=store.put_bytes(pairs_jsonl(4), JSONL),
        hyperparameters=trainer_pb2.Hyperparameters(
            batch_size=2, learning_rate=1e-4, max_length=128, warmup_ratio=0
        ),
    )
    response = await trainer.train(request)
    assert response.summary.first_loss == pytest.approx(math.log(2), abs=2e-3)
    assert response.summary.steps == 2
    assert steps_of(store, response)[0]["sft_loss"] < 3
