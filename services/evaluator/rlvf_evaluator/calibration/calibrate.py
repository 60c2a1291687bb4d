"""Calibrates a benchmark on an executor: checks before any scoring that they give correct verdicts.

Answers with known verdicts are graded like any others: reference solutions, empty answers, stubs
and forgeries. A sound calibration is stored in object storage under the digests of everything that
it depends on; a failed one is not stored, so that it is repeated after a repair.
"""

import asyncio
import hashlib
import json
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple

from rlvf.executor.v1.executor_pb2 import GetCapabilitiesResponse as Capabilities
from rlvf_api.errors import FailedPrecondition
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import program, stub_completion
from rlvf_common.rollouts.grading import MOST_AT_ONCE, Grade, Grader
from rlvf_common.rpc.concurrency import for_each
from rlvf_common.rpc.context import Principal, caller, principal
from rlvf_common.statistics.results import CalibrationRecord
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_evaluator.benchmarks import Benchmark
from rlvf_evaluator.calibration.forgeries import FORGERIES_SHA256, deal, forged_solution
from rlvf_evaluator.metrics import CALIBRATIONS_REFUSED

__all__ = ["Calibrator", "run_calibration"]

_RULES_VERSION = 3
"""Increase it when a change here changes the meaning of a calibration."""

_SHOWN = 3

Kind = Literal["reference", "empty", "stub", "forged"]
GradeFunction = Callable[[Problem, str], Awaitable[Grade]]
"""`Grader.grade`: the verdict on a whole program."""


@dataclass(frozen=True, slots=True)
class _Answer:
    kind: Kind
    problem: Problem
    solution: str
    name: str
    """A description for people."""


def _answers(problems: Sequence[Problem]) -> list[_Answer]:
    answers = []
    for problem in problems:
        completions: dict[Kind, str] = {
            "reference": problem.canonical_solution,
            "empty": "",
            "stub": stub_completion(problem),
        }
        if not problem.canonical_solution:
            del completions["reference"]
        for kind, completion in completions.items():
            answers.append(_Answer(kind, problem, program(problem, completion), problem.task_id))
    for problem, forgery in deal(problems):
        solution = forged_solution(problem, forgery)
        answers.append(_Answer("forged", problem, solution, f"{forgery} on {problem.task_id}"))
    return answers


async def run_calibration(
    benchmark: Benchmark, grade: GradeFunction, *, policy_sha256: str, python_version: str = ""
) -> CalibrationRecord:
    """Grade answers whose verdicts are known, and report whether the verdicts are correct.

    Raises:
        FailedPrecondition: the benchmark's problems cannot be read.
        Unavailable: the executor could not grade them, which says nothing about the benchmark.
    """
    problems = await asyncio.to_thread(lambda: benchmark.problems)
    answers = await asyncio.to_thread(_answers, list(problems.values()))
    grades = await for_each(
        answers,
        lambda answer: grade(answer.problem, answer.solution),
        at_once=MOST_AT_ONCE,
    )
    graded = list(zip(answers, grades, strict=True))
    passed = Counter(answer.kind for answer, found in graded if found.verdict == "passed")
    tasks = len(problems)
    complaints = []
    forged = [answer for answer in answers if answer.kind == "forged"]
    broken = [answer.name for answer in forged if not _compiles(answer.solution)]
    if broken:
        # These fail on any grader, so they prove nothing.
        complaints.append(_complaint("forgeries do not compile", broken, len(forged)))
    references = sum(answer.kind == "reference" for answer in answers)
    if passed["reference"] < references:
        wrong = [
            f"{answer.name}: {found.verdict}, {found.detail}"
            for answer, found in graded
            if answer.kind == "reference" and found.verdict != "passed"
        ]
        complaints.append(_complaint("reference solutions did not pass", wrong, references))
    allowed: dict[Kind, int] = {
        "empty": 0,
        "stub": CalibrationRecord.max_stubs(tasks),
        "forged": 0,
    }
    for kind, most in allowed.items():
        if passed[kind] > most:
            of_kind = [(answer, found) for answer, found in graded if answer.kind == kind]
            right = [answer.name for answer, found in of_kind if found.verdict == "passed"]
            complaints.append(_complaint(f"{kind} answers passed", right, len(of_kind)))
    return CalibrationRecord(
        tasks=tasks,
        reference_passed=passed["reference"],
        empty_passed=passed["empty"],
        stub_passed=passed["stub"],
        forged_passed=passed["forged"],
        sound=not complaints,
        detail="; ".join(complaints),
        benchmark_sha256=benchmark.sha256,
        executor_policy_sha256=policy_sha256,
        python_version=python_version,
        without_reference=tasks - references,
    )


