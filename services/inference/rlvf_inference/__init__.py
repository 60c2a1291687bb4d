"""The inference service: vLLM's OpenAI server with adapters from object storage."""
