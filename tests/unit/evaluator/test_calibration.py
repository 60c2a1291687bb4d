"""Calibration refuses graders whose verdicts are not true."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path
from typing import Self, TypeVar

import pytest

from rlvf.executor.v1.executor_pb2 import GetCapabilitiesResponse
from rlvf_api.errors import ResourceExhausted, Unavailable
from rlvf_common.problems.benchmarks import Content
from rlvf_common.problems.kinds_of_test import (
    AssertList,
    Cases,
    CheckFunction,
    StandardStreams,
    StreamCase,
    Test,
    record_of,
)
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.grading import Grade, Grader
from rlvf_common.rpc.context import Principal, principal
from rlvf_common.statistics.results import CalibrationRecord
from rlvf_evaluator.benchmarks import BENCHMARKS, Benchmark
from rlvf_evaluator.calibration.calibrate import Calibrator, run_calibration
from rlvf_evaluator.calibration.forgeries import FORGERIES, PROGRAM_FORGERIES, deal, forged_solution

from ..doubles import StoreInMemory

_POLICY = "p" * 64
ResultT = TypeVar("ResultT")


def _problem(name: str, body: str, *asserts: str) -> Problem:
    lines = "".join(f"    assert {line}\n" for line in asserts)
    return Problem(
        task_id=f"toy/{name}",
        prompt=f'def {name}(n):\n    """A toy."""\n',
        entry_point=name,
        test=CheckFunction(f"def check(candidate):\n{lines}"),
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


def _of_kind(name: str, test: Test, solution: str) -> Problem:
    entry_point = "" if isinstance(test, StandardStreams) else name
    return Problem(f"toy/{name}", '"""A toy."""\n', entry_point, test, solution)


_ASSERTS = [
    _of_kind(
        "twice",
        AssertList(("assert twice(2) == 4", "assert twice(5) == 10")),
        "def twice(n): return 2 * n",
    ),
    _of_kind("stars", AssertList(("assert stars(3) == '***'",)), "def stars(n): return '*' * n"),
    _of_kind(
        "upto", AssertList(("assert upto(2) == [0, 1]",)), "def upto(n): return list(range(n))"
    ),
]
_CASES = [
    _of_kind("twice", Cases(("(2,)", "(5,)"), ("4", "10")), "def twice(n): return 2 * n"),
    _of_kind("stars", Cases(("(3,)",), ("'***'",)), "def stars(n): return '*' * n"),
    _of_kind("upto", Cases(("(2,)",), ("[0, 1]",)), "def upto(n): return list(range(n))"),
]
_PROGRAMS = [
    _of_kind(
        "last",
        StandardStreams((StreamCase("1 2\n", "2\n"), StreamCase("7 8\n", "8\n"))),
        "print(input().split()[-1])",
    ),
    _of_kind(
        "sum",
        StandardStreams((StreamCase("1 2\n", "3\n"),)),
        "print(sum(map(int, input().split())))",
    ),
    _of_kind("echo", StandardStreams((StreamCase("abc\n", "a b c\n"),)), "print(*input())"),
]


def _benchmark(problems: list[Problem]) -> Benchmark:
    return Benchmark("toy", "Toys", "Apache-2.0", "test", lambda: Content(tuple(problems)))


_TOY = _benchmark(_PROBLEMS)
_KINDS = {"check": _PROBLEMS, "asserts": _ASSERTS, "cases": _CASES, "programs": _PROGRAMS}


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

    async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
        job = {
            "mode": self._mode,
            "solution": solution,
            "test": record_of(problem.test),
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


@pytest.mark.parametrize("kind", _KINDS)
async def test_true_verdicts_are_found_sound_for_every_kind_of_test(kind: str) -> None:
    problems = _KINDS[kind]
    record = await run_calibration(
        _benchmark(problems), _oracle, policy_sha256=_POLICY, python_version="3.11.7"
    )
    assert (record.sound, record.reference_passed) == (True, len(problems))
    assert record.python_version == "3.11.7"


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


@pytest.mark.parametrize("sabotaged", ["visible"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "forgery"),
    [
        ("asserts", "stolen expected values"),
        ("cases", "an expected value of a frame"),
    ],
)
async def test_visible_expected_values_of_other_tests_are_refused_too(
    sabotaged: SabotagedGrader, kind: str, forgery: str
) -> None:
    record = await run_calibration(_benchmark(_KINDS[kind]), sabotaged.grade, policy_sha256=_POLICY)
    assert (record.sound, record.reference_passed, record.empty_passed) == (False, 3, 0)
    assert f"{forgery} on toy/" in record.detail


@pytest.mark.parametrize("sabotaged", ["naive"], indirect=True)
@pytest.mark.parametrize("forgery", [*FORGERIES, *PROGRAM_FORGERIES])
async def test_every_forgery_fools_a_naive_grader(forgery: str, sabotaged: SabotagedGrader) -> None:
    """An attack that fools nobody would prove nothing."""
    problems = [*_PROBLEMS, *_CASES] if forgery in FORGERIES else _PROGRAMS
    grades = [await sabotaged.grade(one, forged_solution(one, forgery)) for one in problems]
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


async def test_tasks_without_a_reference_are_counted_and_the_others_must_pass() -> None:
    benchmark = _benchmark([replace(_PROBLEMS[0], canonical_solution=""), *_PROBLEMS[1:]])
    record = await run_calibration(benchmark, _oracle, policy_sha256=_POLICY)
    assert not record.sound  # The double takes an empty answer for the reference.
    assert record.detail == "1 of 5 empty answers passed (toy/double)"

    async def strict(problem: Problem, solution: str) -> Grade:
        right = bool(problem.canonical_solution) and problem.entry_point != "spell"
        return await _oracle(problem, solution) if right else Grade("failed", "wrong", 1.0)

    record = await run_calibration(benchmark, strict, policy_sha256=_POLICY)
    assert record.detail == "1 of 4 reference solutions did not pass (toy/spell: failed, wrong)"
    assert (record.reference_passed, record.without_reference) == (3, 1)
    assert not record.counts_are_sound


async def test_stubs_may_pass_one_task_in_a_hundred() -> None:
    """A task may be satisfied by None."""
    problems = [_problem(f"task{k}", "n", f"candidate({k}) == {k}") for k in range(100)]
    benchmark = _benchmark(problems)

    def accepting(names: set[str]) -> Callable[[Problem, str], Awaitable[Grade]]:
        async def grade(problem: Problem, solution: str) -> Grade:
            if problem.entry_point in names and solution.endswith("\n    pass\n"):
                return Grade("passed", "", 0.0)
            return await _oracle(problem, solution)

        return grade

    one = await run_calibration(benchmark, accepting({"task7"}), policy_sha256=_POLICY)
    assert (one.sound, one.stub_passed) == (True, 1)
    two = await run_calibration(benchmark, accepting({"task7", "task8"}), policy_sha256=_POLICY)
    assert (two.sound, two.stub_passed) == (False, 2)


class _GraderOf(Grader):
    """A double that is always right, of one version of Python."""

    def __init__(self, python_version: str) -> None:
        self._python_version = python_version

    def of(self, policy_sha256: str) -> Self:
        assert policy_sha256 == _POLICY
        return self

    async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
        return await _oracle(problem, solution)

    async def capabilities(self) -> GetCapabilitiesResponse:
        return GetCapabilitiesResponse(policy_sha256=_POLICY, python_version=self._python_version)


async def test_proof_is_kept_for_one_benchmark_policy_and_python() -> None:
    store = StoreInMemory()
    for version in ("3.11.7", "3.12.1", "3.11.7"):
        record = await Calibrator(_GraderOf(version), _GraderOf(version), store).calibrate(_TOY)
        assert record.python_version == version
    assert len(store.documents) == 2
    slower = _benchmark([replace(problem, cpu_seconds=9.0) for problem in _PROBLEMS])
    await Calibrator(_GraderOf("3.11.7"), _GraderOf("3.11.7"), store).calibrate(slower)
    assert len(store.documents) == 3


class _ChargedDouble(_GraderOf):
    """Refuses the team without a quota, once every team has called."""

    def __init__(self, teams: int) -> None:
        super().__init__("3.11.7")
        self._teams = teams
        self._called: Counter[str] = Counter()
        self._all_called = asyncio.Event()

    async def grade(self, problem: Problem, solution: str, *, credit: bool = False) -> Grade:
        name = principal.get().name
        self._called[name] += 1
        if len(self._called) == self._teams:
            self._all_called.set()
        await self._all_called.wait()
        if name == "team-without":
            raise ResourceExhausted("samples: team-without has used 5 of 5")
        return await _oracle(problem, solution)


def _called_by(name: str, work: Coroutine[None, None, ResultT]) -> asyncio.Task[ResultT]:
    context = copy_context()
    context.run(principal.set, Principal(name))
    return asyncio.create_task(work, context=context)


async def test_the_used_up_quota_of_a_team_is_no_error_of_another_one() -> None:
    own = replace(_TOY, is_listed=False)
    store = StoreInMemory()
    calibrator = Calibrator(_GraderOf("3.11.7"), _ChargedDouble(teams=2), store)
    names = ("team-without", "team-with", "team-without", "team-with")
    calls = [_called_by(name, calibrator.calibrate(own)) for name in names]
    async with asyncio.timeout(60):  # A team that is not graded for itself would wait forever.
        without, sound, again, same = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(without, ResourceExhausted)
    assert isinstance(again, ResourceExhausted)
    assert isinstance(sound, CalibrationRecord)
    assert sound.sound
    # Calls of one team share one calibration.
    assert same is sound
    assert not calibrator._running


async def test_executor_that_is_away_is_no_finding_about_the_benchmark() -> None:
    async def away(problem: Problem, solution: str) -> Grade:
        await asyncio.sleep(0)
        raise Unavailable("the executor cannot be reached")

    with pytest.raises(Unavailable, match="cannot be reached"):
        await run_calibration(_TOY, away, policy_sha256=_POLICY)


def test_programs_face_the_forgeries_of_programs() -> None:
    dealt = list(deal([*_PROBLEMS, *_PROGRAMS]))
    assert {name for one, name in dealt if one in _PROGRAMS} == set(PROGRAM_FORGERIES)
    assert {name for one, name in dealt if one in _PROBLEMS} == set(FORGERIES)


@pytest.mark.parametrize("count", [1, 2, 5, 66, 164])
def test_every_task_faces_forgeries_and_every_forgery_faces_tasks(count: int) -> None:
    problems = [_problem(f"task{k}", "n", f"candidate({k}) == {k}") for k in range(count)]
    dealt = list(deal(problems))
    assert len(dealt) == len(set(dealt))
    assert min(Counter(problem.task_id for problem, _ in dealt).values()) >= 2
    assert set(Counter(forgery for _, forgery in dealt)) == set(FORGERIES)
    assert min(Counter(forgery for _, forgery in dealt).values()) >= min(3, count)


@pytest.mark.parametrize("forgery", PROGRAM_FORGERIES)
def test_forgeries_of_programs_compile(forgery: str) -> None:
    compile(forged_solution(_PROGRAMS[0], forgery), "forgery", "exec")


async def test_forgeries_that_do_not_compile_prove_nothing() -> None:
    nameless = replace(_ASSERTS[0], entry_point="")
    benchmark = _benchmark([*_ASSERTS[1:], nameless])
    record = await run_calibration(benchmark, _oracle, policy_sha256=_POLICY)
    assert (record.sound, record.reference_passed, record.forged_passed) == (False, 3, 0)
    assert "forgeries do not compile" in record.detail
    assert "on toy/twice" in record.detail


@pytest.mark.parametrize("name", ["humaneval", "starter", "asserts", "cases", "check"])
def test_forgeries_are_programs_that_define_the_entry_point(name: str) -> None:
    """An attack with a syntax error would be stopped by anything."""
    problems = _KINDS.get(name) or list(BENCHMARKS[name].problems.values())
    for problem, forgery in deal(problems):
        source = forged_solution(problem, forgery)
        compile(source, "forgery", "exec")
        assert not problem.entry_point or f"\ndef {problem.entry_point}(" in source
