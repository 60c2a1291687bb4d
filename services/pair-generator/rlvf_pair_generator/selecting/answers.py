"""Graded answers with the properties that the rules of selection look at: syntax tree, format,
tokens."""

import ast
import builtins
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import NamedTuple

from rlvf_common.problems.answers.extraction import tree_text
from rlvf_common.problems.answers.python_names import binds, has_method
from rlvf_common.problems.answers.python_source import parse
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import program
from rlvf_common.rollouts.rollout import Rollout
from rlvf_pair_generator.selecting.reached import reached_statements

__all__ = ["Answer", "Format", "answer_of", "significant_tokens"]

_FENCE = "```"
_CODE_BLOCK = re.compile(r"^```.*?(?:^```\s*$|\Z)", re.MULTILINE | re.DOTALL)
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_BUILTINS = frozenset(dir(builtins))


class Format(NamedTuple):
    """How a completion is written, regardless of what it computes."""

    indentation: str
    """White space at the beginning of its first line with text."""
    starts_blank: bool
    """Whether an empty line precedes that line."""
    strings: bool
    """Whether a statement is only a string: a docstring, or prose in quotes."""
    comments: bool
    fence: bool
    """Whether a Markdown fence is in it."""
    prose: bool
    """Whether an answer in a chat has text outside of its code blocks."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A rollout whose program compiles."""

    rollout: Rollout
    tree: str
    """The syntax tree, as text, of the code that its entry point depends on. It is equal for
    programs that differ only in white space, comments, docstrings, names of local variables, and
    code that the entry point does not depend on."""
    has_body: bool
    """Whether the entry point has more than a docstring."""
    format: Format
    tokens: tuple[str, ...]
    """Names, operators, numbers and strings of the completion."""
    verdict: str
    """The verdict that a selection goes by: the rollout's, except in a control."""
    credit: float | None
    """The share of the test's cases that it passes, from 0 to 1, by that verdict; None if it is
    not known."""

    @property
    def passed(self) -> bool:
        """Whether its program passes the test, by that verdict."""
        return self.verdict == "passed"

    @property
    def length(self) -> int:
        """Characters of what the model wrote, without white space around it."""
        return len((self.rollout.answer or self.rollout.completion).strip())


def answer_of(problem: Problem, rollout: Rollout) -> Answer | None:
    """The rollout as an answer, or `None` if its program does not compile."""
    source = program(problem, rollout.completion)
    tree = parse(source)
    if tree is None:
        return None
    entry_point = _entry_point(tree, problem)
    tree.body = reached_statements(source, tree, entry_point)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.body = [statement for statement in node.body if not _is_string(statement)]
    defining = _definition(tree, entry_point)
    method = next(iter(problem.entry_points), "")
    body = _body(defining, method) if entry_point else tree.body
    _rename_variables(tree, body)
    return Answer(
        rollout,
        tree_text(tree),
        bool(body) or _has_other_body(defining, method),
        _format_of(rollout),
        tuple(significant_tokens(rollout.completion)),
        rollout.verdict,
        1.0 if rollout.verdict == "passed" else rollout.credit,
    )


def significant_tokens(completion: str) -> Iterator[str]:
    """Tokens of the completion, without comments and line structure; its words if it cannot be
    split into tokens."""
    kinds = (tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING)
    tokens = _tokens(completion)
    if tokens is None:
        return iter(completion.split())
    return (token.string for token in tokens if token.type in kinds)


