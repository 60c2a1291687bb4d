"""Records of HumanEval+, MBPP and MBPP+ as requests to the executor.

HumanEval's own records are `Problem`s (`problems.py`). What is said here about how EvalPlus
compares is read from github.com/evalplus/evalplus, v0.3.1: `evalplus/eval/__init__.py`
(`unsafe_execute`), `evalplus/eval/_special_oracle.py` and `evalplus/data/mbpp.py`
(`mbpp_deserialize_inputs`).
"""

import ast
import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypedDict, cast

from rlvf.executor.v1 import executor_pb2


@dataclass(frozen=True, slots=True)
class BenchmarkTask:
    """One task of a benchmark, ready to grade whole programs."""

    task_id: str
    entry_point: str
    reference: str
    """A whole program that is right."""
    stub: str
    """A whole program that does nothing: the entry point returns None."""
    test: executor_pb2.GradeRequest
    """The request without a candidate and limits."""

    def request(
        self, solution: str, limits: executor_pb2.Limits | None = None
    ) -> executor_pb2.GradeRequest:
        """The request that grades `solution`, a whole program."""
        request = executor_pb2.GradeRequest(candidate_source=solution, limits=limits)
        request.MergeFrom(self.test)
        return request


class _PlusRecord(TypedDict):
    task_id: str
    prompt: str
    entry_point: str
    canonical_solution: str
    base_input: list[list[object]]
    plus_input: list[list[object]]
    atol: float


class _MbppRecord(TypedDict):
    task_id: int
    code: str
    test_setup_code: str
    test_list: list[str]
    challenge_test_list: list[str]


_Arguments: TypeAlias = Sequence[object]


def read_humaneval_plus(data: bytes) -> Iterator[BenchmarkTask]:
    """HumanEval+'s JSON Lines, unpacked. Base and plus inputs together."""
    for record in _plus_records(data):
        inputs = [tuple(one) for one in [*record["base_input"], *record["plus_input"]]]
        oracle = _ORACLES.get(record["entry_point"], "")
        stub = f"{record['prompt']}\n    pass\n"
        yield _plus_task(record, inputs, oracle, stub, executor_pb2.COMPARISON_EQUAL)


def read_mbpp_plus(data: bytes) -> Iterator[BenchmarkTask]:
    """MBPP+'s JSON Lines, unpacked. Base and plus inputs together."""
    for record in _plus_records(data):
        number = int(record["task_id"].removeprefix("Mbpp/"))
        revive = _REVIVE.get(number, tuple)
        raw = [*record["base_input"], *record["plus_input"]]
        if number in _KEPT_INPUTS:
            raw = list(filter(_KEPT_INPUTS[number], raw))
        inputs = [revive(one) for one in raw]
        name = record["entry_point"]
        comparison = executor_pb2.COMPARISON_EQUAL
        if name in _SET_EQUAL:
            comparison = executor_pb2.COMPARISON_SET_EQUAL
        elif name in _NOT_NONE:
            comparison = executor_pb2.COMPARISON_NOT_NONE
        yield _plus_task(record, inputs, _ORACLES.get(name, ""), _stub(name), comparison)


def read_mbpp(data: bytes, *, challenge: bool = False) -> Iterator[BenchmarkTask]:
    """MBPP's JSON Lines (`mbpp.jsonl`). With `challenge` its `challenge_test_list` counts too."""
    for line in data.splitlines():
        record: _MbppRecord = json.loads(line)
        assertions = [*record["test_list"], *(record["challenge_test_list"] if challenge else ())]
        name = _function_under_test(record["code"], record["test_list"][0])
        yield BenchmarkTask(
            task_id=f"Mbpp/{record['task_id']}",
            entry_point=name,
            reference=record["code"],
            stub=_stub(name),
            test=executor_pb2.GradeRequest(
                entry_point=name,
                assert_list=executor_pb2.AssertList(
                    setup_source=record["test_setup_code"],
                    assertions=[assertion.strip() for assertion in assertions],
                ),
            ),
        )


def _plus_records(data: bytes) -> Iterator[_PlusRecord]:
    for line in data.splitlines():
        record: _PlusRecord = json.loads(line)
        yield record


def _plus_task(
    record: _PlusRecord,
    inputs: Sequence[_Arguments],
    oracle: str,
    stub: str,
    comparison: executor_pb2.Comparison.ValueType,
) -> BenchmarkTask:
    reference = record["prompt"] + record["canonical_solution"]
    absolute = float(record["atol"])
    cases = executor_pb2.Cases(
        inputs=[repr(tuple(one)) for one in inputs],
        reference_source=reference,
        comparison=comparison,
        oracle_source=oracle.replace("TOLERANCE", repr(absolute)),
    )
    # EvalPlus: a tolerance of the task's own holds for every case; where there is none, floats and
    # lists of floats have 1e-6. The relative part is numpy.testing.assert_allclose's default.
    if absolute:
        cases.tolerance.CopyFrom(executor_pb2.Tolerance(absolute=absolute, relative=1e-7))
    else:
        cases.float_tolerance.CopyFrom(executor_pb2.Tolerance(absolute=1e-6, relative=1e-7))
    name = record["entry_point"]
    test = executor_pb2.GradeRequest(entry_point=name, cases=cases)
    return BenchmarkTask(record["task_id"], name, reference, stub, test)


