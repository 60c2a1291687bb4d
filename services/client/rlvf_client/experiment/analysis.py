"""What an experiment claims: each recipe against the base, and trends along its ladders.

A *recipe* is what the runs of a condition have in common: training on 64 pairs, say, with each of
several seeds. A recipe with one run bears that run's name.
"""

from collections.abc import Mapping, Sequence

from rlvf.evaluator.v1 import evaluator_pb2, evaluator_pb2_grpc
from rlvf.reporter.v1 import reporter_pb2
from rlvf_client.experiment.calls import SLOW_CALL_SECONDS, call
from rlvf_common.statistics.trend import LEAST_RUNGS

Runs = Mapping[str, Sequence[evaluator_pb2.EvaluateResponse]]
"""The evaluations of one benchmark, by recipe, in the order of the runs."""


async def compare_with_base(
    stub: "evaluator_pb2_grpc.EvaluatorServiceAsyncStub", benchmark: str, runs: Runs, base: str
) -> list[reporter_pb2.HeadToHead]:
    """Every recipe but `base` against it. Raises RlvfError."""
    recipes = [recipe for recipe in runs if recipe != base]
    return [await _head_to_head(stub, benchmark, runs, base, recipe) for recipe in recipes]


async def _head_to_head(
    stub: "evaluator_pb2_grpc.EvaluatorServiceAsyncStub",
    benchmark: str,
    runs: Runs,
    base: str,
    recipe: str,
) -> reporter_pb2.HeadToHead:
    baseline, *more_baselines = (run.result for run in runs[base])
    treatment, *more_treatments = (run.result for run in runs[recipe])
    request = evaluator_pb2.CompareRequest(
        baseline=baseline,
        treatment=treatment,
        more_baselines=more_baselines,
        more_treatments=more_treatments,
    )
    response = await call(stub.Compare(request, timeout=SLOW_CALL_SECONDS))
    return reporter_pb2.HeadToHead(
        benchmark=benchmark, baseline=base, treatment=recipe, comparison=response.comparison
    )


async def find_trends(
    stub: "evaluator_pb2_grpc.EvaluatorServiceAsyncStub",
    benchmark: str,
    runs: Runs,
    ladders: Sequence[Mapping[str, int]],
) -> list[reporter_pb2.Trend]:
    """The trend along every ladder of at least three rungs: recipes and their sizes, ascending.

    Raises RlvfError.
    """
    trends = []
    for ladder in ladders:
        if len(ladder) < LEAST_RUNGS:
            continue
        request = evaluator_pb2.TestTrendRequest(
            rungs=[
                evaluator_pb2.TrendRung(size=size, results=[run.result for run in runs[recipe]])
                for recipe, size in ladder.items()
            ]
        )
        response = await call(stub.TestTrend(request, timeout=SLOW_CALL_SECONDS))
        rungs = [
            reporter_pb2.TrendRung(size=size, condition=recipe) for recipe, size in ladder.items()
        ]
        trends.append(reporter_pb2.Trend(benchmark=benchmark, rungs=rungs, trend=response))
    return trends
