"""What `rlvf score` and `rlvf evaluate` say in one line."""

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_client.cli.commands import _summary_line


def line(*, tasks: int = 9, without_reference: int = 0) -> str:
    summary = evaluator_pb2.ScoreSummary(benchmark="mine", tasks=9, samples=18, passed=9)
    summary.calibration.tasks = tasks
    summary.calibration.without_reference = without_reference
    return _summary_line(summary)


def test_a_part_of_a_benchmark_is_not_taken_for_the_whole() -> None:
    assert "all 9 tasks" in line()
    assert "ONLY 9 of its 10 tasks" in line(tasks=10)


def test_tasks_whose_tests_no_reference_has_passed_are_told() -> None:
    assert "reference" not in line()
    assert "nothing shows that a right answer passes 4 of the tasks" in line(without_reference=4)
