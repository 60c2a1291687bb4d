"""What an inference server says that it is and serves."""

from contextlib import suppress

from google.protobuf import json_format

from rlvf.sampling.v1 import sampling_pb2
from rlvf.version.v1 import version_pb2
from rlvf_api.errors import FailedPrecondition

__all__ = ["INFERENCE", "VERSION_PATH", "check_weights", "parse_version"]

INFERENCE = "inference"
"""Name of the service, in versions."""

VERSION_PATH = "/rlvf/version"
"""Where inference of ours tells its version; other servers have nothing there."""


def parse_version(text: str) -> version_pb2.Version:
    """The version that inference of ours answered with: nothing but the name of the service where
    it is somebody else's, some of which answer every path."""
    version = version_pb2.Version()
    with suppress(json_format.ParseError, ValueError):
        json_format.Parse(text, version, ignore_unknown_fields=True)
    return version if version.service == INFERENCE else version_pb2.Version(service=INFERENCE)


def check_weights(model: sampling_pb2.Model, version: version_pb2.Version, url: str) -> None:
    """Raise FailedPrecondition where `model` names weights and the server at `url`, which is of
    `version`, does not say that it serves these."""
    served = version.model.weights_sha256
    if model.weights_sha256 and model.weights_sha256 != served:
        raise FailedPrecondition(
            f"inference at {url} serves `{model.base}` with the weights "
            f"{served or '(it does not say which)'}, but those with {model.weights_sha256} are "
            "asked for; serve these (RLVF_MODEL), or ask for those that are served"
        )
