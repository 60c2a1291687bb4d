"""Requests that several of these tests send."""

from rlvf.executor.v1 import executor_pb2
from tests.processes.executor import limits

RIGHT = executor_pb2.GradeRequest(
    candidate_source="def f(x): return x + 2",
    entry_point="f",
    check_function=executor_pb2.CheckFunction(source="def check(c): assert c(5) == 7"),
)
WRONG = executor_pb2.GradeRequest(
    candidate_source="def f(x): return x",
    entry_point="f",
    check_function=executor_pb2.CheckFunction(source="def check(c): assert c(5) == 7"),
)
SLEEP = executor_pb2.ExecuteRequest(
    source="import time\ntime.sleep(600)", limits=limits(wall_seconds=600)
)
