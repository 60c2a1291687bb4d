"""gRPC: servers, channels, errors, settings, logs, tokens, versions."""
