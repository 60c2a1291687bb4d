"""Plausible wrong answers: a program with one slip."""

import ast
import copy
import itertools
from collections.abc import Callable, Iterator

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
NOT_COMMUTATIVE = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
OTHER_NAMES = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "sum": "len",
    "sorted": "list",
    "reversed": "list",
    "set": "list",
}
OTHER_METHODS = {
    "lower": "upper",
    "upper": "lower",
    "strip": "lstrip",
    "append": "extend",
    "startswith": "endswith",
    "endswith": "startswith",
    "find": "rfind",
    "rfind": "find",
    "keys": "values",
    "values": "keys",
}
TRANSPARENT = ("strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "casefold")
"""Methods whose call is easily forgotten."""
TRANSPARENT_FUNCTIONS = ("sorted", "reversed", "abs", "round", "set", "list")
DROPPED = (ast.AugAssign, ast.Break, ast.Continue, ast.Delete, ast.Raise, ast.If, ast.Expr)


def mutants(source: str) -> Iterator[ast.Module]:
    """The program with one slip, again and again. Each is the same tree, changed until the next one
    is asked for."""
    tree = ast.parse(source)
    names, attributes = _neighbours(tree)
    for put, node in list(_places(tree)):
        replacements = list(_slips(node))
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name in names:
                replacements.append(_with(node, id=names[name]))
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if name in attributes:
                replacements.append(_with(node, attr=attributes[name]))
        for replacement in replacements:
            ast.copy_location(replacement, node)
            put(replacement)
            yield ast.fix_missing_locations(tree)
        put(node)
    for body in list(_bodies(tree)):
        yield from _slips_in(body, tree)


def _neighbours(tree: ast.Module) -> tuple[dict[str, str], dict[str, str]]:
    """By name another argument of the same function, and another attribute of `self`."""
    names: dict[str, str] = {}
    attributes: dict[str, None] = {}
    for node in ast.walk(tree):
        match node:
            case ast.arguments(args=arguments):
                others = [one.arg for one in arguments if one.arg != "self"]
                names.update(_next_of(others))
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                attributes[name] = None
    return names, _next_of(list(attributes))


def _next_of(names: list[str]) -> dict[str, str]:
    if len(names) < 2:
        return {}
    return dict(zip(names, [*names[1:], names[0]], strict=True))


def _places(tree: ast.AST) -> Iterator[tuple[Callable[[ast.AST], None], ast.AST]]:
    """Every expression and statement, with what puts another in its place; no type annotations,
    docstrings and messages of errors."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if name in ("annotation", "returns") or _says_nothing(parent):
                continue
            if isinstance(value, list):
                for index, node in enumerate(value):
                    if isinstance(node, ast.AST):
                        yield _item_setter(value, index), node
            elif isinstance(value, ast.AST):
                yield _field_setter(parent, name), value


def _item_setter(nodes: list[ast.AST], index: int) -> Callable[[ast.AST], None]:
    return lambda node: nodes.__setitem__(index, node)


def _field_setter(parent: ast.AST, name: str) -> Callable[[ast.AST], None]:
    return lambda node: setattr(parent, name, node)


def _says_nothing(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg == "strict"
    return _is_docstring(node) or _is_call_of(node, "ValueError", "KeyError", "IndexError")


def _is_call_of(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _slips(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the place of a node."""
    match node:
        case ast.Compare():
            for index, operator in enumerate(node.ops):
                yield _with(node, ops=_replaced(node.ops, index, COMPARISONS[type(operator)]()))
        case ast.BinOp() | ast.AugAssign() if type(node.op) in OPERATORS:
            yield _with(node, op=OPERATORS[type(node.op)]())
            if isinstance(node, ast.BinOp) and isinstance(node.op, NOT_COMMUTATIVE):
                yield _with(node, left=node.right, right=node.left)
        case ast.BoolOp():
            yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
            yield from node.values
        case ast.UnaryOp():
            yield node.operand
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case ast.Constant():
            yield from _other_constants(node.value)
        case ast.Name() if node.id in OTHER_NAMES:
            yield _with(node, id=OTHER_NAMES[node.id])
        case ast.Attribute() if node.attr in OTHER_METHODS:
            yield _with(node, attr=OTHER_METHODS[node.attr])
        case ast.Call():
            yield from _other_calls(node)
        case ast.Slice():
            for name in ("lower", "upper", "step"):
                yield from _other_bounds(node, name)
        case ast.comprehension():
            for index in range(len(node.ifs)):
                yield _with(node, ifs=node.ifs[:index] + node.ifs[index + 1 :])
    yield from _other_statements(node)


def _other_constants(value: object) -> Iterator[ast.AST]:
    match value:
        case bool():
            yield ast.Constant(not value)
        case int() | float():
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case "":
            yield ast.Constant(" ")
        case str():
            yield ast.Constant("")


def _other_calls(node: ast.Call) -> Iterator[ast.AST]:
    if len(node.args) >= 2 and not _is_call_of(node, "min", "max"):
        yield _with(node, args=[node.args[1], node.args[0], *node.args[2:]])
    for index in range(len(node.keywords)):
        if node.keywords[index].arg != "strict":
            yield _with(node, keywords=node.keywords[:index] + node.keywords[index + 1 :])
    match node.func:
        case ast.Attribute(attr=name) if name in TRANSPARENT and not node.args:
            yield node.func.value
        case ast.Name(id=name) if name in TRANSPARENT_FUNCTIONS and node.args:
            yield node.args[0]
        case ast.Name(id="range"):
            place = min(1, len(node.args) - 1)
            if not isinstance(node.args[place], ast.Constant):
                for other in _off_by_one(node.args[place]):
                    yield _with(node, args=_replaced(node.args, place, other))


def _other_bounds(node: ast.Slice, name: str) -> Iterator[ast.AST]:
    bound = getattr(node, name)
    if bound is not None:
        yield _with(node, **{name: None})
        if name != "step" and not isinstance(bound, ast.Constant):
            for other in _off_by_one(bound):
                yield _with(node, **{name: other})


def _off_by_one(node: ast.expr) -> Iterator[ast.expr]:
    for operator in (ast.Add(), ast.Sub()):
        yield ast.BinOp(node, operator, ast.Constant(1))


def _other_statements(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, DROPPED) and not _is_docstring(node):
        yield ast.Pass()
    match node:
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()
        case ast.If():
            yield _with(node, test=ast.Constant(True))
            if node.orelse:
                yield _with(node, orelse=[])
        case ast.For() | ast.While():
            yield _with(node, body=[*node.body, ast.Break()])
        case ast.FunctionDef(args=ast.arguments(args=[ast.arg(arg="self"), *_])):
            yield _with(node, body=[ast.Pass()])


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                yield body


def _slips_in(body: list[ast.stmt], tree: ast.Module) -> Iterator[ast.Module]:
    """What is returned after a loop returned in its first turn."""
    for node, following in itertools.pairwise(body):
        if isinstance(node, ast.For | ast.While) and isinstance(following, ast.Return):
            inside = node.body
            node.body = [*inside, following]
            yield tree
            node.body = inside


def _with(node: ast.AST, **fields: object) -> ast.AST:
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def _replaced(nodes: list[ast.expr] | list[ast.cmpop], index: int, node: ast.AST) -> list[ast.AST]:
    return [*nodes[:index], node, *nodes[index + 1 :]]
