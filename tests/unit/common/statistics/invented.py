"""Results made up for tests."""

from rlvf_common.statistics.results import CalibrationRecord, EvaluationResult, TaskResult


def result_of(flags: dict[str, list[bool]], benchmark: str = "humaneval") -> EvaluationResult:
    """A result with these outcomes of the samples of each task."""
    return EvaluationResult(
        benchmark,
        tuple(
            TaskResult(task, sample, "passed" if flag else "failed")
            for task, samples in flags.items()
            for sample, flag in enumerate(samples)
        ),
    )


def calibration_of(benchmark_sha256: str) -> CalibrationRecord:
    """A sound calibration on the benchmark with this digest."""
    return CalibrationRecord(2, 2, 0, 0, 0, True, "", benchmark_sha256, "b" * 64)
