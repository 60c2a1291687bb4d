"""How answers go wrong before any test sees them."""

import ast
import warnings
from collections.abc import Mapping, Sequence

from rlvf_common.problems import Problem
from rlvf_common.prompts import program
from rlvf_common.results import AnswerShares
from rlvf_common.rollouts import Rollout

__all__ = ["answer_shares"]


def answer_shares(problems: Mapping[str, Problem], rollouts: Sequence[Rollout]) -> AnswerShares:
    """Shares of the rollouts, at least one, in percent; `problems` by task id."""
    empty = unparseable = truncated = missing = 0
    for rollout in rollouts:
        problem = problems[rollout.task_id]
        tree = _parse(program(problem, rollout.completion))
        empty += _is_empty(rollout.completion)
        unparseable += tree is None
        truncated += rollout.truncated
        missing += tree is not None and not _defines(tree, problem.entry_point)
    percent = 100 / len(rollouts)
    return AnswerShares(
        empty=empty * percent,
        unparseable=unparseable * percent,
        truncated=truncated * percent,
        missing_entry_point=missing * percent,
    )


def _is_empty(completion: str) -> bool:
    """Whether there is nothing but white space and comments."""
    return all(line.lstrip()[:1] in ("", "#") for line in completion.splitlines())


def _parse(source: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _defines(tree: ast.Module, name: str) -> bool:
    """Whether the module binds `name` by a definition, an import or an assignment."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if node.name == name:
                return True
            case ast.alias() if (node.asname or node.name) == name:
                return True
            case ast.Name(ctx=ast.Store()) if node.id == name:
                return True
    return False
