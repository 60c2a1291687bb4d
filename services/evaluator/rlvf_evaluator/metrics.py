"""The evaluator's metrics; the README lists their names."""

from prometheus_client import Counter

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_common.rpc.context import principal
from rlvf_evaluator.tally import Answer

__all__ = ["CALIBRATIONS_REFUSED", "count_answer"]

CALIBRATIONS_REFUSED = Counter(
    "rlvf_calibrations_refused",
    "Calls and operations that got no score because the calibration of their benchmark failed",
    ["benchmark"],
)
_SCORED = Counter(
    "rlvf_score_samples",
    "Samples that `Score` and `ScoreArtifact` answered, by the name of the caller's token, "
    "verdict or `invalid`, and whether the verdict was kept from an earlier call",
    ["caller", "verdict", "kept"],
)


def count_answer(answer: Answer) -> None:
    """Count a verdict, or an invalid sample, of the current caller."""
    verdict, kept = "invalid", False
    if isinstance(answer, evaluator_pb2.TaskResult):
        verdict, kept = answer.verdict, answer.kept
    _SCORED.labels(principal.get().name, verdict, str(kept).lower()).inc()
