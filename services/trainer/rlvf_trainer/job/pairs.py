"""Preference pairs, as the job reads them."""

import json
from dataclasses import dataclass

from rlvf_api.errors import FailedPrecondition


@dataclass(frozen=True, slots=True)
class Pair:
    """A prompt with a better and a worse answer to it, all plain text: `prompt + chosen` is a
    program.
    """

    prompt: str
    chosen: str
    rejected: str


_FIELDS = ("prompt", "chosen", "rejected")


def parse_pairs(data: bytes) -> list[Pair]:
    """Read JSON Lines of pairs; other columns are ignored.

    Raises:
        FailedPrecondition: there is no pair, or a line is not one; says which line and what is
            wrong.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise FailedPrecondition(
            f"the pairs are not UTF-8 text: {error.reason} at byte {error.start}"
        ) from None
    pairs = []
    # Not splitlines(): JSON strings may hold line separators that it would split at.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise FailedPrecondition(f"pairs, line {number}: not JSON ({error.msg})") from None
        if not isinstance(record, dict):
            raise FailedPrecondition(f"pairs, line {number}: expected an object with {_listed()}")
        for name in _FIELDS:
            if name not in record:
                raise FailedPrecondition(f"pairs, line {number}: `{name}` is missing")
            if not isinstance(record[name], str):
                raise FailedPrecondition(
                    f"pairs, line {number}: `{name}` must be a string, is "
                    f"{type(record[name]).__name__}"
                )
        if not record["prompt"]:
            raise FailedPrecondition(f"pairs, line {number}: `prompt` is empty")
        if record["chosen"] == record["rejected"]:
            raise FailedPrecondition(
                f"pairs, line {number}: `chosen` and `rejected` are the same text"
            )
        pairs.append(Pair(*(record[name] for name in _FIELDS)))
    if not pairs:
        raise FailedPrecondition("the set of pairs is empty; there is nothing to train on")
    return pairs


def _listed() -> str:
    return ", ".join(f"`{name}`" for name in _FIELDS)
