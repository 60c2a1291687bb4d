"""Makes the prompt of a problem, and the program that a model's answer stands for.

There are two formats. *Completion*, for base models: the model sees `Problem.prompt` and continues
it. Two facts shape it:

* A base model that is sent a trailing newline begins on a new line, often outside the function, and
  stops. So the newline is not sent; the model writes it itself.
* Models continue after the function with tests, prints and further functions. Stop strings end most
  of that while sampling; the rest is cut here, except for what the function needs.

Cutting removes only what *follows* the body: a body that does not parse stays as it is, and an
answer without a body stays without one.

*Chat*, for models with a chat template: a message asks for the whole function, and the program is
extracted from the answer (`extraction.py`). It also becomes a completion of the prompt: the
prompt's own function is defined first, and then replaced by the answer's. So the prompt's imports
and helpers are available if the answer lacks them, and `program(problem, completion)` works for
both formats. An answer that is only the body continues the prompt's own function.
"""

import ast
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rlvf_common.problems.answers.bare_code import last_definition
from rlvf_common.problems.answers.extraction import extract_body, extract_program
from rlvf_common.problems.answers.python_names import Definition, definition
from rlvf_common.problems.answers.python_source import (
    hoist_future_imports,
    parse,
    source_lines,
    syntax_tree,
    tree_text,
)
from rlvf_common.problems.answers.trimming import kept_lines, needed_statements, trim_prefix
from rlvf_common.problems.problem import Problem

__all__ = [
    "STOP",
    "TEMPLATES",
    "PromptStyle",
    "PromptTemplate",
    "canonical_completion",
    "chat_message",
    "clean_completion",
    "completion_prompt",
    "program",
    "sent_continuation",
    "stop_strings",
    "stub_completion",
    "support_source",
]

PromptStyle: TypeAlias = Literal["completion", "chat"]
_Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

STOP: tuple[str, ...] = ("\ndef ", "\nclass ", "\n#", "\nprint(")
"""Strings that end a completion; four, since vLLM accepts no more. All occur only outside of a
function, except that a comment in column zero could be inside one; in a third of their answers
models write one after the function, before tests of their own."""

# If the prompt is a docstring, the function itself begins in column zero.
_STOP_AFTER_DOCSTRING = ("\nassert ", "\nprint(", "\nif __name__", '\n"""')
_STOP_IN_PROGRAM = ('\n"""',)

_MOST_CUTS = 100

# "Alone" saves tokens: when also asked for "every import and helper that it needs", a 0.5B coder
# wrote 187 tokens for a training problem of MBPP instead of 108, was cut off at 256 in 24% of its
# answers instead of 2%, and passed equally often (24% of 225).
_INSTRUCTION = (
    "Complete the following Python code. Answer with the code of the whole {kind} `{name}` alone, "
    "in one fenced code block.\n\n```python\n{code}\n```"
)
_INSTRUCTION_FROM_DOCSTRING = (
    "Write the Python function `{name}` that the following docstring describes. Answer with the "
    "code of the whole function alone, in one fenced code block.\n\n```python\n{code}\n```"
)
_INSTRUCTION_FOR_PROGRAM = (
    "Write the Python program that the following docstring describes. Answer with the code of the "
    "whole program alone, in one fenced code block.\n\n```python\n{code}\n```"
)


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """A prompt format, so that a result can say which one it used."""

    name: str
    """Name with a version, which changes whenever the format does."""
    description: str
    """The rules in words, and every text that is sent; part of the digest."""
    stop: tuple[str, ...]
    """Stop strings sent with every request whose prompt ends in a function or class."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the template's canonical JSON: name, description and stop strings."""
        record = {"name": self.name, "description": self.description, "stop": list(self.stop)}
        return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


TEMPLATES: dict[PromptStyle, PromptTemplate] = {
    "completion": PromptTemplate(
        name="completion-v3",
        description=(
            "Sent: the problem's prompt less one trailing newline. Completion: the text less one "
            "leading newline, less tests, reading of input and what the entry point does not need "
            "behind it. Program: prompt + completion, `from __future__` imports first. Stop "
            "strings where the prompt is a docstring: "
            f"{list(_STOP_AFTER_DOCSTRING)}; where a whole program is asked for: "
            f"{list(_STOP_IN_PROGRAM)}."
        ),
        stop=STOP,
    ),
    "chat": PromptTemplate(
        name="chat-v4",
        description=(
            "Sent: one message of the user, through the model's chat template: "
            f"{_INSTRUCTION!r}; where the prompt is a docstring: {_INSTRUCTION_FROM_DOCSTRING!r}; "
            f"where a whole program is asked for: {_INSTRUCTION_FOR_PROGRAM!r}. Completion: the "
            "code of the answer behind its reasoning, with definitions of its other blocks that it "
            "lacks, trimmed to what the entry point needs. Program: prompt + completion, "
            "`from __future__` imports first."
        ),
        stop=(),
    ),
}
"""The formats that this module implements, by style."""


