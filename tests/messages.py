"""Messages whose fields a test chooses by name."""

from collections.abc import Mapping
from typing import TypeVar

from google.protobuf.message import Message

MessageT = TypeVar("MessageT", bound=Message)


def with_fields(message: MessageT, fields: Mapping[str, object]) -> MessageT:
    """Set scalar fields of `message`, and give it back."""
    for name, value in fields.items():
        setattr(message, name, value)
    return message
