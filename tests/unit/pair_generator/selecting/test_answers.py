"""Which programs are the same, and how they are written."""

from dataclasses import replace

import pytest

from rlvf_common.problems.kinds_of_test import AssertList, CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.rollout import Rollout
from rlvf_pair_generator.selecting.answers import Answer, Format, answer_of

PROMPT = '''import math


def helper(a):
    return a


def f(a, n):
    """Do something."""
'''
PROBLEM = Problem("t/1", PROMPT, "f", CheckFunction(""), "", "unit", "train")


def answer(completion: str, problem: Problem = PROBLEM) -> Answer:
    found = answer_of(problem, Rollout("t/1", 0, completion, "stop", 9, "failed", "", 1.0))
    assert found is not None
    return found


APPS = Problem(
    "t/1",
    '"""Add."""\n',
    "Solution",
    AssertList(("assert add(1) == 2",), function="add", method_of="Solution"),
    "",
)
METHOD = "class Solution:\n    def add(self, a):\n        x = a + 1\n        return x\n"


@pytest.mark.parametrize(
    ("completion", "has_body"),
    [
        (METHOD, True),
        (METHOD.replace("def add", "async def add"), True),
        ("def add(a):\n    return a + 1\n", True),
        ("add = lambda a: a + 1\n", True),
        ("from functools import cache\ndef _add(a):\n    return a + 1\nadd = cache(_add)\n", True),
        ("def add(a):\n    return a + 1\nadd = id(add)\n", True),
        ("if True:\n    def add(a):\n        return a + 1\n", True),
        (METHOD.replace("Solution", "Base") + "class Solution(Base):\n    pass\n", True),
        ("def add(a):\n    'Add.'\n", False),
        ("def add(a):\n    'Add.'\nadd = id(add)\n", False),
        ("class Solution:\n    def add(self, a):\n        'Add.'\n", False),
        ("from solution import add\n", False),
        ("def plus(a):\n    return a + 1\n", False),
    ],
)
def test_what_defines_the_entry_point(completion: str, has_body: bool) -> None:
    assert answer(completion, APPS).has_body == has_body
    assert answer(completion, replace(APPS, entry_point="add")).has_body == has_body


def test_methods_that_differ_in_names_of_variables_are_the_same() -> None:
    assert answer(METHOD, APPS).tree == answer(METHOD.replace("x", "y"), APPS).tree
    assert answer(METHOD, APPS).tree != answer(METHOD.replace("1", "2"), APPS).tree


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
        ("    return a\n", Format("    ", False, False, False, False, False)),
        ("\treturn a\n", Format("\t", False, False, False, False, False)),
        ("\n    return a\n", Format("    ", True, False, False, False, False)),
        ("    'text'\n    return 'not'\n", Format("    ", False, True, False, False, False)),
        ("    return 1  # one\n", Format("    ", False, False, True, False, False)),
        ("    return '#'\n", Format("    ", False, False, False, False, False)),
        ("    '.'.join(a)\n    return a\n", Format("    ", False, False, False, False, False)),
        ("    # ```python\n    return 1\n", Format("    ", False, False, True, True, False)),
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


RIGHT = "    return a + n\n"


@pytest.mark.parametrize(
    "around",
    [
        "{}\na = int(input())\nn = int(input())\nprint(f(a, n))\n",
        "{}\nvalues = [int(x) for x in input().split()]\n",
        "{}\nfor a in range(int(input())):\n    print(f(a, a))\n",
        "{}\nwhile True:\n    f(1, 2)\n",
        "{}\nassert f(1, 2) == 4\n",
        "{}\nTESTS = [1, 2]\nfor a in TESTS:\n    print(f(a, 2))\n",
        "{}\nprint(f(1, 2))\nprint(undefined)\n",
        "{}\nif __name__ == '__main__':\n    f(1, 2)\n",
        "{}\nimport os, no_such_module\nfrom typing import List\n",
        "{}\nimport sys\nsys.exit(f(1, 2))\n",
        "{}\nimport unittest\nclass Test(unittest.TestCase):\n    pass\nunittest.main()\n",
        "{}\ndef main():\n    a = input()\n    f(a, a)\nmain()\n",
        "{}\ndef other(a):\n    return helper(a)\n",
        "{}\n'only text'\n",
        "{}\ntry:\n    n = float(input())\nexcept ValueError:\n    raise SystemExit\n",
    ],
    ids=lambda around: around[3:].partition("\n")[0],
)
def test_what_stands_around_the_function_makes_no_other_program(around: str) -> None:
    assert answer(around.format(RIGHT)).tree == answer(RIGHT).tree


