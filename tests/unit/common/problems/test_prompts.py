"""A completion and the program it stands for."""

import ast
from collections.abc import Callable
from typing import Any, Literal

import pytest

from rlvf_common import starter
from rlvf_common.problems.kinds_of_test import (
    AssertList,
    CheckFunction,
    StandardStreams,
    StreamCase,
)
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import (
    STOP,
    TEMPLATES,
    PromptTemplate,
    canonical_completion,
    chat_message,
    clean_completion,
    completion_prompt,
    program,
    sent_continuation,
    stop_strings,
    stub_completion,
    support_source,
)

PROMPT = 'def double(x):\n    """Return twice x."""\n'


def problem(prompt: str = PROMPT, entry_point: str = "double") -> Problem:
    return Problem(
        "t/0", prompt, entry_point, CheckFunction(""), "    return 2 * x\n", "unit", "train"
    )


def cleaned_program(text: str, prompt: str = PROMPT) -> str:
    return program(problem(prompt), clean_completion(problem(prompt), text))


def parses(source: str) -> bool:
    try:
        compile(source, "program", "exec")
    except SyntaxError:
        return False
    return True


def test_the_trailing_newline_of_the_prompt_is_not_sent() -> None:
    assert completion_prompt(problem()) == PROMPT[:-1]
    assert completion_prompt(problem("x = 1\n\n")) == "x = 1\n"
    assert completion_prompt(problem("x = 1")) == "x = 1"


def test_exactly_one_leading_newline_is_taken_off() -> None:
    assert clean_completion(problem(), "\n    return 2 * x\n") == "    return 2 * x\n"
    assert clean_completion(problem(), "\n\n    return 2 * x\n") == "\n    return 2 * x\n"


def test_program_is_what_the_model_wrote_after_the_prompt_as_it_was_sent() -> None:
    text = "\n    y = x\n    return 2 * y\n"
    assert cleaned_program(text) == completion_prompt(problem()) + text
    assert sent_continuation(problem(), clean_completion(problem(), text)) == text


def test_white_space_and_a_carriage_return_before_the_newline_are_no_part_of_the_completion() -> (
    None
):
    assert clean_completion(problem(), "  \r\n    return 2 * x\n") == "    return 2 * x\n"


@pytest.mark.parametrize("text", ["", "\n", "\n\n   \n", "   "])
def test_an_answer_without_a_body_is_empty(text: str) -> None:
    assert clean_completion(problem(), text) == ""


@pytest.mark.parametrize(
    "rest",
    [
        "\n# Test it\nprint(double(2))\n",
        "\nassert double(2) == 5\n",
        "\n```\nThis function doubles.\n",
        "\nThe function returns twice its argument: it's simple.\n",
        "\nx = double(\n",
    ],
)
def test_what_follows_the_body_is_cut(rest: str) -> None:
    assert clean_completion(problem(), "\n    return 2 * x\n" + rest) == "    return 2 * x\n"


def test_a_comment_in_column_zero_does_not_end_a_body() -> None:
    completion = "    y = 2 * x\n# a remark\n    return y\n"
    assert clean_completion(problem(), "\n" + completion) == completion


def test_text_in_column_zero_of_a_string_or_bracket_does_not_end_a_body() -> None:
    completion = '    y = """\nreturn\n"""\n    z = [\n1,\n]\n    return 2 * x\n'
    assert clean_completion(problem(), "\n" + completion + "```") == completion


def test_nested_functions_and_blank_lines_belong_to_the_body() -> None:
    completion = "    def helper():\n        return x\n\n\n    return 2 * helper()\n"
    assert clean_completion(problem(), "\n" + completion) == completion


@pytest.mark.parametrize(
    "text",
    [
        "\nreturn 2 * x\n",
        "\n    # think\nreturn 2 * x\n",
        "\n    return 2 *\n",
        "\n    return (2 * x\nprint(1)\n",
        "\n  return 2 * x\n   return 3\n",
        "    return 2 * x\n",
        " return 2 * x",
        "; if x: return 2 * x",
        "; if x:\n    return 2 * x",
        "return 2 * x\n",
        '"""\n    return 2 * x\n',
    ],
)
def test_cutting_and_joining_never_repair_a_program(text: str) -> None:
    assert not parses(completion_prompt(problem()) + text)
    assert not parses(cleaned_program(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("; return 2 * x\n", 6),
        ("  # twice\n    return 2 * x\n", 6),
        ("   ;  y = x; return 2 * y\nprint(1)", 6),
        ('"and more"\n    return 2 * x\n', 6),
        (".strip()\n    return 2 * x\n", 6),
    ],
)
def test_a_valid_continuation_of_the_last_line_stays_valid(text: str, expected: int) -> None:
    names: dict[str, object] = {}
    exec(cleaned_program(text), names)
    double = names["double"]
    assert callable(double)
    assert double(3) == expected


def test_a_body_on_the_line_of_the_signature_stays_valid() -> None:
    prompt = "def double(x):\n"
    assert cleaned_program(" return 2 * x\nprint(", prompt) == "def double(x):\n return 2 * x\n"


