"""Calibration refuses graders whose verdicts are not true."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlvf_common.errors import Unavailable
from rlvf_common.grading import Grade
from rlvf_common.problems import Problem
from rlvf_evaluator.benchmarks import BENCHMARKS, Benchmark
from rlvf_evaluator.calibration import run_calibration
from rlvf_evaluator.forgeries import FORGERIES, deal, forged_solution

_POLICY = "p" * 64


def _problem(name: str, body: str, *asserts: str) -> Problem:
    lines = "".join(f"    assert {line}\n" for line in asserts)
    return Problem(
        task_id=f"toy/{name}",
        prompt=f'def {name}(n):\n    """A toy."""\n',
        entry_point=name,
        test=f"def check(candidate):\n{lines}",
        canonical_solution=f"    return {body}\n",
        source="toy",
        split="test",
    )


_PROBLEMS = [
    _problem("double", "2 * n", "candidate(2) == 4", "candidate(5) == 10"),
    _problem("third", "n / 3", "abs(candidate(1) - 1 / 3) < 1e-6", "abs(candidate(9) - 3) < 1e-6"),
    _problem("spell", "'*' * n", "candidate(3) == '***'", "candidate(1) == '*'"),
    _problem("count", "list(range(n))", "candidate(2) == [0, 1]", "candidate(1) == [0]"),
    _problem("even", "n % 2 == 0", "candidate(2) == True", "candidate(3) == False"),
]
_TOY = Benchmark("toy", "Toys", "Apache-2.0", "test", lambda: _PROBLEMS)


class SabotagedGrader:
    """Grades in `toy_grader.py`, in one of its unsound ways."""

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("toy_grader.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    async def grade(self, problem: Problem, solution: str) -> Grade:
        job = {
            "mode": self._mode,
            "solution": solution,
            "test": problem.test,
            "entry_point": problem.entry_point,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        passed = json.loads(self._process.stdout.readline())
        return Grade("passed" if passed else "failed", "" if passed else "wrong", 1.0)

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def sabotaged(request: pytest.FixtureRequest) -> Iterator[SabotagedGrader]:
    grader = SabotagedGrader(request.param)
    yield grader
    grader.close()


async def _oracle(problem: Problem, solution: str) -> Grade:
    """A double that is always right: it knows the reference solution."""
    right = solution == problem.prompt + problem.canonical_solution
    return Grade("passed" if right else "failed", "" if right else "wrong", 1.0)


async def test_true_verdicts_are_found_sound() -> None:
    record = await run_calibration(_TOY, _oracle, policy_sha256=_POLICY)
    assert record.sound
    assert record.detail == ""
    assert (record.tasks, record.reference_passed) == (5, 5)
    assert (record.empty_passed, record.stub_passed, record.forged_passed) == (0, 0, 0)
    assert (record.benchmark_sha256, record.executor_policy_sha256) == (_TOY.sha256, _POLICY)


@pytest.mark.parametrize("sabotaged", ["never_called"], indirect=True)
async def test_grader_that_defines_the_test_and_never_calls_it_is_refused(
    sabotaged: SabotagedGrader,
) -> None:
    """The prior experiment's harness, which passed 164 of 164 empty answers."""
    record = await run_calibration(_TOY, sabotaged.grade, policy_sha256=_POLICY)
    assert not record.sound
    assert (record.reference_passed, record.empty_passed, record.stub_passed) == (5, 5, 5)
    assert "5 of 5 empty answers passed (toy/double; toy/third; toy/spell, ...)" in record.detail


async def test_grader_that_always_says_passed_is_refused() -> None:
    async def always(problem: Problem, solution: str) -> Grade:
        return Grade("passed", "", 0.0)

    record = await run_calibration(_TOY, always, policy_sha256=_POLICY)
    assert not record.sound
    assert record.empty_passed == record.stub_passed == 5
    assert record.forged_passed == len(list(deal(_PROBLEMS)))


