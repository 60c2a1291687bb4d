"""Verified answers to learn from, as the job reads them from JSON Lines."""

from typing import NamedTuple

from rlvf_api.errors import FailedPrecondition
from rlvf_trainer.job.records import Text, read_records


class Answer(NamedTuple):
    """A prompt with an answer to it: both plain text, where `prompt + completion` is a program, or
    both messages.
    """

    prompt: Text
    completion: Text


def parse_answers(data: bytes) -> list[Answer]:
    """Read JSON Lines of answers; other columns are ignored.

    Raises:
        FailedPrecondition: there is no answer, or a line is not one; says which line and what is
            wrong.
    """
    answers = []
    for where, texts in read_records(data, "answers", Answer._fields):
        answer = Answer(*texts)
        if not answer.completion:
            raise FailedPrecondition(f"{where}: `completion` is empty")
        answers.append(answer)
    return answers
