"""The program in what a model wrote: out of prose and fences, less what the entry point never uses.

A fenced block counts before bare text, one that defines the entry point before one that does not,
a complete one before one that breaks off, a later one before an earlier one: models think first,
and correct themselves afterwards. Code is never repaired; what does not parse is handed on as it
is.
"""

import ast
import codeop
import re
import warnings
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

__all__ = [
    "extract_program",
    "line_numbers",
    "needed_statements",
    "parse",
    "source_lines",
    "tree_text",
    "trim",
    "trim_prefix",
]

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*([\w+.#-]*)[^`]*$")
_LANGUAGES = ("", "py", "python", "python3", "python2", "py3")
_MOST_PARSED = 100
"""What is parsed to find the longest run in an answer, in multiples of the answer: more than any
that is not made of thousands of beginnings without an end."""
_MOST_CUTS = 100
"""How often a beginning is cut shorter and tried again."""
_BEGINS_CODE = re.compile(r"(import|from|def|class|async|@|if|for|while|with|try|[A-Za-z_]\w*\s*=)")


def extract_program(answer: str, entry_point: str) -> str:
    """The program in `answer`, trimmed; "" where there is no code.

    `entry_point` is the function asked for, or "" where a whole program was, which is not trimmed.
    """
    blocks = list(_fenced_blocks(answer))
    ranked = sorted(blocks, key=lambda block: block.rank(entry_point))
    if ranked and ranked[-1].defines(entry_point):
        return trim(ranked[-1].source, entry_point)
    code = _longest_run(answer, entry_point)
    if not code:
        code = ranked[-1].source if ranked else _from_definition(answer, entry_point)
    return trim(code, entry_point)


@dataclass(frozen=True, slots=True)
class _Block:
    """A fenced block."""

    source: str
    language: str
    complete: bool
    """Whether its closing fence is there."""
    number: int

    def defines(self, entry_point: str) -> bool:
        """Whether it defines what is asked for, as far as text without a syntax tree can tell."""
        if not entry_point:
            return bool(self.source.strip())
        return _definition(self.source, entry_point) is not None

    def rank(self, entry_point: str) -> tuple[bool, bool, bool, bool, int]:
        """Greater is better."""
        return (
            self.language in _LANGUAGES,
            self.defines(entry_point),
            self.complete,
            parse(self.source) is not None,
            self.number,
        )


def _fenced_blocks(answer: str) -> Iterator[_Block]:
    """The fenced blocks of Markdown; one that the answer breaks off in is not complete."""
    fence, language, number = "", "", 0
    lines: list[str] = []
    for line in answer.splitlines(keepends=True):
        found = _FENCE.match(line.rstrip("\r\n"))
        if not fence:
            if found:
                fence, language, lines = found[1], found[2].lower(), []
        elif found and found[1].startswith(fence) and not found[2]:
            yield _Block(_dedented(lines), language, True, number)
            fence, number = "", number + 1
        else:
            lines.append(line)
    if fence:
        yield _Block(_dedented(lines), language, False, number)


def _dedented(lines: Sequence[str]) -> str:
    """The lines of a block, less the indentation that a list item gave all of them."""
    first = next((line for line in lines if line.strip()), "")
    margin = first[: len(first) - len(first.lstrip())]
    if margin and all(line.startswith(margin) for line in lines if line.strip()):
        lines = [line.removeprefix(margin) for line in lines]
    return "".join(lines)


def _longest_run(answer: str, entry_point: str) -> str:
    """The longest run of lines that parses and defines what is asked for; "" where none does.

    A run begins where code can begin, and ends before the line that nothing after it can mend.
    Where it does not parse, it is cut before the line that the parser stumbled at, and tried again.
    """
    lines = source_lines(answer)
    offsets = [0, *accumulate(map(len, lines))]
    parsed, most = 0, _MOST_PARSED * len(answer)
    best = ""
    within: set[int] = set()
    for start, line in enumerate(lines):
        if parsed >= most:
            break
        # A run that begins with a statement of another is a part of it.
        if start in within or not _BEGINS_CODE.match(line):
            continue
        end = _end_of_beginning(lines, start)
        parsed += (offsets[end] - offsets[start]) * (end - start).bit_length()
        while (size := offsets[end] - offsets[start]) > len(best) and parsed < most:
            parsed += size
            run = "".join(lines[start:end])
            tree, stumbled = _parsed(run)
            if tree is not None:
                within.update(start + number for number in _first_lines(tree))
                if _is_answer(tree, entry_point):
                    best = run
                break
            end = min(end - 1, start + stumbled)
    return best


def _first_lines(tree: ast.Module) -> Iterator[int]:
    """The lines that statements at module level begin at, from 0; those of decorators too."""
    for node in tree.body:
        if node.col_offset == 0:
            yield from range(line_numbers(node).start - 1, node.lineno)


def _end_of_beginning(lines: Sequence[str], start: int) -> int:
    """The end of the most lines from `start` on that are a program or can become one by what
    follows them."""

    def is_over(count: int) -> bool:
        return not _can_go_on("".join(lines[start : start + count]))

    count, most = 1, len(lines) - start
    while count < most and not is_over(count):
        count *= 2
    tried = range(count // 2 + 1, min(count, most) + 1)
    return start + count // 2 + bisect_left(tried, True, key=is_over)


def _is_answer(tree: ast.Module, entry_point: str) -> bool:
    if entry_point:
        return any(entry_point in _bound(statement) for statement in tree.body)
    # Prose of single words parses too.
    return any(not isinstance(node, ast.Expr) for node in tree.body) or any(
        isinstance(node, ast.Call) for node in ast.walk(tree)
    )


def _from_definition(answer: str, entry_point: str) -> str:
    """From the last definition of the entry point to the end: code that breaks off or is wrong."""
    start = _definition(answer, entry_point) if entry_point else None
    return "" if start is None else answer[start:]


def _definition(text: str, name: str) -> int | None:
    """Where the last definition of a function begins."""
    found = None
    for match in re.finditer(rf"^(async\s+)?def\s+{re.escape(name)}\b", text, re.MULTILINE):
        found = match.start()
    if found is None:
        bound = rf"^(class\s+{re.escape(name)}\b|{re.escape(name)}\s*=)"
        other = re.search(bound, text, re.MULTILINE)
        found = other.start() if other else None
    return found


def trim(source: str, entry_point: str) -> str:
    """The program less what the entry point does not need: tests, prints, main guards, and
    definitions after it that nothing needs.

    Statements before the entry point stay, but for those: they may prepare what it uses. A program
    that does not parse, or does not define the entry point, stays as it is.
    """
    tree = parse(source) if entry_point else None
    if tree is None:
        return source
    kept = set(needed_statements(tree, entry_point))
    if not kept:
        return source
    lines = source_lines(source)
    dropped = {number for node in tree.body if node not in kept for number in line_numbers(node)}
    dropped -= {number for node in kept for number in line_numbers(node)}
    last = max(max(line_numbers(node)) for node in kept)
    return "".join(line for number, line in enumerate(lines[:last], 1) if number not in dropped)


def trim_prefix(source: str, entry_point: str) -> str:
    """The longest beginning of `source` that parses and defines the entry point, trimmed. It ends
    before a line in column zero. Where there is none: `source` as it is."""
    lines = source_lines(source)
    ends = [end for end, line in enumerate(lines) if line.strip() and not line[0].isspace()]
    ends.append(len(lines))
    last = _end_of_beginning(lines, 0)
    for _ in range(_MOST_CUTS):
        ends = [end for end in ends if end <= last]
        if not ends:
            break
        beginning = "".join(lines[: ends[-1]])
        tree, stumbled = _parsed(beginning)
        if tree is not None:
            # What a program does not define no beginning of it does.
            return trim(beginning, entry_point) if _is_answer(tree, entry_point) else source
        last = min(ends[-1] - 1, stumbled)
    return source


def needed_statements(tree: ast.Module, entry_point: str) -> list[ast.stmt]:
    """The statements at module level that a program needs which is only asked for `entry_point`;
    none where it does not define it."""
    last = max(
        (place for place, node in enumerate(tree.body) if entry_point in _bound(node)), default=None
    )
    if last is None:
        return []
    kept = {node for node in tree.body[: last + 1] if not _is_test(node, entry_point)}
    later: defaultdict[str, list[ast.stmt]] = defaultdict(list)
    for node in tree.body[last + 1 :]:
        if not _is_test(node, entry_point):
            for name in _bound(node):
                later[name].append(node)
    wanted = [name for node in kept for name in _used(node)]
    while wanted:
        found = set(later.pop(wanted.pop(), ())) - kept
        kept |= found
        wanted += [name for node in found for name in _used(node)]
    return [node for node in tree.body if node in kept]


def _is_test(node: ast.stmt, entry_point: str) -> bool:
    """Whether a statement only shows or tests something."""
    if isinstance(node, ast.If) and "__name__" in _used(node.test):
        return True
    if isinstance(node, ast.Assert):
        return True
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    called = node.value.func
    return (isinstance(called, ast.Name) and called.id in ("print", "input", "main")) or (
        entry_point in _used(node)
    )


def _bound(node: ast.stmt) -> set[str]:
    """The names at module level that a statement defines or changes."""
    names: set[str] = set()
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    for inner in _outside_definitions(node):
        match inner:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(inner.name)
            case ast.alias():
                names.add((inner.asname or inner.name).partition(".")[0])
            case ast.Name(ctx=ast.Store() | ast.Del()):
                names.add(inner.id)
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                target: ast.expr = inner
                while isinstance(target, ast.Attribute | ast.Subscript):
                    target = target.value
                if isinstance(target, ast.Name):
                    names.add(target.id)
    return names


def _outside_definitions(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement, without the bodies of functions and classes; in no order."""
    todo = [node]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)


def _used(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def line_numbers(node: ast.stmt) -> range:
    """The lines of a statement, decorators included, from 1."""
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    return range(first, (node.end_lineno or node.lineno) + 1)


def source_lines(source: str) -> list[str]:
    r"""Lines as Python's parser counts them: `str.splitlines` also breaks at form feeds and
    others."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", source)


def tree_text(tree: ast.AST) -> str:
    """A syntax tree as text: equal for equal trees. It may be deeper than `ast.dump` takes."""
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


def parse(source: str) -> ast.Module | None:
    """The syntax tree, or `None`. Warnings about the model's code are not ours to print.

    A tree may be as deep as the interpreter makes it, some 3,000 levels: who walks it must not
    call itself for each.
    """
    return _parsed(source)[0]


def _parsed(source: str) -> tuple[ast.Module | None, int]:
    """The syntax tree; or `None` and the number of lines before the one that the parser stumbled
    at."""
    try:
        return _compiled(source), 0
    except SyntaxError as error:
        return None, max(0, (error.lineno or 1) - 1)
    except (ValueError, RecursionError, MemoryError):
        return None, 0


def _can_go_on(source: str) -> bool:
    """Whether a text is a program, or the beginning of one."""
    # The parser does not see that a backslash before `\r\n` goes on.
    source = source.replace("\r\n", "\n")
    try:
        _compiled(source, codeop.PyCF_ALLOW_INCOMPLETE_INPUT)  # type: ignore[attr-defined]
    except SyntaxError as error:
        return "incomplete input" in str(error)  # as `codeop` asks
    except (ValueError, RecursionError, MemoryError):
        return False
    return True


def _compiled(source: str, flags: int = 0) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = compile(source, "answer", "exec", ast.PyCF_ONLY_AST | flags, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree
