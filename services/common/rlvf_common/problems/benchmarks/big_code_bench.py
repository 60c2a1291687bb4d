"""Converts BigCodeBench (Zhuo et al. 2024, arXiv:2406.15877) to `Problem`s.

Schema of the hub's `bigcode/bigcodebench` and `bigcode/bigcodebench-hard`, and of the releases'
`BigCodeBench.jsonl.gz`: `task_id`, `complete_prompt`, `instruct_prompt`, `code_prompt`,
`canonical_solution`, `entry_point`, and `test`, which defines the class `TestCases` of `unittest`.

BigCodeBench's own harness (github.com/bigcode-project/bigcodebench, commit 0695a63,
`bigcodebench/eval/__init__.py`) executes program and test as one module, whose class decides in
the program's own process. Here the class runs in the judge, and calls the function in the
program's process; so:

* A test that patches the program's modules, shares files or random state with it, or sends or
  compares objects that are no plain data, cannot pass. `rlvf_evaluator.prepare` omits its task.
* A class without test methods, and a test that skips or expects failure, never passes. There they
  do.
* The limit is 30 s of CPU time for all tests together. There it is 240 s of wall time.
"""

from rlvf_common.problems.benchmarks import Content, Record, Records, docstring
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import support_source

__all__ = ["read_big_code_bench", "read_big_code_bench_instruct"]

_CPU_SECONDS = 30.0
_ENVIRONMENT = "python-scientific"

# `unittest` also catches the exceptions that end a grading; the executor notices those without the
# exception. It tells the program's exceptions from others by their identity, so the first fault is
# raised as the same object.
_CHECK = '''

import unittest as _unittest

class _FirstFault(_unittest.TestResult):
    """Stops at the first test that does not simply pass."""

    def __init__(self):
        super().__init__()
        self.failfast = True
        self.fault = None

    def addError(self, test, raised):
        if self.fault is None:
            self.fault = test, raised[1]
        self.stop()

    addFailure = addError

    def addSubTest(self, test, subtest, raised):
        if raised is not None:
            self.addError(subtest, raised)

    def addSkip(self, test, reason):
        self.addError(test, (None, AssertionError("it was skipped")))

    def addExpectedFailure(self, test, raised):
        self.addError(test, (None, AssertionError("its failure is expected")))

    def addUnexpectedSuccess(self, test):
        self.addExpectedFailure(test, None)

def check(candidate):
    global ENTRY
    ENTRY = candidate
    suite = _unittest.TestLoader().loadTestsFromTestCase(TestCases)
    tests = suite.countTestCases()
    assert tests, "TestCases has no test methods"
    result = _FirstFault()
    suite.run(result)
    if result.fault is not None:
        test, error = result.fault
        if isinstance(error, Exception):
            name = test.id().removeprefix(f"{TestCases.__module__}.TestCases.")
            error.args = (f"{name}: {error}",)
        raise error
    assert result.testsRun == tests, f"{result.testsRun} of {tests} tests were run"
'''


def read_big_code_bench(records: Records) -> Content:
    """BigCodeBench-Complete: functions to complete from their docstrings."""
    return Content(tuple(_problem(one, _line(one["complete_prompt"])) for one in records))


def read_big_code_bench_instruct(records: Records) -> Content:
    """BigCodeBench-Instruct: the same functions to write from a text."""
    return Content(tuple(_instruct(one) for one in records))


def _instruct(record: Record) -> Problem:
    code = _line(record["code_prompt"])
    begun = _problem(record, code)
    return _problem(
        record,
        docstring(record["instruct_prompt"]),
        solution=code + begun.canonical_solution,
        # The test uses the prompt's imports, which this prompt has in words only.
        test=f"{support_source(begun)}\n{record['test']}",
    )


def _problem(record: Record, prompt: str, *, solution: str = "", test: str = "") -> Problem:
    entry_point = record["entry_point"]
    return Problem(
        task_id=record["task_id"],
        prompt=prompt,
        entry_point=entry_point,
        test=CheckFunction((test or record["test"]) + _CHECK.replace("ENTRY", entry_point)),
        canonical_solution=solution or _line(record["canonical_solution"]),
        source="bigcodebench",
        split="test",
        cpu_seconds=_CPU_SECONDS,
        environment=_ENVIRONMENT,
    )


def _line(code: str) -> str:
    """Code that ends in a newline."""
    return code if code.endswith("\n") else f"{code}\n"
