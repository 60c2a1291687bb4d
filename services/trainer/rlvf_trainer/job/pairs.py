"""Preference pairs, as the job reads them from JSON Lines."""

from typing import NamedTuple

from rlvf_api.errors import FailedPrecondition
from rlvf_trainer.job.records import Text, read_records


class Pair(NamedTuple):
    """A prompt with a better and a worse answer to it: all plain text, where `prompt + chosen` is a
    program, or all messages.
    """

    prompt: Text
    chosen: Text
    rejected: Text


def parse_pairs(data: bytes) -> list[Pair]:
    """Read JSON Lines of pairs; other columns are ignored.

    Raises:
        FailedPrecondition: there is no pair, or a line is not one; says which line and what is
            wrong.
    """
    pairs = []
    for where, texts in read_records(data, "pairs", Pair._fields):
        pair = Pair(*texts)
        if pair.chosen == pair.rejected:
            raise FailedPrecondition(f"{where}: `chosen` and `rejected` are the same text")
        pairs.append(pair)
    return pairs
