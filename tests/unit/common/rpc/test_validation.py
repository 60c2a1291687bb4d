"""Checks of requests."""

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_common.rpc.validation import require_artifact

SHA256 = "0a" * 32


def artifact(uri: str, sha256: str = SHA256) -> artifact_pb2.ArtifactRef:
    return artifact_pb2.ArtifactRef(uri=uri, sha256=sha256, size_bytes=1)


@pytest.mark.parametrize("bucket", ["rlvf", "a.b-c"])
def test_an_address_of_an_artifact_is_taken(bucket: str) -> None:
    require_artifact(artifact(f"s3://{bucket}/blobs/sha256/{SHA256}"), "problems")


@pytest.mark.parametrize(
    "uri",
    [
        "",
        f"https://rlvf/blobs/sha256/{SHA256}",
        "s3://",
        "s3://rlvf",
        f"s3:///blobs/sha256/{SHA256}",
        f"s3://b/blobs/sha256/{SHA256}",
        f"s3://A_B/blobs/sha256/{SHA256}",
        f"s3://rlvf/../blobs/sha256/{SHA256}",
        f"s3://rlvf/blobs/sha256/{SHA256}/",
        f"s3://rlvf/blobs/sha256/{SHA256}\n",
        f"s3://rlvf/blobs/sha256/{SHA256.upper()}",
        # Of what is no artifact: a team could read what is not its own.
        "s3://rlvf/quotas/2026-11-29/team-a/1",
        "s3://rlvf/scores/team-a/run/chunk",
    ],
)
def test_what_is_no_address_of_the_artifact_is_refused(uri: str) -> None:
    with pytest.raises(InvalidArgument, match=r"problems\.uri.*must be `s3://BUCKET/blobs/sha256"):
        require_artifact(artifact(uri), "problems")


@pytest.mark.parametrize("sha256", ["", SHA256.upper(), "0b" * 32])
def test_another_digest_than_that_of_the_address_is_refused(sha256: str) -> None:
    with pytest.raises(InvalidArgument, match=r"problems\.sha256: must be the digest"):
        require_artifact(artifact(f"s3://rlvf/blobs/sha256/{SHA256}", sha256), "problems")
