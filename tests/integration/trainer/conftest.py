"""A tiny model, some pairs, and a trainer."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import JSONL, ArtifactStore

from ...messages import with_fields
from .trainer_testing import MakeRequest, TrainerProcess, Undisturbed, pairs_jsonl


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A random model with the architecture of StarCoder2."""
    return _make_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def tiny_chat_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same as a chat model, in the form of Qwen2.5."""
    return _make_model(tmp_path_factory.mktemp("models") / "chat", "chat")


def _make_model(folder: Path, *form: str) -> str:
    script = Path(__file__).with_name("make_tiny_model.py")
    subprocess.run([sys.executable, script, folder, *form], check=True, capture_output=True)
    return str(folder)


@pytest.fixture(scope="session")
def pairs(store: ArtifactStore) -> artifact_pb2.ArtifactRef:
    """24 pairs."""
    return store.put_bytes(pairs_jsonl(), JSONL)


@pytest.fixture(scope="session")
def make_request(tiny_model: str, pairs: artifact_pb2.ArtifactRef) -> MakeRequest:
    """Requests for a run of 12 steps in two epochs, with dropout in the adapter; keywords change
    its hyperparameters."""

    def make(request_id: str, **changes: float) -> trainer_pb2.RunTrainingRequest:
        hyperparameters = trainer_pb2.Hyperparameters(
            precision=trainer_pb2.PRECISION_FP32,
            learning_rate=1e-3,
            epochs=2,
            batch_size=4,
            micro_batch_size=2,
            lora_dropout=0.1,
            checkpoint_steps=2,
            seed=7,
        )
        return trainer_pb2.RunTrainingRequest(
            request_id=request_id,
            base_model=tiny_model,
            pairs=pairs,
            hyperparameters=with_fields(hyperparameters, changes),
        )

    return make


@pytest.fixture(scope="session")
def trainer(
    storage_settings: StorageSettings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TrainerProcess]:
    """A trainer that lives for the session."""
    process = TrainerProcess(storage_settings, tmp_path_factory.mktemp("trainer") / "work")
    yield process
    process.stop()


@pytest.fixture(scope="session")
def undisturbed(trainer: TrainerProcess, make_request: MakeRequest) -> Undisturbed:
    """A run that nothing happens to."""
    request = make_request("undisturbed")
    progress: list[trainer_pb2.RunTrainingMetadata] = []

    async def train() -> trainer_pb2.RunTrainingResponse:
        return await trainer.finish(await trainer.call(request), progress.append)

    return Undisturbed(request, asyncio.run(train()), progress)
