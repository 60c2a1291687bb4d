"""Finds the artifacts that others need: an artifact needs those whose digests occur in it.

References are found as in conservative garbage collectors and Nix: any digest in the text counts,
whatever it means, so the kinds of artifacts and messages need not be known. Too many references may
be found, but never too few. Artifacts that are not text, such as weights, are not searched: they
are files of directories and refer to nothing.
"""

import re
from collections.abc import Collection, Iterable

from rlvf_common.storage.artifacts import BINARY, ArtifactRef, ArtifactStore
from rlvf_common.storage.stored_operations import State

__all__ = ["digests_in", "digests_of_document", "reachable"]

_DIGEST_CHARACTERS = 64
_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{%d}(?![0-9a-f])" % _DIGEST_CHARACTERS)


def digests_in(chunks: Iterable[bytes]) -> set[str]:
    """SHA-256 digests, in lower-case hexadecimal, in a text that comes in chunks."""
    found: set[str] = set()
    rest = b""
    for chunk in chunks:
        text = rest + chunk
        found |= {match.decode() for match in _DIGEST.findall(text)}
        # Keeps a digest that is cut off here, with the character before it.
        rest = text[-_DIGEST_CHARACTERS - 1 :]
    return found


def digests_of_document(key: str, data: bytes) -> set[str]:
    """Digests in a document. The state of an operation holds messages in base64."""
    if key.startswith("operations/") and "/attempts/" in key and data:
        state = State.parse(data)
        return digests_in([state.metadata + b"\n" + state.response + b"\n" + state.error])
    return digests_in([data])


def reachable(
    store: ArtifactStore, roots: Iterable[str], without: Collection[str] = ()
) -> dict[str, ArtifactRef]:
    """The artifacts with these digests, those that they need, and so on, by digest. Digests without
    an artifact are left out. The artifacts in `without` are not followed and not returned."""
    found: dict[str, ArtifactRef] = {}
    seen = set(without)
    left = set(roots) - seen
    while left:
        digest = left.pop()
        seen.add(digest)
        ref = store.find(digest)
        if ref is None:
            continue
        found[digest] = ref
        if ref.media_type != BINARY:
            left |= digests_in(store.stream(ref)) - seen
    return found
