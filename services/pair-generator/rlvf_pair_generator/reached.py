"""What of a program decides what its entry point does.

Two answers may be the same function with other things around it: a test, a line that reads input
when it is imported, an import that nothing uses. Such things can fail a program, but they are not
what a model should learn of a pair. They are left out here, by what the compiler says each
statement at module level binds and looks up; a name that is also a parameter is not looked up.

Where a doubt remains the statement stays, with one exception: a call for its effect on something
imported, as `sys.setrecursionlimit`, is left out, since it cannot be told from
`sys.stdin.readline`.
"""

import ast
import dis
import types
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["reached_statements"]

_BINDS = frozenset({"STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"})
_LOOKS_UP = frozenset({"LOAD_NAME", "LOAD_GLOBAL"})
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True, eq=False)
class _Statement:
    """A statement at module level, and names of the module that have to do with it."""

    node: ast.stmt
    binds: frozenset[str]
    looks_up: frozenset[str]
    """When it runs."""
    needs: frozenset[str]
    """Those, and what the functions and classes look up that are defined in it."""

    @property
    def is_declaration(self) -> bool:
        """Whether it does nothing but bind a function, a class or a module."""
        return isinstance(self.node, _Definition | ast.Import | ast.ImportFrom)

    def may_change(self, data: set[str]) -> bool:
        """Whether it may change one of these objects: it looks one of their names up, and
        not only to show or to test it."""
        return bool(
            self.looks_up & data
            and not self.is_declaration
            and not isinstance(self.node, ast.Assert)
            and "print" not in self.looks_up
            and "__name__" not in self.looks_up
        )


def reached_statements(tree: ast.Module, entry_point: str) -> list[ast.stmt]:
    """The statements at module level that `entry_point` depends on, itself included, in their
    order; none where it is not defined. Of a whole program, for "", those that run, and what they
    depend on."""
    try:
        statements = [_statement(node) for node in tree.body]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return tree.body
    if entry_point:
        kept = set(_binders(statements, entry_point))
    else:
        kept = {one for one in statements if not one.is_declaration}
    # Other modules' names may be any.
    kept |= {one for one in statements if _imports_all(one.node)}
    found = kept
    while found:
        names = {name for one in found for name in one.needs}
        data = {name for one in kept if not one.is_declaration for name in one.binds}
        found = {binder for name in names for binder in _binders(statements, name)}
        found |= {one for one in statements if one.may_change(data)}
        found -= kept
        kept |= found
    return [one.node for one in statements if one in kept]


def _statement(node: ast.stmt) -> _Statement:
    code = compile(ast.Module([node], []), "answer", "exec", dont_inherit=True)
    looks_up = _names(code, _LOOKS_UP)
    needs = looks_up.union(*(_names(inner, _LOOKS_UP) for inner in _inner(code)))
    return _Statement(node, _names(code, _BINDS), looks_up, needs)


def _names(code: types.CodeType, operations: frozenset[str]) -> frozenset[str]:
    return frozenset(one.argval for one in dis.get_instructions(code) if one.opname in operations)


def _inner(code: types.CodeType) -> Iterator[types.CodeType]:
    """The functions, classes and comprehensions in it."""
    todo = [code]
    while todo:
        inner = [one for one in todo.pop().co_consts if isinstance(one, types.CodeType)]
        todo += inner
        yield from inner


def _binders(statements: list[_Statement], name: str) -> Iterator[_Statement]:
    """The statements that say what `name` is in the end: from the last that binds it back to the
    one that defines it anew."""
    for one in reversed(statements):
        if name in one.binds:
            yield one
            if one.is_declaration and name not in one.looks_up:
                return


def _imports_all(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
