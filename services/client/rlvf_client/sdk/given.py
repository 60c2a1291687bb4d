"""Reads and checks the samples that a caller gives, before the first is sent."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.samples import (
    InvalidSample,
    OnInvalid,
    SampleRecord,
    Tasks,
    ignore,
    read,
    read_file,
    require_enough,
)
from rlvf_client.sdk.errors import InvalidArgument

__all__ = ["GivenSamples", "Samples", "derived_request_id"]

Samples: TypeAlias = Iterable[Mapping[str, object]] | str | PathLike[str]
"""Records, a DataFrame of them, or the path of a JSON Lines file: see `rlvf_api.samples`."""


class GivenSamples:
    """Samples of one call.

    Raises, when made:
        OSError: the file cannot be read.
        InvalidArgument: none of them is valid, whatever the benchmark is.
    """

    def __init__(self, samples: Samples) -> None:
        self._samples = _listed(samples)
        self._tasks: Tasks | None = None
        self.places: dict[tuple[str, int], str] = {}
        """Places of the valid samples, by task id and number, in their order."""
        self.unreadable: list[str] = []
        """Places of the answers with bytes or characters that are not text."""
        self.invalid: list[InvalidSample] = []
        for _ in self._read(ignore):
            pass

    def check(
        self,
        benchmark: str,
        tasks: Tasks | None,
        ks: Sequence[int],
        *,
        extract: bool,
        credit: bool = False,
    ) -> str:
        """Check the samples against the tasks of a benchmark; return the derived request id.

        Raises:
            InvalidArgument: no sample is of the benchmark, or a task has too few for pass@k.
        """
        self._tasks = tasks
        derived = derived_request_id(benchmark, self._noted(), extract=extract, credit=credit)
        require_enough(Counter(task_id for task_id, _ in self.places), ks)
        return derived

    def messages(self) -> Iterator[evaluator_pb2.Sample]:
        """The valid samples, in their order."""
        return (one.sample for one in self._read(ignore))

    def _noted(self) -> Iterator[evaluator_pb2.Sample]:
        for one in self._read(self.invalid.append):
            self.places[one.sample.task_id, one.sample.sample] = one.place
            if one.unreadable:
                self.unreadable.append(one.place)
            yield one.sample

    def _read(self, on_invalid: OnInvalid) -> Iterator[SampleRecord]:
        if isinstance(self._samples, str | PathLike):
            return read_file(Path(self._samples), self._tasks, on_invalid=on_invalid)
        return read(self._samples, self._tasks, on_invalid=on_invalid)


def _listed(samples: Samples) -> Samples:
    """Samples in a form that can be read several times; a DataFrame as its records."""
    if isinstance(samples, str | PathLike):
        return samples
    if isinstance(samples, Mapping):
        raise InvalidArgument("samples", "are a single record; put it into a list")
    if hasattr(samples, "to_dict") and hasattr(samples, "columns"):
        records: list[Mapping[str, object]] = samples.to_dict("records")
        return records
    return list(samples)


def derived_request_id(
    benchmark: str,
    samples: Iterable[evaluator_pb2.Sample],
    *,
    extract: bool = False,
    credit: bool = False,
) -> str:
    """A `request_id` that is derived from a benchmark, samples, `extract` and `credit`, so that the
    same call finds its earlier verdicts."""
    digest = hashlib.sha256(benchmark.encode())
    if extract:
        digest.update(b" extract")
    if credit:
        digest.update(b" credit")
    for sample in samples:
        digest.update(hashlib.sha256(sample.SerializeToString(deterministic=True)).digest())
    return digest.hexdigest()
