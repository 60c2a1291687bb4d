"""Python SDK of the RLVF services."""

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
