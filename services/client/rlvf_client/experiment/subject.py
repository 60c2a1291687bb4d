"""A model that an experiment trains and evaluates, with its version and prompt style."""

from dataclasses import dataclass

from rlvf.artifact.v1 import artifact_pb2
from rlvf.pair_generator.v1 import pair_generator_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_client.experiment.provenance import WEIGHTS, model_version
from rlvf_client.local_stack.models import ServedModel
from rlvf_common.problems.prompts import PromptStyle

__all__ = ["Subject"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A model under its short name; `version` is that of `model_version`."""

    name: str
    served: ServedModel
    version: dict[str, str]
    style: PromptStyle = "completion"
    """The prompt style in which it is asked."""
    probed: pair_generator_pb2.ProbeResponse | None = None
    """The probe by which the style was chosen; None where there was none."""

    @classmethod
    def of(cls, name: str, served: ServedModel) -> "Subject":
        """The model as it is served elsewhere, or as it is on this machine; then all weights are
        read."""
        if served.weights_sha256 is None:
            return cls(name, served, model_version(served.source))
        told = {WEIGHTS: served.weights_sha256} if served.weights_sha256 else {}
        return cls(name, served, told)

    def message(self, adapter: artifact_pb2.ArtifactRef | None = None) -> sampling_pb2.Model:
        """The model, or an adapter on it, for a request. Sampling from other weights is refused."""
        return sampling_pb2.Model(
            base=self.served.name, adapter=adapter, weights_sha256=self.version.get(WEIGHTS, "")
        )

    def check_trained(self, run: str, weights_sha256: str) -> None:
        """Raise FailedPrecondition where a run was trained on other weights than these."""
        known = self.version.get(WEIGHTS)
        if known and weights_sha256 not in ("", known):
            raise FailedPrecondition(
                f"{run} was trained on another {self.served.source} than is sampled: the trainer's "
                f"weights have the digest {weights_sha256}, those that are sampled {known}"
            )
