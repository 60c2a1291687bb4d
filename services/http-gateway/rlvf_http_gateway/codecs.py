"""Encodes and decodes messages: protobuf's JSON and bytes, and the JSON of pydantic's models."""

import json
from typing import Any

from connectrpc.code import Code
from connectrpc.codec import Codec
from connectrpc.compat import google_protobuf_binary_codec
from connectrpc.errors import ConnectError
from google.protobuf import json_format
from google.protobuf.message import Message
from pydantic import BaseModel, ValidationError

__all__ = ["CODECS"]


class _Json:
    """The codec of `application/json`. Unknown fields are refused: most are misspelt."""

    def name(self) -> str:
        """The part of the content type after `application/`."""
        return "json"

    def encode(self, message: Message | BaseModel) -> bytes:
        """A message as JSON, including fields that have their default value."""
        if isinstance(message, BaseModel):
            return message.model_dump_json().encode()
        text = json.dumps(
            json_format.MessageToDict(message, always_print_fields_with_no_presence=True),
            ensure_ascii=False,
            separators=(",", ":"),
        )
        return text.encode()

    def decode(self, data: bytes | bytearray, kind: type[Message] | type[BaseModel]) -> Any:
        """The message of the type `kind` that a body contains.

        Raises:
            ConnectError: the body is not such a message; INVALID_ARGUMENT.
        """
        return _model(data, kind) if issubclass(kind, BaseModel) else _message(data, kind)


def _model(data: bytes | bytearray, kind: type[BaseModel]) -> BaseModel:
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'the body'}: {one['msg']}"
            for one in error.errors(include_url=False, include_context=False)
        )
        raise _no_message(kind.__name__, wrong) from None


def _message(data: bytes | bytearray, kind: type[Message]) -> Message:
    name = kind.DESCRIPTOR.full_name
    # json_format takes an empty array for a message without fields.
    if not data.lstrip().startswith(b"{"):
        raise _no_message(name, "it is not an object")
    try:
        return json_format.Parse(bytes(data), kind())
    # Parse lets errors of Python through, for example for a surrogate or for an array in place of
    # an object.
    except (
        json_format.ParseError,
        AttributeError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise _no_message(name, str(error)) from None


def _no_message(kind: str, wrong: str) -> ConnectError:
    wrong = " ".join(wrong.split())[:1_000]
    return ConnectError(
        Code.INVALID_ARGUMENT,
        f"the body is not a valid {kind} in JSON: {wrong}; /openapi.json has its form",
    )


CODECS: list[Codec[Any, Any]] = [google_protobuf_binary_codec(), _Json()]
"""The codecs of `application/proto` and `application/json`."""
