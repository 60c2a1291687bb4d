"""Python literals, read without running anything."""

import ast
import math


class BadLiteral(Exception):
    """A text is not one literal."""


_NAMES = {"inf": math.inf, "nan": math.nan}


class _Constants(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in _NAMES:
            return node
        return ast.copy_location(ast.Constant(_NAMES[node.id]), node)


def parse(text: str) -> object:
    """Reads one literal: what `ast.literal_eval` reads, and the names `inf` and `nan`.

    Integers of more than 4,300 digits must be in hexadecimal (`sys.set_int_max_str_digits`).

    Raises:
        BadLiteral: the text is something else.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
        if "inf" in text or "nan" in text:
            tree = _Constants().visit(tree)
        return ast.literal_eval(tree)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise BadLiteral(f"{type(error).__name__}: {error}"[:300]) from None
