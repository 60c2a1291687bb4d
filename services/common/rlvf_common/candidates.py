"""Which of several blocks is the program, and what it lacks of the others."""

import ast
import builtins
import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from rlvf_common.bare_code import last_definition
from rlvf_common.code_blocks import Block
from rlvf_common.python_names import STAR, Names, binds, has_method, is_definition, statement_names
from rlvf_common.python_source import hoist_future_imports, parse, syntax_tree
from rlvf_common.trimming import INPUT, is_test, kept_lines, places, reached_from, trim

__all__ = ["best_program", "is_data"]

_OUTPUT = frozenset({"print", "stdout"})
_READS = re.compile(r"\binput\s*\(|\bstdin\b")
_READS_INPUT = 3
_MOST_JOINED = 8
"""How many blocks of an answer are looked at together with what they lack."""
_KNOWN = frozenset(dir(builtins)) | {"__file__", "__name__", "__builtins__"}


def best_program(blocks: Sequence[Block], entry_point: str) -> str:
    """The program that the blocks of one answer make: the best of them, with what it lacks of the
    others. "" where none defines the entry point; or, where a whole program is asked for, none
    does anything."""
    candidates = [_Candidate(block) for block in blocks]
    ranked = []
    for place, candidate in enumerate(candidates):
        if entry_point:
            merit = _merit_of_function(candidate, entry_point)
            order = (merit, int(candidate.is_python), False)
        else:
            merit = _merit_of_program(candidate)
            if merit < _READS_INPUT and place >= len(candidates) - _MOST_JOINED:
                whole = _joined(candidates, place, entry_point)
                merit = max(merit, _merit_of_program(_Candidate(Block(whole))))
            order = (merit * candidate.is_python, merit, candidate.block.label == "python")
        if merit:
            ranked.append((*order, candidate.block.complete, candidate.compiles, place))
    if not ranked:
        return ""
    best = max(ranked)[-1]
    candidates[best] = _Candidate(Block(trim(candidates[best].block.source, entry_point)))
    return _joined(candidates, best, entry_point)


class _Candidate:
    """A block with what its syntax tree tells."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.is_python = block.label != "other"

    @cached_property
    def tree(self) -> ast.Module | None:
        return syntax_tree(self.block.source)

    @cached_property
    def compiles(self) -> bool:
        return parse(self.block.source) is not None

    @cached_property
    def names(self) -> list[Names]:
        """Of each statement."""
        return [] if self.tree is None else statement_names(self.block.source, self.tree)

    @cached_property
    def bound(self) -> set[str]:
        return {name for one in self.names for name in one.bound}

    @cached_property
    def missing(self) -> set[str]:
        """Names that it uses and does not bind."""
        return {name for one in self.names for name in one.used} - self.bound - _KNOWN


def _merit_of_function(candidate: _Candidate, entry_point: str) -> int:
    """4: defines it. 3: as a stub. 2: as a method. 1: imports it, as examples do. 0: no."""
    source = candidate.block.source
    if candidate.tree is None:
        if last_definition(source, entry_point) is not None:
            return 4
        method = rf"^[ \t]+(async\s+)?def\s+{re.escape(entry_point)}\b"
        return 2 if re.search(method, source, re.MULTILINE) else 0
    merit = 0
    for node in candidate.tree.body:
        if entry_point in binds(node):
            is_import = isinstance(node, ast.Import | ast.ImportFrom)
            merit = max(merit, 1) if is_import else 3 if _is_stub(node) else 4
        elif has_method(node, entry_point):
            merit = max(merit, 2)
    return merit


def _merit_of_program(candidate: _Candidate) -> int:
    """`_READS_INPUT`: it reads input when it runs. 2: it prints. 1: it does something else, or
    defines something. 0: data, output or tests."""
    source, tree, names = candidate.block.source, candidate.tree, candidate.names
    if tree is None:
        return 3 if _READS.search(source) else 0
    users = places(names, lambda one: one.used)
    run = {
        name
        for node, one in zip(tree.body, names, strict=True)
        if not isinstance(node, ast.Assert)
        for name in one.run
    }
    if run & reached_from(INPUT, users, names):
        return 3
    if run & reached_from(_OUTPUT, users, names):
        return 2
    return int(not is_data(source))


def is_data(source: str) -> bool:
    """Whether a text is Python without a statement that does something: values, names, tests."""
    tree = syntax_tree(source)
    return tree is not None and not any(
        not isinstance(node, ast.Expr | ast.Assert | ast.Assign | ast.AnnAssign)
        or (
            not isinstance(node, ast.Assert)
            and any(isinstance(one, ast.Call) for one in ast.walk(node))
        )
        for node in tree.body
    )


def _is_stub(node: ast.stmt) -> bool:
    """Whether a function has no body yet."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    return all(
        isinstance(one, ast.Pass)
        or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        or (isinstance(one, ast.Raise) and "NotImplementedError" in _loaded(one))
        for one in node.body
    )


def _loaded(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _joined(candidates: Sequence[_Candidate], chosen: int, entry_point: str) -> str:
    """A block with the definitions that it lacks, from the nearest block before it that has them,
    or else behind it; in the order of the blocks."""
    missing = set(candidates[chosen].missing)
    kept: dict[int, set[ast.stmt]] = {}
    for place in [*range(chosen - 1, -1, -1), *range(chosen + 1, len(candidates))]:
        other = candidates[place]
        if not missing:
            break
        if not other.is_python or not other.compiles or other.bound.isdisjoint(missing | {STAR}):
            continue
        statements, used = _binding(other, missing | {STAR}, entry_point)
        if statements:
            kept[place] = statements
            missing = (missing | used) - {name for node in statements for name in binds(node)}
    if not kept:
        return candidates[chosen].block.source
    parts: list[str] = []
    for place, candidate in enumerate(candidates):
        if place == chosen:
            parts.append(candidate.block.source)
        elif place in kept and candidate.tree is not None:
            parts += kept_lines(candidate.block.source, candidate.tree, kept[place])
        else:
            continue
        if not parts[-1].endswith("\n"):
            parts.append("\n")
    return hoist_future_imports("".join(parts))


def _binding(
    candidate: _Candidate, wanted: Iterable[str], entry_point: str
) -> tuple[set[ast.stmt], set[str]]:
    """The statements that bind the names wanted, with what those need of their block; and the
    names that they still miss."""
    assert candidate.tree is not None
    body, names = candidate.tree.body, candidate.names
    binders = places(names, lambda one: one.bound | one.stored)
    found: set[int] = set()
    seen, todo = set(wanted), list(wanted)
    while todo:
        for place in binders[todo.pop()]:
            node, one = body[place], names[place]
            is_use = is_test(node) or bool(
                entry_point and not is_definition(node) and one.run & (INPUT | {entry_point})
            )
            if place in found or is_use or (entry_point and entry_point in one.bound):
                continue
            found.add(place)
            todo += one.used - seen
            seen |= one.used
    used = {name for place in found for name in names[place].used}
    return {body[place] for place in found}, used - candidate.bound - _KNOWN
