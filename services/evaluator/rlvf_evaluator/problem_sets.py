"""Problem sets: benchmarks of callers, whose problem records are an artifact."""

import re
from functools import lru_cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.benchmarks import Content
from rlvf_common.problems.benchmarks.sources import read_problem_file
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_evaluator.benchmarks import Benchmark, find_named_benchmark

__all__ = ["find_benchmark"]

MAX_PROBLEMS = 10_000
MAX_BYTES = 64 << 20

_NAME = re.compile(r"sha256-([0-9a-f]{64})")
_IN_MEMORY = 16


def find_benchmark(name: str, store: ArtifactStore) -> Benchmark:
    """The benchmark of that name, or the problem set in `store` with the digest in the name. The
    problems are not read yet.

    Raises:
        NotFound: there is no benchmark of that name.
    """
    match = _NAME.fullmatch(name)
    return _problem_set(store, match[1]) if match else find_named_benchmark(name)


@lru_cache(maxsize=_IN_MEMORY)
def _problem_set(store: ArtifactStore, sha256: str) -> Benchmark:
    name = f"sha256-{sha256}"
    read = partial(_read, store, sha256)
    return Benchmark(name, "Problems of a caller", "NOASSERTION", "", read, is_listed=False)


def _read(store: ArtifactStore, sha256: str) -> Content:
    """Read a problem set. Raises FailedPrecondition: it is missing, too large or invalid."""
    stored = store.find(sha256)
    if stored is None:
        raise FailedPrecondition(
            f"there is no problem set sha256-{sha256}, or it has expired: store its records again"
        )
    if stored.size_bytes > MAX_BYTES:
        raise FailedPrecondition(
            f"a problem set has at most {MAX_BYTES:,} bytes, and this one has "
            f"{stored.size_bytes:,}: divide it"
        )
    with TemporaryDirectory(prefix="rlvf-problems-") as folder:
        path = Path(folder, "problem set")
        store.get_file(stored, path)
        content = read_problem_file(path)
    if len(content.problems) > MAX_PROBLEMS:
        raise FailedPrecondition(
            f"a problem set has at most {MAX_PROBLEMS:,} problems, and this one has "
            f"{len(content.problems):,}: divide it"
        )
    return content