def stop_strings(problem: Problem, style: PromptStyle = "completion") -> tuple[str, ...]:
    """Strings that end an answer to this problem. None in a chat: they would cut prose."""
    if style == "chat":
        return ()
    if not problem.entry_point:
        return _STOP_IN_PROGRAM
    return STOP if _ends_in_function(problem) else _STOP_AFTER_DOCSTRING


def chat_message(problem: Problem) -> str:
    """The user's message in a chat."""
    code = problem.prompt.rstrip()
    if not problem.entry_point:
        return _INSTRUCTION_FOR_PROGRAM.format(code=code)
    begun = _begun(problem)
    if begun is None:
        return _INSTRUCTION_FROM_DOCSTRING.format(name=problem.entry_point, code=code)
    kind = "class" if isinstance(begun, ast.ClassDef) else "function"
    return _INSTRUCTION.format(kind=kind, name=problem.entry_point, code=code)


def canonical_completion(problem: Problem, text: str, style: PromptStyle) -> str:
    """The completion that an answer stands for: `problem.prompt + completion` is its program."""
    if style == "completion":
        return clean_completion(problem, text)
    code = _read(problem, lambda name: extract_program(text, name)).strip("\r\n")
    if _ends_in_function(problem) and _definition(code, problem.entry_point) < Definition.METHOD:
        body = extract_body(text)
        if body and syntax_tree(problem.prompt + body) is not None:
            return clean_completion(problem, f"\n{body}")
    if not code.strip():
        return ""
    return f"{_closing(problem)}{code}\n"


def _read(problem: Problem, read: Callable[[str], str]) -> str:
    """The result of `read` for the first of the problem's entry points that it defines, or for the
    first of all if it defines none; for "" if a whole program is asked for."""
    names = problem.entry_points or ("",)
    codes: list[str] = []
    for name in names:
        codes.append(read(name))
        if len(names) == 1 or _definition(codes[-1], name) == Definition.WHOLE:
            return codes[-1]
    return codes[0]


def _definition(code: str, entry_point: str) -> Definition:
    tree = syntax_tree(code)
    if tree is not None:
        return definition(tree, entry_point)
    return Definition.NONE if last_definition(code, entry_point) is None else Definition.WHOLE


def _closing(problem: Problem) -> str:
    """The text that completes the prompt, so that a whole program can follow it."""
    newline = "" if problem.prompt.endswith("\n") else "\n"
    if not _ends_in_function(problem):
        return newline
    body = "" if parse(problem.prompt) is not None else f"{_indentation(problem)}pass\n"
    return f"{newline}{body}\n\n"


def stub_completion(problem: Problem) -> str:
    """The completion that does nothing: the entry point returns None, or has no methods, or the
    program ends."""
    if _ends_in_function(problem):
        return f"{_indentation(problem)}pass\n"
    if not problem.entry_point:
        return "pass\n"
    return f"def {problem.entry_points[0]}(*arguments, **options):\n    pass\n"


def _ends_in_function(problem: Problem) -> bool:
    """Whether the prompt ends in the body of the entry point, function or class, as HumanEval's
    do."""
    return _begun(problem) is not None


def _begun(problem: Problem) -> _Definition | None:
    """The entry point that the prompt begins; `None` if it leaves all of it to the answer."""
    tree = parse(f"{problem.prompt}\n{_indentation(problem)}pass\n")
    return None if tree is None else _entry_point(tree, problem.entry_point)


def completion_prompt(problem: Problem) -> str:
    """The text that the model is sent: the prompt without its trailing newline."""
    return problem.prompt.removesuffix("\n")


def program(problem: Problem, completion: str) -> str:
    """The program that a completion stands for: `prompt + completion`, with `from __future__`
    imports of the completion moved before the prompt, the only valid place."""
    return hoist_future_imports(problem.prompt + completion)


