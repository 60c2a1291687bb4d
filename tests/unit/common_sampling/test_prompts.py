"""A completion and the program it stands for."""

import ast

import pytest

from rlvf_common import starter
from rlvf_common.problems import Problem
from rlvf_common.prompts import (
    STOP,
    TEMPLATE,
    PromptTemplate,
    clean_completion,
    completion_prompt,
    program,
    sent_continuation,
    support_source,
)

PROMPT = 'def double(x):\n    """Return twice x."""\n'


def problem(prompt: str = PROMPT, entry_point: str = "double") -> Problem:
    return Problem("t/0", prompt, entry_point, "", "    return 2 * x\n", "unit", "train")


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
    other = PromptTemplate(TEMPLATE.name, TEMPLATE.description, (*STOP, "\n#"))
    assert len(TEMPLATE.sha256) == 64
    assert other.sha256 != TEMPLATE.sha256


def test_every_reference_solution_survives_cleaning() -> None:
    for task in [*starter.load("train"), *starter.load("held_out")]:
        text = sent_continuation(task, task.canonical_solution)
        before = ast.dump(ast.parse(task.prompt + task.canonical_solution))
        after = ast.dump(ast.parse(program(task, clean_completion(task, text))))
        assert before == after, task.task_id
