"""The Python SDK of the evaluator, for other teams; `python -m rlvf_client` is the `rlvf`
command."""

from rlvf_client.sdk.async_client import AsyncEvaluator
from rlvf_client.sdk.client import Evaluator, PartialScoreWarning
from rlvf_client.sdk.connection import PlaintextTokenWarning
from rlvf_client.sdk.errors import EvaluatorError

__all__ = [
    "AsyncEvaluator",
    "Evaluator",
    "EvaluatorError",
    "PartialScoreWarning",
    "PlaintextTokenWarning",
]
