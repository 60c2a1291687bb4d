"""Between a request to grade and the supervisor's job: checks and conversions. No I/O."""

import base64
import math
from collections.abc import Iterable

from rlvf.executor.v1 import executor_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_common.rpc.validation import require
from rlvf_executor.contract import link, policy, suites, tables, test_payload
from rlvf_executor.contract.link import Message
from rlvf_executor.contract.rules import Comparison, Rule, StreamComparison, StreamRule, Tolerance
from rlvf_executor.server.jobs import job_values, limits_of, require_size

_COMPARISONS = {
    executor_pb2.COMPARISON_UNSPECIFIED: Comparison.EQUAL,
    **{executor_pb2.Comparison.Value(f"COMPARISON_{one.name}"): one for one in Comparison},
}
_STREAM_COMPARISONS = {
    executor_pb2.STREAM_COMPARISON_UNSPECIFIED: StreamComparison.TOKENS,
    **{
        executor_pb2.StreamComparison.Value(f"STREAM_COMPARISON_{one.name}"): one
        for one in StreamComparison
    },
}


def grade_message(request: executor_pb2.GradeRequest, encoded_expected: bytes | None) -> Message:
    """The job of a `Grade`; `encoded_expected` is what the reference returned, if there is one.

    Raises:
        InvalidArgument: a field is missing or out of range.
    """
    source = request.candidate_source.encode()
    require_size(source, "candidate_source", policy.MAX_SOURCE_BYTES)
    kind = request.WhichOneof("test") or ""
    require(
        bool(kind),
        "test",
        "is required; set check_function, assert_list, cases or standard_streams",
    )
    limits = limits_of(request.limits)
    values = job_values(limits, request.environment)
    if request.credit:
        values["credit"] = True
    if kind == "standard_streams":
        require(not request.entry_point, "entry_point", "must be empty: the whole program is run")
        return Message(link.GRADE_STREAMS, values, (source, _streams(request.standard_streams)))
    if request.entry_point or kind != "assert_list":
        _require_identifier(request.entry_point, "entry_point")
    if kind == "check_function":
        fields = _check_function(request.check_function)
    elif kind == "assert_list":
        fields = _assert_list(request.assert_list)
    else:
        fields = _cases(request.cases, encoded_expected)
    payload = test_payload.encode(
        kind,
        budgets_calls=limits.call_cpu_seconds > 0,
        credit=request.credit,
        entry_point=request.entry_point,
        **fields,
    )
    if encoded_expected is not None and tables.MENTION in encoded_expected:
        values["needs_all_packages"] = True
    entry_point = _entry_point(request).encode()
    return Message(link.GRADE, values, (entry_point + b"\n" + source, payload))


def _entry_point(request: executor_pb2.GradeRequest) -> str:
    """The entry point as a candidate is told it (`candidate.py`): with the class it may be in."""
    owner = request.assert_list.method_of
    if not owner:
        return request.entry_point
    require(bool(request.entry_point), "entry_point", "is required beside method_of")
    _require_identifier(owner, "assert_list.method_of")
    return f"{request.entry_point} {owner}"


def _require_identifier(name: str, field: str) -> None:
    right = name.isidentifier() and len(name) <= 1000
    require(right, field, f"must be a Python identifier, not {name[:100]!r}")


# The fields of a payload, for each kind of test (`test_payload.py`).


def _check_function(test: executor_pb2.CheckFunction) -> dict[str, object]:
    require(bool(test.source), "check_function.source", "is required")
    require_size(test.source.encode(), "check_function.source", policy.MAX_TEST_BYTES)
    require_size(
        test.support_source.encode(), "check_function.support_source", policy.MAX_TEST_BYTES
    )
    return {"source": test.source, "support_source": test.support_source}


def _assert_list(test: executor_pb2.AssertList) -> dict[str, object]:
    require(bool(test.assertions), "assert_list.assertions", "is required")
    for index, assertion in enumerate(test.assertions):
        require(bool(assertion.strip()), f"assert_list.assertions[{index}]", "is empty")
    _require_together(
        (test.setup_source, *test.assertions), "assert_list.assertions", policy.MAX_TEST_BYTES
    )
    return {"setup_source": test.setup_source, "assertions": list(test.assertions)}


