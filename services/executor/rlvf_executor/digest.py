"""The digest of everything that decides a verdict."""

import hashlib
from pathlib import Path

# The modules whose behaviour reaches a verdict. Serving, queueing and starting do not.
# fmt: off
_MODULES = (
    "assert_list", "cache", "caller_code", "calls_ahead", "candidate", "cases", "cell",
    "check_function", "closed", "comparison", "confine", "confinement", "control", "equality",
    "frames", "grading", "judge", "judge_zygote", "literals", "messages", "outcomes", "policy",
    "program", "reference", "remote", "report", "streams", "syscalls", "usage", "wire", "worker",
    "worker_cell", "zygote",
)
# fmt: on


def policy_sha256(*, python_version: str, tier: str, protections: tuple[str, ...]) -> str:
    """SHA-256 of the grader's source, the policy, the tier and the Python that runs programs."""
    digest = hashlib.sha256()
    for part in (python_version, tier, *protections):
        digest.update(part.encode() + b"\0")
    for name in _MODULES:
        source = (Path(__file__).parent / f"{name}.py").read_bytes()
        digest.update(name.encode() + b"\0" + hashlib.sha256(source).digest())
    return digest.hexdigest()
