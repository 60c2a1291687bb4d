"""What is wrong with an answer before any test sees it."""

from dataclasses import replace

import pytest

from rlvf_common.problems.kinds_of_test import AssertList, CheckFunction, StandardStreams
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import PromptStyle, canonical_completion
from rlvf_common.rollouts.answer_form import AnswerForm, answer_form, given_form

FUNCTION = Problem(
    "p/0", 'def double(x):\n    """Twice x."""\n', "double", CheckFunction(""), "    return 2 * x\n"
)
DESCRIBED = replace(FUNCTION, prompt='"""Write double(x), twice x."""\n')
PROGRAM = Problem("p/1", '"""Print 1."""\n', "", StandardStreams(()), "print(1)\n")
METHOD = replace(DESCRIBED, test=AssertList((), function="double", method_of="Solution"))


def read(problem: Problem, text: str, style: PromptStyle, *, truncated: bool = False) -> AnswerForm:
    """The form of what a model wrote."""
    return answer_form(
        problem, canonical_completion(problem, text, style), style, truncated=truncated
    )


@pytest.mark.parametrize(
    ("problem", "style", "text"),
    [
        (FUNCTION, "completion", "\n    return x + x"),
        (DESCRIBED, "completion", "\ndef double(x):\n    return x + x"),
        (FUNCTION, "chat", "```python\ndef double(x):\n    return x + x\n```"),
        (DESCRIBED, "chat", "Sure:\n```python\ndouble = lambda x: x + x\n```"),
        # A body that goes on with the prompt's own function.
        (FUNCTION, "chat", "```python\n    y = x\n    return x + y\n```"),
        (PROGRAM, "completion", "\nprint(1)"),
        (PROGRAM, "chat", "```python\nprint(1)\n```"),
        (METHOD, "chat", "```python\nclass Solution:\n    def double(self, x): return x\n```"),
    ],
)
def test_a_whole_answer_is_usable_whatever_it_computes(
    problem: Problem, style: PromptStyle, text: str
) -> None:
    form = read(problem, text, style)
    assert form == AnswerForm(False, True, True, True)
    assert form.usable
    assert form.flaw == ""


@pytest.mark.parametrize(
    ("problem", "style", "text", "flaw"),
    [
        (FUNCTION, "completion", "", "empty"),
        (FUNCTION, "completion", "\n    # to be done", "empty"),
        (FUNCTION, "chat", "", "empty"),
        (FUNCTION, "completion", "\n    return (", "does not parse"),
        # The model goes on in the prompt's last line.
        (DESCRIBED, "completion", "#def double(x):\n    return x", "does not parse"),
        (DESCRIBED, "completion", "\ndef other(x):\n    return x", "not define the entry point"),
        # The prompt's own function is in its program, and answers nothing.
        (FUNCTION, "chat", "```python\ndef other(x): return x\n```", "not define the entry"),
        (FUNCTION, "chat", "```python\nf = len\ndef double(x): ...\n```", "has no body"),
        (DESCRIBED, "chat", "```python\ndef double(x):\n    pass\n```", "has no body"),
        (DESCRIBED, "completion", '\ndef double(x):\n    """Twice."""', "has no body"),
        (
            METHOD,
            "chat",
            "```python\nclass Solution:\n    def double(self, x): ...\n```",
            "no body",
        ),
        (PROGRAM, "completion", '\n"Print 1."\npass', "has no body"),
    ],
)
def test_what_is_wrong_with_an_answer_is_named(
    problem: Problem, style: PromptStyle, text: str, flaw: str
) -> None:
    form = read(problem, text, style)
    assert flaw in form.flaw
    assert not form.usable


def test_an_answer_that_was_cut_off_is_not_usable() -> None:
    whole = read(FUNCTION, "\n    return x", "completion", truncated=True)
    assert (whole.usable, whole.flaw) == (False, "cut off at max_tokens")
    broken = read(FUNCTION, "\n    return (", "completion", truncated=True)
    assert broken.flaw == "cut off at max_tokens, and does not parse"


def test_a_given_program_is_looked_at_as_it_stands() -> None:
    assert given_form(DESCRIBED, "", "def double(x):\n    return x\n") == AnswerForm(
        True, True, True, True
    )
    assert not given_form(DESCRIBED, "x = 1\n", "x = 1\n").has_entry_point
    assert not given_form(DESCRIBED, "x = (\n", "x = (\n").parses
