"""Going on from an adapter: from its weights, against the base or against itself."""

import asyncio
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition, InvalidArgument
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_trainer.metrics import PreferenceStep, parse_metrics
from rlvf_trainer.runs import Run
from rlvf_trainer.supervision import run_id

from ...messages import point_nowhere
from .test_resuming import assert_same_run, checkpoint
from .trainer_testing import (
    STEPS,
    MakeRequest,
    TrainerProcess,
    Undisturbed,
    answers_jsonl,
    pairs_jsonl,
)

pytestmark = pytest.mark.slow

LN2 = math.log(2)


@pytest.fixture
def going_on(make_request: MakeRequest, undisturbed: Undisturbed) -> MakeRequest:
    """Requests that go on from the adapter of the undisturbed run; keywords as there."""

    def make(request_id: str, **changes: float) -> trainer_pb2.RunTrainingRequest:
        reference = changes.pop("reference", 0)
        request = make_request(request_id, **changes)
        request.adapter.CopyFrom(undisturbed.response.adapter)
        request.reference = int(reference)  # type: ignore[assignment]
        return request

    return make


def steps_of(
    store: ArtifactStore, response: trainer_pb2.RunTrainingResponse
) -> list[PreferenceStep]:
    steps = parse_metrics(store.get_bytes(response.metrics))
    return [step for step in steps if isinstance(step, PreferenceStep)]


async def test_it_begins_where_the_adapter_ended(
    trainer: TrainerProcess, going_on: MakeRequest, store: ArtifactStore, undisturbed: Undisturbed
) -> None:
    ended = steps_of(store, undisturbed.response)[-1]
    assert ended.margin > 0.05
    response = await trainer.train(going_on("on-base", lora_dropout=0.0))
    summary = response.summary
    steps = steps_of(store, response)
    # Against the base it has its margin already, and the reference itself has none.
    assert steps[0].margin == pytest.approx(ended.margin, rel=0.5)
    assert steps[0].preference_loss < LN2 - 0.02
    assert steps[0].kl > 0
    assert steps[0].reference_loss == pytest.approx(LN2, abs=1e-5)
    assert all(math.isnan(step.reference_loss) for step in steps[1:])
    assert steps[-1].margin > ended.margin
    assert summary.went_on
    assert summary.first_loss == steps[0].preference_loss
    assert summary.stopped_because == trainer_pb2.STOPPED_BECAUSE_COMPLETED


async def test_a_divided_run_is_the_undivided_one(
    trainer: TrainerProcess,
    make_request: MakeRequest,
    store: ArtifactStore,
    undisturbed: Undisturbed,
) -> None:
    request = make_request("divided")
    for number, stop_after in enumerate((5, 7, STEPS + 3)):
        request.request_id = f"divided-{number}"
        request.stop_after = stop_after
        response = await trainer.train(request)
        assert response.summary.steps == min(stop_after, STEPS)
        is_last = stop_after > STEPS
        assert response.HasField("checkpoint") == (not is_last)
        assert response.summary.stopped_because == (
            trainer_pb2.STOPPED_BECAUSE_COMPLETED if is_last else trainer_pb2.STOPPED_BECAUSE_ASKED
        )
        first = undisturbed.response.metrics
        curve = store.get_bytes(first).splitlines()[:stop_after]
        assert store.get_bytes(response.metrics).splitlines() == curve
        if not is_last:
            request.checkpoint.CopyFrom(response.checkpoint)
    assert_same_run(response, undisturbed.response)

    other = make_request("divided-other", learning_rate=1e-4)
    other.checkpoint.CopyFrom(request.checkpoint)
    with pytest.raises(FailedPrecondition, match="checkpoint: it is of another run"):
        await trainer.train(other)


async def test_all_of_the_adapter_is_gone_on_from_in_nf4_too(
    trainer: TrainerProcess,
    going_on: MakeRequest,
    store: ArtifactStore,
    undisturbed: Undisturbed,
    tmp_path: Path,
) -> None:
    from safetensors.torch import load_file

    for name in ("fp32", "nf4"):
        # At next to no rate, so that it ends as it began.
        precision = trainer_pb2.Precision.Value(f"PRECISION_{name.upper()}")
        request = going_on(f"unmoved-{name}", learning_rate=1e-12, precision=precision)
        response = await trainer.train(request)
        assert "the policy ends nearly where it began" in response.summary.detail
        weights = []
        for index, ref in enumerate((undisturbed.response.adapter, response.adapter)):
            store.get_directory(ref, tmp_path / name / str(index))
            weights.append(load_file(tmp_path / name / str(index) / "adapter_model.safetensors"))
        assert weights[0].keys() == weights[1].keys()
        for matrix, before in weights[0].items():
            assert abs(before).max() > 1e-3
            assert abs(weights[1][matrix] - before).max() < 1e-8


async def test_against_itself_it_begins_at_indifference_with_dropout_too(
    trainer: TrainerProcess, going_on: MakeRequest, store: ArtifactStore
) -> None:
    response = await trainer.train(going_on("on-start", reference=2, lora_dropout=0.0))
    steps = steps_of(store, response)
    assert steps[0].preference_loss == pytest.approx(LN2, abs=1e-5)
    assert steps[0].kl == pytest.approx(0, abs=1e-8)
    assert steps[-1].margin > 0.05

    # The adapter's dropout makes the policy differ from itself, and is no reason to refuse a run.
    response = await trainer.train(going_on("on-start-dropout", reference=2, lora_dropout=0.5))
    steps = steps_of(store, response)
    assert abs(steps[0].preference_loss - LN2) > 1e-3
    assert steps[0].reference_loss == pytest.approx(LN2, abs=1e-5)


