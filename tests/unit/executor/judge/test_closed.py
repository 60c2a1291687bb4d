"""Which tests a worker may run: those that can leave nothing behind and reach nothing."""

import ast
import gzip
import json
import textwrap
from pathlib import Path

import pytest

from rlvf_executor.judge import closed_tests


def is_closed(*sources: str, given: tuple[str, ...] = ("candidate_name",)) -> bool:
    return closed_tests.is_closed([ast.parse(textwrap.dedent(one)) for one in sources], given)


@pytest.mark.parametrize(
    "source",
    [
        "def check(candidate):\n    assert candidate([1, 2], 'a') == {1: (2.0, None)}",
        "import math\n\ndef check(candidate):\n    assert abs(candidate(2) - math.sqrt(2)) < 1e-6",
        "from typing import List\n\ndef helper(x: List[int]) -> int:\n    return x[0]\n\n"
        "def check(candidate):\n    assert candidate([1]) == helper([1]), f'wrong {helper([1])!r}'",
        "METADATA = {'author': 'x'}\n\ndef check(candidate):\n    for x in range(9):\n"
        "        assert candidate(x) == sum(y for y in range(x) if y % 2), str(x)",
        "import copy\n\ndef check(candidate):\n    x = [3, 1]\n    y = copy.deepcopy(x)\n"
        "    y.sort()\n    assert candidate(x) == y\n    x.append(2)",
        "def check(candidate):\n    try:\n        candidate(-1)\n"
        "    except ValueError as error:\n        assert 'negative' in str(error)\n"
        "    else:\n        raise AssertionError('nothing raised')",
        "import random\nrng = random.Random(1)\nassert abs(random.choice([rng.randint(1, 2)]))",
        "def check(candidate):\n    assert sorted(candidate('b a').split(), key=lambda x: -len(x))",
    ],
)
def test_tests_that_only_compute_are_closed(source: str) -> None:
    assert is_closed(source)


@pytest.mark.parametrize(
    "source",
    [
        # Modules, and what keeps state in them.
        "import os",
        "import sys",
        "import random as r",
        "import random\nrandom.SystemRandom",
        "import random\nrandom._inst",
        "import math as m",
        "from math import *",
        "from os import path",
        "from . import math",
        "import math\nmath.pi = 3",
        "import math\ndel math.pi",
        "import math\nmath.__dict__",
        "from functools import lru_cache",
        "from functools import partial",
        "from operator import attrgetter",
        "from typing import get_type_hints",
        "import string\nstring.Formatter",
        "import collections\ncollections.abc",
        # The ways from a value to everything.
        "().__class__",
        "(lambda: 0).__globals__",
        "[x for x in ()].gi_frame",
        "''.format(1)",
        "'{0.__class__}'.format_map({})",
        "def check(candidate):\n    candidate.__self__",
        "def check(candidate):\n    candidate._channel",
        "try:\n    1 / 0\nexcept Exception as e:\n    e.__traceback__",
        "try:\n    1 / 0\nexcept Exception as e:\n    e.with_traceback(None)",
        "f'{().__class__}'",
        "[0][0].real.__class__",
        "lambda x=().__class__: 0",
        "def f(x: ().__class__): pass",
        # Built-ins that are doors.
        "__import__('os')",
        "__builtins__",
        "eval('1')",
        "exec('1')",
        "compile('1', '', 'eval')",
        "getattr(1, 'real')",
        "setattr(f, 'a', 1)",
        "vars()",
        "globals()",
        "locals()",
        "dir()",
        "type('X', (), {})",
        "object()",
        "super()",
        "open('x')",
        "input()",
        "breakpoint()",
        "help()",
        "memoryview(b'')",
        "property(1)",
        "exit()",
        "raise SystemExit",
        "raise KeyboardInterrupt",
        "try:\n    1\nexcept BaseException:\n    pass",
        # Forms that can outlast a test, or hide one of the above.
        "class X: pass",
        "class X(int):\n    def __eq__(self, other): return True",
        "@print\ndef f(): pass",
        "def f():\n    yield 1",
        "def f():\n    x = yield",
        "async def f(): pass",
        "with x: pass",
        "match 1:\n    case int(real=x): pass",
        "del x",
        "x.y = 1",
        "__x = 1",
        "def __getattr__(name): pass",
        "global __name__",
        "lambda __x: 0",
        "unknown_name",
        # A name that is bound somewhere else, later, or not any more, is the built-in.
        "def f(exec): pass\nexec('1')",
        "lambda open: 0\nopen('x')",
        "eval('1')\neval = 1",
        "def f():\n    from math import pi as eval\neval('1')",
        "try:\n    1 / 0\nexcept ValueError as getattr:\n    pass\ngetattr(1, 'real')",
        "def f():\n    global type\ntype(1)",
        "[vars for vars in ()]\nvars()",
        # A module under another name would be two things at once.
        "import math\nmath = [].copy",
        "import math\ndef f(math): return math.append",
    ],
)
def test_everything_else_is_not(source: str) -> None:
    assert not is_closed(source)


def test_a_module_from_one_source_is_known_in_the_next() -> None:
    assert is_closed("import math", "math.floor(1.5)")
    assert not is_closed("math.floor(1.5)")


def test_a_name_that_was_given_is_known() -> None:
    assert is_closed("candidate_name(1)")
    assert not is_closed("candidate_name(1)", given=())
    assert not is_closed("1", given=("__builtins__",))


def test_all_of_humaneval_is_closed(test_data: Path) -> None:
    lines = gzip.decompress((test_data / "HumanEval.jsonl.gz").read_bytes()).splitlines()
    problems = [json.loads(line) for line in lines]
    open_tests = {
        problem["task_id"]
        for problem in problems
        if not is_closed(problem["prompt"], problem["test"], given=(problem["entry_point"],))
    }
    assert not open_tests
