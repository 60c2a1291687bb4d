"""The evaluator's metrics; the README lists their names."""

from prometheus_client import Counter

SCORED = Counter(
    "rlvf_score_samples",
    "Samples that `Score` and `ScoreArtifact` answered, by the name of the caller's token, "
    "verdict, and whether the verdict was kept from an earlier call",
    ["caller", "verdict", "kept"],
)