async def test_it_learns_from_answers_too(
    trainer: TrainerProcess, going_on: MakeRequest, store: ArtifactStore
) -> None:
    losses = []
    for request in (going_on("answers-on"), going_on("answers-fresh")):
        request.ClearField("pairs")
        request.answers.CopyFrom(store.put_bytes(answers_jsonl(), JSONL))
        if request.request_id == "answers-fresh":
            request.ClearField("adapter")
        losses.append((await trainer.train(request)).summary.first_loss)
    # The adapter was trained on these answers already.
    assert losses[0] < losses[1] - 0.1


async def test_the_result_is_one_adapter_on_the_base(
    trainer: TrainerProcess,
    going_on: MakeRequest,
    store: ArtifactStore,
    undisturbed: Undisturbed,
    tmp_path: Path,
) -> None:
    response = await trainer.train(going_on("one-adapter", reference=2))
    assert response.base_weights_sha256 == undisturbed.response.base_weights_sha256
    # It can be gone on from again, and is of the same shape.
    request = going_on("third-round", epochs=0.5)
    request.adapter.CopyFrom(response.adapter)
    third = await trainer.train(request)
    sizes = []
    for index, ref in enumerate((undisturbed.response.adapter, third.adapter)):
        store.get_directory(ref, tmp_path / str(index))
        sizes.append((tmp_path / str(index) / "adapter_model.safetensors").stat().st_size)
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("reference", [1, 2])
async def test_a_killed_run_that_went_on_ends_in_the_same_bits(
    trainer: TrainerProcess, going_on: MakeRequest, store: ArtifactStore, reference: int
) -> None:
    name = f"on-killed-{reference}"
    whole = await trainer.train(going_on(f"on-whole-{reference}", reference=reference))
    request = going_on(name, reference=reference, checkpoint_steps=1)
    run = Run(store, run_id(name, request))
    operation = await trainer.call(request)
    for step in (2, STEPS // 2):
        await checkpoint(run, step)
        for job in trainer.jobs():
            job.kill()
    response = await trainer.finish(operation)
    assert await asyncio.to_thread(run.attempt) > 1
    assert_same_run(response, whole)


def edited(
    store: ArtifactStore, ref: artifact_pb2.ArtifactRef, folder: Path, edit: Callable[[Path], None]
) -> artifact_pb2.ArtifactRef:
    """The adapter, changed."""
    store.get_directory(ref, folder)
    edit(folder)
    return store.put_directory(folder)


def _of_another_base(folder: Path) -> None:
    (folder / "rlvf_provenance.json").write_text(json.dumps({"base_weights_sha256": "0" * 64}))


def _of_no_base(folder: Path) -> None:
    (folder / "rlvf_provenance.json").unlink()


def _without_weights(folder: Path) -> None:
    (folder / "adapter_model.safetensors").unlink()


def _with_broken_weights(folder: Path) -> None:
    (folder / "adapter_model.safetensors").write_bytes(b"none")


def _of_another_scale(folder: Path) -> None:
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(config | {"lora_alpha": 64}))


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (_of_another_base, f"is of another base: of {'0' * 64}, where the base model's weights"),
        (_of_no_base, "is of another base: of none that it names"),
        (_without_weights, "is not a directory of PEFT"),
        (_with_broken_weights, "is not a directory of PEFT"),
        (_of_another_scale, "has rank 16 and scale 64 on 24 .* lora_alpha 32 on 24"),
    ],
)
async def test_an_adapter_that_does_not_fit_is_refused(
    trainer: TrainerProcess,
    going_on: MakeRequest,
    store: ArtifactStore,
    tmp_path: Path,
    edit: Callable[[Path], None],
    problem: str,
) -> None:
    request = going_on(f"unfit{edit.__name__.replace('_', '-')}")
    request.adapter.CopyFrom(edited(store, request.adapter, tmp_path / "adapter", edit))
    with pytest.raises(FailedPrecondition, match=problem):
        await trainer.train(request)


async def test_another_rank_is_refused_with_both(
    trainer: TrainerProcess, going_on: MakeRequest
) -> None:
    with pytest.raises(FailedPrecondition, match=r"rank 16 and scale 32 .* ask for lora_rank 8"):
        await trainer.train(going_on("unfit-rank", lora_rank=8))


async def test_an_adapter_that_is_not_there_is_refused_by_the_call(
    trainer: TrainerProcess, going_on: MakeRequest
) -> None:
    request = going_on("no-adapter")
    point_nowhere(request.adapter)
    with pytest.raises(FailedPrecondition, match=r"adapter: artifact .* does not exist"):
        await trainer.call(request)


async def test_a_reference_is_refused_with_answers(
    trainer: TrainerProcess, going_on: MakeRequest, store: ArtifactStore
) -> None:
    request = going_on("answers-reference", reference=2)
    request.ClearField("pairs")
    request.answers.CopyFrom(store.put_bytes(pairs_jsonl(), JSONL))
    with pytest.raises(InvalidArgument) as caught:
        await trainer.call(request)
    assert caught.value.field == "reference"
