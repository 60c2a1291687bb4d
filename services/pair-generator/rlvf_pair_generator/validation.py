"""Checks of a `GeneratePairsRequest`, and its defaults."""

import math
from itertools import pairwise

from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf_common.sampling import SamplingParameters, check_model
from rlvf_common.validation import require, require_artifact
from rlvf_pair_generator.selection import Rules

__all__ = ["checked_rules", "validate"]


def validate(request: pair_generator_pb2.GeneratePairsRequest) -> None:
    """Raise InvalidArgument for the first field that is missing or out of range."""
    require(request.HasField("problems"), "problems", "is required")
    require_artifact(request.problems, "problems")
    require(request.HasField("model"), "model", "is required")
    check_model(request.model)
    require(request.HasField("sampling"), "sampling", "is required")
    sampling = SamplingParameters.checked(request.sampling)
    require(
        sampling.temperature > 0.0,
        "sampling.temperature",
        "must be above 0: pairs need answers that differ",
    )
    require(
        sampling.samples_per_problem >= 2,
        "sampling.samples_per_problem",
        f"must be at least 2, got {sampling.samples_per_problem}",
    )
    checked_rules(request.selection)
    for number, benchmark in enumerate(request.benchmarks):
        require_artifact(benchmark, f"benchmarks[{number}]")
    sizes = list(request.ladder)
    require(all(size > 0 for size in sizes), "ladder", f"sizes must be positive, got {sizes}")
    require(
        all(small < large for small, large in pairwise(sizes)),
        "ladder",
        f"sizes must ascend, got {sizes}",
    )


def checked_rules(selection: pair_generator_pb2.Selection) -> Rules:
    """The rules of the request's field `selection`, with defaults. Raises InvalidArgument."""
    rules = Rules(
        max_pairs_per_problem=selection.max_pairs_per_problem or 4,
        max_length_ratio=selection.max_length_ratio or 3.0,
        min_pass_rate=selection.min_pass_rate,
        max_pass_rate=selection.max_pass_rate or 1.0,
        seed=selection.seed,
    )
    require(rules.max_pairs_per_problem > 0, "selection.max_pairs_per_problem", "must be positive")
    require(
        math.isfinite(rules.max_length_ratio) and rules.max_length_ratio >= 1.0,
        "selection.max_length_ratio",
        f"must be at least 1, got {rules.max_length_ratio}",
    )
    require(
        0.0 <= rules.min_pass_rate <= 1.0,
        "selection.min_pass_rate",
        f"must be from 0 to 1, got {rules.min_pass_rate}",
    )
    require(
        rules.min_pass_rate <= rules.max_pass_rate <= 1.0,
        "selection.max_pass_rate",
        f"must be from min_pass_rate to 1, got {rules.max_pass_rate}",
    )
    return rules
