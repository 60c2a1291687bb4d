"""Python SDK of the RLVF services."""

from rlvf_client.sdk.client import Evaluator, PartialScoreWarning, PlaintextTokenWarning
from rlvf_client.sdk.errors import EvaluatorError

__all__ = ["Evaluator", "EvaluatorError", "PartialScoreWarning", "PlaintextTokenWarning"]