def _cases(test: executor_pb2.Cases, encoded_expected: bytes | None) -> dict[str, object]:
    require_cases(test)
    return {
        "inputs": list(test.inputs),
        "expected": list(test.expected) or None,
        "encoded_expected": (
            None if encoded_expected is None else base64.b64encode(encoded_expected).decode()
        ),
        "rule": rule_of(test),
        "oracle_source": test.oracle_source,
    }


def require_cases(test: executor_pb2.Cases) -> None:
    """Raises InvalidArgument for cases that cannot be graded."""
    require(bool(test.inputs), "cases.inputs", "is required")
    _require_together(test.inputs, "cases.inputs", policy.MAX_TEST_BYTES)
    _require_together(test.expected, "cases.expected", policy.MAX_TEST_BYTES)
    require_size(test.reference_source.encode(), "cases.reference_source", policy.MAX_SOURCE_BYTES)
    require_size(test.oracle_source.encode(), "cases.oracle_source", policy.MAX_ORACLE_BYTES)
    if test.reference_source:
        require(not test.expected, "cases.expected", "must be empty beside reference_source")
    elif test.expected or not test.oracle_source:
        require(
            len(test.expected) == len(test.inputs),
            "cases.expected",
            f"has {len(test.expected)} values for {len(test.inputs)} inputs",
        )


def rule_of(test: executor_pb2.Cases) -> Rule:
    """How cases are compared. Raises InvalidArgument."""
    require(test.comparison in _COMPARISONS, "cases.comparison", "is not known")
    return Rule(
        _COMPARISONS[test.comparison],
        _tolerance(test.tolerance, "cases.tolerance") if test.HasField("tolerance") else None,
        (
            _tolerance(test.float_tolerance, "cases.float_tolerance")
            if test.HasField("float_tolerance")
            else None
        ),
        test.flat_floats_only,
    )


def _streams(test: executor_pb2.StandardStreams) -> bytes:
    require(bool(test.cases), "standard_streams.cases", "is required")
    for index, case in enumerate(test.cases):
        where = f"standard_streams.cases[{index}]"
        require_size(case.stdin, f"{where}.stdin", policy.MAX_STDIN_BYTES)
        require_size(case.expected_stdout, f"{where}.expected_stdout", policy.MAX_STDIN_BYTES)
    size = sum(len(case.stdin) + len(case.expected_stdout) for case in test.cases)
    require(
        size <= policy.MAX_SUITE_BYTES,
        "standard_streams.cases",
        f"is {size} bytes long together, more than {policy.MAX_SUITE_BYTES}",
    )
    require(test.comparison in _STREAM_COMPARISONS, "standard_streams.comparison", "is not known")
    comparison = _STREAM_COMPARISONS[test.comparison]
    tolerance = None
    if test.HasField("float_tolerance"):
        field = "standard_streams.float_tolerance"
        require(comparison is StreamComparison.TOKENS, field, "needs the comparison TOKENS")
        tolerance = _tolerance(test.float_tolerance, field)
    if test.ignore_case:
        field = "standard_streams.ignore_case"
        require(comparison is not StreamComparison.EXACT, field, "is not for the comparison EXACT")
    checker_bytes = test.checker_source.encode()
    require_size(checker_bytes, "standard_streams.checker_source", policy.MAX_ORACLE_BYTES)
    return suites.encode(
        suites.Suite(
            StreamRule(comparison, tolerance, test.any_exit_status, test.ignore_case),
            tuple(suites.Case(case.stdin, case.expected_stdout) for case in test.cases),
            test.checker_source,
        )
    )


def _tolerance(tolerance: executor_pb2.Tolerance, field: str) -> Tolerance:
    for name, value in (("absolute", tolerance.absolute), ("relative", tolerance.relative)):
        if not (math.isfinite(value) and value >= 0):
            raise InvalidArgument(
                f"{field}.{name}", f"must be finite and not negative, not {value}"
            )
    return Tolerance(tolerance.absolute, tolerance.relative)


def _require_together(texts: Iterable[str], field: str, most: int) -> None:
    size = sum(len(text.encode()) for text in texts)
    require(size <= most, field, f"is {size} bytes long together, more than {most}")
