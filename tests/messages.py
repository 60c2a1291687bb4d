"""Messages whose fields a test chooses."""

from collections.abc import Mapping
from typing import TypeVar

from google.protobuf.message import Message

from rlvf.artifact.v1 import artifact_pb2

MessageT = TypeVar("MessageT", bound=Message)


def point_nowhere(ref: artifact_pb2.ArtifactRef) -> None:
    """Make the reference that of an artifact which is not there."""
    nothing = "0" * 64
    ref.uri = ref.uri.replace(ref.sha256, nothing)
    ref.sha256 = nothing


def with_fields(message: MessageT, fields: Mapping[str, object]) -> MessageT:
    """Set scalar fields of `message`, and give it back."""
    for name, value in fields.items():
        setattr(message, name, value)
    return message
