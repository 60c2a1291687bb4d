"""Simulated experiments with planted effects, and the rates at which the reporter finds them."""
