"""Held-out problems with dictionaries."""
