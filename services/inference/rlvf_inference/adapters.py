"""Adapters from object storage: a LoRA resolver for vLLM.

A request names an adapter by the digest of its artifact, and the base that it is to be put on:
`adapter-<sha256>@<base>`, refused where another base is served. The first request for it fetches
the directory; vLLM loads it. Content-addressed, so a name never changes its meaning and the local
copy never goes stale.
"""

import asyncio
import json
import logging
import re
import shutil
from pathlib import Path

from vllm.lora.request import LoRARequest
from vllm.lora.resolver import LoRAResolver, LoRAResolverRegistry
from vllm.platforms import current_platform

from rlvf_common.artifacts import DIRECTORY, ArtifactStore
from rlvf_common.errors import FailedPrecondition
from rlvf_common.settings import StorageSettings, load
from rlvf_inference.settings import PLUGIN, InferenceSettings

__all__ = ["ArtifactResolver", "fetch_adapter", "register"]

log = logging.getLogger("vllm.rlvf_inference.adapters")

_NAME = re.compile(r"adapter-([0-9a-f]{64})@(.+)")


def fetch_adapter(store: ArtifactStore, sha256: str, cache: Path) -> Path | None:
    """The local directory of the adapter with this digest; `None` where there is no such adapter.

    Every file is checked against its digest, and the directory appears in `cache` only when it is
    whole. Raises Unavailable when storage cannot be reached.
    """
    directory = cache / sha256
    if not directory.is_dir():
        ref = store.find(sha256)
        if ref is None or ref.media_type != DIRECTORY:
            return None
        try:
            store.get_directory(ref, directory)
        except FailedPrecondition as error:
            log.warning("adapter %s: %s", sha256, error)
            return None
    if not _is_lora(directory):
        log.warning("artifact %s is a directory, but not a LoRA adapter", sha256)
        shutil.rmtree(directory)
        return None
    return directory


def _is_lora(directory: Path) -> bool:
    try:
        config = json.loads(Path(directory, "adapter_config.json").read_text())
    except (OSError, ValueError):
        return False
    return isinstance(config, dict) and config.get("peft_type") == "LORA"


class ArtifactResolver(LoRAResolver):
    """Finds adapters of `base`, as requests name it, in object storage by digest."""

    def __init__(self, storage: StorageSettings, cache: Path, base: str) -> None:
        self._storage = storage
        self._cache = cache
        self._base = base
        self._store: ArtifactStore | None = None

    async def resolve_lora(self, base_model_name: str, lora_name: str) -> LoRARequest | None:
        """The adapter called `lora_name`; `None` makes vLLM answer 404, an exception 500.

        `base_model_name`, which vLLM gives, is where the model was loaded from.
        """
        name = _NAME.fullmatch(lora_name)
        if name is None or name[2] != self._base:
            return None
        directory = await asyncio.to_thread(self._fetch, name[1])
        if directory is None:
            return None
        # vLLM replaces the id by one of its own.
        return LoRARequest(lora_name=lora_name, lora_int_id=1, lora_path=str(directory))

    def _fetch(self, sha256: str) -> Path | None:
        # Connected at first use: vLLM registers the resolver in all its processes, one needs it.
        if self._store is None:
            self._store = ArtifactStore.connect(self._storage)
        return fetch_adapter(self._store, sha256, self._cache)


def register() -> None:
    """Entry point in the group `vllm.general_plugins`; vLLM calls it in each of its processes."""
    if PLUGIN not in LoRAResolverRegistry.get_supported_resolvers():
        settings = load(InferenceSettings)
        if current_platform.is_cpu() and settings.runs_eager(cpu=True):
            from rlvf_inference import cpu_lora

            cpu_lora.install()
        cache = settings.adapter_cache_dir.expanduser()
        resolver = ArtifactResolver(settings, cache, settings.served_name)
        LoRAResolverRegistry.register_resolver(PLUGIN, resolver)
