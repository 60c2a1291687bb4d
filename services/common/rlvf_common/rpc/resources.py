"""The table of resources that a team's quotas limit.

The file of tokens has `RESOURCE_per_day` for each (`rlvf_common.rpc.tokens`); services charge what
was used, and refuse work when a quota is used up (`rlvf_common.storage.quotas`).
"""

from enum import StrEnum

__all__ = ["Resource"]


class Resource(StrEnum):
    """A resource whose use by a team in a day (UTC) has a limit."""

    SAMPLES = "samples"
    """Samples that were graded for evaluator, pair generator and training jobs."""
    CPU_SECONDS = "cpu_seconds"
    """CPU time of the graded programs."""
    TOKENS = "tokens"
    """Tokens that a model sampled for evaluator, pair generator and training jobs."""
    TRAINING_SECONDS = "training_seconds"
    """Time of each process of training jobs."""
