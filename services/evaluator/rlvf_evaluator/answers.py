"""How answers go wrong before any test sees them."""

import ast
from collections.abc import Mapping, Sequence

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_common.extraction import parse
from rlvf_common.problems import Problem
from rlvf_common.prompts import PromptStyle, program
from rlvf_common.results import AnswerShares
from rlvf_common.rollouts import Rollout

__all__ = ["answer_shares", "shares_message"]


def answer_shares(
    problems: Mapping[str, Problem],
    rollouts: Sequence[Rollout],
    style: PromptStyle = "completion",
) -> AnswerShares:
    """Shares of the rollouts, at least one, in percent; `problems` by task id.

    In a chat the answer itself has to define the entry point; the prompt is no part of it.
    """
    empty = unparseable = truncated = missing = 0
    for rollout in rollouts:
        problem = problems[rollout.task_id]
        tree = parse(program(problem, rollout.completion))
        own = parse(rollout.completion.lstrip()) if style == "chat" else tree
        empty += _is_empty(rollout.completion)
        unparseable += tree is None
        truncated += rollout.truncated
        missing += tree is not None and not (own and _defines(own, problem.entry_point))
    percent = 100 / len(rollouts)
    return AnswerShares(
        empty=empty * percent,
        unparseable=unparseable * percent,
        truncated=truncated * percent,
        missing_entry_point=missing * percent,
    )


def shares_message(shares: AnswerShares) -> evaluator_pb2.AnswerShares:
    """The shares as the contract writes them."""
    return evaluator_pb2.AnswerShares(
        empty_percent=shares.empty,
        unparseable_percent=shares.unparseable,
        truncated_percent=shares.truncated,
        missing_entry_point_percent=shares.missing_entry_point,
    )


def _is_empty(completion: str) -> bool:
    """Whether there is nothing but white space and comments."""
    return all(line.lstrip()[:1] in ("", "#") for line in completion.splitlines())


def _defines(tree: ast.Module, name: str) -> bool:
    """Whether the module binds `name` by a definition, an import or an assignment. A whole program
    has nothing to bind."""
    if not name:
        return True
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if node.name == name:
                return True
            case ast.alias() if (node.asname or node.name) == name:
                return True
            case ast.Name(ctx=ast.Store()) if node.id == name:
                return True
    return False
