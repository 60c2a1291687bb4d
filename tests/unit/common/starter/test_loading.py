"""What the loader makes of a module, and what it refuses."""

from pathlib import Path

import pytest

from rlvf_common import starter
from rlvf_common.problems.kinds_of_test import CheckFunction, StandardStreams, StreamCase
from rlvf_common.problems.problem import Problem
from rlvf_common.starter import load, parse_module

from .answers import REFERENCE_CPU_SECONDS, passes, reference

REFERENCE = 'def thrice(n: int) -> int:\n    """Return n three times."""\n    return n * 3\n'
CHECK = "def check_thrice(candidate: Candidate) -> None:\n" + "".join(
    f"    assert candidate({n}) == {3 * n}\n" for n in range(6)
)


def parse(source: str) -> list[Problem]:
    return parse_module(source, where="m.py", split="train")


def test_prompt_solution_and_test_are_cut_out_as_written() -> None:
    (problem,) = parse(f'"""Topic."""\n\n{REFERENCE}\n\n{CHECK}')
    assert problem == Problem(
        task_id="starter/thrice",
        prompt='def thrice(n: int) -> int:\n    """Return n three times."""\n',
        entry_point="thrice",
        test=CheckFunction("def check(candidate):\n" + CHECK.partition("\n")[2]),
        canonical_solution="    return n * 3\n",
        source="starter",
        split="train",
    )


def test_only_the_imports_that_are_used_are_carried_along() -> None:
    reference = REFERENCE.replace("n * 3", "math.trunc(n * 3)")
    check = CHECK + "    assert abs(candidate(1) - fsum([3])) < 1e-9\n"
    imports = "import math\nimport re\nfrom math import fsum\nfrom m import Candidate\n"
    (problem,) = parse(f"{imports}\n\n{reference}\n\n{check}")
    assert problem.prompt.startswith("import math\n\n\ndef thrice(")
    assert isinstance(problem.test, CheckFunction)
    assert problem.test.source.startswith("from math import fsum\n\n\ndef check(candidate):\n")
    assert passes(problem, problem.prompt + problem.canonical_solution, REFERENCE_CPU_SECONDS)


CLASS = """
from m import Candidate


class Pile:
    'A pile. `add(item)` lays an item on top; `top()` returns the one on top.'

    def __init__(self) -> None:
        self._items: list[str] = []

    def add(self, item: str) -> None:
        self._items.append(item)

    def top(self) -> str:
        return self._items[-1]


def check_Pile(candidate: Candidate) -> None:
    pile = candidate()
"""
CLASS += "".join(
    f"    pile.add('{item}')\n    assert pile.top() == '{item}'\n" for item in "abcdef"
)


def test_the_prompt_of_a_class_is_its_statement_and_docstring() -> None:
    (problem,) = parse(CLASS)
    assert (problem.task_id, problem.entry_point) == ("starter/Pile", "Pile")
    assert problem.prompt.startswith("class Pile:\n    'A pile.")
    assert problem.prompt.endswith("on top.'\n")
    assert problem.canonical_solution.startswith("\n    def __init__(self) -> None:\n")
    assert problem.canonical_solution.endswith("        return self._items[-1]\n")
    assert passes(problem, reference(problem), REFERENCE_CPU_SECONDS)
    assert not passes(problem, reference(problem).replace("[-1]", "[0]"))


PROGRAM = """
import math
import sys

from m import Program


def totals() -> None:
    '''Print the total.

    Of all lines.
    '''

    def value(line: str) -> int:
        return int(line)

    print(sum(map(value, sys.stdin)))


def check_totals(program: Program) -> None:
"""
PROGRAM += "".join(f'    assert program("{n}\\n1\\n") == "{n + 1}\\n"\n' for n in range(6))


