"""Checks of requests."""

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_common.rpc.validation import require_artifact


def artifact(uri: str) -> artifact_pb2.ArtifactRef:
    return artifact_pb2.ArtifactRef(uri=uri, sha256="0" * 64, size_bytes=1)


@pytest.mark.parametrize(
    "uri",
    [
        "s3://rlvf/blobs/sha256/00",
        "s3://a.b-c/key",
        "s3://rlvf/my problems/März.jsonl",
        "s3://rlvf/..x",
    ],
)
def test_an_address_of_an_object_is_taken(uri: str) -> None:
    require_artifact(artifact(uri), "problems")


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://rlvf/key",
        "s3://",
        "s3://rlvf",
        "s3://rlvf/",
        "s3://rlvf//",
        "s3:///key",
        "s3://b/key",
        "s3://A_B/key",
        "s3://rlvf/../key",
        "s3://rlvf/a/./key",
        "s3://rlvf/key/..",
        "s3://rlvf/a\0b",
        "s3://rlvf/" + "k" * 1024,
    ],
)
def test_what_is_no_address_of_an_object_is_refused(uri: str) -> None:
    with pytest.raises(InvalidArgument, match=r"problems\.uri.*must be `s3://BUCKET/KEY`"):
        require_artifact(artifact(uri), "problems")
