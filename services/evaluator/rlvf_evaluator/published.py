"""Scores that others published, for comparison with our own.

Every figure has its source. EvalPlus's leaderboard was read from its data file
(github.com/evalplus/evalplus.github.io, results.json); the tables of the Qwen2.5-Coder report, 16
(instruct models) and 5 (base models), were read in copies. Figures on which sources disagree, such
as those of DeepSeek-Coder's and CodeLlama's base models, are left out.
"""

from dataclasses import replace

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf_common.statistics.results import (
    EvaluationResult,
    ModelRecord,
    PublishedRecord,
    SamplingRecord,
)

__all__ = ["published_message", "published_score", "with_published_score"]

_EVALPLUS = "EvalPlus leaderboard (results.json)"
_QWEN_INSTRUCT = "Qwen2.5-Coder technical report, arXiv:2409.12186v3, table 16"
_QWEN_BASE = "Qwen2.5-Coder technical report, arXiv:2409.12186v3, table 5"

_PERCENT: dict[str, dict[str, tuple[float, str]]] = {
    "bigcode/starcoder2-3b": {
        "humaneval": (31.7, _EVALPLUS),
        "humanevalplus": (27.4, _EVALPLUS),
        "mbppplus": (49.1, _QWEN_BASE),
    },
    "bigcode/starcoder2-7b": {
        "humaneval": (35.4, _EVALPLUS),
        "humanevalplus": (29.9, _EVALPLUS),
        "mbppplus": (45.6, _QWEN_BASE),
    },
    "bigcode/starcoder2-15b": {
        "humaneval": (46.3, _EVALPLUS),
        "humanevalplus": (37.8, _EVALPLUS),
    },
    "bigcode/starcoder2-15b-instruct-v0.1": {
        "humaneval": (67.7, _EVALPLUS),
        "humanevalplus": (60.4, _EVALPLUS),
        "mbppplus": (65.1, _EVALPLUS),
    },
    "deepseek-ai/deepseek-coder-1.3b-instruct": {
        "humaneval": (65.9, _EVALPLUS),
        "humanevalplus": (60.4, _EVALPLUS),
        "mbppplus": (54.8, _EVALPLUS),
    },
    "deepseek-ai/deepseek-coder-6.7b-instruct": {
        "humaneval": (74.4, _EVALPLUS),
        "humanevalplus": (71.3, _EVALPLUS),
        "mbppplus": (65.6, _EVALPLUS),
    },
    "qwen/qwen2.5-coder-0.5b-instruct": {
        "humaneval": (61.6, _QWEN_INSTRUCT),
        "humanevalplus": (57.3, _QWEN_INSTRUCT),
        "mbppplus": (43.7, _QWEN_INSTRUCT),
    },
    "qwen/qwen2.5-coder-1.5b-instruct": {
        "humaneval": (70.7, _QWEN_INSTRUCT),
        "humanevalplus": (66.5, _QWEN_INSTRUCT),
        "mbppplus": (59.4, _QWEN_INSTRUCT),
    },
    "qwen/qwen2.5-coder-3b-instruct": {
        "humaneval": (84.1, _QWEN_INSTRUCT),
        "humanevalplus": (80.5, _QWEN_INSTRUCT),
        "mbppplus": (62.4, _QWEN_INSTRUCT),
    },
    "qwen/qwen2.5-coder-7b-instruct": {
        "humaneval": (88.4, _QWEN_INSTRUCT),
        "humanevalplus": (84.1, _QWEN_INSTRUCT),
        "mbppplus": (71.7, _QWEN_INSTRUCT),
    },
}
"""Greedy pass@1 in percent and its source: by model, its Hugging Face id in lower case, and
benchmark."""

_NAMES = {model.rpartition("/")[2]: model for model in _PERCENT}


def published_score(
    model: ModelRecord, benchmark: str, sampling: SamplingRecord
) -> PublishedRecord | None:
    """The score that was published for greedy completions of `model`; None if there is none, or if
    the completions are from an adapter or were drawn with a temperature.

    A checkpoint in a directory is found by the directory's name, so a model is found with and
    without its organisation.
    """
    if model.adapter_sha256 or sampling.temperature > 0:
        return None
    name = model.base.lower()
    found = _PERCENT.get(_NAMES.get(name, name), {}).get(benchmark)
    return None if found is None else PublishedRecord(round(found[0] / 100, 4), found[1])


def with_published_score(result: EvaluationResult) -> EvaluationResult:
    """The result with the published score of its model."""
    if result.model is None or result.sampling is None:
        return result
    published = published_score(result.model, result.benchmark, result.sampling)
    return replace(result, published=published)


def published_message(result: EvaluationResult) -> evaluator_pb2.PublishedScore | None:
    """The message of a result's published score; None if it has none."""
    if result.published is None:
        return None
    return evaluator_pb2.PublishedScore(
        pass_at_1=result.published.pass_at_1,
        source=result.published.source,
        outside_interval=result.outside_published,
    )
