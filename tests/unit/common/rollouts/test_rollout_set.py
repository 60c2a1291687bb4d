"""The manifest of graded samples."""

import json
from dataclasses import replace

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf_common.problems.contamination import Overlap
from rlvf_common.problems.duplicates import Duplicate
from rlvf_common.rollouts.rollout_set import (
    GraderIdentity,
    RolloutSet,
    StoredArtifact,
    dump_rollout_set,
    parse_rollout_set,
)
from rlvf_common.rollouts.sampling import SamplingParameters

REF = artifact_pb2.ArtifactRef(
    uri="s3://b/k", sha256="a" * 64, size_bytes=7, media_type="application/jsonl"
)
ROLLOUTS = RolloutSet(
    samples=StoredArtifact.of(REF),
    problems=StoredArtifact.of(REF),
    model="m",
    adapter_sha256="",
    endpoint="hosted",
    sampling=SamplingParameters(8, 0.8, 0.95, 256, 7),
    round_size=4,
    temperatures=(0.4, 1.0),
    enough_of_each=4,
    template="completion-v2",
    template_sha256="c" * 64,
    grader=GraderIdentity("d" * 64, "namespaces", "3.11.7"),
    problems_given=5,
    duplicates=(Duplicate("t/1", "t/0"),),
    excluded=(Overlap("t/2", "H/2", "10-gram"),),
    problems_with_both=1,
    samples_drawn=24,
    passed=5,
    versions={"inference": "e" * 64},
)


def test_a_manifest_reads_as_itself() -> None:
    assert parse_rollout_set(dump_rollout_set(ROLLOUTS), where="x") == ROLLOUTS
    assert ROLLOUTS.samples.ref == REF
    assert ROLLOUTS.problems_sampled == 3


def test_equal_sets_have_equal_bytes() -> None:
    versions = {"b": "2", "a": "1"}
    one = replace(ROLLOUTS, versions=versions)
    other = replace(ROLLOUTS, versions=dict(sorted(versions.items())))
    assert dump_rollout_set(one) == dump_rollout_set(other)
    assert dump_rollout_set(one) != dump_rollout_set(ROLLOUTS)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"format": "rlvf.rollout-set.v9"}, r"m.json: `format` must be 'rlvf.rollout-set.v2'"),
        ({"round_size": "many"}, r"m.json: `round_size`: "),
        ({"grader": {"tier": "x", "python_version": "3"}}, r"m.json: `grader.policy_sha256`: "),
        ({"surprise": 1}, r"m.json: `surprise`: "),
    ],
)
def test_what_is_no_manifest_names_the_field(change: dict[str, object], complaint: str) -> None:
    record = {**json.loads(dump_rollout_set(ROLLOUTS)), **change}
    with pytest.raises(ValueError, match=complaint):
        parse_rollout_set(json.dumps(record).encode(), where="m.json")
