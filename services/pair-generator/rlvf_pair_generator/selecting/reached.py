"""Finds the statements of a program that its entry point depends on.

Two answers may be the same function with different code around it: a test, a line that reads input
on import, an unused import. Such code can make a program fail, but it is not what a model should
learn from a pair. It is left out here, based on the names that each statement at module level binds
and looks up (`python_names.py`); a name that is also a parameter is not looked up.

In doubt a statement stays, with one exception: a call for its effect on something imported, such as
`sys.setrecursionlimit`, is left out, since it cannot be told from `sys.stdin.readline`.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from rlvf_common.problems.answers.python_names import STAR, Names, is_definition, statement_names

__all__ = ["reached_statements"]


@dataclass(frozen=True, slots=True, eq=False)
class _Statement:
    """A statement at module level, and the names of the module in it."""

    node: ast.stmt
    names: Names

    @property
    def is_declaration(self) -> bool:
        """Whether it does nothing but bind a function, a class or a module."""
        return is_definition(self.node)

    def may_change(self, data: set[str]) -> bool:
        """Whether it may change one of the objects with these names: it looks one of them up, and
        not only to print or test it."""
        return bool(
            self.names.run & data
            and not self.is_declaration
            and not isinstance(self.node, ast.Assert)
            and "print" not in self.names.run
            and "__name__" not in self.names.run
        )


def reached_statements(source: str, tree: ast.Module, entry_point: str) -> list[ast.stmt]:
    """The statements at module level that `entry_point` depends on, including its own, in their
    order; none if it is not defined. If `entry_point` is "", for a whole program, the statements
    that run, and those that they depend on. `tree` is the syntax tree of `source`."""
    statements = [
        _Statement(node, names)
        for node, names in zip(tree.body, statement_names(source, tree), strict=True)
    ]
    if entry_point:
        kept = set(_binders(statements, entry_point))
    else:
        kept = {one for one in statements if not one.is_declaration}
    # A star import may bind any name.
    kept |= {one for one in statements if STAR in one.names.bound}
    found = kept
    while found:
        names = {name for one in found for name in one.names.used}
        data = {name for one in kept if not one.is_declaration for name in one.names.bound}
        found = {binder for name in names for binder in _binders(statements, name)}
        found |= {one for one in statements if one.may_change(data)}
        found -= kept
        kept |= found
    return [one.node for one in statements if one in kept]


def _binders(statements: list[_Statement], name: str) -> Iterator[_Statement]:
    """The statements that determine the final value of `name`: from the last that binds it back to
    the one that defines it without using its earlier value."""
    for one in reversed(statements):
        if name in one.names.bound:
            yield one
            if one.is_declaration and name not in one.names.run:
                return
