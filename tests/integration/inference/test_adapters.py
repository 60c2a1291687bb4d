"""Which adapters inference finds, without an engine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from vllm.exceptions import VLLMValidationError

from rlvf.artifact.v1 import artifact_pb2
from rlvf_common.rollouts.sampling import adapter_name
from rlvf_common.rpc.settings import StorageSettings
from rlvf_common.storage.artifacts import DIRECTORY, ArtifactStore
from rlvf_common.weights.checkpoints import checkpoint_sha256
from rlvf_inference.adapters import ArtifactResolver
from rlvf_inference.settings import LAUNCHED, PLUGIN

from ...conftest import StackThread


@pytest.fixture
def weights(stack: StackThread) -> str:
    """Digest of the base that the session's adapters are of."""
    return checkpoint_sha256(Path(stack.model.source))


async def test_an_adapter_is_found_only_by_those_who_name_the_base_that_is_served(
    storage_settings: StorageSettings,
    adapter: artifact_pb2.ArtifactRef,
    weights: str,
    tmp_path: Path,
) -> None:
    resolver = ArtifactResolver(storage_settings, tmp_path, "org/base-a", lambda: weights)

    async def find(name: str) -> str | None:
        request = await resolver.resolve_lora("/models/base-a", name)
        return None if request is None else request.lora_path

    found = str(tmp_path / adapter.sha256)
    assert await find(adapter_name(adapter.sha256, "org/base-a")) == found
    assert await find(adapter_name(adapter.sha256, "org/base-b")) is None
    assert await find(adapter_name("0" * 64, "org/base-a")) is None
    assert await find(f"adapter-{adapter.sha256}") is None


async def test_an_adapter_is_refused_on_weights_that_are_not_its_base_whatever_their_name(
    storage_settings: StorageSettings,
    adapter: artifact_pb2.ArtifactRef,
    weights: str,
    tmp_path: Path,
) -> None:
    other = "f" * 64
    resolver = ArtifactResolver(storage_settings, tmp_path, "base", lambda: other, foreign=True)
    with pytest.raises(VLLMValidationError, match=f"weights {weights}, those served are {other}"):
        await resolver.resolve_lora("/models/base", adapter_name(adapter.sha256, "base"))
    unknown = ArtifactResolver(storage_settings, tmp_path, "base", lambda: "", foreign=True)
    with pytest.raises(VLLMValidationError, match="served weights is unknown"):
        await unknown.resolve_lora("/models/base", adapter_name(adapter.sha256, "base"))


async def test_an_adapter_that_does_not_say_its_base_is_served_only_where_that_is_allowed(
    storage_settings: StorageSettings, foreign_adapter: artifact_pb2.ArtifactRef, tmp_path: Path
) -> None:
    name = adapter_name(foreign_adapter.sha256, "base")
    strict = ArtifactResolver(storage_settings, tmp_path, "base", lambda: "1" * 64)
    with pytest.raises(VLLMValidationError, match=r"does not state.*RLVF_FOREIGN_ADAPTERS=true"):
        await strict.resolve_lora("/models/base", name)
    lenient = ArtifactResolver(storage_settings, tmp_path, "base", lambda: "1" * 64, foreign=True)
    assert await lenient.resolve_lora("/models/base", name) is not None


@pytest.mark.parametrize("name", [".", "a/../..", "a//b"])
async def test_an_adapter_whose_manifest_names_no_files_is_not_found(
    storage_settings: StorageSettings, store: ArtifactStore, tmp_path: Path, name: str
) -> None:
    content = store.put_bytes(b"{}", "application/json")
    manifest = {"files": {name: {"sha256": content.sha256, "size_bytes": 2}}}
    ref = store.put_bytes(json.dumps(manifest).encode(), DIRECTORY)
    resolver = ArtifactResolver(storage_settings, tmp_path, "base", lambda: "1" * 64)
    assert await resolver.resolve_lora("/models/base", adapter_name(ref.sha256, "base")) is None


@pytest.mark.parametrize("launched", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_vllm_that_our_launcher_did_not_start_is_left_alone(launched: bool) -> None:
    """`vllm.LLM(...)` of somebody else, in an environment where rlvf-inference is installed."""
    code = (
        "from vllm.lora.resolver import LoRAResolverRegistry\n"
        "from vllm.plugins import load_general_plugins\n"
        "load_general_plugins()\n"
        "print('resolvers:', *LoRAResolverRegistry.get_supported_resolvers())"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RLVF_")}
    ours = {LAUNCHED: "1", "RLVF_MODEL": "some/model"} if launched else {}
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**clean, **ours, "VLLM_PLUGINS": PLUGIN},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].split() == ["resolvers:", *([PLUGIN] if launched else [])]
