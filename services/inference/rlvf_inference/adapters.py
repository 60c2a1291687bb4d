"""A LoRA resolver for vLLM that fetches adapters from object storage; runs in vLLM's processes.

A request names an adapter by the digest of its artifact, and the base for it:
`adapter-<sha256>@<base>`, which is refused if another base is served. The first request for it
fetches the directory; vLLM loads it. A name never changes its meaning, because it is the digest of
the content, so a local copy is never stale.

An adapter states on which base it was trained, by the digest of that base's checkpoint, and is
refused on any other.
"""

import asyncio
import json
import logging
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from vllm.exceptions import VLLMValidationError
from vllm.lora.request import LoRARequest
from vllm.lora.resolver import LoRAResolver, LoRAResolverRegistry
from vllm.platforms import current_platform

from rlvf_api.errors import FailedPrecondition
from rlvf_common.rpc.settings import StorageSettings, load
from rlvf_common.storage.artifacts import DIRECTORY, ArtifactStore
from rlvf_common.weights.adapters import PROVENANCE_FILE, read_base_weights
from rlvf_inference.identity import served
from rlvf_inference.settings import LAUNCHED, PLUGIN, InferenceSettings

__all__ = ["ArtifactResolver", "fetch_adapter", "refusal", "register"]

log = logging.getLogger("vllm.rlvf_inference.adapters")

_NAME = re.compile(r"adapter-([0-9a-f]{64})@(.+)")


def fetch_adapter(store: ArtifactStore, sha256: str, cache: Path) -> Path | None:
    """The local directory of the adapter with this digest; None if there is no such adapter.

    Every file is checked against its digest, and the directory appears in `cache` when it is
    complete.

    Raises:
        Unavailable: storage cannot be reached.
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


def refusal(trained_on: str, weights: str, *, foreign: bool) -> str:
    """Why an adapter that was trained on the weights with the digest `trained_on` is refused on the
    weights `weights`; empty if it is accepted. An empty digest is unknown; `foreign` accepts
    adapters that do not state their base."""
    if not trained_on:
        return (
            ""
            if foreign
            else f"it does not state on which base it was trained (it has no {PROVENANCE_FILE}); "
            "if that is known to be this one, serve it with "
            "RLVF_FOREIGN_ADAPTERS=true"
        )
    if not weights:
        return f"it was trained on {trained_on}, and the digest of the served weights is unknown"
    if trained_on != weights:
        return f"it was trained on the weights {trained_on}, those served are {weights}"
    return ""


class ArtifactResolver(LoRAResolver):
    """Finds adapters of `base`, its name in requests, in object storage by digest.

    `weights_sha256` returns the digest of the base's checkpoint; it may wait. `foreign` accepts
    adapters that do not state on which base they were trained.
    """

    def __init__(
        self,
        storage: StorageSettings,
        cache: Path,
        base: str,
        weights_sha256: Callable[[], str],
        *,
        foreign: bool = False,
    ) -> None:
        self._storage = storage
        self._cache = cache
        self._base = base
        self._weights_sha256 = weights_sha256
        self._foreign = foreign
        self._store: ArtifactStore | None = None

    async def resolve_lora(self, base_model_name: str, lora_name: str) -> LoRARequest | None:
        """The adapter `lora_name`; None makes vLLM answer 404, another exception 500.

        `base_model_name` is part of vLLM's interface: where the model was loaded from.

        Raises:
            VLLMValidationError: the adapter belongs to another base; vLLM answers 400.
        """
        name = _NAME.fullmatch(lora_name)
        if name is None or name[2] != self._base:
            return None
        directory = await asyncio.to_thread(self._fetch, name[1])
        if directory is None:
            return None
        if why := await asyncio.to_thread(self._refusal, directory):
            raise VLLMValidationError(f"adapter {name[1]} cannot be used on `{self._base}`: {why}")
        served.add_adapter(name[1])
        # vLLM replaces the id by its own.
        return LoRARequest(lora_name=lora_name, lora_int_id=1, lora_path=str(directory))

    def _refusal(self, directory: Path) -> str:
        trained_on = read_base_weights(directory)
        return refusal(trained_on, self._weights_sha256(), foreign=self._foreign)

    def _fetch(self, sha256: str) -> Path | None:
        # Connected at first use: vLLM registers the resolver in all its processes, but uses one.
        if self._store is None:
            self._store = ArtifactStore.connect(self._storage)
        return fetch_adapter(self._store, sha256, self._cache)


def register() -> None:
    """The entry point in the group `vllm.general_plugins`, which vLLM calls in each of its
    processes.

    It does nothing in a vLLM that our launcher did not start.
    """
    if not os.environ.get(LAUNCHED):
        return
    if PLUGIN not in LoRAResolverRegistry.get_supported_resolvers():
        settings = load(InferenceSettings)
        if current_platform.is_cpu() and settings.runs_eager(cpu=True):
            from rlvf_inference import cpu_kernels

            cpu_kernels.install()
        cache = settings.adapter_cache_dir.expanduser()
        resolver = ArtifactResolver(
            settings,
            cache,
            settings.served_name,
            served.weights_sha256,
            foreign=settings.foreign_adapters,
        )
        LoRAResolverRegistry.register_resolver(PLUGIN, resolver)
