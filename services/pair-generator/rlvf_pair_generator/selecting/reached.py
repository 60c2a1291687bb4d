"""What of a program decides what its entry point does.

Two answers may be the same function with other things around it: a test, a line that reads input
when it is imported, an import that nothing uses. Such things can fail a program, but they are not
what a model should learn of a pair. They are left out here, by what each statement at module level
binds and looks up (`python_names.py`); a name that is also a parameter is not looked up.

Where a doubt remains the statement stays, with one exception: a call for its effect on something
imported, as `sys.setrecursionlimit`, is left out, since it cannot be told from
`sys.stdin.readline`.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from rlvf_common.problems.answers.python_names import STAR, Names, is_definition, statement_names

__all__ = ["reached_statements"]


@dataclass(frozen=True, slots=True, eq=False)
class _Statement:
    """A statement at module level, and the module's names in it."""

    node: ast.stmt
    names: Names

    @property
    def is_declaration(self) -> bool:
        """Whether it does nothing but bind a function, a class or a module."""
        return is_definition(self.node)

    def may_change(self, data: set[str]) -> bool:
        """Whether it may change one of these objects: it looks one of their names up, and
        not only to show or to test it."""
        return bool(
            self.names.run & data
            and not self.is_declaration
            and not isinstance(self.node, ast.Assert)
            and "print" not in self.names.run
            and "__name__" not in self.names.run
        )


def reached_statements(source: str, tree: ast.Module, entry_point: str) -> list[ast.stmt]:
    """The statements at module level that `entry_point` depends on, itself included, in their
    order; none where it is not defined. Of a whole program, for "", those that run, and what they
    depend on. `tree` is the syntax tree of `source`."""
    statements = [
        _Statement(node, names)
        for node, names in zip(tree.body, statement_names(source, tree), strict=True)
    ]
    if entry_point:
        kept = set(_binders(statements, entry_point))
    else:
        kept = {one for one in statements if not one.is_declaration}
    # Other modules' names may be any.
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
    """The statements that say what `name` is in the end: from the last that binds it back to the
    one that defines it anew."""
    for one in reversed(statements):
        if name in one.names.bound:
            yield one
            if one.is_declaration and name not in one.names.run:
                return
