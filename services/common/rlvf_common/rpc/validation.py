"""Checks of requests that several services share."""

import re

from rlvf.artifact.v1 import artifact_pb2
from rlvf_api.errors import InvalidArgument

_SHA256 = re.compile(r"[0-9a-f]{64}")
_URI = re.compile(
    r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/(?!\.{1,2}(?:/|\Z))[^/\x00-\x1f\x7f]+)+"
)
_LONGEST_URI = 1024


def require(condition: bool, field: str, problem: str) -> None:
    """Raise InvalidArgument for `field` unless `condition` holds."""
    if not condition:
        raise InvalidArgument(field, problem)


def require_artifact(ref: artifact_pb2.ArtifactRef, field: str) -> None:
    """Raise InvalidArgument unless `ref` is well-formed. Does not check whether it exists."""
    require(
        len(ref.uri) <= _LONGEST_URI and _URI.fullmatch(ref.uri) is not None,
        f"{field}.uri",
        f"must be `s3://BUCKET/KEY` of at most {_LONGEST_URI} characters: a bucket's name, and a "
        "key without empty parts, `.` and `..` between its slashes",
    )
    require(
        _SHA256.fullmatch(ref.sha256) is not None,
        f"{field}.sha256",
        "must be 64 lower-case hexadecimal digits",
    )
    require(ref.size_bytes >= 0, f"{field}.size_bytes", "must not be negative")
