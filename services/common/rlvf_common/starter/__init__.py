"""The starter problems: small Python tasks written for this project, in two disjoint splits.

The problems are functions, classes and whole programs in the modules of `train/` and `held_out/`,
each followed by its check, whose argument says what is checked: `candidate` is a function or a
class, `program` gives the standard output for a standard input. Modules are read from source, never
imported, so that a prompt is exactly what is in the file.
"""

import ast
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NoReturn, TypeAlias

from rlvf_common.problems.answers.python_source import build_tree
from rlvf_common.problems.kinds_of_test import CheckFunction, StandardStreams, StreamCase
from rlvf_common.problems.problem import Problem

__all__ = ["MINIMUM_ASSERTS", "Split", "load", "parse_module"]

Split = Literal["train", "held_out"]

MINIMUM_ASSERTS = 6
"""Fewest asserts in a check; with fewer, wrong answers pass too easily."""

_CHECK_PREFIX = "check_"
_CANDIDATE = "candidate"
_PROGRAM = "program"

_Definition: TypeAlias = ast.FunctionDef | ast.ClassDef


def load(split: Split) -> list[Problem]:
    """All starter problems of one split, from the shortest reference to the longest: the first ones
    are the easiest.

    Raises:
        ValueError: a module breaks a rule of `parse_module`, or two modules define the same
            problem; the message names the file and the line.
    """
    problems: list[Problem] = []
    seen: set[str] = set()
    for path in sorted((Path(__file__).parent / split).rglob("*.py")):
        if path.name == "__init__.py":
            continue
        module = _Module(path.read_text(encoding="utf-8"), str(path))
        for name, reference in module.references.items():
            if name in seen:
                module.fail(reference, f"another module of `{split}` defines `{name}`, too")
            seen.add(name)
        problems.extend(module.problems(split))
    return sorted(problems, key=lambda problem: len(problem.canonical_solution))


def parse_module(source: str, *, where: str, split: str) -> list[Problem]:
    """The problems of one module, in the order of their reference functions.

    A module holds a docstring, imports, and references, each with a check: `f` and
    `check_f(candidate)`, where `f` is a function or a class, or `check_f(program)`, where `f` is a
    function without arguments whose body is the program.

    Raises:
        ValueError: a reference without a check or a check without a reference, a duplicate name,
            a missing docstring or body, a check with fewer than `MINIMUM_ASSERTS` asserts, a
            program that is none outside its function, or any other statement at module level. The
            message begins with `where` and the line number.
    """
    return _Module(source, where).problems(split)