def _stub(name: str) -> str:
    return f"def {name}(*arguments, **options):\n    pass\n"


def _function_under_test(code: str, assertion: str) -> str:
    """The function that both the reference defines and the assertion calls first.

    Raises:
        ValueError: there is none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MBPP's references are full of invalid escapes.
        defined = {node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(ast.parse(assertion.strip())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in defined
        ):
            return node.func.id
    raise ValueError(f"no function of the reference is called in {assertion!r}")


# Tasks of MBPP+ whose results are compared as sets, and those whose results are only ever tested
# for truth (EvalPlus' MBPP_OUTPUT_SET_EQ_TASKS and MBPP_OUTPUT_NOT_NONE_TASKS).
_SET_EQUAL = frozenset(
    ("similar_elements", "find_char_long", "common_in_nested_lists", "extract_singly", "larg_nnum",
     "intersection_array", "find_dissimilar", "Diff")
)  # fmt: skip
_NOT_NONE = frozenset(("check_str", "text_match_three", "text_starta_endb"))

# Inputs whose answers are of no reasonable size are left out; EvalPlus itself publishes variants
# without extreme inputs.
_KEPT_INPUTS: dict[int, Callable[[_Arguments], bool]] = {
    # All combinations of up to 5 things, 76 or 77 at a time: lists of up to 1.7 million tuples,
    # more than 1 GB.
    255: lambda arguments: cast(int, arguments[1]) < 70,
}

# Tasks with more than one right answer.
_ORACLES = {
    # HumanEval/32: any root of the polynomial whose coefficients come lowest first.
    "find_zero": """\
def check(arguments, output, expected):
    (coefficients,) = arguments
    value = sum(one * output ** power for power, one in enumerate(coefficients))
    return abs(value) <= TOLERANCE
""",
    # Mbpp/295: whether a number counts among its own divisors is not said for 0 and below.
    "sum_div": """\
def check(arguments, output, expected):
    return bool(output == expected or output == 0)
""",
    # Mbpp/581: the height of a pyramid may be read as the perpendicular one.
    "surface_Area": """\
import math
def check(arguments, output, expected):
    base, height = arguments
    slant = math.sqrt((base / 2) ** 2 + height ** 2)
    perpendicular = round(base ** 2 + 2 * base * slant)
    return bool(output == expected or abs(output - perpendicular) <= TOLERANCE)
""",
    # Mbpp/558: numbers of different length may be filled up with zeros on the left.
    "digit_distance_nums": """\
def check(arguments, output, expected):
    first, second = map(str, arguments)
    longest = max(len(first), len(second))
    pairs = zip(first.zfill(longest), second.zfill(longest))
    return bool(output == expected or output == sum(abs(int(a) - int(b)) for a, b in pairs))
""",
}


def _tuples(argument: object) -> object:
    return tuple(argument)  # type: ignore[arg-type]


def _list_of_tuples(argument: object) -> object:
    return [tuple(one) for one in argument]  # type: ignore[attr-defined]


def _tuple_of_tuples(argument: object) -> object:
    return tuple(tuple(one) if isinstance(one, list) else one for one in argument)  # type: ignore[attr-defined]


def _all_tuples(argument: object) -> object:
    return tuple(map(_all_tuples, argument)) if isinstance(argument, list) else argument


def _each(change: Callable[[object], object]) -> Callable[[_Arguments], _Arguments]:
    return lambda arguments: tuple(map(change, arguments))


def _at(index: int, change: Callable[[object], object]) -> Callable[[_Arguments], _Arguments]:
    return lambda arguments: tuple(
        change(argument) if place == index else argument for place, argument in enumerate(arguments)
    )


def _sets(argument: object) -> object:
    return [set(one) if one and isinstance(one, list) else {} for one in argument]  # type: ignore[attr-defined]


def _dict_of_tuples(argument: object) -> object:
    return {key: tuple(value) for key, value in argument.items()}  # type: ignore[attr-defined]


# How the arguments of a task of MBPP+ come back from JSON, which has no tuples, sets and complex
# numbers (EvalPlus' `mbpp_deserialize_inputs`).
_REVIVE: dict[int, Callable[[_Arguments], _Arguments]] = {
    **dict.fromkeys(
        (2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596, 616, 630,
         726, 740, 744, 809),
        _each(_tuples),
    ),
    **dict.fromkeys(
        (63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780),
        _each(_list_of_tuples),
    ),
    **dict.fromkeys((75, 413, 444, 753), _at(0, _list_of_tuples)),
    **dict.fromkeys((106, 750), _at(1, _tuples)),
    **dict.fromkeys((250, 307, 405, 446, 617, 720, 763, 808), _at(0, _tuples)),
    **dict.fromkeys((259, 278, 401, 445), _each(_tuple_of_tuples)),
    **dict.fromkeys((580, 615, 791), _each(_all_tuples)),
    115: _at(0, _sets),
    124: lambda arguments: (float(str(arguments[0])), complex(str(arguments[1]))),
    252: lambda arguments: (complex(str(arguments[0])),),
    722: _at(0, _dict_of_tuples),
}  # fmt: skip
