"""Which adapters inference finds, without an engine."""

from pathlib import Path

from rlvf.artifact.v1 import artifact_pb2
from rlvf_common.sampling import adapter_name
from rlvf_common.settings import StorageSettings
from rlvf_inference.adapters import ArtifactResolver


async def test_an_adapter_is_found_only_by_those_who_name_the_base_that_is_served(
    storage_settings: StorageSettings, adapter: artifact_pb2.ArtifactRef, tmp_path: Path
) -> None:
    resolver = ArtifactResolver(storage_settings, tmp_path, "org/base-a")

    async def find(name: str) -> str | None:
        request = await resolver.resolve_lora("/models/base-a", name)
        return None if request is None else request.lora_path

    found = str(tmp_path / adapter.sha256)
    assert await find(adapter_name(adapter.sha256, "org/base-a")) == found
    assert await find(adapter_name(adapter.sha256, "org/base-b")) is None
    assert await find(adapter_name("0" * 64, "org/base-a")) is None
    assert await find(f"adapter-{adapter.sha256}") is None
