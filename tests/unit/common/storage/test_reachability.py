"""Digests in texts."""

import hashlib

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf_common.storage.reachability import digests_in, digests_of_document
from rlvf_common.storage.stored_operations import State

DIGEST = hashlib.sha256(b"an artifact").hexdigest()


@pytest.mark.parametrize("cut", range(0, 80, 3))
def test_a_digest_is_found_however_its_text_is_cut(cut: int) -> None:
    text = f'{{"sha256": "{DIGEST}"}}'.encode()
    assert digests_in([text[:cut], text[cut:]]) == {DIGEST}


def test_a_digest_that_comes_byte_by_byte_is_found() -> None:
    text = f"samples of {DIGEST}.".encode()
    assert digests_in(text[i : i + 1] for i in range(len(text))) == {DIGEST}


@pytest.mark.parametrize("text", [DIGEST[:63], DIGEST + "0" * 64, DIGEST.upper(), ""])
def test_what_is_no_digest_is_not_found(text: str) -> None:
    assert digests_in([text.encode()]) == set()


def test_the_references_in_an_operation_are_found() -> None:
    """They are in messages, and those in base64."""
    ref = artifact_pb2.ArtifactRef(
        uri=f"s3://rlvf/blobs/sha256/{DIGEST}", sha256=DIGEST, size_bytes=11
    )
    state = State(1, done=True, response=ref.SerializeToString()).dump()
    assert digests_of_document("operations/trainer/x/attempts/1/end", state) == {DIGEST}
    assert digests_of_document("operations/trainer/x/request", ref.SerializeToString()) == {DIGEST}
    assert digests_of_document("operations/trainer/x/attempts/1/cancel", b"") == set()
