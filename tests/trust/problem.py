"""The problem that no attack solves, with its tests in the form that each grader takes.

`f(numbers)` returns the distinct numbers in ascending order. A test that is code contains the
reference, and calls it after the candidate, as HumanEval's test of `find_zero` calls its helper.
"""

import json

from rlvf.executor.v1 import executor_pb2

ENTRY_POINT = "f"
INPUTS = [[3, 1, 3], [5, 4], [9, 2, 9, 7], [-1, -6, -1]]
EXPECTED = [sorted(set(numbers)) for numbers in INPUTS]
SOLUTION = "def f(numbers):\n    return sorted(set(numbers))\n"
WRONG = "def f(numbers):\n    return numbers\n"
_REFERENCE = "def reference(numbers):\n    return sorted(set(numbers))\n"
CHECK = (
    f"{_REFERENCE}\n"
    "def check(candidate):\n"
    f"    for numbers in {INPUTS}:\n"
    "        assert candidate(numbers) == reference(numbers)\n"
)
UNIT_TEST = (
    f"import unittest\n{_REFERENCE}\n"
    "class TestCases(unittest.TestCase):\n"
    "    def test_values(self):\n"
    f"        for numbers in {INPUTS}:\n"
    "            self.assertEqual(f(numbers), reference(numbers))\n"
)
JSON_INPUTS = [json.dumps(numbers) for numbers in INPUTS]
JSON_EXPECTED = [json.dumps(numbers) for numbers in EXPECTED]

FORMS = {
    "check": executor_pb2.GradeRequest(
        check_function=executor_pb2.CheckFunction(source=CHECK),
    ),
    # A test that may have lasting effects is run by a judge of its own, not by the worker.
    "check in a judge of its own": executor_pb2.GradeRequest(
        check_function=executor_pb2.CheckFunction(source=f"import sys\n{CHECK}"),
    ),
    "assertions": executor_pb2.GradeRequest(
        assert_list=executor_pb2.AssertList(
            assertions=[
                f"assert f({numbers}) == {right}"
                for numbers, right in zip(INPUTS, EXPECTED, strict=True)
            ]
        ),
    ),
    "cases": executor_pb2.GradeRequest(
        cases=executor_pb2.Cases(
            inputs=[f"({numbers},)" for numbers in INPUTS], expected=[str(one) for one in EXPECTED]
        ),
    ),
}
"""The same test in our kinds of test: requests without candidate and limits."""
