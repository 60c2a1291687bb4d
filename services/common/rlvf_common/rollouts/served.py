"""Reads the version that an inference server reports, and checks its weights."""

from contextlib import suppress

from google.protobuf import json_format

from rlvf.sampling.v1 import sampling_pb2
from rlvf.version.v1 import version_pb2
from rlvf_api.errors import FailedPrecondition

__all__ = ["INFERENCE", "VERSION_PATH", "check_weights", "parse_version"]

INFERENCE = "inference"
"""Name of the service in versions."""

VERSION_PATH = "/rlvf/version"
"""Path at which our inference reports its version; other servers do not have it."""


def parse_version(text: str) -> version_pb2.Version:
    """The version in an answer of our inference; only the name of the service if the answer is of
    another server, some of which answer every path."""
    version = version_pb2.Version()
    with suppress(json_format.ParseError, ValueError):
        json_format.Parse(text, version, ignore_unknown_fields=True)
    return version if version.service == INFERENCE else version_pb2.Version(service=INFERENCE)


def check_weights(model: sampling_pb2.Model, version: version_pb2.Version, url: str) -> None:
    """Raise FailedPrecondition if `model` names weights, and the server at `url`, whose version is
    `version`, does not report the same."""
    served = version.model.weights_sha256
    if model.weights_sha256 and model.weights_sha256 != served:
        raise FailedPrecondition(
            f"inference at {url} serves `{model.base}` with the weights "
            f"{served or '(it does not say which)'}, but those with {model.weights_sha256} are "
            "asked for; serve these (RLVF_MODEL), or ask for those that are served"
        )
