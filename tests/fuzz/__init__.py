"""Random requests to all services of a local stack."""
