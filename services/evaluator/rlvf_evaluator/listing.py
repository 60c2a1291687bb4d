"""`ListBenchmarks`: describes a benchmark."""

from datetime import timedelta

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_api.errors import FailedPrecondition
from rlvf_common.storage.artifacts import JSONL, ArtifactStore
from rlvf_evaluator.benchmarks import Benchmark

__all__ = ["describe"]


def describe(
    benchmark: Benchmark, store: ArtifactStore, *, with_task_ids: bool = False
) -> evaluator_pb2.Benchmark:
    """The benchmark with its problem records in `store`, or why it cannot be run here; blocks."""
    message = evaluator_pb2.Benchmark(
        name=benchmark.name,
        title=benchmark.title,
        licence=benchmark.licence,
        split=benchmark.split,
    )
    try:
        message.tasks = len(benchmark.problems)
    except FailedPrecondition as error:
        message.unavailable = str(error)
        return message
    # Looked up by digest, so that the records are stored only once.
    stored = store.find(benchmark.sha256) or store.put_bytes(benchmark.records, JSONL)
    message.problems.CopyFrom(stored)
    message.origin = benchmark.origin
    message.omissions.extend(
        evaluator_pb2.Omission(task_id=one.task_id, reason=one.reason)
        for one in benchmark.omissions
    )
    message.cpu_limit.FromTimedelta(timedelta(seconds=benchmark.cpu_seconds))
    if with_task_ids:
        message.task_ids.extend(benchmark.problems)
    return message