class _Module:
    """The source of one module, taken apart into imports, references and checks."""

    def __init__(self, source: str, where: str) -> None:
        self.where = where
        self.lines = source.splitlines(keepends=True)
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.references: dict[str, _Definition] = {}
        self.checks: dict[str, ast.FunctionDef] = {}
        for position, node in enumerate(build_tree(source, where).body):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.imports.append(node)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                self._add_definition(node)
            elif position > 0 or not _is_docstring(node):
                self.fail(node, "only imports, functions and classes may stand at module level")

    def _add_definition(self, node: _Definition) -> None:
        if node.decorator_list:
            self.fail(node, f"`{node.name}` has a decorator, which a prompt cannot show")
        name = node.name.removeprefix(_CHECK_PREFIX)
        if name in (self.references if name == node.name else self.checks):
            self.fail(node, f"`{node.name}` is defined twice")
        if name == node.name:
            self.references[name] = node
        elif isinstance(node, ast.FunctionDef):
            self.checks[name] = node
        else:
            self.fail(node, f"`{node.name}` must be a function")

    def problems(self, split: str) -> list[Problem]:
        """One problem for each reference, in the order of the references."""
        for name, check in self.checks.items():
            if name not in self.references:
                self.fail(check, f"`{check.name}` has no reference `{name}`")
        problems = []
        for name, reference in self.references.items():
            if name not in self.checks:
                self.fail(reference, f"`{name}` has no `{_CHECK_PREFIX}{name}`")
            check = self.checks[name]
            entry_point = name
            test: CheckFunction | StandardStreams
            if self.argument(check) == _PROGRAM:
                entry_point = ""
                prompt, solution = self.split_program(reference)
                test = StandardStreams(self.cases(check), comparison="lines")
            else:
                prompt, solution = self.split_reference(reference)
                prompt = self._imports_for([reference]) + prompt
                test = CheckFunction(self.test_source(check))
            problems.append(
                Problem(
                    task_id=f"starter/{name}",
                    prompt=prompt,
                    entry_point=entry_point,
                    test=test,
                    canonical_solution=solution,
                    source="starter",
                    split=split,
                )
            )
        return problems

    def split_reference(self, node: _Definition) -> tuple[str, str]:
        """The head (signature or class statement, and docstring) and the rest of the body, as
        written."""
        docstring = node.body[0]
        if not _is_docstring(docstring):
            self.fail(node, f"`{node.name}` has no docstring")
        if len(node.body) == 1 or node.body[1].lineno == docstring.end_lineno:
            self.fail(node, f"`{node.name}` needs a body on the lines after its docstring")
        head = self._source(node.lineno, docstring.end_lineno)
        body = self._source(_last_line(docstring) + 1, node.end_lineno)
        return head, body

    def split_program(self, node: _Definition) -> tuple[str, str]:
        """The docstring and the rest of the body, both as a module has them."""
        if not isinstance(node, ast.FunctionDef) or ast.unparse(node.args):
            self.fail(node, f"`{node.name}` must be a function without arguments: it is a program")
        _, body = self.split_reference(node)
        docstring = self._source(node.body[0].lineno, node.body[0].end_lineno)
        solution = textwrap.dedent(body).lstrip("\n")
        try:
            compile(solution, node.name, "exec")
        except SyntaxError as error:
            self.fail(node, f"`{node.name}` is no program without its function: {error.msg}")
        if ast.dump(build_tree(solution)) != ast.dump(ast.Module(node.body[1:], [])):
            self.fail(node, f"`{node.name}` has a text over several lines, which loses its indents")
        return textwrap.dedent(docstring), self._imports_for([node]) + solution

    def argument(self, check: ast.FunctionDef) -> str:
        """The name of the check's argument, which says what the check is given."""
        names = [argument.arg for argument in check.args.args]
        if names not in ([_CANDIDATE], [_PROGRAM]):
            self.fail(
                check,
                f"`{check.name}` must take exactly one argument, `{_CANDIDATE}` or `{_PROGRAM}`",
            )
        return names[0]

    def test_source(self, node: ast.FunctionDef) -> str:
        """The check as a module of its own that defines `check(candidate)`."""
        asserts = sum(isinstance(inner, ast.Assert) for inner in ast.walk(node))
        self._require_asserts(node, asserts)
        if node.body[0].lineno == node.lineno:
            self.fail(node, f"`{node.name}` needs its body on lines of its own")
        body = self._source(node.body[0].lineno, node.end_lineno)
        return self._imports_for(node.body) + f"def check({_CANDIDATE}):\n" + body

    def cases(self, node: ast.FunctionDef) -> tuple[StreamCase, ...]:
        """The inputs and outputs of a program's check."""
        cases = []
        for statement in node.body:
            match statement:
                case ast.Assert(
                    test=ast.Compare(
                        left=ast.Call(
                            func=ast.Name(id="program"),
                            args=[ast.Constant(value=str(stdin))],
                            keywords=[],
                        ),
                        ops=[ast.Eq()],
                        comparators=[ast.Constant(value=str(stdout))],
                    ),
                    msg=None,
                ):
                    cases.append(StreamCase(stdin, stdout))
                case _:
                    self.fail(
                        statement,
                        f"`{node.name}` may only hold `assert {_PROGRAM}(...) == ...` with the "
                        "input and the output as string literals",
                    )
        self._require_asserts(node, len(cases))
        return tuple(cases)

    def _require_asserts(self, node: ast.FunctionDef, count: int) -> None:
        if count < MINIMUM_ASSERTS:
            self.fail(node, f"`{node.name}` has {count} asserts, fewer than {MINIMUM_ASSERTS}")

    def _source(self, first_line: int, last_line: int | None) -> str:
        text = "".join(self.lines[first_line - 1 : last_line])
        return text if text.endswith("\n") else text + "\n"

    def _imports_for(self, nodes: Sequence[ast.stmt]) -> str:
        """The imports that the nodes use and two blank lines, or nothing if they use none."""
        used = {
            inner.id for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Name)
        }
        needed = [
            self._source(node.lineno, node.end_lineno)
            for node in self.imports
            if any((alias.asname or alias.name.partition(".")[0]) in used for alias in node.names)
        ]
        return "".join(needed) + "\n\n" if needed else ""

    def fail(self, node: ast.stmt, message: str) -> NoReturn:
        raise ValueError(f"{self.where}:{node.lineno}: {message}")


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _last_line(node: ast.stmt) -> int:
    return node.end_lineno if node.end_lineno is not None else node.lineno