def _is_string(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _entry_point(tree: ast.Module, problem: Problem) -> str:
    """The first of the problem's entry points that the program binds, or else the problem's own."""
    bound = {name for node in tree.body for name in binds(node)}
    return next((name for name in problem.entry_points if name in bound), problem.entry_point)


def _definition(tree: ast.Module, entry_point: str) -> ast.stmt | None:
    """The statement that defines the entry point: the last function or class of that name, or else
    the last that binds it."""
    binders = [node for node in tree.body if entry_point in binds(node)]
    definitions = [node for node in binders if isinstance(node, _Function | ast.ClassDef)]
    return next(reversed(definitions or binders), None)


def _body(node: ast.stmt | None, method: str) -> list[ast.stmt]:
    """Statements of a function, or of a class's method of that name."""
    if isinstance(node, ast.ClassDef):
        methods = [one for one in node.body if isinstance(one, _Function) and one.name == method]
        return methods[-1].body if methods else []
    return node.body if isinstance(node, _Function) else []


def _has_other_body(node: ast.stmt | None, method: str) -> bool:
    """Whether the entry point is defined in another way: as a class without a method of that name,
    by an assignment (`f = cache(_f)`), or under a condition. Its variables keep their names."""
    if isinstance(node, ast.ClassDef):
        return bool(node.body) and not has_method(node, method)
    return node is not None and not isinstance(node, _Function | ast.Import | ast.ImportFrom)


def _rename_variables(tree: ast.Module, body: list[ast.stmt]) -> None:
    """Number the variables that `body` binds, in the order in which they appear, in place.

    A name has one number throughout, so that two programs become equal only if one is the other
    with its variables renamed one to one. Names that may mean something outside of `body` are kept:
    names of the module (including parameters of its functions), built-in names, and names that also
    occur where they are not renamed, such as keywords and imports.
    """
    nodes = [node for statement in body for node in ast.walk(statement)]
    inside = set(map(id, nodes))
    bound = {name for node in nodes for name in _renamed(node, bound=True)}
    bound -= {name for node in nodes for name in _not_renamed(node)} | _BUILTINS
    outside = [node for node in ast.walk(tree) if id(node) not in inside]
    bound -= {name for node in outside for name in _renamed(node) + _not_renamed(node)}
    numbers: dict[str, str] = {}
    for node in nodes:
        for name in _renamed(node):
            if name in bound:
                number = numbers.setdefault(name, f"variable {len(numbers)}")
                setattr(node, _NAME_FIELDS[type(node)], number)


_NAME_FIELDS: dict[type[ast.AST], str] = {
    ast.Name: "id",
    ast.arg: "arg",
    ast.FunctionDef: "name",
    ast.ExceptHandler: "name",
}
"""The fields that hold renamed names, by kind of node."""


def _renamed(node: ast.AST, *, bound: bool = False) -> list[str]:
    """The name in a node of a kind that is renamed; with `bound` only if the node binds it."""
    field = _NAME_FIELDS.get(type(node))
    if field is None or (bound and isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)):
        return []
    name = getattr(node, field)
    return [] if name is None else [name]


def _not_renamed(node: ast.AST) -> list[str]:
    """Names in other fields of a node: `asname`, a keyword, a pattern, `global`, a class."""
    if type(node) in _NAME_FIELDS or isinstance(node, ast.Attribute):
        return []
    values = [value for _, field in ast.iter_fields(node) for value in _listed(field)]
    return [value.partition(".")[0] for value in values if isinstance(value, str)]


def _listed(field: object) -> list[object]:
    return field if isinstance(field, list) else [field]


def _format_of(rollout: Rollout) -> Format:
    completion, written = rollout.completion, rollout.answer or rollout.completion
    text = completion.lstrip("\r\n")
    first_line = text.partition("\n")[0]
    tokens = _tokens(completion) or []
    return Format(
        indentation=first_line[: len(first_line) - len(first_line.lstrip())],
        starts_blank=completion != text,
        strings=any(_string_statements(tokens)),
        comments=any(token.type == tokenize.COMMENT for token in tokens),
        fence=_FENCE in written,
        prose=bool(_CODE_BLOCK.sub("", rollout.answer or "").strip()),
    )


def _string_statements(tokens: list[tokenize.TokenInfo]) -> Iterator[tokenize.TokenInfo]:
    """String tokens that are a statement by themselves."""
    line_ends = (tokenize.NEWLINE, tokenize.ENDMARKER)
    begins_line = (*line_ends, tokenize.INDENT, tokenize.DEDENT)
    code = [token for token in tokens if token.type not in (tokenize.NL, tokenize.COMMENT)]
    for before, token, after in zip(code, code[1:], code[2:], strict=False):
        if token.type == tokenize.STRING and before.type in begins_line and after.type in line_ends:
            yield token


def _tokens(completion: str) -> list[tokenize.TokenInfo] | None:
    """Tokens of a completion, which may begin inside a function, so a line before it opens a block
    if necessary. They start with the end of that line. `None` if the completion cannot be split."""
    indented = completion.lstrip("\r\n")[:1].isspace()
    lines = StringIO(("if 1:\n" if indented else "0\n") + completion)
    try:
        tokens = list(tokenize.generate_tokens(lines.readline))
    except (tokenize.TokenError, IndentationError):
        return None
    first = next(n for n, token in enumerate(tokens) if token.type == tokenize.NEWLINE)
    return tokens[first:]
