"""Sums up the costs of an experiment from those of its operations."""

from collections.abc import Callable, Sequence

from rlvf.cost.v1 import cost_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf_reporter.costs.estimates import estimates
from rlvf_reporter.costs.records import Amount, Costs, Prices, StageCost, device_names
from rlvf_reporter.report import Condition, Training
from rlvf_reporter.training_data.records import AnswerSet, PairSet

__all__ = ["costs_of"]

_Part = Callable[[cost_pb2.Cost], Amount]
_STAGES: tuple[tuple[str, reporter_pb2.Stage.ValueType, _Part], ...] = (
    ("sampling", reporter_pb2.STAGE_SAMPLING, Amount.of_sampling),
    ("grading", reporter_pb2.STAGE_SAMPLING, Amount.of_grading),
    ("training", reporter_pb2.STAGE_TRAINING, Amount.of),
    ("validating", reporter_pb2.STAGE_VALIDATING, Amount.of),
    ("evaluating", reporter_pb2.STAGE_EVALUATING, Amount.of),
)


def costs_of(
    request: reporter_pb2.RenderReportRequest,
    conditions: Sequence[Condition],
    trainings: Sequence[Training],
    data: Sequence[PairSet | AnswerSet],
) -> Costs | None:
    """The costs of a request's operations by stage; None where it states none."""
    if not request.costs:
        return None
    prices = Prices.of(request.prices) if request.HasField("prices") else None
    stages = []
    for name, stage, part in _STAGES:
        amounts = [part(one.cost) for one in request.costs if one.stage == stage]
        if amounts:
            stages.append(_stage(name, len(amounts), Amount.total(amounts), prices))
    total = Amount.total(stage.amount for stage in stages)
    stages.append(_stage("total", len(request.costs), total, prices))
    return Costs(
        stages=tuple(stages),
        devices=device_names(
            time
            for one in request.costs
            for time in (one.cost.sampling, one.cost.training)
            if time.HasField("devices")
        ),
        prices=prices,
        unpriced=() if prices is None else prices.without(total),
        estimates=tuple(estimates(request.costs, prices, conditions, trainings, data)),
    )


def _stage(name: str, operations: int, amount: Amount, prices: Prices | None) -> StageCost:
    return StageCost(name, operations, amount, None if prices is None else prices.money(amount))
