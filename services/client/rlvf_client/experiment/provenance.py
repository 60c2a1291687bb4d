"""What a model's name stands for."""

from contextlib import suppress
from pathlib import Path

from rlvf_common.rollouts.checkpoints import checkpoint_sha256

_HUB_SECONDS = 10.0

WEIGHTS = "model sha256"
"""Name of a model's digest among versions."""


def model_version(source: str) -> dict[str, str]:
    """What a model's name stands for: the digest of its checkpoint, or the revision of its Hugging
    Face id. Empty where neither is known here. Reads all of the weights."""
    if (directory := Path(source)).is_dir():
        return {WEIGHTS: checkpoint_sha256(directory)}
    revision = _hub_revision(source)
    return {"model revision": revision} if revision else {}


def _hub_revision(name: str) -> str:
    """The commit that the hub has now; where it cannot be asked, the one that was fetched; empty
    where there is none."""
    try:
        from huggingface_hub import HfApi, try_to_load_from_cache
    except ImportError:
        return ""
    # Invalid as the hub's name is one that only the server of the model knows. Where the hub cannot
    # be reached, its client raises whatever its HTTP library does, which changes with its version.
    with suppress(Exception):
        return HfApi().model_info(name, timeout=_HUB_SECONDS).sha or ""
    with suppress(ValueError):
        fetched = try_to_load_from_cache(name, "config.json")
        return Path(fetched).parent.name if isinstance(fetched, str) else ""
    return ""