def test_showing_and_testing_what_the_function_uses_makes_no_other_program() -> None:
    table = "    return T[a]\nT = {1: 2}\n"
    assert answer(f"{table}assert T\nprint(T)\nif __name__ == 'x':\n    T[1] = 3\n").tree == (
        answer(table).tree
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # What the function looks up.
        ("    return a + K\nK = 1\n", "    return a + K\nK = 2\n"),
        (
            "    return g(a)\ndef g(x):\n    return x\n",
            "    return g(a)\ndef g(x):\n    return 1\n",
        ),
        (
            "    return g(a)\ndef g(x):\n    return h(x)\ndef h(x):\n    return 1\n",
            "    return g(a)\ndef g(x):\n    return h(x)\ndef h(x):\n    return 2\n",
        ),
        (
            "    return sqrt(a)\nfrom math import sqrt\n",
            "    return sqrt(a)\nfrom cmath import sqrt\n",
        ),
        ("    return sqrt(a)\nfrom math import *\n", "    return sqrt(a)\nfrom cmath import *\n"),
        ("    return pi\nimport math as pi\n", "    return pi\n"),
        # What changes it.
        ("    return T[a]\nT = {}\nT[1] = 2\n", "    return T[a]\nT = {}\nT[1] = 3\n"),
        ("    return T[a]\nT = []\nT.append(2)\n", "    return T[a]\nT = []\n"),
        (
            "    return T[a]\nT = []\nfor i in range(3):\n    T.append(i)\n",
            "    return T[a]\nT = []\nfor i in range(4):\n    T.append(i)\n",
        ),
        # Another function of the name, or another in its place.
        (RIGHT, "    return a + n\nf = helper\n"),
        (RIGHT, "    return a + n\nf = abs\n"),
        (RIGHT, "    return a + n\nhelper_of = f\ndef f(a, n):\n    return helper_of(n, a)\n"),
        # A class in use.
        (
            "    return C().x\nclass C:\n    x = 1\n",
            "    return C().x\nclass C:\n    x = 2\n",
        ),
        (
            "    return C().x\nclass C:\n    x = 1\nclass C(C):\n    y = 1\n",
            "    return C().x\nclass C:\n    x = 2\nclass C(C):\n    y = 1\n",
        ),
        # Its parameters' defaults, here of the helper that it calls.
        (
            "    return g()\nD = 1\ndef g(x=D):\n    return x\n",
            "    return g()\nD = 2\ndef g(x=D):\n    return x\n",
        ),
    ],
)
def test_what_the_function_depends_on_makes_another_program(one: str, other: str) -> None:
    assert answer(one).tree != answer(other).tree


def test_a_definition_that_a_later_one_replaces_makes_no_other_program() -> None:
    again = "def f(a, n):\n    return a - n\n"
    assert answer(f"    return 1\n{again}").tree == answer(f"    return 2\n{again}").tree


def test_a_whole_program_is_what_runs_and_what_that_calls() -> None:
    whole = replace(PROBLEM, prompt="# Echo.\n", entry_point="")
    echo = "def echo():\n    print(input())\n{}if __name__ == '__main__':\n    echo()\n"
    plain = answer(echo.format(""), whole)
    unused = answer("import sys\n" + echo.format("def other():\n    return 1\n\n"), whole)
    assert unused.tree == plain.tree
    assert answer(echo.replace("print(", "print(1, ").format(""), whole).tree != plain.tree
    assert answer(echo.format("") + "print(2)\n", whole).tree != plain.tree
    assert plain.has_body