def sent_continuation(problem: Problem, completion: str) -> str:
    """The continuation of `completion_prompt(problem)` that gives `problem.prompt + completion`.

    It is what a model has to write after the sent prompt; training data needs this form.
    """
    return (problem.prompt + completion).removeprefix(completion_prompt(problem))


def clean_completion(problem: Problem, text: str) -> str:
    """The completion in canonical form: `problem.prompt + completion` is the program the model
    wrote.

    `text` is what the model wrote after `completion_prompt(problem)`. One leading newline, which
    the prompt already has, is removed; what follows the entry point's body is cut; a completion
    that is not empty ends in one newline.
    """
    if not problem.prompt.endswith("\n"):
        completion = text
    elif (first_line := re.match(r"[ \t]*\r?\n", text)) is not None:
        completion = text[first_line.end() :]
    else:
        completion = _onto_a_new_line(problem, text)
    body = _cut_after_body(problem, completion).rstrip()
    return f"{body}\n" if body else ""


def support_source(problem: Problem) -> str:
    """The part of the prompt before the entry point: imports and helpers that a test may use.

    Empty if the prompt defines nothing else or cannot be parsed.
    """
    node = _begun(problem)
    if node is None:
        return ""
    first_line = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "".join(problem.prompt.splitlines(keepends=True)[: first_line - 1])


def _onto_a_new_line(problem: Problem, text: str) -> str:
    r"""A completion for text that continues the prompt's last line instead of starting a new one.

    The newline that `prompt + completion` puts in between must change nothing: `\"\"\"; return 1`
    is valid and must stay valid, `\"\"\"    return 1` is not and must not become valid. A comment
    or a whole statement can move to a line of its own; otherwise an empty string replaces the
    docstring that the text continues. The first form with the same syntax tree is taken.
    """
    written = _cut_after_body(problem, text, prompt=completion_prompt(problem))
    wanted = _statements(completion_prompt(problem) + written)
    for prefix in ("", "#"):
        if _statements(problem.prompt + prefix + written) == wanted:
            return prefix + written
    return f'{_indentation(problem)}""{written}'


def _cut_after_body(problem: Problem, completion: str, *, prompt: str | None = None) -> str:
    """`completion` without what follows the entry point's body.

    If the program does not parse, it is cut at the first line outside the function before which
    everything parses, provided that the completion has a line of a body before it. So prose and
    broken tests after a whole function are cut too, and a broken function stays unchanged. At most
    a hundred such lines are tried.
    """
    if not _ends_in_function(problem):
        return _read(problem, lambda name: trim_prefix(completion, name) if name else completion)
    prompt = problem.prompt if prompt is None else prompt
    tree = syntax_tree(prompt + completion)
    if tree is not None:
        return _body(problem, tree, prompt, completion) or completion
    lines = source_lines(completion)
    begins = [
        number
        for number, line in enumerate(lines)
        # The first line may continue the prompt's last one.
        if number and line.strip() and not line[0].isspace() and not line.startswith("#")
    ]
    for number in begins[:_MOST_CUTS]:
        tree = syntax_tree(prompt + "".join(lines[:number]))
        if tree is not None and (body := _body(problem, tree, prompt, completion)):
            return body
    return completion


def _body(problem: Problem, tree: ast.Module, prompt: str, completion: str) -> str:
    """The part of `completion` that the entry point needs; all of it without an entry point."""
    if _entry_point(tree, problem.entry_point) is None:
        return completion
    source = prompt + completion
    kept = needed_statements(source, tree, problem.entry_point)
    first = len(source_lines(prompt)) + 1
    return "".join(kept_lines(source, tree, kept, first))[len(prompt) :]


def _entry_point(tree: ast.Module, name: str) -> _Definition | None:
    """The definition that `name` is bound to at the end: the last one at module level."""
    found = None
    for node in tree.body:
        if isinstance(node, _Definition) and node.name == name:
            found = node
    return found


def _indentation(problem: Problem) -> str:
    """White space at the beginning of a line of the body: that of the prompt's last line, else four
    spaces."""
    last_line = problem.prompt.rstrip().rpartition("\n")[2]
    return last_line[: len(last_line) - len(last_line.lstrip())] or "    "


def _statements(source: str) -> str | None:
    """The syntax tree as text, without statements that are only a string. `None` if the source does
    not parse."""
    tree = parse(source)
    if tree is None:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.body = [
                statement
                for statement in node.body
                if not (
                    isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
                )
            ]
    return tree_text(tree)
