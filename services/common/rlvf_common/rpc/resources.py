"""What a team's quotas limit: the one table of them.

The file of tokens has `RESOURCE_per_day` for each (`rlvf_common.rpc.tokens`); services charge what
was used and refuse what is used up (`rlvf_common.storage.quotas`).
"""

from enum import StrEnum

__all__ = ["Resource"]


class Resource(StrEnum):
    """A resource of which a team may use so much in a day, UTC."""

    SAMPLES = "samples"
    """Samples graded, by evaluator and pair generator."""
    CPU_SECONDS = "cpu_seconds"
    """CPU time of the programs that were graded for them."""
    TOKENS = "tokens"
    """Tokens that a model sampled, by evaluator and pair generator."""
    TRAINING_SECONDS = "training_seconds"
    """Time of training jobs, by the trainer."""
