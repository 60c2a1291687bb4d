"""The digest of everything that decides a verdict, computed by the server."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def policy_sha256(parts: Iterable[str], *, package: Path = PACKAGE) -> str:
    """SHA-256 of `parts` (Python, tier, protections, ...) and of all files of the package.

    The files are those installed here, Python and compiled; only `__pycache__` is left out, which
    Python generates from them.
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part.encode()).digest())
    digest.update(b"\0")
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            name = path.relative_to(package).as_posix()
            digest.update(hashlib.sha256(name.encode()).digest() + _sha256(path))
    return digest.hexdigest()


def interpreter_parts(executable: str) -> tuple[str, ...]:
    """Digests of the interpreter's executable and of libpython, if this process has loaded it.

    `executable` is this process's own, which also runs the programs.
    """
    mapped = Path("/proc/self/maps").read_text().splitlines()
    files = {line.split(maxsplit=5)[-1] for line in mapped if "libpython" in line}
    return tuple(_sha256(Path(name)).hex() for name in (executable, *sorted(files)))


def nsjail_parts(nsjail: str | None) -> tuple[str, ...]:
    """The digest of nsjail, if it is used."""
    return () if nsjail is None else (_sha256(Path(nsjail)).hex(),)


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
