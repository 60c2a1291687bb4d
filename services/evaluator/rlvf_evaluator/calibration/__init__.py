"""Calibration: checks that a benchmark and an executor give correct verdicts."""
