"""The program in what a model wrote."""

import ast
import textwrap
from collections.abc import Callable

import pytest

from rlvf_common.problems.answers import python_source
from rlvf_common.problems.answers.extraction import (
    extract_program,
    parse,
    tree_text,
    trim,
    trim_prefix,
)

DOUBLE = "def double(x):\n    return 2 * x\n"


def names(source: str) -> dict[str, object]:
    scope: dict[str, object] = {}
    exec(source, scope)
    return scope


def works(source: str) -> bool:
    double = names(source)["double"]
    assert callable(double)
    return bool(double(3) == 6)


@pytest.mark.parametrize(
    "answer",
    [
        f"```python\n{DOUBLE}```",
        f"Sure! Here it is:\n\n```python\n{DOUBLE}```\n\nIt doubles `x`.",
        f"```\n{DOUBLE}```",
        f"~~~py\n{DOUBLE}~~~",
        f"1. Like this:\n\n{textwrap.indent(f'```python{chr(10)}{DOUBLE}```', '    ')}\n",
        f"````python\n{DOUBLE}````",
        f"```python\r\n{DOUBLE}```\r\n",
        f"Here is the code:\n\n{DOUBLE}\nThis function doubles; it's simple.\n",
        DOUBLE,
        f"def is not what you think.\n\n{DOUBLE}\nDone.",
    ],
)
def test_the_function_is_found_in_prose_and_fences(answer: str) -> None:
    assert works(extract_program(answer, "double"))


def test_the_block_that_defines_the_entry_point_wins_over_later_ones() -> None:
    answer = f"```python\n{DOUBLE}```\nTry it:\n```python\nprint(double(2))\n```\n```\n4\n```\n"
    assert extract_program(answer, "double") == DOUBLE


def test_the_last_of_several_definitions_wins() -> None:
    answer = f"```python\ndef double(x):\n    return x\n```\nNo, wait.\n```python\n{DOUBLE}```"
    assert works(extract_program(answer, "double"))


def test_a_complete_block_wins_over_one_that_breaks_off() -> None:
    broken_off = "```python\ndef double(x):\n    return x\n"
    assert extract_program(f"```python\n{DOUBLE}```\nOr:\n{broken_off}", "double") == DOUBLE


def test_a_block_that_breaks_off_is_kept_as_it_is() -> None:
    answer = "Sure:\n```python\ndef double(x):\n    return (2 *"
    assert extract_program(answer, "double") == "def double(x):\n    return (2 *"


def test_a_block_in_another_language_is_no_answer() -> None:
    answer = f"```python\n{DOUBLE}```\nSketch:\n```text\ndef double(x): ...\n```\n"
    assert extract_program(answer, "double") == DOUBLE


def test_code_outside_the_fences_counts_when_the_fences_do_not_define_the_entry_point() -> None:
    answer = f"{DOUBLE}\nFor example:\n```\n>>> double(2)\n4\n```\n"
    assert works(extract_program(answer, "double"))


def test_broken_code_without_fences_is_handed_on_not_repaired() -> None:
    broken = "def double(x):\n    return 2 *\n"
    assert extract_program(f"Here:\n{broken}", "double") == broken


@pytest.mark.parametrize("answer", ["", "I cannot do that.", "Sorry\n\nGoodbye."])
def test_prose_alone_is_no_program(answer: str) -> None:
    assert extract_program(answer, "double") == ""
    assert extract_program(answer, "") == ""


def test_a_whole_program_keeps_its_prints() -> None:
    source = "n = int(input())\nprint(2 * n)\n"
    assert extract_program(f"Read it:\n```python\n{source}```\nDone.", "") == source
    assert extract_program(f"{source}\nThat is all.", "").strip() == source.strip()


def test_needed_helpers_stay_and_tests_go() -> None:
    source = (
        "import math\n"
        "FACTOR = 2\n"
        "print('begin')\n"
        "assert FACTOR == 3\n"
        "def double(x):\n    return times(x)\n"
        "assert double(2) == 4\n"
        "def unused(x):\n    return double(x)\n"
        "@staticmethod\ndef times(x):\n    return Factor().value * x\n"
        "class Factor:\n    value = FACTOR\n"
        "print(double(1))\n"
        "def test_double():\n    assert double(1) == 2\n"
        "if __name__ == '__main__':\n    test_double()\n"
    )
    trimmed = trim(source, "double")
    assert works(trimmed)
    kept = {getattr(node, "name", type(node).__name__) for node in ast.parse(trimmed).body}
    assert kept == {"Import", "Assign", "double", "times", "Factor"}


def test_what_changes_a_needed_name_stays() -> None:
    source = (
        f"{DOUBLE}double = memo(double)\ndef memo(f):\n    return f\nmemo.seen = {{}}\nother = 1\n"
    )
    assert trim(source, "double") == source.replace("other = 1\n", "")


def test_preparation_before_the_entry_point_stays() -> None:
    source = f"import sys\nsys.setrecursionlimit(9)\nfor i in range(2):\n    last = i\n{DOUBLE}"
    assert trim(source, "double") == source


def test_statements_on_one_line_are_not_torn() -> None:
    source = "def double(x): return y * x\ny = 2; print(y)\n"
    assert trim(source, "double") == source


