"""Finds the module's names that a statement at module level binds, changes and uses.

Python's symbol table tells the module's names from those of functions.
"""

import ast
import symtable
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from rlvf_common.problems.answers.python_source import line_numbers, source_lines

__all__ = [
    "STAR",
    "Definition",
    "Names",
    "binds",
    "defines",
    "definition",
    "has_method",
    "is_definition",
    "outside_definitions",
    "statement_names",
]

_COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp", "genexpr")
STAR = "*"
"""Represents the unknown names that `from module import *` binds."""
_STREAMS = ("stdin", "stdout")
"""Attributes that count as names that a statement uses."""
_CONSTANT = (ast.Constant, ast.Tuple, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Load)


@dataclass(slots=True)
class Names:
    """The module's names in one statement."""

    bound: set[str] = field(default_factory=set)
    """Names that it assigns, imports, defines or deletes when it runs."""
    stored: set[str] = field(default_factory=set)
    """Names of objects whose attribute or item it assigns when it runs."""
    objects: set[str] = field(default_factory=set)
    """Names in `bound` whose object may be mutable."""
    receivers: set[str] = field(default_factory=set)
    """Names whose methods it calls for their effect when it runs: `cache` in `cache.clear()`."""
    arguments: set[str] = field(default_factory=set)
    """Names that it passes to functions called for their effect when it runs."""
    run: set[str] = field(default_factory=set)
    """Names that it reads when it runs."""
    used: set[str] = field(default_factory=set)
    """Names that it reads when it runs, or that a function that it defines reads when called."""
    effects: set[str] = field(default_factory=set)
    """Names that a function that it defines binds or changes when called."""
    touched: set[str] = field(default_factory=set)
    """Names whose methods such a function calls or passes on, for any purpose."""


def statement_names(source: str, tree: ast.Module) -> list[Names]:
    """The names of each statement of `tree.body`; `tree` is the syntax tree of `source`."""
    lines = source_lines(source)
    return [_names(_text(lines, node), node) for node in tree.body]


def _text(lines: Sequence[str], node: ast.stmt) -> str:
    """The text of a statement, which may share its lines with others."""
    numbers = line_numbers(node)
    own = [line.encode() for line in lines[numbers.start - 1 : numbers.stop - 1]]
    own[-1] = own[-1][: node.end_col_offset]
    if numbers.start == node.lineno:
        own[0] = own[0][node.col_offset :]
    return b"".join(own).decode()


