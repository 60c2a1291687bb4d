"""All services as processes of this machine."""
