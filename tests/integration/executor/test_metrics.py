"""The metrics endpoint tells what happened."""

import grpc
import psutil
import pytest

from tests.processes.executor import Client, ExecutorProcess, limits

CHECK = "def check(c): assert c(5) == 7"


def test_what_was_run_is_counted_by_kind_and_result() -> None:
    with (
        ExecutorProcess(executor_slots="1", metrics_listen="127.0.0.1:0") as process,
        grpc.insecure_channel(process.address) as channel,
    ):
        client = Client(channel)
        client.grade("def f(x): return x + 2", CHECK)
        client.grade("def f(x): return x + 2", CHECK)
        client.grade("def f(x): return x", CHECK)
        client.execute("print(1)")
        client.execute("while True: pass", limits=limits(cpu_seconds=0.2))
        for test in ("", "x = 1"):
            with pytest.raises(grpc.RpcError):
                client.grade("", test)
        # A failed sandbox is replaced and the program run again: still one execution.
        for supervisor in psutil.Process(process.pid).children():
            supervisor.kill()
        client.grade("1 / 0", CHECK)
        found = process.metrics()
    executions = {
        name.removeprefix("rlvf_executor_executions_total"): value
        for name, value in found.items()
        if name.startswith("rlvf_executor_executions_total")
    }
    assert executions == {
        '{kind="check_function",result="passed"}': 2.0,
        '{kind="check_function",result="failed"}': 1.0,
        '{kind="check_function",result="error"}': 1.0,
        '{kind="check_function",result="invalid_argument"}': 2.0,
        '{kind="execute",result="exited"}': 1.0,
        '{kind="execute",result="cpu_time_exceeded"}': 1.0,
    }
    assert found["rlvf_executor_slot_restarts_total"] == 1.0
    assert found["rlvf_executor_slots"] == 1.0
    assert found["rlvf_executor_slots_busy"] == 0.0
    assert found["rlvf_executor_queue_length"] == 0.0
    assert found["rlvf_executor_refused_total"] == 0.0
    assert found['rlvf_executor_cpu_seconds_count{kind="check_function"}'] == 4.0
    assert found['rlvf_executor_cpu_seconds_sum{kind="execute"}'] > 0.2
    assert found['rlvf_executor_cpu_seconds_bucket{kind="execute",le="100.0"}'] == 2.0
    # One more than the executions: the run that the killed supervisor took with it. One grading was
    # refused before it came to a slot.
    assert found["rlvf_executor_slot_seconds_count"] == 8.0
    assert found["rlvf_executor_queue_seconds_count"] == 8.0


def test_there_is_no_endpoint_unless_asked_for() -> None:
    with ExecutorProcess(executor_slots="1") as process:
        listening = [
            connection
            for connection in psutil.Process(process.pid).net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert len(listening) == 1