def test_a_continued_comment_stays_a_comment() -> None:
    prompt = "def double(x):\n    # Return\n"
    source = cleaned_program(" twice x\n    return 2 * x\n", prompt)
    names: dict[str, object] = {}
    exec(source, names)
    double = names["double"]
    assert callable(double)
    assert double(3) == 6


def test_a_prompt_that_ends_inside_a_line_is_continued_there() -> None:
    prompt = "def double(x):\n    return 2"
    assert cleaned_program(" * x\n\nprint(1)\n", prompt) == "def double(x):\n    return 2 * x\n"


def test_the_last_definition_of_the_entry_point_is_kept() -> None:
    text = "\n    return x\n\nasync def double(x):\n    return 2 * x\n"
    assert clean_completion(problem(), text).count("double") == 1


def test_helpers_before_the_entry_point_are_support_and_the_entry_point_is_not() -> None:
    helpers = "import math\n\n\ndef half(x):\n    return x / 2\n\n\n"
    prompt = f'{helpers}@memo\ndef double(x):\n    """Twice."""\n'
    assert support_source(problem(prompt)) == helpers
    assert support_source(problem()) == ""
    assert support_source(problem("def double(:\n")) == ""
    assert support_source(problem("def double(x):\n")) == ""


def test_no_more_stop_strings_than_vllm_takes_and_all_begin_in_column_zero() -> None:
    assert len(STOP) <= 4
    assert all(stop.startswith("\n") and not stop[1].isspace() for stop in STOP)


def test_digest_of_the_template_changes_with_its_stop_strings() -> None:
    template = TEMPLATES["completion"]
    other = PromptTemplate(template.name, template.description, (*STOP, "\n#"))
    assert len(template.sha256) == 64
    assert other.sha256 != template.sha256


def test_every_reference_solution_survives_cleaning() -> None:
    for task in [*starter.load("train"), *starter.load("held_out")]:
        text = sent_continuation(task, task.canonical_solution)
        before = ast.dump(ast.parse(task.prompt + task.canonical_solution))
        after = ast.dump(ast.parse(program(task, clean_completion(task, text))))
        assert before == after, task.task_id


MBPP = Problem(
    "Mbpp/2",
    '"""\nDouble a number.\nassert double(2) == 4\n"""\n',
    "double",
    AssertList(("assert double(2) == 4",)),
    "def double(x):\n    return 2 * x\n",
)
PROGRAM = Problem(
    "apps/1",
    '"""\nDouble a number.\n"""\n',
    "",
    StandardStreams((StreamCase("2\n", "4\n"),)),
    "print(2 * int(input()))\n",
)
CLASS = Problem(
    "starter/Box",
    'import math\n\n\nclass Box:\n    """A box. `size()` returns 2."""\n',
    "Box",
    CheckFunction(""),
    "\n    def size(self):\n        return 2\n",
)
KINDS = [problem(), problem("def double(x):\n"), MBPP]


@pytest.mark.parametrize("task", KINDS)
def test_stub_defines_the_entry_point_and_does_nothing(task: Problem) -> None:
    names: dict[str, object] = {}
    exec(program(task, stub_completion(task)), names)
    double = names["double"]
    assert callable(double)
    assert double(2) is None


def box_of(completion: str) -> Any:
    names: dict[str, Any] = {}
    exec(program(CLASS, completion), names)
    return names["Box"]()


def test_a_class_that_the_prompt_begins_is_continued() -> None:
    text = "\n    def size(self):\n        return 2\n\n\nbox = Box()\nprint(box.size())\nassert ("
    completion = clean_completion(CLASS, text)
    assert completion == "    def size(self):\n        return 2\n"
    assert box_of(completion).size() == 2
    assert stop_strings(CLASS) == STOP
    assert support_source(CLASS) == "import math\n\n\n"


def test_stub_of_a_class_has_no_methods() -> None:
    assert not hasattr(box_of(stub_completion(CLASS)), "size")


@pytest.mark.parametrize(
    "answer",
    [
        "Here:\n```python\nclass Box:\n    def size(self):\n        return 2\n```\nEnjoy.",
        "```python\nclass Box:\n    def size(self):\n        return half(4)\n\n"
        "def half(x):\n    return x // 2\n\nprint(Box().size())\n```",
        "```python\n    def size(self):\n        return 2\n```",
    ],
)
def test_chat_answer_is_the_whole_class_or_its_methods(answer: str) -> None:
    assert box_of(canonical_completion(CLASS, answer, "chat")).size() == 2


def test_chat_message_asks_for_a_class_where_the_prompt_begins_one() -> None:
    assert "the whole class `Box`" in chat_message(CLASS)
    assert "the whole function `double`" in chat_message(problem())


def test_stub_of_a_whole_program_is_one() -> None:
    exec(program(PROGRAM, stub_completion(PROGRAM)), {})


def test_no_stop_string_ends_an_answer_before_its_function() -> None:
    assert stop_strings(problem()) == STOP
    for task in (MBPP, PROGRAM):
        stops = stop_strings(task)
        assert 0 < len(stops) <= 4
        assert not any(stop in f"\n{task.canonical_solution}" for stop in stops)
    assert not any(stop in "\nn = input()\nprint(n)\n" for stop in stop_strings(PROGRAM))


