"""The starter problems: small Python tasks written for this project, in two disjoint splits.

The problems are plain functions in the modules of `train/` and `held_out/`, each followed by its
check. They are read from source, never imported, so that a prompt is exactly what is in the file.
"""

import ast
from pathlib import Path
from typing import Literal, NoReturn

from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem

__all__ = ["MINIMUM_ASSERTS", "Split", "load", "parse_module"]

Split = Literal["train", "held_out"]

MINIMUM_ASSERTS = 6
"""Fewest asserts in a check; with fewer, wrong answers pass too easily."""

_CHECK_PREFIX = "check_"


def load(split: Split) -> list[Problem]:
    """All starter problems of one split, the one with the shortest reference solution first.

    The length grades them roughly by difficulty, so that whoever takes the first few of them gets
    easy ones. Equal lengths are ordered by module and then by position in the module.

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

    A module holds a docstring, imports, and pairs of functions: a reference `f` and its `check_f`.

    Raises:
        ValueError: a reference without a check or a check without a reference, a duplicate name,
            a missing docstring or body, a check with fewer than `MINIMUM_ASSERTS` asserts, or any
            other statement at module level. The message begins with `where` and the line number.
    """
    return _Module(source, where).problems(split)


class _Module:
    """The source of one module, taken apart into imports, references and checks."""

    def __init__(self, source: str, where: str) -> None:
        self.where = where
        self.lines = source.splitlines(keepends=True)
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.references: dict[str, ast.FunctionDef] = {}
        self.checks: dict[str, ast.FunctionDef] = {}
        for position, node in enumerate(ast.parse(source, filename=where).body):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.imports.append(node)
            elif isinstance(node, ast.FunctionDef):
                self._add_function(node)
            elif position > 0 or not _is_docstring(node):
                self.fail(node, "only imports and functions may stand at module level")

    def _add_function(self, node: ast.FunctionDef) -> None:
        if node.decorator_list:
            self.fail(node, f"`{node.name}` has a decorator, which a prompt cannot show")
        is_check = node.name.startswith(_CHECK_PREFIX)
        group = self.checks if is_check else self.references
        name = node.name.removeprefix(_CHECK_PREFIX)
        if name in group:
            self.fail(node, f"`{node.name}` is defined twice")
        group[name] = node

    def problems(self, split: str) -> list[Problem]:
        """One problem for each reference, in the order of the references."""
        for name, check in self.checks.items():
            if name not in self.references:
                self.fail(check, f"`{check.name}` has no reference function `{name}`")
        problems = []
        for name, reference in self.references.items():
            if name not in self.checks:
                self.fail(reference, f"`{name}` has no `{_CHECK_PREFIX}{name}`")
            prompt, solution = self.split_reference(reference)
            problems.append(
                Problem(
                    task_id=f"starter/{name}",
                    prompt=prompt,
                    entry_point=name,
                    test=CheckFunction(self.test_source(self.checks[name])),
                    canonical_solution=solution,
                    source="starter",
                    split=split,
                )
            )
        return problems

    def split_reference(self, node: ast.FunctionDef) -> tuple[str, str]:
        """The prompt (imports, signature, docstring) and the rest of the body, as written."""
        docstring = node.body[0]
        if not _is_docstring(docstring):
            self.fail(node, f"`{node.name}` has no docstring")
        if len(node.body) == 1 or node.body[1].lineno == docstring.end_lineno:
            self.fail(node, f"`{node.name}` needs a body on the lines after its docstring")
        head = self._source(node.lineno, docstring.end_lineno)
        body = self._source(_last_line(docstring) + 1, node.end_lineno)
        return self._imports_for([node]) + head, body

    def test_source(self, node: ast.FunctionDef) -> str:
        """The check as a module of its own that defines `check(candidate)`."""
        asserts = sum(isinstance(inner, ast.Assert) for inner in ast.walk(node))
        if asserts < MINIMUM_ASSERTS:
            self.fail(node, f"`{node.name}` has {asserts} asserts, fewer than {MINIMUM_ASSERTS}")
        if [argument.arg for argument in node.args.args] != ["candidate"]:
            self.fail(node, f"`{node.name}` must take exactly one argument, `candidate`")
        if node.body[0].lineno == node.lineno:
            self.fail(node, f"`{node.name}` needs its body on lines of its own")
        body = self._source(node.body[0].lineno, node.end_lineno)
        return self._imports_for(node.body) + "def check(candidate):\n" + body

    def _source(self, first_line: int, last_line: int | None) -> str:
        text = "".join(self.lines[first_line - 1 : last_line])
        return text if text.endswith("\n") else text + "\n"

    def _imports_for(self, nodes: list[ast.stmt] | list[ast.FunctionDef]) -> str:
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
