"""Chooses the program among several blocks, and adds what it needs from the others."""

import ast
import builtins
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from rlvf_common.problems.answers.bare_code import last_definition
from rlvf_common.problems.answers.code_blocks import Block
from rlvf_common.problems.answers.python_names import (
    STAR,
    Definition,
    Names,
    binds,
    definition,
    is_definition,
    statement_names,
)
from rlvf_common.problems.answers.python_source import hoist_future_imports, parse, syntax_tree
from rlvf_common.problems.answers.quotations import is_quotation
from rlvf_common.problems.answers.trimming import (
    INPUT,
    is_test,
    kept_lines,
    places,
    reached_from,
    trim,
    trim_prefix,
)

__all__ = ["Found", "best_program", "is_data"]

_OUTPUT = frozenset({"print", "stdout"})
_READS = re.compile(r"\binput\s*\(|\bstdin\b")
_PRINTS = re.compile(r"\bprint\s*\(|\bstdout\b")
_BY_ITSELF = 5
_MAX_JOINED = 8
"""Maximum number of blocks that are considered together with what they need from others."""
_MAX_QUOTATIONS = 16
"""Maximum number of blocks that are compared for repeating parts of another."""
_KNOWN = frozenset(dir(builtins)) | {"__file__", "__name__", "__builtins__"}


class Found(NamedTuple):
    """The program found in the blocks of one answer."""

    source: str
    """"" if no block defines the entry point or, for a whole program, none does anything."""
    is_sure: bool
    """Whether it defines the entry point, not only a stub or an import of it."""


def best_program(blocks: Sequence[Block], entry_point: str) -> Found:
    """The best of the blocks, with what it needs from the others."""
    candidates = [_Candidate(block) for block in blocks]
    merits: dict[int, int] = {}
    ranked = []
    for place, candidate in enumerate(candidates):
        if entry_point:
            merit: int = _definition(candidate, entry_point)
            order = (merit, int(candidate.is_python), False)
        else:
            merit = _merit_of_program(candidates, place)
            order = (merit * candidate.is_python, merit, candidate.block.label == "python")
        if merit:
            merits[place] = merit
            ranked.append((*order, candidate.block.complete, candidate.compiles, place))
    ranked.sort(reverse=True)
    tried = [one[-1] for one in ranked[:_MAX_QUOTATIONS]]
    for best in tried:
        merit = min(merits[best], Definition.METHOD) if entry_point else merits[best]
        others = [candidates[one] for one in merits if merits[one] >= merit]
        if not candidates[best].is_quoted_in(others):
            break
    else:
        if not tried:
            return Found("", False)
        best = tried[0]
    block = candidates[best].block
    # If an answer breaks off after the function, the incomplete rest is dropped.
    read = trim if block.complete or not entry_point else trim_prefix
    candidates[best] = _Candidate(Block(read(block.source, entry_point)))
    is_sure = not entry_point or merits[best] > Definition.STUB
    return Found(_joined(candidates, best, entry_point), is_sure)


class _Candidate:
    """A block with the facts from its syntax tree."""

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
        """The names of each statement."""
        return [] if self.tree is None else statement_names(self.block.source, self.tree)

    @cached_property
    def bound(self) -> set[str]:
        return {name for one in self.names for name in one.bound}

    def is_quoted_in(self, others: Iterable["_Candidate"]) -> bool:
        """Whether another block that is not worse contains all of it."""
        return any(
            (other.is_python, other.block.complete, other.compiles)
            >= (self.is_python, self.block.complete, self.compiles)
            and is_quotation(self.block.source, other.block.source)
            for other in others
        )

    @cached_property
    def users(self) -> Mapping[str, list[int]]:
        """Statements that use a name, by name."""
        return places(self.names, lambda one: one.used)

    @cached_property
    def readers(self) -> set[str]:
        """Names by which it reads input."""
        return reached_from(INPUT, self.users, self.names)

    @cached_property
    def printers(self) -> set[str]:
        """Names by which it prints."""
        return reached_from(_OUTPUT, self.users, self.names)

    @cached_property
    def imported(self) -> set[str]:
        body = [] if self.tree is None else self.tree.body
        imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
        return {name for node in imports for name in binds(node)}

    @cached_property
    def missing(self) -> set[str]:
        """Names that it uses and does not bind."""
        return {name for one in self.names for name in one.used} - self.bound - _KNOWN


