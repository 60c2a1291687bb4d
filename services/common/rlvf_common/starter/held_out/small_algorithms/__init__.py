"""Held-out problems with small algorithms, boards and odd questions."""
