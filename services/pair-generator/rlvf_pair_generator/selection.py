"""Chooses preference pairs among graded samples.

Every rule is a step with a name and a count of what it left, so that a report can say where the
samples went. What the rules are for: the pairs must differ in *being right*, not in their format,
their length or in whether they are programs at all, because a model learns the easiest difference
that it is shown.
"""

import ast
import difflib
import hashlib
import math
import tokenize
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import product

from rlvf_common.problems import Problem
from rlvf_common.prompts import program
from rlvf_common.rollouts import Rollout

__all__ = ["Pair", "Rules", "Selected", "Step", "select_pairs"]

MAX_SIMILARITY = 0.95
"""Pairs whose tokens are more alike than this teach little and push both sides down together."""

# Wrong results say most about the task; a program that raises, loops or eats memory says less.
_REJECTED_RANK = {"failed": 0, "error": 1, "timeout": 2, "memory": 3}


@dataclass(frozen=True, slots=True)
class Rules:
    """`rlvf.pair_generator.v1.Selection`, with its defaults filled in."""

    max_pairs_per_problem: int = 4
    max_length_ratio: float = 3.0
    min_pass_rate: float = 0.0
    max_pass_rate: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """A passing and a failing answer to one problem."""

    problem: Problem
    chosen: Rollout
    rejected: Rollout
    pass_rate: float
    """Share of all the problem's samples that pass, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a rule did. `unit` is what is counted: `samples`, `problems` or `pairs`."""

    name: str
    unit: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Selected:
    """The pairs, in an order of which every prefix is spread over the problems, and how they were
    got."""

    pairs: list[Pair]
    steps: list[Step]
    problems_with_both: int
    """Problems with a passing and a failing sample, before any rule."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """A rollout that parses, in the forms that the rules look at."""

    rollout: Rollout
    tree: str
    """Its program's syntax tree without docstrings, as text: equal for programs that differ in
    white space and comments only."""
    has_body: bool
    """Whether it defines the entry point by more than a docstring."""


def select_pairs(
    problems: Sequence[Problem], rollouts: Sequence[Rollout], rules: Rules
) -> Selected:
    """Choose pairs. The result depends on the arguments alone, not on the order of `problems` or
    `rollouts`."""
    by_id = {problem.task_id: problem for problem in problems}
    ordered = sorted(rollouts, key=lambda rollout: (rollout.task_id, rollout.sample))
    passes: dict[str, list[bool]] = {}
    for rollout in ordered:
        passes.setdefault(rollout.task_id, []).append(rollout.verdict == "passed")
    rates = {task_id: sum(passed) / len(passed) for task_id, passed in passes.items()}

    samples, steps = _usable_samples(by_id, ordered)
    grouped: dict[str, list[_Sample]] = {}
    for sample in samples:
        grouped.setdefault(sample.rollout.task_id, []).append(sample)

    candidates: dict[str, list[tuple[_Sample, _Sample]]] = {}
    for task_id, group in grouped.items():
        chosen = [sample for sample in group if sample.rollout.verdict == "passed"]
        rejected = [sample for sample in group if sample.rollout.verdict != "passed"]
        if chosen and rejected:
            candidates[task_id] = list(product(chosen, rejected))
    steps.append(Step("both outcomes", "problems", len(rates), len(candidates)))
    before = len(candidates)
    candidates = {
        task_id: pairs
        for task_id, pairs in candidates.items()
        if rules.min_pass_rate <= rates[task_id] <= rules.max_pass_rate
    }
    steps.append(Step("pass rate", "problems", before, len(candidates)))

    pair_rules: list[tuple[str, Callable[[_Sample, _Sample], bool]]] = [
        ("same format", lambda a, b: _indentation(a) == _indentation(b)),
        ("length ratio", lambda a, b: _length_ratio(a, b) <= rules.max_length_ratio),
        ("different enough", lambda a, b: _similarity(a, b) <= MAX_SIMILARITY),
    ]
    for name, holds in pair_rules:
        before = _count(candidates)
        candidates = {
            task_id: [pair for pair in pairs if holds(*pair)]
            for task_id, pairs in candidates.items()
        }
        steps.append(Step(name, "pairs", before, _count(candidates)))

    before = _count(candidates)
    best = {task_id: _best(pairs, rules) for task_id, pairs in candidates.items() if pairs}
    steps.append(Step("per problem", "pairs", before, _count(best)))
    return Selected(
        pairs=[
            Pair(by_id[task_id], chosen.rollout, rejected.rollout, rates[task_id])
            for task_id, (chosen, rejected) in _round_robin(best, rules.seed)
        ],
        steps=steps,
        problems_with_both=sum(0.0 < rate < 1.0 for rate in rates.values()),
    )


def _usable_samples(
    problems: dict[str, Problem], rollouts: Sequence[Rollout]
) -> tuple[list[_Sample], list[Step]]:
    """The samples that may be a side of a pair."""
    parsed = [
        sample
        for rollout in rollouts
        if (sample := _parse(problems[rollout.task_id], rollout)) is not None
    ]
    steps = [Step("parses", "samples", len(rollouts), len(parsed))]
    defining = [sample for sample in parsed if sample.has_body]
    steps.append(Step("entry point", "samples", len(parsed), len(defining)))
    # An answer that was cut off may be wrong for that alone, and its rejection would teach to be
    # brief.
    whole = [
        sample
        for sample in defining
        if sample.rollout.verdict == "passed" or not sample.rollout.truncated
    ]
    steps.append(Step("not cut off", "samples", len(defining), len(whole)))
    first: dict[tuple[str, str], _Sample] = {}
    for sample in whole:
        first.setdefault((sample.rollout.task_id, sample.tree), sample)
    steps.append(Step("distinct", "samples", len(whole), len(first)))
    return list(first.values()), steps


def _parse(problem: Problem, rollout: Rollout) -> _Sample | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(program(problem, rollout.completion))
            # Some errors, such as `return` outside a function, show only now.
            compile(tree, "completion", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    has_body = False
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.body = [statement for statement in node.body if not _is_string(statement)]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # The last definition of a name is the one that counts.
            has_body = bool(node.body) if node.name == problem.entry_point else has_body
    return _Sample(rollout, ast.dump(tree), has_body)


def _is_string(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _indentation(sample: _Sample) -> str:
    """White space that begins the first line of the completion."""
    line = sample.rollout.completion.lstrip("\n").partition("\n")[0]
    return line[: len(line) - len(line.lstrip())]


def _length_ratio(a: _Sample, b: _Sample) -> float:
    """Length in characters of the longer side over the shorter, 1 or more; infinite for an empty
    side."""
    lengths = sorted(len(sample.rollout.completion.strip()) for sample in (a, b))
    return lengths[1] / lengths[0] if lengths[0] else math.inf


def _similarity(a: _Sample, b: _Sample) -> float:
    """How alike the two completions are as sequences of tokens, in [0, 1]."""
    return difflib.SequenceMatcher(a=_tokens(a), b=_tokens(b), autojunk=False).ratio()


def _tokens(sample: _Sample) -> list[str]:
    """Tokens of the completion, without comments and line structure."""
    lines = StringIO("if 1:\n" + sample.rollout.completion)
    try:
        return [
            token.string
            for token in tokenize.generate_tokens(lines.readline)
            if token.type in (tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING)
        ]
    except (tokenize.TokenError, IndentationError):
        return sample.rollout.completion.split()


def _best(pairs: list[tuple[_Sample, _Sample]], rules: Rules) -> list[tuple[_Sample, _Sample]]:
    """At most k pairs of one problem: each time one of the least used sides, then by the kind of
    failure, then the best matched length, then by chance."""
    uses: dict[int, int] = {}
    chance = {
        (chosen.rollout.sample, rejected.rollout.sample): _chance(
            rules.seed, chosen.rollout.task_id, chosen.rollout.sample, rejected.rollout.sample
        )
        for chosen, rejected in pairs
    }

    def merit(pair: tuple[_Sample, _Sample]) -> tuple[int, int, float, bytes]:
        chosen, rejected = pair
        numbers = (chosen.rollout.sample, rejected.rollout.sample)
        return (
            sum(uses.get(number, 0) for number in numbers),
            _REJECTED_RANK[rejected.rollout.verdict],
            _length_ratio(chosen, rejected),
            chance[numbers],
        )

    left = list(pairs)
    best: list[tuple[_Sample, _Sample]] = []
    while left and len(best) < rules.max_pairs_per_problem:
        pair = min(left, key=merit)
        left.remove(pair)
        best.append(pair)
        for sample in pair:
            number = sample.rollout.sample
            uses[number] = uses.get(number, 0) + 1
    return best


def _round_robin(
    best: dict[str, list[tuple[_Sample, _Sample]]], seed: int
) -> list[tuple[str, tuple[_Sample, _Sample]]]:
    """First each problem's first pair, then each one's second, and so on; problems shuffled by
    `seed`."""
    shuffled = sorted(best, key=lambda task_id: _chance(seed, task_id))
    rounds = max((len(pairs) for pairs in best.values()), default=0)
    return [
        (task_id, best[task_id][number])
        for number in range(rounds)
        for task_id in shuffled
        if number < len(best[task_id])
    ]


def _chance(*values: int | str) -> bytes:
    """A random-looking value that depends on nothing but `values`; the same in every version of
    Python."""
    return hashlib.sha256(repr(values).encode()).digest()


def _count(candidates: dict[str, list[tuple[_Sample, _Sample]]]) -> int:
    return sum(len(pairs) for pairs in candidates.values())
