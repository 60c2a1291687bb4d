"""Held-out problems with lists."""
