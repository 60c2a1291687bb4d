"""A problem that is there under two ids."""

import pytest

from rlvf_common.problems.duplicates import Duplicate, find_duplicates
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem


def problem(task_id: str, prompt: str, entry_point: str = "f") -> Problem:
    return Problem(task_id, prompt, entry_point, CheckFunction(""), "", "unit", "train")


PROMPT = 'def f(a, b):\n    """Return a - b."""\n'


@pytest.mark.parametrize(
    "again",
    [
        problem("t/1", PROMPT),
        problem("t/1", PROMPT.replace("    ", "\t").replace("\n", "\r\n") + "\n"),
        problem("t/1", PROMPT.replace("f(", "subtract("), "subtract"),
    ],
    ids=["the same", "other white space", "another name"],
)
def test_the_later_of_two_equal_problems_is_a_duplicate(again: Problem) -> None:
    problems = [problem("t/0", PROMPT), problem("t/9", "def f(): ..."), again]
    assert find_duplicates(problems) == [Duplicate("t/1", "t/0")]


@pytest.mark.parametrize(
    "other",
    [
        problem("t/1", PROMPT.replace("-", "+")),
        problem("t/1", PROMPT.replace("Return a", "Return A")),
        problem("t/1", PROMPT.replace("b)", "c)")),
        # `f` is a word of the one prompt, and the name of the function in the other.
        problem("t/1", PROMPT, "g"),
    ],
    ids=["sign", "case", "parameter", "not its name"],
)
def test_problems_that_differ_in_anything_else_are_two(other: Problem) -> None:
    assert find_duplicates([problem("t/0", PROMPT), other]) == []


def test_functions_of_which_the_prompt_says_only_the_name_are_two() -> None:
    add, subtract = (problem(name, f"def {name}(a, b):\n", name) for name in ("add", "subtract"))
    assert find_duplicates([add, subtract]) == []


def test_three_copies_are_two_duplicates_of_the_first() -> None:
    problems = [problem(f"t/{number}", PROMPT) for number in range(3)]
    assert find_duplicates(problems) == [Duplicate("t/1", "t/0"), Duplicate("t/2", "t/0")]