@pytest.mark.parametrize("task", [*KINDS, CLASS, PROGRAM])
def test_no_stop_string_cuts_a_chat(task: Problem) -> None:
    assert stop_strings(task, "chat") == ()


def test_answer_to_a_docstring_is_cut_to_what_the_function_needs() -> None:
    text = (
        "\nimport math\n\ndef double(x):\n    return times(2, x)\n\n"
        "def times(a, b):\n    return a * b\n\ndef other(): ...\n\nassert double(1) == 2\n"
    )
    completion = clean_completion(MBPP, text)
    assert "times(a, b)" in completion
    assert "other" not in completion
    assert "assert" not in completion
    assert program(MBPP, completion).startswith(MBPP.prompt)


def test_helper_after_the_body_that_it_needs_stays() -> None:
    text = "\n    return times(2, x)\n\ndef times(a, b):\n    return a * b\n\nprint(double(2))\n"
    names: dict[str, object] = {}
    exec(cleaned_program(text), names)
    double = names["double"]
    assert callable(double)
    assert double(4) == 8
    assert "print" not in cleaned_program(text)


@pytest.mark.parametrize("task", [*KINDS, problem("import math\ndef double(x):\n    '''Twice.'''")])
def test_chat_answer_is_a_completion_that_replaces_the_prompts_function(task: Problem) -> None:
    answer = "Here:\n```python\ndef double(x):\n    return 2 * x\n```\nEnjoy."
    names: dict[str, object] = {}
    exec(program(task, canonical_completion(task, answer, "chat")), names)
    double = names["double"]
    assert callable(double)
    assert double(5) == 10


def test_imports_and_helpers_of_the_prompt_are_there_where_a_chat_answer_lacks_them() -> None:
    prompt = (
        "from typing import List\n\ndef half(x):\n    return x / 2\n\n"
        'def double(x: List[int]):\n    """Twice."""\n'
    )
    answer = "```python\ndef double(x: List[int]):\n    return 4 * half(x)\n```"
    names: dict[str, object] = {}
    exec(program(problem(prompt), canonical_completion(problem(prompt), answer, "chat")), names)
    double = names["double"]
    assert callable(double)
    assert double(3) == 6


@pytest.mark.parametrize("task", [*KINDS, CLASS, PROGRAM])
def test_chat_answer_without_code_is_empty(task: Problem) -> None:
    assert canonical_completion(task, "I would rather not.", "chat") == ""


@pytest.mark.parametrize("task", [*KINDS, CLASS, PROGRAM])
def test_chat_message_shows_the_prompt_and_names_the_function(task: Problem) -> None:
    message = chat_message(task)
    assert f"```python\n{task.prompt.rstrip()}\n```" in message
    assert f"`{task.entry_point}`" in message or not task.entry_point


def test_templates_have_digests_of_their_own() -> None:
    assert len({template.sha256 for template in TEMPLATES.values()}) == 2
    assert TEMPLATES["chat"].stop == ()


# Deeper than `ast.dump` takes, and deeper than the interpreter compiles.
@pytest.mark.parametrize("levels", [300, 900, 2800])
@pytest.mark.parametrize("first", ["    # twice\n", '"""\n', "; x = 1\n", "\n"])
@pytest.mark.parametrize("style", ["completion", "chat"])
def test_deep_answers_are_graded_like_others(
    levels: int, first: str, style: Literal["completion", "chat"]
) -> None:
    branches = "".join(f"    elif x == {n}:\n        return {2 * n}\n" for n in range(levels))
    addends = " + ".join(["0"] * levels)
    text = f"{first}    if x is None:\n        pass\n{branches}    return 2 * x + {addends}\n"
    completion = canonical_completion(problem(), text, style)
    if first == "\n" and style == "completion":
        assert completion == text[1:]
    if levels < 1000 and style == "completion" and first.startswith("    #"):
        scope: dict[str, Callable[[int], int]] = {}
        exec(program(problem(), completion), scope)
        assert scope["double"](3) == 6


def test_an_integer_of_thousands_of_digits_may_follow_the_prompt() -> None:
    text = f"; return 0x{'f' * 5000}\n"
    assert clean_completion(problem(), text) == f'    ""{text}'


@pytest.mark.parametrize(
    "answer",
    [
        "```python\ndef other(x):\n    return x + 1\n```",
        "def other(x):\n    return x + 1\n",
        "def other(\n    x,\n):\n    return x + 1\n",
        "```python\nclass A:\n    def f(self):\n        return 1\n```",
        "if x:\n    return 1\nelse:\n    return x + 1\n",
    ],
)
def test_the_suite_of_another_statement_is_no_body_of_the_function(answer: str) -> None:
    task = Problem("t", 'def f(x):\n    """Add."""\n', "f", CheckFunction(""), "", "u", "t")
    names: dict[str, Any] = {}
    exec(program(task, canonical_completion(task, answer, "chat")), names)
    assert names["f"](1) is None
