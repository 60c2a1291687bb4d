"""Pair generator: problems in, preference pairs out."""
