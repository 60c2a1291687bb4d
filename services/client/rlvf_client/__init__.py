"""Python SDK of the RLVF services."""

from rlvf_client.sdk import Evaluator

__all__ = ["Evaluator"]
