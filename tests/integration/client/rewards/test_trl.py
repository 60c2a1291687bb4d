"""TRL's GRPOTrainer with our reward function, and an executor that is killed in the middle."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from rlvf_client import Evaluator
from rlvf_common.problems.problem import Problem

from .conftest import Graders, example

_STEPS = 20
_KILLED_BEFORE, _KILLED_DURING = 7, 13
"""Steps whose answers are sent while the executor is down, and just before it is killed."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["VerifiedReward", "AsyncVerifiedReward"])
def test_the_rewards_of_twenty_steps_are_the_verdicts_of_score(
    graders: Graders, problem_file: Path, own_problems: list[Problem], tmp_path: Path, kind: str
) -> None:
    program = Path(__file__).with_name("grpo_program.py")
    made_by = example("TRL").replace("VerifiedReward", kind)
    arguments = [graders.address, problem_file, tmp_path, _STEPS, made_by]
    with (tmp_path / "stderr").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, str(program), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
    assert process.stdin is not None
    assert process.stdout is not None
    for step in range(_STEPS):
        while (line := process.stdout.readline()) != "ask\n":
            assert line, (tmp_path / "stderr").read_text()[-2000:]
        if step == _KILLED_BEFORE:
            graders.kill_executor()
        process.stdin.write("go\n")
        process.stdin.flush()
        if step == _KILLED_DURING:
            graders.kill_executor()
        if step in (_KILLED_BEFORE, _KILLED_DURING):
            graders.start_executor()
    process.communicate()
    assert process.returncode == 0, (tmp_path / "stderr").read_text()[-2000:]

    lines = (tmp_path / "rewards.jsonl").read_text().splitlines()
    steps = [json.loads(line) for line in lines]
    answers = [
        (task_id, completion, reward)
        for step in steps
        for task_id, completion, reward in zip(
            step["task_ids"], step["completions"], step["rewards"], strict=True
        )
    ]
    assert (len(steps), len(answers)) == (_STEPS, 8 * _STEPS)
    with Evaluator(graders.address) as evaluator:
        score = evaluator.score(
            problem_file,
            [{"task_id": task_id, "completion": completion} for task_id, completion, _ in answers],
        )
    verdicts = [result.verdict for result in score.results]
    assert [reward for _, _, reward in answers] == [float(one == "passed") for one in verdicts]
    # Else it would show nothing.
    assert {"passed", "failed", "error"} <= set(verdicts)
    for step in (_KILLED_BEFORE, _KILLED_DURING):
        assert 0 < sum(steps[step]["rewards"]) < 8

    logged = [one for one in json.loads((tmp_path / "log.json").read_text()) if "reward" in one]
    assert len(logged) == _STEPS
    for step, log in zip(steps, logged, strict=True):
        assert math.isclose(log["reward"], sum(step["rewards"]) / 8, rel_tol=1e-6)
        assert math.isclose(log["verified/passed"], log["reward"], rel_tol=1e-6)
        assert log["verified/unavailable"] == 0
