"""The local stack: all services as processes on this machine."""
