"""Which programs are the same, and how they are written."""

from dataclasses import replace

import pytest

from rlvf_common.problems import Problem
from rlvf_common.rollouts import Rollout
from rlvf_pair_generator.answers import Answer, Format, answer_of

PROMPT = '''import math


def helper(a):
    return a


def f(a, n):
    """Do something."""
'''
PROBLEM = Problem("t/1", PROMPT, "f", "", "", "unit", "train")


def answer(completion: str, problem: Problem = PROBLEM) -> Answer:
    found = answer_of(problem, Rollout("t/1", 0, completion, "stop", 9, "failed", "", 1.0))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("    x = a\n    return x\n", "    result = a\n    return result\n"),
        ("    return [i for i in a]\n", "    return [item for item in a]\n"),
        ("    for i, v in a:\n        n += v\n", "    for k, w in a:\n        n += w\n"),
        (
            "    return sorted(a, key=lambda p: p[0])\n",
            "    return sorted(a, key=lambda q: q[0])\n",
        ),
        (
            "    def add(x):\n        return x\n    return add(a)\n",
            "    def plus(y):\n        return y\n    return plus(a)\n",
        ),
        (
            "    try:\n        pass\n    except OSError as e:\n        raise e\n",
            "    try:\n        pass\n    except OSError as x:\n        raise x\n",
        ),
        ("    x = 1  # one\n    return x\n", "    'text'\n\n    y  =  1\n    return y\n"),
    ],
)
def test_programs_that_differ_in_names_of_variables_are_the_same(one: str, other: str) -> None:
    assert answer(one).tree == answer(other).tree


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Parameters: their names say which argument is meant.
        ("    a = a + 1\n    return a\n", "    n = n + 1\n    return n\n"),
        # Variables that are not swapped one to one.
        ("    x, y = a\n    return x - y\n", "    x, y = a\n    return y - x\n"),
        ("    x = a\n    y = n\n    return x\n", "    x = a\n    x = n\n    return x\n"),
        # Names that are not bound here mean what they are called.
        ("    return undefined\n", "    return other\n"),
        ("    return a.lower\n", "    return a.upper\n"),
        # Keywords of calls.
        (
            "    reverse = True\n    return sorted(a, reverse=reverse)\n",
            "    key = True\n    return sorted(a, key=key)\n",
        ),
        # What the module defines, outside the comprehension that shadows it.
        (
            "    return [helper for helper in a] + helper(a)\n",
            "    return [h for h in a] + h(a)\n",
        ),
        ("    return [len for len in a], len\n", "    return [q for q in a], q\n"),
        # Names in a pattern.
        (
            "    x = 1\n    match a:\n        case x:\n            return x\n",
            "    y = 1\n    match a:\n        case x:\n            return y\n",
        ),
        ("    from math import pi as x\n    x = x\n", "    from math import pi as x\n    y = y\n"),
    ],
)
def test_programs_that_may_compute_something_else_are_not_the_same(one: str, other: str) -> None:
    assert answer(one).tree != answer(other).tree


@pytest.mark.parametrize(
    ("completion", "form"),
    [
        ("    return a\n", Format("    ", False, False, False, False)),
        ("\treturn a\n", Format("\t", False, False, False, False)),
        ("\n    return a\n", Format("    ", True, False, False, False)),
        ("    'text'\n    return 'not'\n", Format("    ", False, True, False, False)),
        ("    return 1  # one\n", Format("    ", False, False, True, False)),
        ("    return '#'\n", Format("    ", False, False, False, False)),
        ("    '.'.join(a)\n    return a\n", Format("    ", False, False, False, False)),
        ("    # ```python\n    return 1\n", Format("    ", False, False, True, True)),
    ],
)
def test_the_format_of_an_answer(completion: str, form: Format) -> None:
    assert answer(completion, replace(PROBLEM, prompt="def f(a):\n")).format == form


def test_a_problem_without_entry_point_has_the_whole_program_as_its_body() -> None:
    whole = replace(PROBLEM, prompt="# Echo the line.\n", entry_point="")
    assert answer("line = input()\nprint(line)\n", whole).tree == (
        answer("text = input()\nprint(text)\n", whole).tree
    )
    assert answer("print(input())\n", whole).has_body
    assert not answer("'only text'\n", whole).has_body
    assert answer("x = 1\n", whole).tokens == ("x", "=", "1")


@pytest.mark.parametrize("levels", [300, 900])
def test_deep_answers_are_compared_like_others(levels: int) -> None:
    def deep(name: str, value: int) -> Answer:
        branches = "".join(f"    elif {name} == {n}:\n        return 0\n" for n in range(levels))
        return answer(f"    {name} = n\n    if {name} < 0:\n        return {value}\n{branches}")

    assert deep("x", 1).tree == deep("y", 1).tree
    assert deep("x", 1).tree != deep("x", 2).tree
