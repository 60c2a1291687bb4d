"""Versions that services report, as an experiment uses them: in ids of operations and in
reports."""

import hashlib
import json
from collections.abc import Iterable

from rlvf.version.v1 import version_pb2
from rlvf_common.rpc.version import version_items

__all__ = ["identity_of", "reported_versions"]


def identity_of(version: version_pb2.Version) -> str:
    """Digest of the code of a service and of all behind it, of the executor's policy and, with
    services elsewhere, of the weights that inference serves. It is part of the ids of
    operations."""
    parts = sorted(
        [one.service, one.code_sha256, one.policy_sha256, one.model.weights_sha256]
        for one in _all(version)
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def reported_versions(versions: Iterable[version_pb2.Version]) -> dict[str, str]:
    """The versions of services and of those behind them, by name, for a report."""
    found: dict[str, str] = {}
    for one in versions:
        for each in _all(one):
            said = version_items(each)
            if not said:
                said = {f"{each.service} code": "a server of somebody else, which does not say"}
            if each.policy_sha256:
                said[f"{each.service} policy"] = each.policy_sha256
            found |= said
    return found


def _all(version: version_pb2.Version) -> list[version_pb2.Version]:
    return [version, *(each for one in version.dependencies for each in _all(one))]
