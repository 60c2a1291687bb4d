"""Jobs as containers of a real Docker engine: they outlive their trainer.

The container sees this machine's own programs, read-only, so that no image has to be built. Without
an engine the tests skip; `deploy/local-engine.sh` starts one.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import Cancelled
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_trainer.launchers.launcher import job_name
from rlvf_trainer.runs import Run
from rlvf_trainer.supervision import run_id

from .test_resuming import assert_same_run, checkpoint
from .trainer_testing import MakeRequest, TrainerProcess, Undisturbed, pairs_jsonl

IMAGE = "rlvf/test-empty"
OWN = {"dev", "proc", "run", "sys", "tmp"}
"""What a container has of its own."""


def docker(*arguments: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["docker", *arguments], input=stdin, capture_output=True, check=True)
    return done.stdout.decode()


# First of all, because the other fixtures train.
@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "version"], capture_output=True).returncode
    ):
        pytest.skip("no Docker engine answers")


@pytest.fixture(scope="module")
def template(tiny_model: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A container that runs the job with this environment's interpreter."""
    docker("import", "-", IMAGE, stdin=subprocess.check_output(["tar", "c", "-T", os.devnull]))
    shared = [
        f"/{name}" for name in os.listdir("/") if name not in OWN and Path("/", name).is_dir()
    ]
    container = {
        "image": IMAGE,
        "entrypoint": [shutil.which("python"), "-m", "rlvf_trainer.job"],
        "environment": {"PATH": os.environ["PATH"], "HOME": "/tmp"},
        "network_mode": "host",
        "tmpfs": {"/tmp": "mode=1777"},
        "volumes": [f"{path}:{path}:ro" for path in [*shared, tiny_model]],
    }
    path = tmp_path_factory.mktemp("docker") / "container.yaml"
    path.write_text(yaml.safe_dump(container))
    return path


@pytest.fixture
def docker_trainer(
    template: Path,
    storage_settings: StorageSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[TrainerProcess]:
    """A trainer with this launcher, and a bucket of its own."""
    monkeypatch.setenv("RLVF_TRAINER_LAUNCHER", "docker")
    monkeypatch.setenv("RLVF_TRAINER_JOB_TEMPLATE", str(template))
    process = TrainerProcess(_bucket(storage_settings), tmp_path / "work")
    yield process
    process.stop()


def _bucket(settings: StorageSettings) -> StorageSettings:
    return settings.model_copy(update={"s3_bucket": "docker-launcher"})


@pytest.fixture
def bucket(storage_settings: StorageSettings) -> ArtifactStore:
    return ArtifactStore.connect(_bucket(storage_settings))


def containers(run: Run) -> list[str]:
    """Ids of a run's containers, running or not."""
    return docker("ps", "--all", "--quiet", "--filter", f"label=rlvf.dev/run={run.id}").split()


def requested(
    make_request: MakeRequest, store: ArtifactStore, request_id: str, **changes: float
) -> tuple[trainer_pb2.RunTrainingRequest, Run]:
    request = make_request(request_id, **changes)
    request.pairs.CopyFrom(store.put_bytes(pairs_jsonl(), JSONL))
    return request, Run(store, run_id(request_id, request))


async def test_a_trainer_that_is_killed_leaves_its_container_and_the_next_one_finds_it(
    undisturbed: Undisturbed,
    docker_trainer: TrainerProcess,
    make_request: MakeRequest,
    bucket: ArtifactStore,
) -> None:
    request, run = requested(make_request, bucket, "docker-killed")
    operation = await docker_trainer.call(request)
    await checkpoint(run, 2)
    before = containers(run)
    docker_trainer.kill()
    await checkpoint(run, 6)
    assert containers(run) == before
    docker_trainer.start()
    response = await docker_trainer.finish(operation)
    assert await asyncio.to_thread(run.attempt) == 1
    # It may have ended before the new trainer watched it; the next start of one removes it.
    assert len(containers(run)) <= 1
    assert_same_run(response, undisturbed.response)


async def test_a_cancelled_operation_leaves_no_container(
    docker_trainer: TrainerProcess, make_request: MakeRequest, bucket: ArtifactStore
) -> None:
    request, run = requested(make_request, bucket, "docker-cancelled", epochs=500)
    operation = await docker_trainer.call(request)
    await checkpoint(run, 2)
    await docker_trainer.cancel(operation)
    with pytest.raises(Cancelled):
        await docker_trainer.finish(operation)
    assert containers(run) == []


async def test_a_container_that_dies_is_followed_by_another_which_ends_the_same(
    undisturbed: Undisturbed,
    docker_trainer: TrainerProcess,
    make_request: MakeRequest,
    bucket: ArtifactStore,
) -> None:
    request, run = requested(make_request, bucket, "docker-died")
    operation = await docker_trainer.call(request)
    await checkpoint(run, 4)
    docker("kill", job_name(run.id, 1))
    response = await docker_trainer.finish(operation)
    assert await asyncio.to_thread(run.attempt) == 2
    assert_same_run(response, undisturbed.response)
    docker("rm", job_name(run.id, 1))
