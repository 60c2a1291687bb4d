"""Checks that a command can write its output, made before its work starts."""

import os
from pathlib import Path
from tempfile import TemporaryFile

from rlvf_api.errors import InvalidArgument

__all__ = ["require_folder", "require_target"]


def require_target(out: Path, *inputs: Path | None) -> None:
    """Make the folder of the file `out`; raise InvalidArgument if `out` cannot be written, or is
    one of the `inputs`."""
    try:
        if out.is_dir():
            raise InvalidArgument("--out", f"{out} is a folder; name a file in it")
        if not out.exists():
            require_folder(out.parent)
            return
    except OSError as error:  # such as a name that is too long
        raise InvalidArgument("--out", f"{out} cannot be written: {error.strerror}") from None
    if any(one is not None and one.exists() and out.samefile(one) for one in inputs):
        raise InvalidArgument("--out", f"{out} is read by this command; name another file")
    if not os.access(out, os.W_OK):
        raise InvalidArgument("--out", f"{out} cannot be written: permission denied")


def require_folder(folder: Path) -> None:
    """Make a folder; raise InvalidArgument if that, or writing to it, is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = "there is a file of that name" if folder.is_file() else error.strerror
        raise InvalidArgument("--out", f"cannot write to {folder}: {reason}") from None
