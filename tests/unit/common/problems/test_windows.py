"""Windows of release dates."""

from dataclasses import replace
from datetime import date

import pytest

from rlvf_common.problems.benchmarks import Content
from rlvf_common.problems.benchmarks.windows import Window, split_name
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem, dump_problems, parse_problems

PROBLEM = Problem("own/0", "def f():\n", "f", CheckFunction(""), "    return 1\n")
DATES = ("2024-07-31", "2024-08-01", "2025-01-31", "2025-02-01", "")
CONTENT = Content(
    tuple(replace(PROBLEM, task_id=f"own/{n}", released=day) for n, day in enumerate(DATES))
)


@pytest.mark.parametrize(
    ("suffix", "tasks"),
    [
        ("-from-2024-08-01", "123"),
        ("-to-2024-08-01", "01"),
        ("-from-2024-08-01-to-2025-01-31", "12"),
        ("-from-2024-07-31-to-2024-07-31", "0"),
    ],
)
def test_window_has_the_problems_of_its_days_and_none_without_a_date(
    suffix: str, tasks: str
) -> None:
    name, window = split_name(f"own-to-go{suffix}")
    assert name == "own-to-go"
    assert window is not None
    assert [one.task_id for one in window.of(CONTENT).problems] == [f"own/{n}" for n in tasks]


@pytest.mark.parametrize(
    "name",
    ["own", "own-from-2024", "own-from-2024-13-01", "own-to-2024-02-30", "-from-2024-08-01", ""],
)
def test_name_of_no_window_is_whole(name: str) -> None:
    assert split_name(name) == (name, None)


def test_empty_window_says_which_dates_there_are() -> None:
    dates = "their dates are 2024-07-31 to 2025-02-01"
    with pytest.raises(
        ValueError, match=f"of the 5 problems was released from 2026-01-01: {dates}"
    ):
        Window(date(2026, 1, 1)).of(CONTENT)
    with pytest.raises(ValueError, match="was released to 2026-01-01: none has a date"):
        Window(None, date(2026, 1, 1)).of(Content((PROBLEM,)))


def test_date_of_a_problem_is_in_its_record() -> None:
    problems = CONTENT.problems
    assert tuple(parse_problems(dump_problems(problems), where="x")) == problems
    with pytest.raises(ValueError, match="x, line 1: `released` must be a date"):
        list(parse_problems(dump_problems([replace(PROBLEM, released="2024-8-1")]), where="x"))