def test_the_body_of_a_program_becomes_a_module_and_its_check_cases() -> None:
    (problem,) = parse(PROGRAM)
    assert problem == Problem(
        task_id="starter/totals",
        prompt="'''Print the total.\n\nOf all lines.\n'''\n",
        entry_point="",
        test=StandardStreams(
            tuple(StreamCase(f"{n}\n1\n", f"{n + 1}\n") for n in range(6)), comparison="lines"
        ),
        canonical_solution=(
            "import sys\n\n\ndef value(line: str) -> int:\n    return int(line)\n\n"
            "print(sum(map(value, sys.stdin)))\n"
        ),
        source="starter",
        split="train",
    )
    assert passes(problem, reference(problem), REFERENCE_CPU_SECONDS)
    assert not passes(problem, reference(problem).replace("sum", "max"))


def test_problems_of_all_folders_come_from_the_shortest_solution_to_the_longest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train" / "family").mkdir(parents=True)
    for place, name, body in (
        ("a.py", "last", "n + n + n"),
        ("b.py", "first", "n * 3"),
        ("family/c.py", "second", "3 * n"),
    ):
        source = f"{REFERENCE}\n\n{CHECK}".replace("thrice", name).replace("n * 3", body)
        (tmp_path / "train" / place).write_text(source, encoding="utf-8")
    monkeypatch.setattr(starter, "__file__", str(tmp_path / "__init__.py"))
    assert [problem.entry_point for problem in load("train")] == ["first", "second", "last"]


def test_a_name_used_by_two_modules_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train" / "family").mkdir(parents=True)
    for name in ("a.py", "family/b.py"):
        (tmp_path / "train" / name).write_text(f"{REFERENCE}\n\n{CHECK}", encoding="utf-8")
    monkeypatch.setattr(starter, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(ValueError, match=r"b\.py:1: another module of `train` defines `thrice`"):
        load("train")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (REFERENCE, "m.py:1: `thrice` has no `check_thrice`"),
        (CHECK, "m.py:1: `check_thrice` has no reference `thrice`"),
        (REFERENCE + CHECK + REFERENCE, "m.py:11: `thrice` is defined twice"),
        (REFERENCE + CHECK + CHECK, "m.py:11: `check_thrice` is defined twice"),
        ("def f() -> int:\n    return 1\n" + CHECK.replace("thrice", "f"), "has no docstring"),
        ('def f() -> int:\n    """One."""\n' + CHECK.replace("thrice", "f"), "needs a body"),
        (REFERENCE + CHECK[: CHECK.rindex("    assert")], "m.py:4: .* has 5 asserts, fewer than 6"),
        (REFERENCE + CHECK.replace("candidate: Candidate", "function"), "exactly one argument"),
        ("LIMIT = 3\n" + REFERENCE + CHECK, "m.py:1: only imports, functions and classes"),
        ("@staticmethod\n" + REFERENCE + CHECK, "m.py:2: `thrice` has a decorator"),
        (
            REFERENCE + "class check_thrice:\n    pass\n",
            "m.py:4: `check_thrice` must be a function",
        ),
        (CLASS.replace("    'A pile", "    x = 'A pile"), "m.py:5: `Pile` has no docstring"),
        (CLASS.replace("class Pile", "@final\nclass Pile"), "m.py:6: `Pile` has a decorator"),
        (CLASS.replace("(candidate:", "(program:"), "m.py:5: `Pile` must be a function without"),
        (PROGRAM.replace("totals()", "totals(n: int)"), "m.py:8: `totals` must be a function with"),
        (PROGRAM.replace("(program:", "(run:"), "m.py:20: `check_totals` must take exactly one"),
        (PROGRAM.replace("    print(", "    return print("), "m.py:8: .*'return' outside function"),
        (PROGRAM.replace("sum(", "'''\n    ''', sum("), "m.py:8: .* a text over several lines"),
        (PROGRAM.replace('"1\\n"', "str(1)"), "m.py:21: `check_totals` may only hold `assert"),
        (PROGRAM.replace('"3\\n"', '"3\\n", "text"'), "m.py:23: `check_totals` may only hold"),
        (PROGRAM[: PROGRAM.rindex("    assert")], "m.py:20: .* has 5 asserts, fewer than 6"),
    ],
)
def test_broken_modules_are_refused_with_file_and_line(source: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(source)
