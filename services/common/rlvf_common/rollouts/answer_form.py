"""The form of an answer: flaws that show before any test is run."""

import ast
from dataclasses import dataclass

from rlvf_common.problems.answers.python_names import Definition, definition
from rlvf_common.problems.answers.python_source import hoist_future_imports, parse
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import PromptStyle, program

__all__ = ["AnswerForm", "answer_form", "given_form"]


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """Properties of an answer that decide whether it is usable, regardless of what it computes."""

    empty: bool
    """Whether there is nothing but white space and comments."""
    parses: bool
    """Whether its program compiles."""
    has_entry_point: bool
    """Whether its program compiles and defines one of the problem's entry points. True for every
    whole program that compiles."""
    has_body: bool
    """Whether the entry point has more than a docstring, `pass`, `...` or `raise
    NotImplementedError`."""
    truncated: bool = False
    """Whether the model was cut off at `max_tokens`."""

    @property
    def usable(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.flaw

    @property
    def flaw(self) -> str:
        """What is wrong with it, in words; empty if nothing is."""
        if self.empty:
            return "empty"
        if self.truncated:
            return "cut off at max_tokens" + ("" if self.parses else ", and does not parse")
        if not self.parses:
            return "does not parse"
        if not self.has_entry_point:
            return "does not define the entry point"
        return "" if self.has_body else "the entry point has no body"


def answer_form(
    problem: Problem, completion: str, style: PromptStyle, *, truncated: bool = False
) -> AnswerForm:
    """The form of a model's answer, which is given as its canonical completion.

    In a chat the answer itself has to define the entry point; the prompt does not count, unless the
    answer is a body that continues it.
    """
    tree = parse(program(problem, completion))
    found = _definition(tree, problem)
    own = found
    if style == "chat" and found <= Definition.STUB:
        own = _definition(parse(hoist_future_imports(completion.lstrip())), problem)
    return AnswerForm(
        empty=_is_empty(completion),
        parses=tree is not None,
        has_entry_point=min(found, own) > Definition.NONE,
        has_body=found > Definition.STUB,
        truncated=truncated,
    )


def given_form(problem: Problem, answer: str, solution: str) -> AnswerForm:
    """The form of an answer that was given by a caller; `solution` is its whole program."""
    tree = parse(solution)
    found = _definition(tree, problem)
    return AnswerForm(
        empty=_is_empty(answer),
        parses=tree is not None,
        has_entry_point=found > Definition.NONE,
        has_body=found > Definition.STUB,
    )


def _definition(tree: ast.Module | None, problem: Problem) -> Definition:
    """How a program defines the first of the problem's entry points that it defines. A whole
    program has no entry point: it counts as `WHOLE` if a statement does something."""
    if tree is None:
        return Definition.NONE
    names = problem.entry_points
    if not names:
        idle = all(
            isinstance(node, ast.Pass)
            or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
            for node in tree.body
        )
        return Definition.STUB if idle else Definition.WHOLE
    return next((found for name in names if (found := definition(tree, name))), Definition.NONE)


def _is_empty(completion: str) -> bool:
    return all(line.lstrip()[:1] in ("", "#") for line in completion.splitlines())
