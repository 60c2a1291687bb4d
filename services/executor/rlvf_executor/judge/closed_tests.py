"""Decides which tests may run in a worker, a process that other tests use after them.

A test is *closed* when none of its effects outlast it: it uses only its own names, plain data, and
functions without state, except `random`, whose state the worker resets. A worker can run it without
a fork, which would cost more than the test. This is decided from the syntax tree, by a list of what
is allowed; a test that uses anything else is not closed, and gets a process of its own.

A closed test can name only the listed methods of plain data, modules and built-ins, and no name
with two leading underscores. So there is no way from a value to a function's globals, a frame, a
class's subclasses or a module's dict. It cannot define classes, generators or decorators. It can
still loop or fill the memory: then it reaches the limits of its process, which is replaced.
"""

import ast
import builtins
import itertools
import math
import string
from collections.abc import Collection, Iterable

# fmt: off
# Functions of `random`, and methods of its generators. Their state is reset before each test
# (`worker.py`).
_RANDOM = (
    "choice", "choices", "gauss", "randint", "random", "randrange", "sample", "seed", "shuffle",
    "uniform",
)
_BUILTINS = frozenset((
    "abs", "all", "any", "ascii", "bin", "bool", "bytearray", "bytes", "callable", "chr", "complex",
    "dict", "divmod", "enumerate", "filter", "float", "frozenset", "hash", "hex", "int",
    "isinstance", "iter", "len", "list", "map", "max", "min", "next", "oct", "ord", "pow", "print",
    "range", "repr", "reversed", "round", "set", "slice", "sorted", "str", "sum", "tuple", "zip",
    "NotImplemented", "Ellipsis",
)) | {
    name for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, Exception)
}

# Methods of plain data. Without `format` and `format_map`, which read attributes by name.
_METHODS = frozenset((
    "append", "extend", "insert", "remove", "pop", "clear", "index", "count", "sort", "reverse",
    "copy", "keys", "values", "items", "get", "setdefault", "update", "popitem", "add", "discard",
    "union", "intersection", "difference", "symmetric_difference", "issubset", "issuperset",
    "isdisjoint", "split", "rsplit", "splitlines", "strip", "lstrip", "rstrip", "lower", "upper",
    "title", "capitalize", "swapcase", "casefold", "replace", "startswith", "endswith", "find",
    "rfind", "join", "isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower", "isdecimal",
    "isnumeric", "zfill", "ljust", "rjust", "center", "partition", "rpartition", "encode", "decode",
    "is_integer", "bit_length", "real", "imag", "conjugate", "numerator", "denominator",
    "most_common", "elements", *_RANDOM,
))

# Modules, with their functions that keep no state and give no access to other objects.
_MODULES: dict[str, frozenset[str]] = {
    "math": frozenset(name for name in vars(math) if not name.startswith("_")),
    "itertools": frozenset(name for name in vars(itertools) if not name.startswith("_")),
    "string": frozenset(name for name, value in vars(string).items() if type(value) is str),
    "copy": frozenset(("copy", "deepcopy")),
    "functools": frozenset(("reduce", "cmp_to_key")),
    "random": frozenset(("Random", *_RANDOM)),
    "collections": frozenset(("Counter", "OrderedDict", "defaultdict", "deque")),
    "typing": frozenset((
        "Any", "Callable", "Dict", "FrozenSet", "Iterable", "Iterator", "List", "Mapping",
        "Optional", "Sequence", "Set", "Tuple", "Union",
    )),
}

_NODES: frozenset[type[ast.AST]] = frozenset((
    ast.Module, ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.For, ast.While, ast.If,
    ast.Break, ast.Continue, ast.Pass, ast.Assert, ast.Raise, ast.Try, ast.ExceptHandler,
    ast.FunctionDef, ast.Return, ast.Lambda, ast.arguments, ast.arg, ast.Call, ast.keyword,
    ast.Name, ast.Load, ast.Store, ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension, ast.BoolOp,
    ast.BinOp, ast.UnaryOp, ast.Compare, ast.IfExp, ast.NamedExpr, ast.Subscript, ast.Slice,
    ast.Starred, ast.JoinedStr, ast.FormattedValue, ast.Attribute, ast.Import, ast.ImportFrom,
    ast.alias, ast.Global, ast.Nonlocal,
))
# fmt: on
# Where a name of the test is not bound when it is read, Python would use one of these instead.
_OTHER_BUILTINS = frozenset(vars(builtins)) - _BUILTINS
_OPERATORS = (ast.operator, ast.unaryop, ast.boolop, ast.cmpop)


def is_closed(trees: Iterable[ast.Module], given: Collection[str] = ()) -> bool:
    """Whether programs that run one after another in one namespace are closed.

    `given` are names that the namespace has in addition to the programs' own.
    """
    nodes = [node for tree in trees for node in ast.walk(tree)]
    if not all(type(node) in _NODES or isinstance(node, _OPERATORS) for node in nodes):
        return False
    modules: set[str] = set()
    bound = set(given)
    for node in nodes:
        if isinstance(node, ast.Import):
            if not all(one.name in _MODULES and one.asname is None for one in node.names):
                return False
            modules |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            allowed = _MODULES.get(node.module or "", frozenset())
            if node.level or not all(one.name in allowed for one in node.names):
                return False
            bound |= {one.asname or one.name for one in node.names}
    bound |= {name for node in nodes for name in _bindings(node)}
    # Scopes are not analysed, so the name of another built-in may not be bound anywhere.
    if bound & _OTHER_BUILTINS:
        return False
    # A module's name must mean the module everywhere.
    if bound & modules or any(name.startswith("__") for name in bound | set(given)):
        return False
    return all(_is_harmless(node, bound | modules, modules) for node in nodes)


def _bindings(node: ast.AST) -> Iterable[str]:
    """The names that a node binds, without imports."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.FunctionDef):
        yield node.name
    elif isinstance(node, ast.ExceptHandler):
        yield from [node.name] if node.name else []
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names


def _is_harmless(node: ast.AST, known: Collection[str], modules: Collection[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in known or node.id in _BUILTINS
    if isinstance(node, ast.Attribute):
        if not isinstance(node.ctx, ast.Load):
            return False
        if isinstance(node.value, ast.Name) and node.value.id in modules:
            return node.attr in _MODULES[node.value.id]
        return node.attr in _METHODS
    if isinstance(node, ast.FunctionDef):
        return not node.decorator_list
    return True
