"""gRPC for all services: servers, channels, retries, settings, logs, tokens, versions."""
