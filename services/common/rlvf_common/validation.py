"""Checks of requests."""

import re

from rlvf.artifact.v1 import artifact_pb2
from rlvf_common.errors import InvalidArgument

_SHA256 = re.compile(r"[0-9a-f]{64}")


def require(condition: bool, field: str, problem: str) -> None:
    """Raise InvalidArgument for `field` unless `condition` holds."""
    if not condition:
        raise InvalidArgument(field, problem)


def require_artifact(ref: artifact_pb2.ArtifactRef, field: str) -> None:
    """Raise InvalidArgument unless `ref` is a well-formed reference. Does not look whether it
    exists."""
    require(ref.uri.startswith("s3://"), f"{field}.uri", "must be `s3://BUCKET/KEY`")
    require(
        _SHA256.fullmatch(ref.sha256) is not None,
        f"{field}.sha256",
        "must be 64 lower-case hexadecimal digits",
    )
    require(ref.size_bytes >= 0, f"{field}.size_bytes", "must not be negative")
