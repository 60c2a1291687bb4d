"""Draws completions from inference, and has them graded by the executor."""
