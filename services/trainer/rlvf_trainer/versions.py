"""What a training depends on besides our own code."""

import platform

from rlvf_common.version import package_versions

__all__ = ["PACKAGES", "job_versions"]

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


def job_versions() -> dict[str, str]:
    """Versions of Python and of these packages, where the job runs: its image may be another one
    than the service's."""
    return {"python": platform.python_version(), **package_versions(PACKAGES)}
