"""Answers as models write them: right ones, wrong ones, and ones with things around them."""

import ast
import random
from collections.abc import Iterator

from rlvf_common.problems.problem import Problem

_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult)


class _Mutation(ast.NodeTransformer):
    """Changes the one place of the body whose number is `target`."""

    def __init__(self, generator: random.Random, target: int) -> None:
        self._generator = generator
        self._target = target
        self.places = 0

    def _here(self) -> bool:
        self.places += 1
        return self.places - 1 == self._target

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.ops[0], _COMPARISONS) and self._here():
            others = [kind for kind in _COMPARISONS if not isinstance(node.ops[0], kind)]
            node.ops[0] = self._generator.choice(others)()
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, _ARITHMETIC) and self._here():
            others = [kind for kind in _ARITHMETIC if not isinstance(node.op, kind)]
            node.op = self._generator.choice(others)()
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if type(node.value) is int and self._here():
            return ast.copy_location(ast.Constant(node.value + 1), node)
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        if node.value is not None and self._here():
            node.value = self._generator.choice(
                [ast.Constant(None), ast.List([node.value], ast.Load()), ast.Constant(True)]
            )
        return node


def mutated(problem: Problem, generator: random.Random) -> str | None:
    """The reference solution with one small change; None where a change could loop for ever."""
    tree = ast.parse("def f():\n" + problem.canonical_solution)
    if any(isinstance(node, ast.While) for node in ast.walk(tree)):
        return None
    count = _Mutation(generator, -1)
    count.visit(tree)
    if count.places == 0:
        return None
    tree = ast.parse("def f():\n" + problem.canonical_solution)
    _Mutation(generator, generator.randrange(count.places)).visit(tree)
    body = ast.unparse(ast.fix_missing_locations(tree)).partition("\n")[2]
    return f"{body}\n"


def dressed(problem: Problem, number: int) -> str:
    """The reference solution with one of the things around it that models add."""
    reference = problem.canonical_solution
    name = problem.entry_point
    forms = (
        f"{reference}\n\ndef another(x):\n    return {name}\n",
        f"```python\n{reference}```\n",
        f"{reference}\n\nif __name__ == '__main__':\n    print('done')\n",
        f'{reference}\n"""The end is near',
        f"    import math, re\n{reference}",
        f"{reference}\nprint({name}.__name__)\n",
        f"{reference}\n{name} = None\n",
        f"    # The idea is simple.\n{reference}\nassert callable({name})\n",
        f"{reference}\nraise SystemExit(0)\n",
        f"{reference}\n\ndef check(candidate):\n    pass\n",
        f"Here is the function:\n{reference}",
        reference.replace("return", "yield", 1),
    )
    return forms[number % len(forms)]


def completions(problems: list[Problem], seed: int) -> Iterator[tuple[str, str]]:
    """`(task_id, completion)`: a dressed answer of every task, and a mutated one where possible."""
    generator = random.Random(seed)
    for number, problem in enumerate(problems):
        yield problem.task_id, dressed(problem, number)
        if (mutant := mutated(problem, generator)) is not None:
            yield problem.task_id, mutant
