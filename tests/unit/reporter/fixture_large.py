"""An invented experiment of the size of a real one: many conditions, many tasks, programs of usual
length. Every number here is made up, none was measured."""

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import replace

from rlvf.reporter.v1 import reporter_pb2
from rlvf_common.problems.kinds_of_test import CheckFunction
from rlvf_common.problems.problem import Problem, dump_problems
from rlvf_common.statistics.results import EvaluationResult, TaskResult, dump_result, parse_result

from .fixture_experiment import Experiment, calibration, head_to_head, training

BENCHMARK = "fixture-large"
_WORDS = (
    *("total", "count", "items", "value", "result", "index", "left", "right", "seen", "queue"),
    *("stack", "node", "edge", "path", "text", "line", "word", "letter", "digit", "prime"),
    *("factor", "power", "limit", "window", "sum", "best", "current", "previous", "answer"),
)


def large(conditions: int, tasks: int, samples: int = 1) -> Experiment:
    """A base and adapters on it, each compared with the base."""
    experiment = Experiment()
    request = experiment.request
    request.experiment = f"Fixture: {conditions} conditions, {tasks} tasks"
    request.problems[BENCHMARK].CopyFrom(
        experiment.put(dump_problems([_problem(number) for number in range(tasks)]))
    )
    for number in range(conditions):
        name = f"dpo-{number * 100}-pairs" if number else "base"
        request.conditions.append(_condition(experiment, name, number, tasks, samples))
        if number:
            request.training.append(training(experiment, name, number * 100, 12, 0.6))
            request.head_to_head.append(head_to_head("base", name, BENCHMARK))
    return experiment


def _task(number: int) -> str:
    return f"Large/{number}"


def _problem(number: int) -> Problem:
    chance = random.Random(f"problem {number}")
    described = " ".join(chance.choices(_WORDS, k=60))
    examples = "\n".join(f"    >>> solve_{number}([{n}, {n + 1}])\n    {2 * n}" for n in range(3))
    return Problem(
        task_id=_task(number),
        prompt=f'def solve_{number}(items):\n    """{described}\n\n{examples}\n    """\n',
        entry_point=f"solve_{number}",
        canonical_solution="    return sum(items)\n",
        test=CheckFunction("def check(candidate):\n    assert candidate([0, 1]) == 1\n"),
    )


def _condition(
    experiment: Experiment, name: str, number: int, tasks: int, samples: int
) -> reporter_pb2.Condition:
    results, lines = [], []
    for task in range(tasks):
        for sample in range(samples):
            chance = random.Random(f"{name} {task} {sample}")
            ease = random.Random(f"ease of {task}").random()
            passed = ease + chance.gauss(0, 0.12) > 0.6 - 0.01 * number
            results.append(
                TaskResult(_task(task), sample, "passed")
                if passed
                else TaskResult(_task(task), sample, *_failure(chance))
            )
            lines.append(
                {"task_id": _task(task), "sample": sample, "completion": _answer(chance, task)}
            )
    answers = experiment.put("".join(json.dumps(line) + "\n" for line in lines).encode())
    evaluation = EvaluationResult(
        benchmark=BENCHMARK,
        results=tuple(results),
        calibration=calibration(BENCHMARK, tasks),
        completions=answers.sha256,
    )
    return reporter_pb2.Condition(
        name=name,
        model="fixture-model",
        training=name if number else "",
        result=experiment.put(dump_result(evaluation)),
        completions=answers,
    )


def _failure(chance: random.Random) -> tuple[str, str]:
    value = chance.randrange(100)
    return chance.choice(
        [
            (
                "failed",
                f"line 4: assert candidate([{value}, 2]) == {value + 2} "
                f"(the last call returned {value + 3})",
            ),
            ("failed", f"line 2: assert candidate([0, 1]) == 1 (the last call returned {value})"),
            ("error", f"line 3: NameError: name '{chance.choice(_WORDS)}' is not defined"),
            ("timeout", "10 s of CPU time were used up"),
        ]
    )


def _answer(chance: random.Random, task: int) -> str:
    """About 600 characters: lines that answers to the task have in common, and some of its own."""
    common = random.Random(f"answer to {task}")
    lines = []
    for _ in range(common.randrange(8, 24)):
        line = _assignment(common)
        lines.append(_assignment(chance) if chance.random() < 0.3 else line)
    return "\n".join([*lines, f"    return {chance.choice(_WORDS)}"])


def _assignment(chance: random.Random) -> str:
    name = "_".join(chance.choices(_WORDS, k=3))
    return f"    {name} = {chance.choice(_WORDS)}[{chance.randrange(100)}]"


def replace_answers(
    experiment: Experiment, index: int, lines: Iterable[Mapping[str, object]]
) -> None:
    """Give a condition other completions, with the verdicts that it has."""
    condition = experiment.request.conditions[index]
    completions = experiment.put("".join(json.dumps(line) + "\n" for line in lines).encode())
    condition.completions.CopyFrom(completions)
    found = parse_result(experiment.read(condition.result), where="result")
    changed = replace(found, completions=completions.sha256)
    condition.result.CopyFrom(experiment.put(dump_result(changed)))
