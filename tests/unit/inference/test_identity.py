"""What inference says of itself, without an engine."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import pytest

from rlvf.cost.v1 import cost_pb2
from rlvf_common.rollouts.served import VERSION_PATH
from rlvf_common.weights.checkpoints import checkpoint_sha256, file_sha256
from rlvf_inference import identity
from rlvf_inference.identity import KeptDigests, Served, VersionRoute

CORES = cost_pb2.Devices(kind=cost_pb2.DEVICE_KIND_CPU, count=2)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    directory = tmp_path / "checkpoint"
    directory.mkdir()
    (directory / "config.json").write_text("{}")
    (directory / "model.safetensors").write_bytes(b"weights")
    return directory


async def get(path: str) -> tuple[int, dict[str, Any]]:
    """Status and body of an answer of `VersionRoute` before an application that has nothing."""
    sent: list[MutableMapping[str, Any]] = []

    async def nothing(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        await send({"status": 404})
        await send({"body": b"{}"})

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {}

    await VersionRoute(nothing)({"type": "http", "path": path}, receive, send)
    start, body = sent
    return start["status"], json.loads(body["body"])


async def test_the_version_names_the_weights_and_the_adapters(
    checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = Served()
    monkeypatch.setattr(identity, "served", served)
    status, answer = await get(VERSION_PATH)
    assert status == 503
    assert "being hashed" in answer["error"]["message"]

    served.begin("base", str(checkpoint), tmp_path / "kept.json", CORES)
    weights = served.weights_sha256()
    assert weights == checkpoint_sha256(checkpoint)
    served.add_adapter("b")
    served.add_adapter("a")
    status, answer = await get(VERSION_PATH)
    assert status == 200
    assert answer["service"] == "inference"
    assert answer["model"] == {
        "name": "base",
        "source": str(checkpoint),
        "weightsSha256": weights,
        "adaptersSha256": ["a", "b"],
        "devices": {"kind": "DEVICE_KIND_CPU", "count": 2},
    }
    assert len(str(answer["codeSha256"])) == 64
    assert (await get("/v1/models"))[0] == 404


def test_weights_that_cannot_be_read_are_not_waited_for(tmp_path: Path) -> None:
    served = Served()
    (tmp_path / "model.safetensors.index.json").write_text("no index")
    served.begin("base", str(tmp_path), tmp_path / "kept.json", CORES)
    assert served.weights_sha256() == ""
    version = served.version()
    assert version is not None
    assert version.model.name == "base"


def test_a_file_is_read_again_only_when_it_has_changed(tmp_path: Path) -> None:
    file, kept_in = tmp_path / "model.safetensors", tmp_path / "cache" / "kept.json"
    file.write_bytes(b"one")
    assert KeptDigests(kept_in)(file) == file_sha256(file)
    # What is kept counts, in another process too.
    known = json.loads(kept_in.read_text())
    (entry,) = known.values()
    entry[-1] = "kept"
    kept_in.write_text(json.dumps(known))
    assert KeptDigests(kept_in)(file) == "kept"
    file.write_bytes(b"other")
    assert KeptDigests(kept_in)(file) == file_sha256(file)
    kept_in.write_text("no JSON")
    assert KeptDigests(kept_in)(file) == file_sha256(file)


def test_digests_that_cannot_be_kept_are_told_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "in the way").write_text("a file")
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"one")
    assert KeptDigests(tmp_path / "in the way" / "kept.json")(file) == file_sha256(file)
