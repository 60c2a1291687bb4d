"""Which artifacts others need: an artifact needs those whose digests occur in it.

It is looked for as conservative garbage collectors and Nix look for references: any digest in the
text counts, whatever it means there, so no kind of artifact or message has to be known. What is
found is too much rather than too little. Bytes of no text, as weights are, are not searched: files
of directories are stored so, and refer to nothing.
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
        # One that is cut, with the character before it.
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
    """The artifacts with these digests, those that they need, and so on, by digest; digests without
    an artifact are left out, and so is what only those `without` need."""
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
