"""Held-out problems that play something through."""
