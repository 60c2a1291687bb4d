"""Checks of the costs and prices that a request states."""

import math

from rlvf.cost.v1 import cost_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf_common.rpc.validation import require
from rlvf_reporter.costs.records import STAGES_OF_A_RUN

__all__ = ["check_costs"]

_STAGES = frozenset(reporter_pb2.Stage.values()) - {reporter_pb2.STAGE_UNSPECIFIED}


def check_costs(request: reporter_pb2.RenderReportRequest, trained: set[str]) -> None:
    """Raise InvalidArgument for the first cost or price that cannot be one. `trained` are the names
    of the request's training runs."""
    for index, one in enumerate(request.costs):
        field = f"costs[{index}]"
        require(bool(one.name.strip()), f"{field}.name", "is required")
        require(one.stage in _STAGES, f"{field}.stage", "is required")
        require(bool(one.model.strip()), f"{field}.model", "is required")
        require(
            one.stage not in STAGES_OF_A_RUN or one.training in trained,
            f"{field}.training",
            f"no training run is named `{one.training}`",
        )
        _check_cost(one.cost, f"{field}.cost")
    if request.HasField("prices"):
        require(bool(request.prices.currency.strip()), "prices.currency", "is required")
        for name in ("cpu_hour", "gpu_hour", "million_tokens"):
            price = getattr(request.prices, name)
            require(math.isfinite(price) and price >= 0, f"prices.{name}", "must be at least 0")


def _check_cost(cost: cost_pb2.Cost, field: str) -> None:
    require(cost.tokens >= 0, f"{field}.tokens", "must be at least 0")
    require(cost.samples_graded >= 0, f"{field}.samples_graded", "must be at least 0")
    for name, part in (
        ("sampling", cost.sampling),
        ("grading", cost.grading),
        ("training", cost.training),
    ):
        require(
            part.time.seconds >= 0 and part.time.nanos >= 0,
            f"{field}.{name}.time",
            "must not be negative",
        )
        require(part.devices.count >= 0, f"{field}.{name}.devices.count", "must be at least 0")
