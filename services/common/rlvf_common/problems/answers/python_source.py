"""Python source as text: its syntax tree, its lines, and whether it compiles."""

import ast
import codeop
import re
import warnings
from threading import Lock

__all__ = [
    "build_tree",
    "can_go_on",
    "hoist_future_imports",
    "line_numbers",
    "parse",
    "source_lines",
    "syntax_tree",
    "tree_or_stumble",
    "tree_text",
]

# CPython counts the depth of the tree that it builds for all threads together: two that build one
# at a time may end in SystemError (python/cpython#106905). Nor are filters of warnings by thread.
_building = Lock()


def build_tree(source: str, filename: str = "answer") -> ast.Module:
    """The syntax tree, built by one thread at a time; for use instead of `ast.parse`.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: there is none.
    """
    tree = _compiled(source, ast.PyCF_ONLY_AST, filename)
    assert isinstance(tree, ast.Module)
    return tree


def parse(source: str) -> ast.Module | None:
    """The syntax tree of a program that compiles, else `None`. `return` outside a function has a
    tree but does not compile. Warnings about the model's code are suppressed.

    A tree may have some 3,000 levels: do not walk it by recursion.
    """
    tree = syntax_tree(source)
    if tree is not None:
        try:
            _compiled(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    return tree


def syntax_tree(source: str) -> ast.Module | None:
    """The syntax tree, whether it compiles or not; `None` if there is none."""
    return tree_or_stumble(source)[0]


def tree_or_stumble(source: str) -> tuple[ast.Module | None, int]:
    """The syntax tree; or `None` and the number of lines before that of the syntax error."""
    try:
        return build_tree(source), 0
    except SyntaxError as error:
        return None, max(0, (error.lineno or 1) - 1)
    except (ValueError, RecursionError, MemoryError):
        return None, 0


def can_go_on(source: str) -> bool:
    """Whether a text is a program, or the beginning of one."""
    # The parser does not see that a backslash before `\r\n` continues the line.
    source = source.replace("\r\n", "\n")
    try:
        _compiled(source, ast.PyCF_ONLY_AST | codeop.PyCF_ALLOW_INCOMPLETE_INPUT)  # type: ignore[attr-defined]
    except SyntaxError as error:
        return "incomplete input" in str(error)  # as `codeop` does
    except (ValueError, RecursionError, MemoryError):
        return False
    return True


def _compiled(source: str, flags: int = 0, filename: str = "answer") -> object:
    with _building, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(source, filename, "exec", flags, dont_inherit=True)


def hoist_future_imports(source: str) -> str:
    """The program with `from __future__` imports moved to its beginning, the only valid place. One
    that shares its line with another statement stays where it is."""
    if "__future__" not in source:
        return source
    tree = syntax_tree(source)
    if tree is None:
        return source
    lines = source_lines(source)
    hoisted: set[int] = set()
    others: set[int] = set()
    for node in tree.body:
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        (hoisted if is_future else others).update(line_numbers(node))
    hoisted -= others
    if not hoisted or not others or max(hoisted) < min(others):
        return source
    first = [lines[number - 1].rstrip("\r\n") + "\n" for number in sorted(hoisted)]
    rest = [line for number, line in enumerate(lines, 1) if number not in hoisted]
    return "".join(first + rest)


def line_numbers(node: ast.stmt) -> range:
    """The lines of a statement, decorators included, from 1."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    return range(first, (node.end_lineno or node.lineno) + 1)


def source_lines(source: str) -> list[str]:
    r"""Lines as Python's parser counts them: `str.splitlines` also splits at form feeds and
    others."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", source)


def tree_text(tree: ast.AST) -> str:
    """A syntax tree as text, equal for equal trees. It may be too deep for `ast.dump`."""
    parts: list[str] = []
    todo: list[object] = [tree]
    while todo:
        one = todo.pop()
        if isinstance(one, ast.AST):
            parts.append(type(one).__name__)
            todo += [getattr(one, name, None) for name in reversed(one._fields)]
        elif isinstance(one, list):
            parts.append(f"[{len(one)}]")
            todo += reversed(one)
        else:
            # Python does not write integers of thousands of digits in decimal.
            parts.append(hex(one) if type(one) is int else repr(one))
    return " ".join(parts)