def _names(text: str, node: ast.stmt) -> Names:
    names = Names()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = symtable.symtable(text, "answer", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        _add_all(names, node)
    else:
        _add_symbols(names, table)
    if isinstance(node, ast.ImportFrom) and node.names[0].name == STAR:
        names.bound.add(STAR)
    _add_changes(names, node)
    return names


def _add_all(names: Names, node: ast.stmt) -> None:
    """Adds every name, if there is no symbol table: maybe too many, never too few."""
    names.bound |= binds(node)
    names.used |= {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    names.run |= names.used


def _add_symbols(names: Names, top: symtable.SymbolTable) -> None:
    for symbol in top.get_symbols():
        if symbol.is_assigned() or symbol.is_imported():
            names.bound.add(symbol.get_name())
        if symbol.is_referenced():
            names.run.add(symbol.get_name())
    todo = [(table, True) for table in top.get_children()]
    while todo:
        table, runs = todo.pop()
        runs = runs and (table.get_type() == "class" or table.get_name() in _COMPREHENSIONS)
        for symbol in table.get_symbols():
            if symbol.is_global():
                name = symbol.get_name()
                names.used.add(name)
                if symbol.is_assigned():
                    (names.bound if runs else names.effects).add(name)
                if runs:
                    names.run.add(name)
        todo += [(child, runs) for child in table.get_children()]
    names.used |= names.run


def _add_changes(names: Names, node: ast.stmt) -> None:
    """Adds names that are changed without being bound, which the symbol table does not have."""
    names.objects |= names.bound & _objects(node)
    for inner in outside_definitions(node):
        names.stored |= _stored(inner)
        receivers, arguments = _called(inner)
        names.receivers |= receivers
        names.arguments |= arguments
        names.run |= _streams(inner)
    for decorator in getattr(node, "decorator_list", ()):
        # Such as `@function.register`.
        if (name := _root(decorator)) and not isinstance(decorator, ast.Name):
            names.receivers.add(name)
    for inner in ast.walk(node):
        receivers, arguments = _called(inner)
        names.effects |= (_stored(inner) | receivers | arguments) & names.used
        names.touched |= _methods(inner) & names.used
        names.used |= _streams(inner)


def _stored(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
        return {name for name in [_root(node)] if name}
    return set()


def _called(node: ast.AST) -> tuple[set[str], set[str]]:
    """Receiver and arguments of a call whose value is not used."""
    if not isinstance(node, ast.Expr):
        return set(), set()
    call = node.value.value if isinstance(node.value, ast.Await) else node.value
    if not isinstance(call, ast.Call):
        return set(), set()
    receiver = "" if isinstance(call.func, ast.Name) else _root(call.func)
    arguments = {_root(one) for one in [*call.args, *(one.value for one in call.keywords)]}
    return {receiver} - {""}, arguments - {""}


def _objects(node: ast.stmt) -> set[str]:
    """The assigned names, without those of constants and modules."""
    value = getattr(node, "value", None) if isinstance(node, ast.Assign | ast.AnnAssign) else None
    if value is not None and all(isinstance(one, _CONSTANT) for one in ast.walk(value)):
        return set()
    inner = list(outside_definitions(node))
    stored = {one.id for one in inner if isinstance(one, ast.Name)}
    return stored - {one.asname or one.name for one in inner if isinstance(one, ast.alias)}


def _methods(node: ast.AST) -> set[str]:
    """The names whose methods a call calls or passes on."""
    if not isinstance(node, ast.Call):
        return set()
    found = [node.func, *node.args, *(one.value for one in node.keywords)]
    return {_root(one) for one in found if isinstance(one, ast.Attribute)} - {""}


def _root(node: ast.expr) -> str:
    """`a` of `a.b[0].c().d`; "" if there is no name at the root."""
    while True:
        match node:
            case ast.Name():
                return node.id
            case ast.Attribute() | ast.Subscript() | ast.Starred():
                node = node.value
            case ast.Call():
                node = node.func
            case _:
                return ""


def _streams(node: ast.AST) -> set[str]:
    """The standard streams that a node names, such as `sys.stdin` or `open(0)`."""
    match node:
        case ast.Attribute(attr=name) if name in _STREAMS:
            return {name}
        case ast.Call(func=ast.Name(id="open"), args=[ast.Constant(value=0 | "/dev/stdin"), *_]):
            return {"stdin"}
    return set()


def binds(node: ast.stmt) -> set[str]:
    """The names at module level that a statement assigns, imports, defines or deletes."""
    names: set[str] = set()
    for inner in outside_definitions(node):
        match inner:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(inner.name)
            case ast.alias():
                names.add((inner.asname or inner.name).partition(".")[0])
            case ast.Name(ctx=ast.Store() | ast.Del()):
                names.add(inner.id)
    return names


def defines(tree: ast.Module, entry_point: str) -> bool:
    """Whether a program binds the name at module level, or has a class with a method of that name.
    True without an entry point."""
    return not entry_point or any(
        entry_point in binds(node) or has_method(node, entry_point) for node in tree.body
    )


class Definition(IntEnum):
    """How a program defines a name; the best is the greatest."""

    NONE = 0
    MENTIONED = 1
    """Imported, or defined in another language."""
    STUB = 2
    """A function or method without a body yet."""
    METHOD = 3
    WHOLE = 4


def definition(tree: ast.Module, name: str) -> Definition:
    """How a program defines a name at module level, or as a method of a class there."""
    return max((_definition(node, name) for node in tree.body), default=Definition.NONE)


def _definition(node: ast.stmt, name: str) -> Definition:
    if name in binds(node):
        if isinstance(node, ast.Import | ast.ImportFrom):
            return Definition.MENTIONED
        return Definition.STUB if _is_stub(node) else Definition.WHOLE
    if isinstance(node, ast.ClassDef) and has_method(node, name):
        methods = [inner for inner in node.body if getattr(inner, "name", "") == name]
        return Definition.STUB if _is_stub(methods[-1]) else Definition.METHOD
    return Definition.NONE


def _is_stub(node: ast.stmt) -> bool:
    """Whether a function has no body yet."""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and all(
        isinstance(one, ast.Pass)
        or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        or (
            isinstance(one, ast.Raise)
            and any(getattr(inner, "id", "") == "NotImplementedError" for inner in ast.walk(one))
        )
        for one in node.body
    )


def has_method(node: ast.stmt, name: str) -> bool:
    """Whether a statement is a class with a method of that name."""
    return isinstance(node, ast.ClassDef) and any(
        isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and inner.name == name
        for inner in node.body
    )


def outside_definitions(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement, without the bodies of functions and classes; in no order."""
    todo = [node]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)


def is_definition(node: ast.stmt) -> bool:
    """Whether a statement only defines a name, and runs at most decorators and the like."""
    return isinstance(
        node,
        ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom,
    )
