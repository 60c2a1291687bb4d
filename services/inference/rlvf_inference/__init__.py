"""Inference: vLLM with adapters from object storage."""
