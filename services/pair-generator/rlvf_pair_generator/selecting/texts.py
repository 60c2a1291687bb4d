"""The texts that a model is trained on: the prompt that was sent, the answer that was written."""

from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import chat_message, completion_prompt, sent_continuation
from rlvf_common.rollouts.rollout import Rollout

__all__ = ["answer_record", "prompt_record", "sent_prompt", "written_answer"]

_Messages = list[dict[str, str]]
"""A conversation in the form of `datasets` and TRL."""


def sent_prompt(problem: Problem, rollout: Rollout) -> str:
    """The prompt that the model got: the beginning of a program, or a user's message."""
    return chat_message(problem) if rollout.answer else completion_prompt(problem)


def written_answer(problem: Problem, rollout: Rollout) -> str:
    """The text that the model wrote: in a chat its whole answer, else the rest of the program."""
    return rollout.answer or sent_continuation(problem, rollout.completion)


def prompt_record(problem: Problem, rollout: Rollout) -> str | _Messages:
    """`prompt` of a training record: text, or a conversation if the model was asked in a chat."""
    text = sent_prompt(problem, rollout)
    return [{"role": "user", "content": text}] if rollout.answer else text


def answer_record(problem: Problem, rollout: Rollout) -> str | _Messages:
    """`chosen`, `rejected` or `completion` of a training record: text or a conversation."""
    text = written_answer(problem, rollout)
    return [{"role": "assistant", "content": text}] if rollout.answer else text
