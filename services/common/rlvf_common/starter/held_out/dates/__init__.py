"""Held-out problems with days and times of the day."""
