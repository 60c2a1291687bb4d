"""Held-out problems that read notations, records and codes."""
