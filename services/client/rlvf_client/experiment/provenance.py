"""Finds which version of a model its name stands for on this machine."""

from contextlib import suppress
from pathlib import Path

from rlvf_common.weights.checkpoints import checkpoint_sha256

_HUB_SECONDS = 10.0

WEIGHTS = "model sha256"
"""Name of a model's digest among versions."""


def model_version(source: str) -> dict[str, str]:
    """The version of a model: the digest of its checkpoint directory, of which it reads all
    weights, or the revision of its Hugging Face id. Empty where neither is known here."""
    if (directory := Path(source)).is_dir():
        return {WEIGHTS: checkpoint_sha256(directory)}
    revision = _hub_revision(source)
    return {"model revision": revision} if revision else {}


def _hub_revision(name: str) -> str:
    """The commit that the hub has now; where the hub cannot be reached, the one that was fetched;
    empty where there is none."""
    try:
        from huggingface_hub import HfApi, try_to_load_from_cache
    except ImportError:
        return ""
    # A name that only an inference server knows is invalid on the hub. Where the hub cannot be
    # reached, its client raises the errors of its HTTP library, which change with its version.
    with suppress(Exception):
        return HfApi().model_info(name, timeout=_HUB_SECONDS).sha or ""
    with suppress(ValueError):
        fetched = try_to_load_from_cache(name, "config.json")
        return Path(fetched).parent.name if isinstance(fetched, str) else ""
    return ""