@pytest.mark.parametrize("sabotaged", ["visible"], indirect=True)
async def test_grader_whose_expected_values_are_visible_is_refused(
    sabotaged: SabotagedGrader,
) -> None:
    """It calls the test and takes plain values only; yet expected values can be stolen."""
    record = await run_calibration(_TOY, sabotaged.grade, policy_sha256=_POLICY)
    assert not record.sound
    assert (record.reference_passed, record.empty_passed, record.stub_passed) == (5, 0, 0)
    assert "stolen expected values on toy/" in record.detail
    assert "forged answers passed" in record.detail


@pytest.mark.parametrize("sabotaged", ["naive"], indirect=True)
@pytest.mark.parametrize("forgery", FORGERIES)
async def test_every_forgery_fools_a_naive_grader(forgery: str, sabotaged: SabotagedGrader) -> None:
    """An attack that fools nobody would prove nothing."""
    grades = [await sabotaged.grade(one, forged_solution(one, forgery)) for one in _PROBLEMS]
    assert "passed" in {grade.verdict for grade in grades}


async def test_reference_that_does_not_pass_is_named_with_its_verdict() -> None:
    async def strict(problem: Problem, solution: str) -> Grade:
        if problem.entry_point == "spell":
            return Grade("timeout", "10 s of CPU time", 10_000.0)
        return await _oracle(problem, solution)

    record = await run_calibration(_TOY, strict, policy_sha256=_POLICY)
    assert not record.sound
    assert record.detail == (
        "1 of 5 reference solutions did not pass (toy/spell: timeout, 10 s of CPU time)"
    )


async def test_stubs_may_pass_one_task_in_a_hundred() -> None:
    """A task may be satisfied by None."""
    problems = [_problem(f"task{k}", "n", f"candidate({k}) == {k}") for k in range(100)]
    benchmark = Benchmark("many", "Many", "Apache-2.0", "test", lambda: problems)

    def accepting(names: set[str]):  # type: ignore[no-untyped-def]
        async def grade(problem: Problem, solution: str) -> Grade:
            if problem.entry_point in names and solution.endswith("\n    pass\n"):
                return Grade("passed", "", 0.0)
            return await _oracle(problem, solution)

        return grade

    one = await run_calibration(benchmark, accepting({"task7"}), policy_sha256=_POLICY)
    assert (one.sound, one.stub_passed) == (True, 1)
    two = await run_calibration(benchmark, accepting({"task7", "task8"}), policy_sha256=_POLICY)
    assert (two.sound, two.stub_passed) == (False, 2)


async def test_executor_that_is_away_is_no_finding_about_the_benchmark() -> None:
    async def away(problem: Problem, solution: str) -> Grade:
        await asyncio.sleep(0)
        raise Unavailable("the executor cannot be reached")

    with pytest.raises(Unavailable, match="cannot be reached"):
        await run_calibration(_TOY, away, policy_sha256=_POLICY)


@pytest.mark.parametrize("count", [1, 2, 5, 66, 164])
def test_every_task_faces_forgeries_and_every_forgery_faces_tasks(count: int) -> None:
    problems = [_problem(f"task{k}", "n", f"candidate({k}) == {k}") for k in range(count)]
    dealt = list(deal(problems))
    assert len(dealt) == len(set(dealt))
    assert min(Counter(problem.task_id for problem, _ in dealt).values()) >= 2
    assert set(Counter(forgery for _, forgery in dealt)) == set(FORGERIES)
    assert min(Counter(forgery for _, forgery in dealt).values()) >= min(3, count)


@pytest.mark.parametrize("name", sorted(BENCHMARKS))
def test_forgeries_are_programs_that_define_the_entry_point(name: str) -> None:
    """An attack with a syntax error would be stopped by anything."""
    for problem, forgery in deal(list(BENCHMARKS[name].problems.values())):
        source = forged_solution(problem, forgery)
        compile(source, "forgery", "exec")
        assert f"\ndef {problem.entry_point}(" in source
