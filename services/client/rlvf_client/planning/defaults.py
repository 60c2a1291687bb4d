"""Default rates for machines and models without measurements: rough, each with its source.

They are for one device: a core of a CPU, or a GPU. `gigabytes` is the size of the model's weights.
"""

from rlvf_client.planning.records import Device

__all__ = [
    "DRAWN_IN_ROUNDS",
    "GRADING_SECONDS",
    "JOB_SECONDS",
    "PAIRS_A_PROBLEM",
    "REPLACED",
    "SOURCE",
    "START_SECONDS",
    "TOKEN_SHARE",
    "answers_a_problem",
    "record_seconds",
    "token_seconds",
]

SOURCE = "by stated defaults"

TOKEN_SHARE = 0.4
"""Mean length of an answer, as a share of `max_tokens`: 103 of 256 in experiments/learning."""

DRAWN_IN_ROUNDS = 0.2
"""Share of problems that go on to the last round, where there are rounds: the preset `demo` drew
2,000 of at most 5,120 samples, of which 1,280 are those of the first round."""

GRADING_SECONDS = 0.05
"""CPU time to grade a program: most take less than the start of an interpreter."""

PAIRS_A_PROBLEM = 1.0
"""Pairs that selection leaves per problem, at most what the settings allow: 160 pairs of 169
problems in experiments/small-model."""

REPLACED = 1.5
"""Answers that `grpo` draws for each one that it trains on, where groups of one outcome are
replaced. A guess: it depends on how often the model solves the problems."""

JOB_SECONDS = 15.0
"""A training job's time apart from its steps: importing, loading a small model, storing the
adapter."""

START_SECONDS = 45.0
"""Time until all services of a local stack serve, inference with a small model included."""

# Two cores wrote 256 to 305 tokens a second with a 0.5B model in experiments/learning, which has
# pauses, and 378 to 407 in a benchmark of the engine (rlvf_inference/cpu_kernels.py); this is
# between them. Smaller models are not faster, since the rest of the engine takes the time; larger
# ones are slower as their weights are larger.
_CORE_TOKENS_A_SECOND = 160.0
_CORE_GIGABYTES = 1.0
# A 7B model in bfloat16 on one GPU. Not measured by this project.
_GPU_TOKENS_A_SECOND = 2_000.0
_GPU_GIGABYTES = 14.0

# experiments/learning: 288 answers in 445 s on two cores with 1 GB of weights.
# experiments/small-model: 320 pairs in 277 to 323 s on two cores with 0.27 GB of weights.
_CORE_SECONDS = {"answers": 3.1, "pairs": 7.0}
# The prior experiment: 2,052 pairs in 28 minutes with 6 GB of weights on an A10G; an answer is half
# a pair.
_GPU_SECONDS = {"answers": 0.07, "pairs": 0.14}


def token_seconds(device: Device, gigabytes: float) -> float:
    """Seconds that the engine takes per token with a full batch."""
    if device.kind == "cpu":
        slower = max(1.0, gigabytes / _CORE_GIGABYTES)
        return slower / (_CORE_TOKENS_A_SECOND * device.count)
    return max(1.0, gigabytes / _GPU_GIGABYTES) / (_GPU_TOKENS_A_SECOND * device.count)


def record_seconds(device: Device, gigabytes: float, kind: str) -> float:
    """Seconds of training per record of the kind `answers` or `pairs`."""
    seconds = _CORE_SECONDS if device.kind == "cpu" else _GPU_SECONDS
    return seconds[kind] * gigabytes / device.count


def answers_a_problem(maximum: int) -> float:
    """Answers that selection leaves per problem, at most `maximum`: 69 of 160 problems in the
    preset `demo`, 332 of 344 in experiments/learning."""
    return min(0.7, float(maximum))
