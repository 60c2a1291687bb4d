"""Answers as people and models write them: what the program does that is read out of each."""

import asyncio
import contextlib
import inspect
import io
import textwrap
from typing import Any

import pytest

from rlvf_common.problems.answers.extraction import extract_program
from rlvf_common.problems.kinds_of_test import AssertList
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import PromptStyle, canonical_completion, program

F = "```"
RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"
TOTAL = "def add(a, b):\n    total = a\n    total += b\n    return total\n"
FUTURE = "from __future__ import annotations\n"
SUM = "a = int(input())\nb = int(input())\nprint(a + b)\n"


def block(source: str, info: str = "python", fence: str = F) -> str:
    return f"{fence}{info}\n{source}{fence}\n"


def called(source: str, call: str) -> object:
    """What an expression is worth after the program has run, without input."""
    scope: dict[str, Any] = {"__name__": "candidate"}
    with contextlib.redirect_stdout(io.StringIO()), no_input():
        exec(compile(source, "program", "exec", dont_inherit=True), scope)
        found = eval(call, scope)
        return asyncio.run(found) if inspect.iscoroutine(found) else found


def printed(source: str, typed: str) -> str:
    """What a whole program prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(typed))
        exec(compile(source, "program", "exec", dont_inherit=True), {"__name__": "__main__"})
    return out.getvalue()


@contextlib.contextmanager
def no_input() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(""))
        patch.setattr("sys.setrecursionlimit", lambda limit: LIMITS.append(limit))
        yield


LIMITS: list[int] = []

FUNCTIONS: dict[str, str] = {
    # Marks around the code.
    "four backticks": block(RIGHT, fence="````"),
    "five tildes": block(RIGHT, "python", "~~~~~"),
    "label Python 3": block(RIGHT, "Python 3"),
    "label py3": block(RIGHT, "py3"),
    "label in braces": block(RIGHT, "{.python .numberLines}"),
    "label of R Markdown": block(RIGHT, "{python}"),
    "label with a file name": block(RIGHT, "python:add.py"),
    "label with a title": block(RIGHT, 'python title="add.py"'),
    "label of a file": block(RIGHT, "solution.py"),
    "label with a version": f"{block(WRONG, 'text')}{block(RIGHT, 'python3.11')}",
    "no label after another language": f"{block(RIGHT, '')}{block(WRONG, 'javascript')}",
    "text label alone": block(RIGHT, "text"),
    "CRLF": block(RIGHT).replace("\n", "\r\n"),
    "CR only": block(RIGHT).replace("\n", "\r"),
    "byte order mark": f"\ufeff{block(RIGHT)}",
    "byte order mark before bare code": f"\ufeff{RIGHT}",
    "no-break space behind a fence": f"{F}python\u00a0\n{RIGHT}{F}\u00a0\n{F}python\n{WRONG}",
    "code in the line of the fence": f"{F}python def add(a, b):\n    return a + b\n{F}\n",
    "fence behind text": f"Here is the code: {F}python\n{RIGHT}{F}\nDone.",
    "closing fence glued to the last line": f"{F}python\n{RIGHT.rstrip()}{F}\n",
    "closing fence glued, more blocks follow": (
        f"{F}python\n{RIGHT.rstrip()}{F}\nOutput:\n{F}\n3\n{F}\n"
    ),
    "text behind the closing fence": f"{F}python\n{RIGHT}{F} This adds.\nIt's simple.\n",
    "cut off in a test behind the function": f"{F}python\n{RIGHT}\ndef test_add():\n    assert",
    "cut off in a string behind the function": f"{F}python\n{RIGHT}\nprint('the sum is",
    "a fence that is never closed before the next": f"{F}python\n{RIGHT}\n{F}text\n3\n{F}\n",
    "unfinished fence": f"Sure!\n{F}python\n{RIGHT}",
    "list item": f"1. Add:\n   {F}python\n{textwrap.indent(RIGHT, '   ')}   {F}\n",
    "fence in the line of a list item": f"- {F}python\n{textwrap.indent(RIGHT, '  ')}  {F}\n",
    "nested list": textwrap.indent(f"* a\n  * b\n\n    {block(RIGHT)}", "").replace(
        "\ndef add(a, b):\n    return a + b\n```",
        "\n    def add(a, b):\n        return a + b\n    ```",
    ),
    "indented fence with code in column zero": f"  {F}python\n{RIGHT}  {F}\n",
    "quotation": "".join(f"> {line}\n" for line in block(RIGHT).splitlines()),
    "bare, after a colon": f"Here is the code:\n{RIGHT}",
    "bare, between paragraphs": f"We add.\n\n{RIGHT}\nIt's the sum, isn't it?\n",
    "Markdown's indented code": f"Here is the code:\n\n{textwrap.indent(RIGHT, '    ')}\nDone.\n",
    "reStructuredText": f"Code::\n\n.. code-block:: python\n\n{textwrap.indent(RIGHT, '   ')}\n",
    "one line in backticks": "Use `add = lambda a, b: a + b` for that.",
    "transcript": ">>> def add(a, b):\n...     return a + b\n...\n>>> add(1, 2)\n3\n",
    "transcript in a fence": block(
        ">>> def add(a, b):\n...     return a + b\n... \n>>> add(1, 2)\n3\n", "pycon"
    ),
    "HTML, escaped": (
        '<pre><code class="language-python">def add(a, b):\n    while 1 &lt; 2:\n'
        "        return a + b\n</code></pre>"
    ),
    "HTML, not escaped": "<pre>\ndef add(a, b):\n    while 1 < 2:\n        return a + b\n</pre>",
    "LaTeX": (
        "\\begin{lstlisting}[language=Python]\ndef add(a, b):\n    return a + b\n\\end{lstlisting}"
    ),
    "tags of CodeLlama": f"[PYTHON]{RIGHT}[/PYTHON]\n[TESTS]\nassert add(1, 2) == 3\n[/TESTS]",
    "tags around the answer": f"<answer>{RIGHT.rstrip()}</answer>",
    "tags of MBPP": f"[BEGIN]{RIGHT}[DONE]\nand on",
    "end of turn": f"{RIGHT.rstrip()}<|im_end|>",
    "end of turn behind the fence": f"{F}python\n{RIGHT}{F}<|im_end|>\n",
    # Fences that are no fences.
    "fences in the docstring": block(
        f'def add(a, b):\n    """Add.\n    {F}\n    add(1, 2)\n    {F}\n    """\n    return a + b\n'
    ),
    "labelled fence in the docstring": block(
        f'def add(a, b):\n    """Add.\n\n{F}python\nadd(1, 2)\n{F}\n    """\n    return a + b\n'
    ),
    "fence in a string": block(f'def add(a, b):\n    mark = "{F}"\n    return a + b\n'),
    # Reasoning.
    "draft in <think>": f"<think>\n{block(WRONG)}\n</think>\n{RIGHT}",
    "draft in <think>, fence behind": f"<think>{block(WRONG)}</think>\n\n{block(RIGHT)}",
    "<thinking> and prose": f"<thinking>\n{WRONG}\n</thinking>\n\nSo:\n\n{RIGHT}",
    "reasoning opened by the template": f"First I try\n{block(WRONG)}\n</think>\n\n{RIGHT}",
    "two stretches of reasoning": (
        f"<think>\n{WRONG}</think>\nHm.\n<think>\n{WRONG}</think>\n{block(RIGHT)}"
    ),
    "channels": (
        f"<|channel|>analysis<|message|>{block(WRONG)}<|end|><|start|>assistant" +
        f"<|channel|>final<|message|>{block(RIGHT)}<|return|>"
    ),
    "brackets of Magistral": f"[THINK]\n{block(WRONG)}[/THINK]{block(RIGHT)}",
    "begin_of_thought": (
        f"<|begin_of_thought|>\n{block(WRONG)}<|end_of_thought|>\n\n" +
        f"<|begin_of_solution|>\n{block(RIGHT)}<|end_of_solution|>"
    ),
    "reasoning ends within a line": (
        f"First I try\n{block(WRONG)}\nSo I'm done.</think>Here it is:\n\n{RIGHT}\nDone."
    ),
    "reasoning ends behind a sentence": (
        f"I try\n{WRONG}\nThat's wrong. </think> So:\n\n{RIGHT}\nDone."
    ),
    "reasoning ends glued to a word": f"I try\n{WRONG}{block(WRONG)}OK</think>Use\n\n{RIGHT}",
    "prose about a marker": f"{block(RIGHT)}Write `x.</think>y` or the </think> marker yourself.\n",
    "prose about two markers": f"{block(RIGHT)}It strips <think>so.</think>out of text.\n",
    "code about a sentence before a marker": block(
        'def add(a, b):\n    """Add.\n\n    End.</think>Go on.\n    """\n    return a + b\n'
    ),
    "bare code about a marker": 'def add(a, b):\n    mark = "x.</think>y"\n    return a + b\n',
    "code about markers": block(
        'def add(a, b):\n    mark = "</think>"\n    return a + b\n'
    ),
    # Several blocks.
    "corrected later": f"{block(WRONG)}Wait, that subtracts.\n{block(RIGHT)}",
    "two whole solutions, the last one broken": f"{block(RIGHT)}Or:\n{block('def add(a, b:')}",
    "tests in a block of their own": f"{block(RIGHT)}{block('assert add(1, 2) == 3')}",
    "tests first": f"{block('assert add(1, 2) == 3')}{block(RIGHT)}",
    "example that imports it": block(RIGHT) + block('from add import add\nprint(add(1, 2))'),
    "example with a stub": (
        block(RIGHT) + block('def add(a, b):\n    ...\n\nprint(add(1, 2))\n')
    ),
    "stub with a docstring first": (
        block('def add(a: int, b: int) -> int:\n    "Add."\n    raise NotImplementedError\n') +
        f"{block(RIGHT)}"
    ),
    "diff behind": block(RIGHT) + block('-def add(a, b):\n+def add(a, b, c):\n', 'diff'),
    "helper in an earlier block": (
        block('def plus(a, b):\n    return a + b\nprint(plus(1, 2))\n') +
        block('def add(a, b):\n    return plus(a, b)\n')
    ),
    "helper in a later block": (
        block('def add(a, b):\n    return plus(a, b)\n') +
        block('def plus(a, b):\n    return a + b\n')
    ),
    # A stub or an example in a fence, the function elsewhere.
    "bare, example that imports it in a fence": (
        f"{RIGHT}\nUse it so:\n{block('from solution import add' + chr(10) + 'print(add(1, 2))')}"
    ),
    "bare, example of the whole module in a fence": (
        f"{RIGHT}\nUse it so:\n{block('import add' + chr(10) + 'print(add.add(1, 2))')}"
    ),
    "stub in a fence, bare behind": f"{block('def add(a, b):' + chr(10) + '    pass')}\n{RIGHT}",
    "method without a body in a fence, bare behind": (
        block("class Solution:\n    def add(self, a, b):\n        ...\n") + f"\n{RIGHT}"
    ),
    "long bare stub before": (
        f'def add(a, b):\n    """{"Add. " * 20}"""\n\nThat becomes:\n\n{RIGHT}\nDone.'
    ),
    "bare, example with a long import before": (
        f"from solution import add\nprint(add(1, 2), {'0, ' * 30})\n\nThis is it:\n\n{RIGHT}"
    ),
    "stub in a fence, indented behind": (
        block("def add(a, b):\n    ...\n") + f"Becomes:\n\n{textwrap.indent(RIGHT, '    ')}\nDone."
    ),
    "import alone": block("from operator import add"),
    "bare import alone": "Python has it:\n\nfrom operator import add\n\nThat is all.\n",
    # Quotations of another block.
    "its beginning quoted behind": (
        block(TOTAL) + "First we set\n" + block("def add(a, b):\n    total = a\n")
    ),
    "its beginning quoted before": (
        block("def add(a, b):\n    total = a\n") + "Together:\n" + block(TOTAL)
    ),
    "quoted with a part left out": (
        block(TOTAL) + block("def add(a, b):\n    total = a\n    # ...\n    return total\n")
    ),
    "quoted with comments, in other white space": (
        block(TOTAL) + block("def add(a, b):\n\n    total = a  # begin with a\n")
    ),
    "quoted twice": (
        block(TOTAL) + block("def add(a, b):\n    total = a\n") + block("def add(a, b):\n    ...\n")
    ),
    "quoted without its helper": (
        block("def add(a, b):\n    return T[a] + b\nT = []\nT.extend(range(9))\n")
        + block("def add(a, b):\n    return T[a] + b\n")
    ),
    "changed behind, with the same beginning": (
        block(TOTAL.replace("+=", "-=")) + "No:\n" + block(TOTAL)
    ),
    "one line taken out behind": (
        block(TOTAL.replace("    return", "    total += 1\n    return")) + "No:\n" + block(TOTAL)
    ),
    "decorator taken out behind": (
        block(f"def twice(f):\n    return lambda *a: 2 * f(*a)\n@twice\n{RIGHT}") + block(RIGHT)
    ),
    "indentation corrected behind": (
        block("def add(a, b):\n    if a > 5:\n        a += b\n        return a\n"
              "    return a\n")
        + block("def add(a, b):\n    if a < 5:\n        a += b\n    return a\n")
    ),
    "whole behind a broken block that holds it": (
        block(RIGHT) + block(f"{RIGHT}print(add(1, 2)\n")
    ),
    "the same block twice": block(RIGHT) + block(RIGHT),
    "imports in a block of their own": (
        block('import operator\nfrom math import *\n') +
        block('def add(a, b):\n    return floor(operator.add(a, b))\n')
    ),
    "helper of a helper": (
        block('import operator as op\n') + block('def plus(a, b):\n    return op.add(a, b)\n') +
        block('def add(a, b):\n    return plus(a, b)\n')
    ),
    "helper's draft with the same function": (
        block('def plus(a, b):\n    return a + b\ndef add(a, b):\n    return 0\n') +
        block('def add(a, b):\n    return plus(a, b)\n')
    ),
    "example with data of another block": (
        block("data = open('numbers.txt').read()\n") + block(f"{RIGHT}print(add(data, data))\n")
    ),
    "helper in a later block beside a stub": (
        block("def add(a, b):\n    return plus(a, b)\n")
        + block("def add(a, b): ...\ndef plus(a, b):\n    return a + b if b else add(a, 0)\n")
    ),
    "helper before a future import": (
        block("import operator\n")
        + block(f"{FUTURE}def add(a: Unknown, b):\n    return operator.add(a, b)\n")
    ),
    # Statements around the function.
    "what is made of input before": f"n = int(input())\nzeros = [0] * n\n{RIGHT}",
    "input behind": f"{RIGHT}\na = int(input())\nb = int(input())\nprint(add(a, b))\n",
    "input before": f"a = int(input())\nb = int(input())\n{RIGHT}\nprint(add(a, b))\n",
    "sys.stdin behind": f"import sys\n{RIGHT}a, b = map(int, sys.stdin.read().split())\n",
    "a reader behind": (
        f"{RIGHT}def read():\n    return int(input())\na = read()\nprint(add(a, read()))\n"
    ),
    "main before that uses what is read": (
        f"def main():\n    print(add(n, n))\n{RIGHT}n = int(input())\nmain()\n"
    ),
    "a loop that reads": f"{RIGHT}while True:\n    a = int(input())\n    print(add(a, a))\n",
    "walrus that reads": f"{RIGHT}if (a := input()):\n    print(add(a, a))\n",
    "failing tests before": f"{WRONG}assert add(1, 2) == 3\n{RIGHT}",
    "test function before": (
        f"def test():\n    assert add(1, 2) == 4\n{WRONG}test()\n{RIGHT}if 1:\n    test()\n"
    ),
    "main guard in the middle": (
        f"{WRONG}if __name__ != '__main__':\n    raise SystemExit\n{RIGHT}"
    ),
    "the program ends itself": f"import sys\n{RIGHT}print(add(1, 2))\nsys.exit(0)\n",
    "a program that uses sys ends itself": (
        "import sys\ndef add(a, b):\n    return min(a + b, sys.maxsize)\nsys.exit(0)\n"
    ),
    "set up for tests behind": f"{RIGHT}def setup():\n    raise ValueError\nsetup()\n",
    "unit tests behind": (
        f"import unittest\n{RIGHT}class Test(unittest.TestCase):\n    def test(self):\n"
        "        self.assertEqual(add(1, 2), 4)\nunittest.main()\n"
    ),
    "for loop of examples": f"{RIGHT}for a, b in [(1, 'x')]:\n    print(add(a, b))\n",
    "global state behind": "def add(a, b):\n    return a + b + OFFSET\nOFFSET = 0\n",
    "cache behind": (
        "def add(a, b):\n    memo[a] = a + b\n    return memo[a]\nmemo = {}\nprint(add(1, 2))\n"
    ),
    "wrapped behind": (
        f"from functools import lru_cache\n{RIGHT}add = lru_cache(None)(add)\nadd('1', 2)\n"
    ),
    "attribute behind": "def add(a, b):\n    return a + b + add.zero\nadd.zero = 0\n",
    "filled behind": (
        "def add(a, b):\n    return TABLE[a] + b\nTABLE = []\nTABLE.extend(range(9))\n"
    ),
    "filled in a loop behind": (
        "def add(a, b):\n    return T[a] + b\nT = {}\nfor i in range(9):\n    T[i] = i\n"
    ),
    "filled by a function behind": (
        "def add(a, b):\n    return T[a] + b\nT = []\ndef fill():\n    T.extend(range(9))\nfill()\n"
    ),
    "filled by a name of before behind": (
        "T = []\nt = T\ndef add(a, b):\n    return T[a] + b\nt.extend(range(9))\n"
    ),
    "rows filled in a loop behind": (
        "T = [[], []]\ndef add(a, b):\n    return T[a][0] + b\nfor t in T:\n    t.append(1)\n"
    ),
    "items of a table and a module used behind": (
        "import math\nT = [0, 1]\nMOST = 9\n"
        "def add(a, b):\n    return T[a] + math.floor(b) if a < MOST else 0\n"
        "half = math.sqrt('4')\nless = '' - MOST\nbest = add(None, T)\nn = T[int(input())]\n"
    ),
    "a definition with a table for an argument behind": (
        "T = [0, 1]\ndef add(a, b):\n    return T[a] + b\n"
        "def load():\n    raise ValueError\nLOADED = load()\n"
        "def show(t=T, n=LOADED):\n    return t\n"
    ),
    "a module that may not be there used behind": (
        "try:\n    import math as m\nexcept ImportError:\n    m = None\n"
        "def add(a, b):\n    return m.floor(a + b)\nhalf = m.sqrt('4')\n"
    ),
    "global set by a function behind": (
        "def add(a, b):\n    return a + b + zero\n"
        "def begin():\n    global zero\n    zero = 0\nbegin()\n"
    ),
    "argument filled behind": (
        "import heapq\ndef add(a, b):\n    return heap[0] + b\nheap = []\nheapq.heappush(heap, 1)\n"
    ),
    "registered behind": (
        "from functools import singledispatch\n@singledispatch\ndef add(a, b):\n    return 0\n"
        "@add.register\ndef _(a: int, b):\n    return a + b\n"
    ),
    "registered in a table behind": (
        "T = {}\ndef register(f):\n    T[f.__name__] = f\n    return f\n"
        "def add(a, b):\n    return T['plus'](a, b)\n"
        "@register\ndef plus(a, b):\n    return a + b\n"
    ),
    "found by name": (
        "def add(a, b):\n    return globals()['plus'](a, b)\ndef plus(a, b):\n    return a + b\n"
    ),
    "star import behind": "def add(a, b):\n    return floor(a + b)\nfrom math import *\n",
    "constant with a type behind": "def add(a, b):\n    return a + b + ZERO\nZERO: int = 0\n",
    "helpers that call each other": (
        "def add(a, b):\n    return up(a, b)\ndef up(a, b):\n    return down(a, b) if b else a\n"
        "def down(a, b):\n    return up(a + 1, b - 1)\n"
    ),
    # Ways to define it.
    "lambda": block("add = lambda a, b: a + b\n"),
    "lambda with a type": block("add: object = lambda a, b: a + b\n"),
    "async": block("async def add(a, b):\n    return a + b\n"),
    "decorated": block(
        "import functools\n@functools.lru_cache(maxsize=None)\ndef add(a, b):\n    return a + b\n"
    ),
    "starred": block("def add(*numbers, **options):\n    return sum(numbers)\n"),
    "partial": block("from operator import add as plus\nfrom functools import partial\n"
                     "add = partial(plus)\n"),
    "method bound to a name": block(
        "class Solution:\n    def add(self, a, b):\n        return a + b\nadd = Solution().add\n"
    ),
    "in a try": block(
        "try:\n    import numpy_that_is_not_there as np\nexcept ImportError:\n    np = None\n"
        "def add(a, b):\n    return a + b if np is None else 0\n"
    ),
    "under a condition": block(
        "if True:\n    def add(a, b):\n        return a + b\nelse:\n    add = None\n"
    ),
    "form feed": block(f"import math\n\x0c\n{RIGHT}"),
    "continued line": block("def add(a, b):\n    return a \\\n        + b\n"),
    "nested function with input": block(
        "def add(a, b):\n    def unused():\n        return input()\n    return a + b\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("answer", FUNCTIONS.values(), ids=FUNCTIONS)
def test_the_function_of_an_answer_adds(answer: str) -> None:
    assert called(extract_program(answer, "add"), "add(1, 2)") == 3


@pytest.mark.parametrize(
    "fill",
    [
        "[T.append(i) for i in range(9)]\n",
        "_ = T.extend(range(9))\n",
        "list(map(T.append, range(9)))\n",
        "put = T.append\nfor i in range(9):\n    put(i)\n",
        "t = T\nt.extend(range(9))\n",
        "t = T\nu = [t]\nu[0].extend(range(9))\n",
        "if not T.extend(range(9)):\n    pass\n",
        "from contextlib import nullcontext\nwith nullcontext(T) as t:\n    t.extend(range(9))\n",
        "def fill():\n    return list(map(T.append, range(9)))\nfill()\n",
        "def fill():\n    T.extend(range(9))\n    return T\n_ = fill()\n",
    ],
)
def test_a_table_is_filled_behind_the_function(fill: str) -> None:
    source = f"T = []\ndef add(a, b):\n    return T[a] + b\n{fill}print(add(1, 2))\n"
    assert called(extract_program(source, "add"), "add(1, 2)") == 3
    completion = canonical_completion(
        problem(f"T = []\n{PROMPT}"),
        f"\n    return T[a] + b\n\n{fill}print(add(1, 2))\n",
        "completion",
    )
    assert called(program(problem(f"T = []\n{PROMPT}"), completion), "add(1, 2)") == 3


CLASS = "class Solution:\n    def add(self, a, b):\n        return a + b\n"


@pytest.mark.parametrize(
    ("answer", "entry_point", "call"),
    [
        (f"{block(CLASS)}{block('print(Solution().add(1, 2))')}", "add", "Solution().add(1, 2)"),
        (block(CLASS) + block('s = Solution()\nn = int(input())'), "Solution",
         "Solution().add(1, 2)"),
        (block(CLASS) + block("def add(a, b)\n  a - b\nend\n", "ruby"), "add",
         "Solution().add(1, 2)"),
        (block(CLASS) + block("  def add(a, b)\n    a - b\n  end\n", "ruby"), "add",
         "Solution().add(1, 2)"),
        (block(CLASS) + block("class A\n  def add(a, b)\n    a - b\n  end\nend\n", "ruby"), "add",
         "Solution().add(1, 2)"),
        (block("class A\n  def add(a, b)\n    a - b\n  end\nend\n", "ruby") +
         f"In Python:\n\n{CLASS}\nDone.", "add", "Solution().add(1, 2)"),
        (block("def add(a, b)\n  a - b\nend\n", "ruby") + f"In Python:\n\n{CLASS}\nDone.", "add",
         "Solution().add(1, 2)"),
        (block(CLASS) + block("def add(self, a, b):\n    return a + b\n"), "add",
         "Solution().add(1, 2)"),
        (f"{CLASS}\nobj = Solution()\nprint(obj.add(int(input()), 1))\n", "add",
         "Solution().add(1, 2)"),
        (f"Write:\n{CLASS}\nThat adds.", "Solution", "Solution().add(1, 2)"),
    ],
)  # fmt: skip
def test_a_class_answers_too(answer: str, entry_point: str, call: str) -> None:
    assert called(extract_program(answer, entry_point), call) == 3


@pytest.mark.parametrize(
    "setting",
    [
        "import sys\n{}sys.setrecursionlimit(10000)\n",
        "from sys import setrecursionlimit\n{}setrecursionlimit(10000)\n",
        "{}import sys as s\ns.setrecursionlimit(10000)\n",
    ],
)
def test_a_setting_behind_the_function_is_made(setting: str) -> None:
    LIMITS.clear()
    called(extract_program(setting.format(RIGHT) + "print(add(1, 2))\n", "add"), "add(1, 2)")
    assert LIMITS == [10000]


MAIN = "def main():\n    a = int(input())\n    print(a + int(input()))\n"
GUARDED = f"{MAIN}if __name__ == '__main__':\n    main()\n"

PROGRAMS: dict[str, str] = {
    "output behind": block(SUM) + "The output is\n" + block("3\n", ""),
    "assertion behind": block(SUM) + "Indeed:\n" + block("assert 1 + 2 == 3\n"),
    "labelled output behind": block(SUM) + block("3\n", "output"),
    "input before": "For the input\n" + block("1\n2\n", "") + "this works:\n" + block(SUM),
    "data in Python behind": block(SUM) + block("numbers = [1, 2]\n"),
    "call behind that prints": block(SUM) + "For example:\n" + block("print(1 + 2)\n"),
    "no label, labelled test behind": block(SUM, "") + block("assert 1 + 2 == 3\n"),
    "shell behind": block(SUM) + "Run it:\n" + block("python sum.py\n", "bash"),
    "C++ behind": block(SUM) + block("int a, b; std::cin >> a >> b;\n", "cpp"),
    "corrected later": f"{block(SUM.replace('+', '-'))}No:\n{block(SUM)}",
    "main in a guard": block(
        "def main():\n    print(int(input()) + int(input()))\nif __name__:\n    main()\n"
    ),
    "sys.stdin": block("import sys\nprint(sum(map(int, sys.stdin.read().split())))\n"),
    "lines of sys.stdin": block("import sys\nprint(sum(int(line) for line in sys.stdin))\n"),
    "helper in an earlier block": (
        block("def plus(a, b):\n    return a + b\n")
        + block("print(plus(int(input()), int(input())))\n")
    ),
    "main called in a later block": (
        block("def main():\n    print(int(input()) + int(input()))\n") + "Then:\n" + block("main()")
    ),
    "step by step": (
        block("a = int(input())\nb = int(input())\n") + "Then print:\n" + block("print(a + b)\n")
    ),
    "draft in reasoning": f"<think>\n{block(SUM.replace('+', '*'))}</think>\n{block(SUM)}",
    "bare, output in a fence": SUM + "\nThe output is:\n" + block("3\n", ""),
    "bare between prose": f"We read them:\n\n{SUM}\nThat's all.\n",
    "closing fence glued": f"{F}python\n{SUM.rstrip()}{F}\n",
    "writes to sys.stdout": block(
        "import sys\nsys.stdout.write(str(sum(map(int, sys.stdin.readlines()))) + '\\n')\n"
    ),
    # Parts that explain or test the whole program.
    "the part that reads behind": (
        block(GUARDED) + "Reading is done by\n" + block("a = int(input())\n")
    ),
    "a faster input behind": (
        block(GUARDED) + "Faster:\n" + block("import sys\ninput = sys.stdin.readline\n")
    ),
    "test with its own stdin behind": (
        block(GUARDED) + block("import io, sys\nsys.stdin = io.StringIO('5\\n6\\n')\nmain()\n")
    ),
    "test that prints too behind": (
        block(GUARDED)
        + block("import io, sys\nsys.stdin = io.StringIO('5\\n6\\n')\nmain()\nprint('ok')\n")
    ),
    "test that imports it and prints behind": (
        block(GUARDED)
        + block(
            "import io, sys\nfrom solution import main\nsys.stdin = io.StringIO('5\\n6\\n')\n"
            "main()\nprint('ok')\n"
        )
    ),
    "the whole again with its own stdin behind": (
        block(GUARDED) + block(f"import io, sys\nsys.stdin = io.StringIO('5\\n6\\n')\n{GUARDED}")
    ),
    "the whole again with its own input behind": (
        block(GUARDED) + block(f"lines = iter(['5', '6'])\ninput = lambda: next(lines)\n{GUARDED}")
    ),
    "the whole again with a faster input behind": (
        block(GUARDED.replace("+", "-"))
        + block(f"import sys\ninput = lambda: sys.stdin.readline().strip()\n{GUARDED}")
    ),
    "test with a patched input behind": (
        block(GUARDED)
        + block(
            "from unittest.mock import patch\n"
            "with patch('builtins.input', side_effect=['5', '6']):\n    main()\n"
        )
    ),
    "a loop over test cases behind": (
        block(GUARDED) + block("for _ in range(int(input())):\n    main()\n")
    ),
    "a loop over test cases that prints behind": (
        block(GUARDED) + block("for _ in range(int(input())):\n    main()\n    print()\n")
    ),
    "a loop over test cases that imports it behind": (
        block(GUARDED)
        + block(
            "from solution import main\nfor _ in range(int(input())):\n    main()\n    print()\n"
        )
    ),
    "whole program behind its parts": (
        block("a = int(input())\nb = int(input())\n") + block("print(a - b)\n") + block(SUM)
    ),
    "its beginning quoted, which runs by itself": (
        block("a = int(input())\nprint(a + int(input()), end='')\nprint()\n")
        + block("a = int(input())\nprint(a + int(input()), end='')\n")
    ),
    "corrected later, without its import": (
        block(
            "import sys\nstdin = sys.stdin\nprint(int(stdin.readline()) - int(stdin.readline()))\n"
        )
        + "No:\n"
        + block("a = int(stdin.readline())\nprint(a + int(stdin.readline()))\n")
    ),
    "corrected later, with the same import": (
        block("from sys import stdin\nprint(int(stdin.readline()) - int(stdin.readline()))\n")
        + "No:\n"
        + block("from sys import stdin\nprint(sum(map(int, stdin.readlines())))\n")
    ),
    "corrected main, helper in the draft": (
        block(f"{RIGHT}print(add(int(input()), int(input())) * 2)\n")
        + block("print(add(int(input()), int(input())))\n")
    ),
    "definition, then the call with what it reads": (
        block("def show(a, b):\n    print(a + b)\n") + block("show(int(input()), int(input()))\n")
    ),
    "whole program behind its broken draft": (
        block("a = int(input())\nprint(a + int(input())\n") + block(SUM)
    ),
}


@pytest.mark.parametrize("answer", PROGRAMS.values(), ids=PROGRAMS)
def test_the_whole_program_of_an_answer_adds(answer: str) -> None:
    assert printed(extract_program(answer, ""), "1\n2\n") == "3\n"


@pytest.mark.parametrize(
    "answer",
    [
        f"<think>\n{block(RIGHT)}",
        f"<think>\nI could write\n{RIGHT}\nbut",
        f"<thinking>{block(RIGHT)}</thinking>",
        f"<|channel|>analysis<|message|>{block(RIGHT)}",
        f"<think>{block(SUM)}",
        block("3\n", ""),
        block("assert 1 + 2 == 3\n"),
    ],
)
@pytest.mark.parametrize("entry_point", ["add", ""])
def test_thoughts_data_and_tests_are_no_answer(answer: str, entry_point: str) -> None:
    assert extract_program(answer, entry_point) == ""


@pytest.mark.parametrize(
    "answer",
    [
        "def add(a, b):\n    total = a + b\nreturn total\n",
        block("def add(a, b):\n    total = a + b\nreturn total\n"),
        block("def add(a, b):\n    for i in range(b):\n        a += 1\nif a:\n    return a\n"),
        block("def add(a, b):\n\u00a0\u00a0\u00a0\u00a0return a + b\n"),
        block("def add(a, b):\nreturn a + b\n"),
        block("def add(a, b)\n    return a + b\n"),
    ],
)
def test_code_is_never_repaired(answer: str) -> None:
    with pytest.raises(SyntaxError):
        called(extract_program(answer, "add"), "add(1, 2)")


def test_a_broken_program_is_not_mended_by_a_part_of_it() -> None:
    answer = block("a = int(input())\nprint(a + int(input())\n") + block("a = int(input())\n")
    with pytest.raises(SyntaxError):
        printed(extract_program(answer, ""), "1\n2\n")


PROMPT = 'from typing import List\n\ndef add(a: int, b: int) -> int:\n    """Add."""\n'


def problem(prompt: str = PROMPT) -> Problem:
    return Problem("t/0", prompt, "add", AssertList(("assert add(1, 2) == 3",)), "")


@pytest.mark.parametrize(
    ("style", "answer"),
    [
        ("chat", block(f"{FUTURE}def add(a: Unknown, b: Other):\n    return a + b\n")),
        ("chat", block(FUTURE) + block(f'{FUTURE}import math\n{RIGHT}')),
        ("chat", block('import operator\n') + block(
            f'{FUTURE}def add(a: No, b):\n    return operator.add(a, b)\n')),
        ("chat", f"from __future__ import (\n    annotations,\n)\n{RIGHT}"),
        ("chat", block("    total = a + b\n    return total\n")),
        ("chat", f"The body is:\n{block('    return a + b', '')}"),
        ("chat", "    total = a + b\n    return total\n"),
        ("chat", block("    return a + b\n") + block("from solution import add\nadd(1, 2)\n")),
        ("chat", block("    return a + b\n") + block("def add(a, b):\n    ...\n")),
        ("completion", f"\n    return a + b\n\n{FUTURE}"),
        ("completion", "\n    return a + b\n\na = int(input())\nb = input()\nprint(add(a, b))\n"),
        ("completion", "\n    return deep(a, b)\n\ndef deep(a, b):\n    return a + b + ZERO\n\n"
                       "ZERO = 0\nn = input()\n"),
        ("completion", "\n    return 0\n\nassert add(1, 2) == 0\nadd(None)\n\n" + RIGHT),
    ],
)  # fmt: skip
def test_the_program_of_an_answer_to_a_prompt_adds(style: PromptStyle, answer: str) -> None:
    source = program(problem(), canonical_completion(problem(), answer, style))
    assert called(source, "add(1, 2)") == 3


INHERITED = CLASS.replace("Solution", "Base") + "class Solution(Base):\n    pass\n"


@pytest.mark.parametrize("entry_point", ["Solution", "add"])
@pytest.mark.parametrize("style", ["chat", "completion"])
@pytest.mark.parametrize(
    ("written", "call"),
    [
        (RIGHT, "add(1, 2)"),
        (CLASS, "Solution().add(1, 2)"),
        (INHERITED, "Solution().add(1, 2)"),
        ("add = lambda a, b: a + b\n", "add(1, 2)"),
        (f"{CLASS}\nadd = Solution().add\n", "add(1, 2)"),
    ],
)
def test_a_function_or_a_method_of_its_class_answers(
    entry_point: str, style: PromptStyle, written: str, call: str
) -> None:
    """As APPS' records have it: the judge takes the one and the other."""
    test = AssertList(("assert add(1, 2) == 3",), function="add", method_of="Solution")
    asked = Problem("t/0", '"""Add."""\n', entry_point, test, "")
    answer = f"\n{written}\na = int(input())\nprint({call[:-6]}(a, a))\n"
    if style == "chat":
        answer = f"{block(answer)}{block('n = int(input())')}"
    source = program(asked, canonical_completion(asked, answer, style))
    assert called(source, call) == 3


def test_what_goes_on_with_the_last_line_of_the_prompt_is_cut_after_the_body() -> None:
    """`def add(...):` with its docstring, `; c = a + b`, and a test that breaks off."""
    one = problem(PROMPT.removesuffix("\n"))
    for text in ("; c = a + b\n    return c\n\nprint(add(1, 2)\n", "; return a + b\nThat's it.\n"):
        for asked in (problem(), one):
            source = program(asked, canonical_completion(asked, text, "completion"))
            assert called(source, "add(1, 2)") == 3


def test_lost_indentation_of_a_completion_is_not_repaired() -> None:
    text = "\n    total = a + b\nreturn total\n"
    source = program(problem(), canonical_completion(problem(), text, "completion"))
    with pytest.raises(SyntaxError):
        called(source, "add(1, 2)")
