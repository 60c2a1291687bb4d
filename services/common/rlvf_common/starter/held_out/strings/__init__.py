"""Held-out problems with words, lines and signs."""
