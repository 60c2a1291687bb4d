"""Converts HumanEval+ and MBPP+ (Liu et al. 2023, arXiv:2305.01210) to `Problem`s.

Base and plus inputs count together. The expected values are what the reference solution returns.
Source of EvalPlus' comparisons: github.com/evalplus/evalplus, v0.3.1, `evalplus/eval/__init__.py`
(`unsafe_execute`), `evalplus/eval/_special_oracle.py` and `evalplus/data/mbpp.py`
(`mbpp_deserialize_inputs`).
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

from rlvf_common.problems.benchmarks import Content, Omission, Record, Records, cpu_limit
from rlvf_common.problems.kinds_of_test import Cases, Comparison, Tolerance
from rlvf_common.problems.problem import Problem

__all__ = ["read_humaneval_plus", "read_mbpp_plus"]

_Arguments: TypeAlias = Sequence[object]


def read_humaneval_plus(records: Records) -> Content:
    """HumanEval+, in the schema of its release (github.com/evalplus/humanevalplus_release)."""
    return Content(
        tuple(
            _problem(record, [tuple(one) for one in _inputs(record)], "equal", "humanevalplus")
            for record in records
        )
    )


def read_mbpp_plus(records: Records) -> Content:
    """MBPP+, in the schema of its release (github.com/evalplus/mbppplus_release)."""
    problems, omissions = [], []
    for record in records:
        number = int(record["task_id"].removeprefix("Mbpp/"))
        raw = _inputs(record)
        if number in _KEPT_INPUTS:
            keep, reason = _KEPT_INPUTS[number]
            kept = list(filter(keep, raw))
            omissions.append(
                Omission(record["task_id"], f"{len(raw) - len(kept)} of {len(raw)} inputs {reason}")
            )
            raw = kept
        inputs = [_REVIVE.get(number, tuple)(one) for one in raw]
        comparison: Comparison = "equal"
        if record["entry_point"] in _SET_EQUAL:
            comparison = "set_equal"
        elif record["entry_point"] in _NOT_NONE:
            comparison = "not_none"
        problems.append(_problem(record, inputs, comparison, "mbppplus"))
    return Content(tuple(problems), tuple(omissions))


def _inputs(record: Record) -> list[list[object]]:
    return [*record["base_input"], *record["plus_input"]]


def _problem(
    record: Record, inputs: Sequence[_Arguments], comparison: Comparison, source: str
) -> Problem:
    name = record["entry_point"]
    absolute = float(record["atol"])
    # EvalPlus: a task's own tolerance is for all values; without one, floats and lists of floats
    # have 1e-6. The relative part is the default of numpy.testing.assert_allclose.
    return Problem(
        task_id=record["task_id"],
        prompt=record["prompt"],
        entry_point=name,
        test=Cases(
            inputs=tuple(repr(tuple(one)) for one in inputs),
            comparison=comparison,
            tolerance=Tolerance(absolute, 1e-7) if absolute else None,
            float_tolerance=None if absolute else Tolerance(1e-6, 1e-7),
            flat_floats_only=not absolute,
            oracle=_ORACLES.get(name, "").replace("TOLERANCE", repr(absolute)),
        ),
        canonical_solution=record["canonical_solution"],
        source=source,
        split="test",
        cpu_seconds=cpu_limit(_REFERENCE_SECONDS.get(record["task_id"])),
    )


# Tasks of MBPP+ whose results are compared as sets, and those whose results are only tested for
# truth (EvalPlus' MBPP_OUTPUT_SET_EQ_TASKS and MBPP_OUTPUT_NOT_NONE_TASKS).
_SET_EQUAL = frozenset(
    ("similar_elements", "find_char_long", "common_in_nested_lists", "extract_singly", "larg_nnum",
     "intersection_array", "find_dissimilar", "Diff")
)  # fmt: skip
_NOT_NONE = frozenset(("check_str", "text_match_three", "text_starta_endb"))

# Inputs with answers of unreasonable size are omitted; EvalPlus itself publishes variants without
# extreme inputs.
_KEPT_INPUTS: dict[int, tuple[Callable[[_Arguments], bool], str]] = {
    255: (
        lambda arguments: cast(int, arguments[1]) < 70,
        "are left out: they ask for lists of up to 1.7 million tuples, more than 1 GB",
    ),
}

# CPU time of the slowest reference solutions over all inputs, in seconds, measured by our executor
# on one core in 2026; all others take less than 0.75.
_REFERENCE_SECONDS = {
    "HumanEval/15": 3.8, "HumanEval/36": 1.3, "HumanEval/59": 1.6, "HumanEval/83": 1.3,
    "HumanEval/94": 1.4, "HumanEval/130": 4.4, "HumanEval/139": 4.3,
    "Mbpp/84": 1.2, "Mbpp/123": 2.6, "Mbpp/271": 2.9, "Mbpp/300": 1.2, "Mbpp/389": 1.4,
    "Mbpp/392": 3.9, "Mbpp/583": 0.9, "Mbpp/589": 1.4, "Mbpp/592": 2.3, "Mbpp/599": 22.2,
    "Mbpp/603": 3.0, "Mbpp/630": 1.3,
}  # fmt: skip

# Tasks with more than one right answer.
_ORACLES = {
    # HumanEval/32: any root of the polynomial whose coefficients come lowest first.
    "find_zero": """\
def check(arguments, output, expected):
    (coefficients,) = arguments
    value = sum(one * output ** power for power, one in enumerate(coefficients))
    return abs(value) <= TOLERANCE
""",
    # Mbpp/295: the task does not say whether 0 and negative numbers are their own divisors.
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
    # Mbpp/558: the shorter number may be padded with zeros on the left.
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


# Restores arguments of MBPP+'s tasks from JSON, which lacks tuples, sets and complex numbers
# (EvalPlus' `mbpp_deserialize_inputs`).
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
