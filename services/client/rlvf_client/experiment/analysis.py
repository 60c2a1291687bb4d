"""What an experiment claims: each recipe against the base, and trends along its ladders.

A *recipe* is what the runs of a condition have in common: training on 64 pairs, say, with each of
several seeds. A recipe with one run bears that run's name.
"""

from collections.abc import Iterable, Mapping, Sequence

from rlvf.reporter.v1 import reporter_pb2
from rlvf_common.statistics.trend import MIN_RUNGS


def compare_with_base(
    benchmarks: Iterable[str], recipes: Sequence[str], base: str
) -> list[reporter_pb2.HeadToHead]:
    """Every recipe but `base` against it, on each benchmark."""
    return [
        reporter_pb2.HeadToHead(benchmark=benchmark, baseline=base, treatment=recipe)
        for benchmark in benchmarks
        for recipe in recipes
        if recipe != base
    ]


def trends_along(
    benchmarks: Iterable[str], ladders: Sequence[Mapping[str, int]]
) -> list[reporter_pb2.Trend]:
    """The trend along every ladder that is long enough, on each benchmark. A ladder has recipes and
    their sizes, ascending; two rungs are a comparison, which there is already."""
    return [
        reporter_pb2.Trend(
            benchmark=benchmark,
            rungs=[
                reporter_pb2.TrendRung(size=size, condition=recipe)
                for recipe, size in ladder.items()
            ],
        )
        for benchmark in benchmarks
        for ladder in ladders
        if len(ladder) >= MIN_RUNGS
    ]
