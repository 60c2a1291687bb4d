"""Python SDK of the RLVF services."""

from rlvf_client.errors import EvaluatorError
from rlvf_client.sdk import Evaluator

__all__ = ["Evaluator", "EvaluatorError"]
