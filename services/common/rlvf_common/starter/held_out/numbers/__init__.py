"""Held-out problems with digits and amounts."""
