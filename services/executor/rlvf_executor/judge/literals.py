"""Parses Python literals in the judge without running code."""

import ast
import json
import math
import re


class BadLiteral(Exception):
    """A text is not one literal."""


_NAMES = {"inf": math.inf, "nan": math.nan}


# A tuple of numbers, lists and plain texts is JSON except for the outer brackets and the quotes,
# and JSON is parsed many times faster. Most inputs of HumanEval+ are such tuples.
_SIMPLE = re.compile(
    r"""\(((?:[-0-9.eE, \[\]]++|'[^'"\\\x00-\x1f\x7f]*+')*+)\)""",
)


class _Constants(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in _NAMES:
            return node
        return ast.copy_location(ast.Constant(_NAMES[node.id]), node)


def parse(text: str) -> object:
    """Reads one literal: what `ast.literal_eval` reads, and the names `inf` and `nan`.

    Raises:
        BadLiteral: the text is something else.
    """
    simple = _SIMPLE.fullmatch(text)
    if simple is not None:
        items = simple[1].rstrip(" ")
        comma = items.endswith(",")
        try:
            values = json.loads(f"[{items.removesuffix(',')}]".replace("'", '"'))
        except ValueError:  # Not valid JSON; it may still be a Python literal.
            values = []
        # One value in brackets is a tuple only with a comma.
        if len(values) > 1 or (values and comma):
            return tuple(values)
    try:
        tree = ast.parse(text.strip(), mode="eval")
        if "inf" in text or "nan" in text:
            tree = _Constants().visit(tree)
        return ast.literal_eval(tree)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise BadLiteral(f"{type(error).__name__}: {error}"[:300]) from None
