"""Extracts programs from chat models' answers without delaying other calls."""

from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import canonical_completion
from rlvf_common.rpc.workers import Workers
from rlvf_evaluator.scoring import extract_in_a_thread

__all__ = ["Extraction"]

# An answer of this length takes at most 0.1 s, one of the maximum length 20 s.
_SHORT_CHARACTERS = 16 << 10


class Extraction:
    """Extracts programs in threads, and from long answers in worker processes."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    async def extract(self, problem: Problem, answer: str) -> str:
        """The completion that an answer stands for; raises the errors of `Workers.run`."""
        if len(answer) <= _SHORT_CHARACTERS:
            return await extract_in_a_thread(problem, answer)
        return await self._workers.run(canonical_completion, problem, answer, "chat")
