"""Ids and licences on the Hugging Face hub of the models and data sets that cards name."""

from collections.abc import Mapping

from rlvf_client.local_stack.models import EMBEDDED, EMBEDDED_ON_HUB
from rlvf_common.problems.benchmarks.windows import split_name

__all__ = ["base_licence", "base_on_hub", "data_set_on_hub"]

_DATA_SETS: Mapping[str, str] = {
    "humaneval": "openai/openai_humaneval",
    "humanevalplus": "evalplus/humanevalplus",
    "mbpp": "google-research-datasets/mbpp",
    "mbpp-sanitized": "google-research-datasets/mbpp",
    "mbppplus": "evalplus/mbppplus",
    "apps": "codeparrot/apps",
    "codecontests": "deepmind/code_contests",
    "livecodebench": "livecodebench/code_generation_lite",
    "bigcodebench": "bigcode/bigcodebench",
    "bigcodebench-instruct": "bigcode/bigcodebench",
}
"""By the name of a benchmark, or of a source of problems."""


def data_set_on_hub(name: str) -> str | None:
    """Id of a data set by its name, or by that of a window of it; None for our own and for a
    user's."""
    return _DATA_SETS.get(split_name(name)[0])


def base_on_hub(model: str) -> str | None:
    """Id of a base model by its name at inference; None where it has none, such as a folder."""
    if model == EMBEDDED:
        return EMBEDDED_ON_HUB
    return model if model.count("/") == 1 else None


def base_licence(model: str) -> str:
    """Licence of a base model, as the hub writes it; `unknown` for all but the embedded one."""
    return "apache-2.0" if model == EMBEDDED else "unknown"
