"""Reads training records: JSON Lines in the forms that TRL and `datasets` know, of text or
messages."""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rlvf_api.errors import FailedPrecondition


class Message(NamedTuple):
    """One message of a conversation."""

    role: str
    content: str


Text = str | tuple[Message, ...]
"""A text of a record: plain, or messages of a conversation."""


def read_records(data: bytes, what: str, names: Sequence[str]) -> Iterator[tuple[str, list[Text]]]:
    """For each record its place in words ("pairs, line 3") and the texts of the columns `names`, of
    which the first is the prompt and the others are answers to it. Other columns are ignored.
    `what` is what errors call the records.

    Raises:
        FailedPrecondition: there is no record, or a line is not one; says which line and what is
            wrong.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise FailedPrecondition(
            f"the {what} are not UTF-8 text: {error.reason} at byte {error.start}"
        ) from None
    empty = True
    # Not splitlines(): JSON strings may hold line separators that it would split at.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        empty = False
        where = f"{what}, line {number}"
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise FailedPrecondition(f"{where}: not JSON ({error.msg})") from None
        if not isinstance(record, dict):
            listed = ", ".join(f"`{name}`" for name in names)
            raise FailedPrecondition(f"{where}: expected an object with {listed}")
        for name in names:
            if name not in record:
                raise FailedPrecondition(f"{where}: `{name}` is missing")
        yield where, _texts(record, names, where)
    if empty:
        raise FailedPrecondition(f"the set of {what} is empty; there is nothing to train on")


def _texts(record: dict[str, object], names: Sequence[str], where: str) -> list[Text]:
    prompt, *answers = texts = [_text(record[name], f"{where}: `{name}`") for name in names]
    if not prompt:
        raise FailedPrecondition(f"{where}: `{names[0]}` is empty")
    if len({isinstance(text, str) for text in texts}) > 1:
        forms = ", ".join(
            f"`{name}` is {'a string' if isinstance(text, str) else 'messages'}"
            for name, text in zip(names, texts, strict=True)
        )
        raise FailedPrecondition(f"{where}: plain and conversational texts are mixed: {forms}")
    if isinstance(prompt, str):
        return texts
    if prompt[-1].role == "assistant":
        raise FailedPrecondition(
            f"{where}: `{names[0]}` ends in a message of the assistant; its last message must be "
            "the user's"
        )
    for name, answer in zip(names[1:], answers, strict=True):
        if len(answer) != 1 or answer[0][0] != "assistant":
            raise FailedPrecondition(f"{where}: `{name}` must be one message of the assistant")
    return texts


def _text(value: object, where: str) -> Text:
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise FailedPrecondition(
            f"{where} must be a string or a list of messages, is {type(value).__name__}"
        )
    return tuple(_message(message, where) for message in value)


def _message(value: object, where: str) -> Message:
    if isinstance(value, dict):
        role, content = value.get("role"), value.get("content")
        if isinstance(role, str) and isinstance(content, str):
            return Message(role, content)
    raise FailedPrecondition(f"{where}: a message must be an object with `role` and `content`")
