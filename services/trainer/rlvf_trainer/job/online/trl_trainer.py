"""Imports TRL's GRPO trainer without vLLM, which TRL imports if it is installed. It is not needed
here, since inference samples in a process of its own, and its import takes ten seconds of a
core."""

from importlib import import_module

__all__ = ["GRPOConfig", "GRPOTrainer"]


def _no_vllm(min_version: str | None = None) -> bool:
    return False


_utilities = import_module("trl.import_utils")
_is_available = _utilities.is_vllm_available
_utilities.is_vllm_available = _no_vllm  # type: ignore[attr-defined]
try:
    from trl import GRPOConfig, GRPOTrainer
finally:
    _utilities.is_vllm_available = _is_available  # type: ignore[attr-defined]