def _definition(candidate: _Candidate, entry_point: str) -> Definition:
    if candidate.tree is not None:
        return definition(candidate.tree, entry_point)
    source = candidate.block.source
    if last_definition(source, entry_point) is not None:
        # Functions of Ruby begin like those of Python.
        return Definition.WHOLE if candidate.is_python else Definition.MENTIONED
    method = rf"^[ \t]+(async\s+)?def\s+{re.escape(entry_point)}\b"
    is_method = re.search(method, source, re.MULTILINE)
    return Definition.METHOD if is_method and candidate.is_python else Definition.NONE


def _merit_of_program(candidates: Sequence[_Candidate], place: int) -> int:
    """The rank of a block as a whole program, with what it needs from the others."""
    candidate = candidates[place]
    merit = _merit_by_itself(candidate)
    if merit == _BY_ITSELF and (_runs_another(candidates, place) or _feeds_itself(candidate)):
        merit -= 1
    if merit < _BY_ITSELF and place >= len(candidates) - _MAX_JOINED:
        whole = _Candidate(Block(_joined(candidates, place, "")))
        merit = max(merit, min(_merit_by_itself(whole), _BY_ITSELF - 1))
    return merit


def _merit_by_itself(candidate: _Candidate) -> int:
    """`_BY_ITSELF`: it reads input and prints when it runs. 4: it may do both, but has no syntax
    tree. 3: it reads. 2: it prints. 1: it does or defines something else. 0: data, output or
    tests."""
    source, tree = candidate.block.source, candidate.tree
    if tree is None:
        reads = _READS.search(source) is not None
        return 3 + (_PRINTS.search(source) is not None) if reads else 0
    run = {
        name
        for node, one in zip(tree.body, candidate.names, strict=True)
        if not isinstance(node, ast.Assert)
        for name in one.run
    }
    reads, prints = bool(run & candidate.readers), bool(run & candidate.printers)
    if reads or prints:
        return _BY_ITSELF if reads and prints else 3 if reads else 2
    return int(not is_data(source))


def _runs_another(candidates: Sequence[_Candidate], place: int) -> bool:
    """Whether a block calls functions of another block that read or print, as a test does."""
    candidate = candidates[place]
    called = (candidate.missing | candidate.imported) - INPUT - _OUTPUT
    return any(
        not called.isdisjoint((other.readers | other.printers) & other.bound)
        for other in candidates
        if called and other.is_python
    )


def _feeds_itself(candidate: _Candidate) -> bool:
    """Whether a block replaces the standard input that it reads."""
    return candidate.tree is not None and any(
        isinstance(node, ast.Assign)
        and not _named(node.targets).isdisjoint(INPUT)
        and _named([node.value]).isdisjoint(candidate.readers)
        for node in ast.walk(candidate.tree)
    )


def _named(nodes: Iterable[ast.AST]) -> set[str]:
    """The names and attributes in nodes."""
    inner = [one for node in nodes for one in ast.walk(node)]
    names = {one.id for one in inner if isinstance(one, ast.Name)}
    return names | {one.attr for one in inner if isinstance(one, ast.Attribute)}


def is_data(source: str) -> bool:
    """Whether a text is Python without effects: only values, names and tests."""
    tree = syntax_tree(source)
    return tree is not None and not any(
        not isinstance(node, ast.Expr | ast.Assert | ast.Assign | ast.AnnAssign)
        or (
            not isinstance(node, ast.Assert)
            and any(isinstance(one, ast.Call) for one in ast.walk(node))
        )
        for node in tree.body
    )


def _joined(candidates: Sequence[_Candidate], chosen: int, entry_point: str) -> str:
    """A block with the definitions that it lacks, from the nearest earlier block that has them,
    else from a later one; in the order of the blocks."""
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
    """The statements that bind the wanted names, with what they need from their block; and the
    names that are still missing."""
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
