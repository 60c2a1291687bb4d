"""Checks of requests that several services share."""

import re

from rlvf.artifact.v1 import artifact_pb2
from rlvf_api.errors import InvalidArgument

_SHA256 = re.compile(r"[0-9a-f]{64}")
_URI = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/blobs/sha256/(?P<sha256>[0-9a-f]{64})")


def require(condition: bool, field: str, problem: str) -> None:
    """Raise InvalidArgument for `field` unless `condition` holds."""
    if not condition:
        raise InvalidArgument(field, problem)


def require_artifact(ref: artifact_pb2.ArtifactRef, field: str) -> None:
    """Raise InvalidArgument unless `ref` is well-formed. Does not check whether it exists."""
    found = _URI.fullmatch(ref.uri)
    if found is None:
        raise InvalidArgument(
            f"{field}.uri",
            "must be `s3://BUCKET/blobs/sha256/SHA256`; upload other files first "
            "(rlvf.artifact.v1.ArtifactService)",
        )
    require(ref.sha256 == found["sha256"], f"{field}.sha256", "must be the digest that `uri` names")
    require(ref.size_bytes >= 0, f"{field}.size_bytes", "must not be negative")


def require_sha256(digest: str, field: str) -> None:
    """Raise InvalidArgument unless `digest` is a SHA-256 in hexadecimal digits."""
    found = _SHA256.fullmatch(digest)
    require(found is not None, field, f"must be 64 hexadecimal digits, is {digest!r:.80}")
