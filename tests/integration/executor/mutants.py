"""Programs that are nearly right: a reference with one thing in it changed."""

import ast
import random

_OTHER = {
    ast.Lt: ast.LtE(), ast.LtE: ast.Lt(), ast.Gt: ast.GtE(), ast.GtE: ast.Gt(), ast.Eq: ast.NotEq(),
    ast.NotEq: ast.Eq(), ast.In: ast.NotIn(), ast.NotIn: ast.In(), ast.Is: ast.IsNot(),
    ast.IsNot: ast.Is(), ast.Add: ast.Sub(), ast.Sub: ast.Add(), ast.Mult: ast.Add(),
    ast.Div: ast.Mult(), ast.Mod: ast.Mult(), ast.FloorDiv: ast.Div(),
}  # fmt: skip


class _Change(ast.NodeTransformer):
    """Changes the node with a number, of those that can be changed."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.seen = 0

    def visit(self, node: ast.AST) -> ast.AST:
        changed = _changed(node)
        if changed is None:
            return self.generic_visit(node)
        self.seen += 1
        return self.generic_visit(node if self.seen - 1 != self.number else changed)


def _changed(node: ast.AST) -> ast.AST | None:
    match node:
        case ast.Compare(left, [operator], [right]) if type(operator) in _OTHER:
            return ast.Compare(left, [_OTHER[type(operator)]], [right])  # type: ignore[list-item]
        case ast.BinOp(left, operator, right) if type(operator) in _OTHER:
            return ast.BinOp(left, _OTHER[type(operator)], right)  # type: ignore[arg-type]
        case ast.Constant(bool(value)):
            return ast.Constant(not value)
        case ast.Constant(int(value)):
            return ast.Constant(value + 1)
        case ast.If(test, body, orelse):
            return ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Return(ast.expr()):
            return ast.Return(ast.Constant(None))
    return None


def mutants(source: str, most: int) -> list[str]:
    """At most so many, always the same; they may pass, loop or raise."""
    counter = _Change(-1)
    counter.visit(ast.parse(source))
    numbers = list(range(counter.seen))
    random.Random(source).shuffle(numbers)
    return [
        ast.unparse(ast.fix_missing_locations(_Change(number).visit(ast.parse(source))))
        for number in numbers[:most]
    ]
