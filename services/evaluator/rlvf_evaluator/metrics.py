"""What the evaluator counts; the names are in its README."""

from prometheus_client import Counter

SCORED = Counter(
    "rlvf_score_samples",
    "Samples that `Score` and `ScoreArtifact` answered, by the name of the caller's token, by "
    "verdict, and by whether it was kept from an earlier call",
    ["caller", "verdict", "kept"],
)