@pytest.mark.parametrize("source", ["def double(", "x = 1\nprint(x)\n", ""])
def test_what_does_not_parse_or_define_the_entry_point_stays_as_it_is(source: str) -> None:
    assert trim(source, "double") == source
    assert trim_prefix(source, "double") == source


def test_the_longest_beginning_that_parses_is_taken() -> None:
    source = f"{DOUBLE}\nhelper = 1\n\nThis doubles.\ndef more(:\n"
    assert trim_prefix(source, "double") == DOUBLE


_LOOPS = {
    "statements": "x = 0 + y\n" * 1000,
    "a broken end": "x = 0 + y\n" * 1000 + "def (:\n",
    "prose": "if you look at this it is clear\n" * 1000,
    "half statements": "try:\n    a = 1\n" * 500,
    "no end": "try:\n" + "    a = 1\n" * 1000,
    "decorators": "@property\n" * 1000,
    "brackets": "format(\n" * 1000,
    "strings": "x = '''\n" * 1000,
    "fences": "```\nx = '''\n" * 500,
    "blocks": "```python\nx = y\n```\n" * 300,
    "blocks that need each other": "".join(
        f"```python\nx{number} = x{number + 1}\n```\n" for number in range(300)
    ),
    "a chain": "".join(f"x{number} = x{number + 1}\n" for number in range(1000)),
}


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The length of each text that was parsed."""
    lengths: list[int] = []
    compiled = python_source._compiled

    def counted(source: str, flags: int = 0, filename: str = "answer") -> object:
        lengths.append(len(source))
        return compiled(source, flags, filename)

    monkeypatch.setattr(python_source, "_compiled", counted)
    return lengths


@pytest.mark.parametrize("look", [extract_program, trim_prefix])
@pytest.mark.parametrize("text", _LOOPS.values(), ids=_LOOPS)
def test_what_is_parsed_is_a_multiple_of_the_answer_not_its_square(
    parsed: list[int], look: Callable[[str, str], str], text: str
) -> None:
    look(text, "double")
    assert sum(parsed) < 250 * len(text)


def test_a_run_that_parses_is_looked_through_once(parsed: list[int]) -> None:
    extract_program(_LOOPS["statements"], "double")
    assert len(parsed) < 30


def test_code_after_much_prose_is_found() -> None:
    prose = "if you look at this it isn't clear\nfor example:\nwith this:\n    x\ntry:\n" * 200
    assert extract_program(f"{prose}\n{DOUBLE}\nThat is it.\n", "double") == DOUBLE


def test_a_chain_of_needed_names_is_kept_in_its_order() -> None:
    chain = "".join(f"x{number} = x{number + 1}\n" for number in range(500))
    source = f"def double(x):\n    return x0\n{chain}"
    assert trim(f"{source}other = 1\n", "double") == source


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_may_go_on_after_a_backslash(end: str) -> None:
    source = "def double(x):\n    return 2 * \\\n        x\n".replace("\n", end)
    assert works(extract_program(f"Like this:{end}{source}", "double"))


# Programs as deep as the interpreter compiles, and deeper.
_DEEP = [300, 900, 2800, 20_000]


def _deep(levels: int) -> dict[str, str]:
    return {
        "sum": "x = " + " + ".join(["1"] * levels) + "\n",
        "subscripts": f"x{'[0]' * levels} = 1\n",
        "branches": "if y == 0:\n    x = 0\n"
        + "".join(f"elif y == {n}:\n    x = {n}\n" for n in range(levels)),
    }


@pytest.mark.parametrize("levels", _DEEP)
@pytest.mark.parametrize("name", _deep(1))
def test_deep_programs_are_handed_on(name: str, levels: int) -> None:
    source = f"x, y = [], 0\n{_deep(levels)[name]}{DOUBLE}"
    assert extract_program(f"```python\n{source}```\n", "double") == source
    assert trim_prefix(source, "double") == source


def test_hostile_text_is_survived() -> None:
    for answer in (
        "(" * 20_000,
        "```" * 5_000,
        "\0",
        "def double(x):\n" * 300,
        "a = " + "-" * 9_999,
        "<code>" * 5_000,
        "<think>\n" * 3_000,
        "</think>\n" * 3_000,
        "`a" * 5_000,
        ">>> x\n" * 3_000,
        "> " * 3_000 + "```",
        "```python\ndef double(x): raise " + "-" * 2_000 + "x\n```",
        "```python\nx = '\ud800'\n```",
    ):
        extract_program(answer, "double")
        extract_program(answer, "")
    assert parse("\0") is None


def test_trees_have_the_same_text_where_they_are_the_same() -> None:
    sources = [
        "x = 1", "x = 1.0", "x = True", "x = '1'", "x = b'1'", "x = -1", "x = 0x1" + "0" * 5000,
        "x, y = 1", "[x, y]", "[x], y", "f(x)(y)", "f(x, y)", "f(x, *y)", "def f(a, b=None): ...",
        "def f(a, /, b=None): ...", "def f(a, *, b=None): ...", "x = f'{y!r:>{z}}'", "x = ...",
        "for x in y: pass\nelse: pass", "for x in y: pass\npass", "x = None", "x = y = z",
    ]  # fmt: skip
    trees = [ast.parse(source) for source in sources]
    assert len({tree_text(tree) for tree in trees}) == len(sources)
    assert tree_text(ast.parse("f( x )  # text")) == tree_text(ast.parse("f(x)"))
