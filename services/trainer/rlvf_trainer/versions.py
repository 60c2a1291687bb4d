"""The versions that a training depends on, besides its request."""

from rlvf_common.rpc.version import service_version, version_items

__all__ = ["PACKAGES", "SERVICE", "job_versions"]

SERVICE = "trainer"

PACKAGES = (
    "accelerate",
    "bitsandbytes",
    "datasets",
    "peft",
    "tokenizers",
    "torch",
    "transformers",
    "trl",
)
"""Packages whose versions can change an adapter."""


def job_versions() -> dict[str, str]:
    """Digest and commit of our code, and versions of Python and of these packages, by name. Called
    in the job, whose image may differ from the service's."""
    items = version_items(service_version(SERVICE, PACKAGES))
    return {name.removeprefix(f"{SERVICE} "): value for name, value in items.items()}
