"""Reads a sample of the records that runs were trained on, and the problems that gave no record."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf_api.errors import InvalidArgument

__all__ = ["SHOWN", "Example", "Examples", "LostProblem", "Side", "load_examples"]

SHOWN = 12
"""Maximum number of records of a set that are shown."""


@dataclass(frozen=True, slots=True)
class Side:
    """An answer of a record."""

    role: str
    """Its column: `chosen`, `rejected` or `completion`."""
    sample: int
    verdict: str
    text: str


@dataclass(frozen=True, slots=True)
class Example:
    """A record as the trainer reads it; in a conversation each message follows its role."""

    place: int
    """Number of its line, from 1."""
    task_id: str
    prompt: str
    sides: Sequence[Side]
    """For a pair, the rejected answer, then the chosen one."""
    passes: int
    samples: int


@dataclass(frozen=True, slots=True)
class LostProblem:
    """A problem without a record."""

    task_id: str
    passed: int
    samples: int
    reason: str


@dataclass(frozen=True, slots=True)
class Examples:
    """The examples of one set of training data."""

    name: str
    kind: str
    """`pairs` or `answers`."""
    total: int
    """Number of records in the set."""
    shown: Sequence[Example]
    lost: Sequence[LostProblem] | None
    """None where the selection does not say, such as one of an older pair generator."""

    @property
    def reasons(self) -> list[tuple[str, list[LostProblem]]]:
        """The lost problems by reason, the most frequent first."""
        counted = Counter(problem.reason for problem in self.lost or ())
        return [
            (reason, [problem for problem in self.lost or () if problem.reason == reason])
            for reason, _ in counted.most_common()
        ]


class _Message(BaseModel):
    role: str
    content: str


_Text = str | list[_Message]


class _Record(BaseModel):
    """What all records have; other columns are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    task_id: str
    prompt: _Text
    passes: int
    samples: int


class _Pair(_Record):
    chosen: _Text
    rejected: _Text
    chosen_sample: int
    rejected_sample: int
    chosen_verdict: str
    rejected_verdict: str

    def sides(self) -> list[Side]:
        return [
            Side("rejected", self.rejected_sample, self.rejected_verdict, _text(self.rejected)),
            Side("chosen", self.chosen_sample, self.chosen_verdict, _text(self.chosen)),
        ]


class _Answer(_Record):
    completion: _Text
    sample: int
    verdict: str

    def sides(self) -> list[Side]:
        return [Side("completion", self.sample, self.verdict, _text(self.completion))]


class _Yield(BaseModel):
    """The records that a selection has of a problem; see `SelectPairsResponse.problem_yields`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    task_id: str
    samples: int
    passed: int
    usable_passed: int
    usable_failed: int
    records: int
    lost_at: str

    @property
    def reason(self) -> str:
        """Why the selection has no record of the problem, in words."""
        if self.lost_at not in ("both outcomes", "passed"):
            return f"rule “{self.lost_at}”"
        if self.passed == 0:
            return "no answer passes"
        if self.passed == self.samples:
            return "every answer passes"
        which = "failing" if self.usable_passed else "passing"
        return f"no {which} answer that can be trained on"


def load_examples(
    data: reporter_pb2.TrainingData, read: Callable[[artifact_pb2.ArtifactRef], bytes], field: str
) -> Examples:
    """A sample of the records of a set, evenly spread over them, and its lost problems.

    Raises:
        FailedPrecondition: from `read`.
        InvalidArgument: an artifact is not of records, or not of yields; the message has the line.
    """
    model: type[_Pair] | type[_Answer]
    selected: pair_generator_pb2.SelectPairsResponse | pair_generator_pb2.SelectAnswersResponse
    if data.HasField("pairs"):
        kind, model, selected, ref = "pairs", _Pair, data.pairs, data.pairs.pairs
    else:
        kind, model, selected, ref = "answers", _Answer, data.answers, data.answers.answers
    lines = read(ref).splitlines()
    shown = [
        _example(_parsed(model, lines[place], f"{field}.{kind}.{kind}", place), place)
        for place in _spread(len(lines))
    ]
    lost = None
    if selected.HasField("problem_yields"):
        yields = read(selected.problem_yields).splitlines()
        where = f"{field}.{kind}.problem_yields"
        lost = list(_lost(_parsed(_Yield, line, where, at) for at, line in enumerate(yields)))
    return Examples(data.name, kind, len(lines), shown, lost)


def _spread(amount: int) -> list[int]:
    """At most `SHOWN` evenly spread places of `amount`, including the first and the last."""
    if amount <= SHOWN:
        return list(range(amount))
    return [round(place * (amount - 1) / (SHOWN - 1)) for place in range(SHOWN)]


_ModelT = TypeVar("_ModelT", bound=BaseModel)


def _parsed(model: type[_ModelT], line: bytes, field: str, place: int) -> _ModelT:
    try:
        return model.model_validate_json(line)
    except ValidationError as error:
        problem = error.errors()[0]
        where = "".join(f"{part}: " for part in problem["loc"][:1])
        raise InvalidArgument(field, f"line {place + 1}: {where}{problem['msg']}") from None


def _example(record: _Pair | _Answer, place: int) -> Example:
    prompt = _text(record.prompt)
    return Example(place + 1, record.task_id, prompt, record.sides(), record.passes, record.samples)


def _text(found: _Text) -> str:
    if isinstance(found, str):
        return found
    return "\n\n".join(f"[{message.role}]\n{message.content}" for message in found)


def _lost(yields: Iterable[_Yield]) -> Iterator[LostProblem]:
    for one in yields:
        if not one.records:
            yield LostProblem(one.task_id, one.passed, one.samples, one.reason)