def _compiles(source: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(source, "forgery", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def _complaint(what: str, examples: list[str], out_of: int) -> str:
    more = ", ..." if len(examples) > _SHOWN else ""
    return f"{len(examples)} of {out_of} {what} ({'; '.join(examples[:_SHOWN])}{more})"


class _Shared(NamedTuple):
    """Which calls wait for the same calibration."""

    key: str
    charged: Principal | None
    """None if it is charged to nobody."""


class Calibrator:
    """Calibrates each benchmark once on one executor. `charged` grades those of a caller."""

    def __init__(self, grader: Grader, charged: Grader, store: ArtifactStore) -> None:
        self._grader = grader
        self._charged = charged
        self._store = store
        self._running: dict[_Shared, asyncio.Task[CalibrationRecord]] = {}

    async def calibrate(self, benchmark: Benchmark) -> CalibrationRecord:
        """The calibration of a benchmark, sound or not: the stored one if nothing has changed, else
        a new one.

        Raises:
            FailedPrecondition: the benchmark's problems cannot be read.
            Unavailable: executor or storage cannot be reached.
            ResourceExhausted: it is a benchmark of the caller, whose quota is used up.
        """
        capabilities = await self._grader.capabilities()
        key = await asyncio.to_thread(_key, benchmark, capabilities)
        kept = await asyncio.to_thread(self._store.read_document, key)
        if kept is not None:
            return CalibrationRecord(**json.loads(kept))
        # A caller whose quota is used up must not fail the calibration of another one.
        shared = _Shared(key, None if benchmark.is_listed else principal.get())
        if shared not in self._running:
            # A task in a context of its own, because calls share it: neither the deadline nor a
            # cancellation of the first one may end it.
            context = Context()
            if not benchmark.is_listed:
                context.run(principal.set, principal.get())
                context.run(caller.set, caller.get())
            task = asyncio.create_task(self._prove(benchmark, capabilities, key), context=context)
            self._running[shared] = task
            task.add_done_callback(lambda done: self._forget(shared, done))
        return await asyncio.shield(self._running[shared])

    async def require_sound(self, benchmark: Benchmark) -> CalibrationRecord:
        """The calibration of a benchmark.

        Raises:
            FailedPrecondition: it is not sound, or as in `calibrate`.
            Unavailable: as in `calibrate`.
        """
        record = await self.calibrate(benchmark)
        if not record.sound:
            name = benchmark.name if benchmark.is_listed else "problem set"
            CALIBRATIONS_REFUSED.labels(name).inc()
            raise FailedPrecondition(
                f"nothing is scored: calibration of {benchmark.name} on this executor failed: "
                f"{record.detail}"
            )
        return record

    async def close(self) -> None:
        """Stop running calibrations."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _prove(
        self, benchmark: Benchmark, capabilities: Capabilities, key: str
    ) -> CalibrationRecord:
        grader = self._grader if benchmark.is_listed else self._charged
        record = await run_calibration(
            benchmark,
            grader.of(capabilities.policy_sha256).grade,
            policy_sha256=capabilities.policy_sha256,
            python_version=capabilities.python_version,
        )
        if record.sound:
            data = json.dumps(asdict(record)).encode()
            await asyncio.to_thread(self._store.write_document, key, data)
        return record

    def _forget(self, shared: _Shared, task: asyncio.Task[CalibrationRecord]) -> None:
        del self._running[shared]
        if not task.cancelled():
            # Retrieves the exception in case every caller has gone.
            task.exception()


def _key(benchmark: Benchmark, capabilities: Capabilities) -> str:
    """The key under which a calibration is stored. The benchmark's digest covers CPU limits too."""
    rules = f"{_RULES_VERSION} {FORGERIES_SHA256} {capabilities.python_version}"
    digest = hashlib.sha256(rules.encode()).hexdigest()
    return f"calibrations/{benchmark.sha256}/{capabilities.policy_sha256}/{digest}"
