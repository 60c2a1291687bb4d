"""The calls that a test makes first, forecast from its syntax tree; in the judge.

The judge sends them before it has the answers, and so waits for the other process once instead of
once per call. If the test asks nothing else, the candidate is told so, and need not wait for the
judge to close the channel. This is only a forecast: the judge compares each call that the test then
makes with what was sent, and gives the grading up if they differ (`remote.Session.send_ahead`).

Forecast are consecutive statements with one unconditional call of the candidate each, with literal
arguments, such as `assert candidate([1, 2]) == 3`.
"""

import ast
from collections.abc import Collection, Iterable
from typing import NamedTuple

from rlvf_executor.contract import frames, messages, wire

# The maximum sent and not yet answered. With both sockets full, both sides would wait for each
# other; a socket holds some 200 KiB, and each message takes about 1 KiB in addition to its size.
MAX_BYTES = 48 * 1024
MAX_CALLS = 32


class Forecast(NamedTuple):
    """The first calls of a test, as they are sent."""

    calls: tuple[bytes, ...] = ()
    whole: bool = False
    """Whether the test asks nothing else."""


NOTHING = Forecast()


def pack_call(args: tuple[object, ...], kwargs: dict[str, object] | None = None) -> bytes:
    """A call of the entry point as it is sent. Raises NotPlainData."""
    number = messages.NUMBER.pack(messages.ENTRY_POINT)
    return frames.pack(messages.CALL + number + wire.encode_for_candidate((args, kwargs or {})))


def of_function(source: str, name: str, entry_point: str) -> Forecast:
    """The calls of the function `name`, whose argument is the candidate."""
    functions = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    if not functions or not functions[-1].args.args:
        return NOTHING
    return of_statements(functions[-1].body, {functions[-1].args.args[0].arg, entry_point})


def of_statements(statements: Iterable[ast.stmt], names: Collection[str]) -> Forecast:
    """The calls in consecutive statements; the candidate has these names."""
    calls: list[bytes] = []
    room = MAX_BYTES
    plain = True
    for statement in statements:
        value = _value(statement, names)
        if value is None:
            break
        mentions = _mentions(value, names)
        # Other names, and attributes of an answer, may be the candidate's.
        plain &= bool(mentions) or isinstance(value, ast.Constant)
        plain &= mentions == _mentions(statement, names)
        if not mentions:
            continue
        call = _only_call(value, names)
        packed = None if call is None else _packed(call)
        if packed is None or len(packed) > room or len(calls) == MAX_CALLS:
            break
        calls.append(packed)
        room -= len(packed)
    else:
        if plain and calls:
            return Forecast(tuple(calls), whole=True)
    # A single call saves nothing: the judge waits for its answer anyway.
    return Forecast(tuple(calls)) if len(calls) > 1 else NOTHING


def _value(statement: ast.stmt, names: Collection[str]) -> ast.expr | None:
    """The expression of a simple statement; None for other statements."""
    if isinstance(statement, ast.Assert):
        return statement.test
    if isinstance(statement, ast.Expr):
        return statement.value
    if isinstance(statement, ast.Assign) and all(
        isinstance(target, ast.Name) and target.id not in names for target in statement.targets
    ):
        return statement.value
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
        return ast.Constant(None)
    return None


def _mentions(node: ast.AST, names: Collection[str]) -> int:
    return sum(_is_candidate(part, names) for part in ast.walk(node))


def _is_candidate(node: ast.AST, names: Collection[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _only_call(value: ast.expr, names: Collection[str]) -> ast.Call | None:
    """The only call of the candidate in `value`, if it is certainly made."""
    if _mentions(value, names) != 1:
        return None
    sure: list[ast.expr] = [value]
    while sure:
        node = sure.pop()
        if isinstance(node, ast.Call) and _is_candidate(node.func, names):
            return node
        sure += _surely_evaluated(node)
    return None


def _surely_evaluated(node: ast.expr) -> list[ast.expr]:
    """The parts of an expression that are always evaluated, once."""
    if isinstance(node, ast.Compare):
        return [node.left, node.comparators[0]]
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.UnaryOp):
        return [node.operand]
    if isinstance(node, ast.Call):
        return [*node.args, *(keyword.value for keyword in node.keywords)]
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return list(node.elts)
    if isinstance(node, ast.Subscript):
        return [node.value]
    return []


def _packed(call: ast.Call) -> bytes | None:
    try:
        args = tuple(ast.literal_eval(argument) for argument in call.args)
        named = [(one.arg, ast.literal_eval(one.value)) for one in call.keywords]
        if any(name is None for name, _ in named):
            return None
        return pack_call(args, {str(name): value for name, value in named})
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError, wire.NotPlainData):
        return None
