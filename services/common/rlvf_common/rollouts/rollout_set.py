"""The manifest of a set of graded samples: model, sampling, problems, and the grader.

Selection works from it: pairs and their provenance follow from the manifest and the settings of the
selection alone. All verdicts of a set come from graders with one policy.
"""

import dataclasses
import json
from dataclasses import dataclass, field

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from rlvf.artifact.v1 import artifact_pb2
from rlvf_common.problems.contamination import Overlap
from rlvf_common.problems.duplicates import Duplicate
from rlvf_common.problems.problem import json_object
from rlvf_common.rollouts.sampling import SamplingParameters

__all__ = [
    "FORMAT",
    "GraderIdentity",
    "RolloutSet",
    "StoredArtifact",
    "dump_rollout_set",
    "parse_rollout_set",
]

FORMAT = "rlvf.rollout-set.v2"


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    """`rlvf.artifact.v1.ArtifactRef` in the form of the manifest."""

    uri: str
    sha256: str
    size_bytes: int
    media_type: str

    @classmethod
    def of(cls, ref: artifact_pb2.ArtifactRef) -> "StoredArtifact":
        """The artifact that `ref` refers to."""
        return cls(ref.uri, ref.sha256, ref.size_bytes, ref.media_type)

    @property
    def ref(self) -> artifact_pb2.ArtifactRef:
        """The reference to it."""
        return artifact_pb2.ArtifactRef(**dataclasses.asdict(self))


@dataclass(frozen=True, slots=True)
class GraderIdentity:
    """The executor that gave the verdicts."""

    policy_sha256: str
    """Digest of the executor's policy and code; a set never has verdicts of two digests."""
    tier: str
    """Its isolation, the name of a `rlvf.executor.v1.Tier` in lower case."""
    python_version: str


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class RolloutSet:
    """The manifest: everything that the pairs of these samples have in common."""

    samples: StoredArtifact
    """JSON Lines of `rlvf_common.rollouts.rollout.Rollout`, by problem, then by sample."""
    problems: StoredArtifact
    """JSON Lines of the problems that were sampled: the given ones without the duplicates and the
    excluded ones."""
    model: str
    """Name of the base model that answered."""
    adapter_sha256: str
    """Digest of the adapter on the base; empty if there is none."""
    endpoint: str
    """Name of the inference endpoint; empty for the service's own."""
    sampling: SamplingParameters
    """`samples_per_problem` is the most that a problem may have."""
    round_size: int
    temperatures: tuple[float, ...]
    """The temperatures over which the samples of a round are spread."""
    enough_of_each: int
    """Passing and failing samples after which a problem is not sampled further."""
    template: str
    template_sha256: str
    """Digest of the prompt template."""
    grader: GraderIdentity
    problems_given: int
    duplicates: tuple[Duplicate, ...]
    excluded: tuple[Overlap, ...]
    problems_with_both: int
    """Problems with a passing and a failing sample."""
    samples_drawn: int
    passed: int
    """Samples that pass."""
    weights_sha256: str = ""
    """Digest of the base model's checkpoint; empty if inference does not report it."""
    credit: bool = False
    """Whether failing samples have credit."""
    versions: dict[str, str] = field(default_factory=dict)
    """Digests or versions of code and packages of the pair generator and of inference, by name."""

    @property
    def problems_sampled(self) -> int:
        """Number of problems that were sampled."""
        return self.problems_given - len(self.duplicates) - len(self.excluded)


_ADAPTER = TypeAdapter(RolloutSet)


def dump_rollout_set(rollouts: RolloutSet) -> bytes:
    """JSON; the same bytes for equal sets."""
    record = {"format": FORMAT, **dataclasses.asdict(rollouts)}
    return (json.dumps(record, sort_keys=True, indent=1) + "\n").encode()


def parse_rollout_set(data: bytes, *, where: str) -> RolloutSet:
    """Read what `dump_rollout_set` wrote; `where` names the data in errors.

    Raises:
        ValueError: it is not a manifest of this format; the message names the field.
    """
    record = json_object(data, where=where)
    if (found := record.pop("format", None)) != FORMAT:
        raise ValueError(f"{where}: `format` must be {FORMAT!r}, got {found!r:.60}")
    try:
        return _ADAPTER.validate_python(record)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: `{place}`: {first['msg'].lower()}") from None
