"""The verdicts on an answer to a problem."""

VERDICTS = ("passed", "failed", "error", "timeout", "memory")
"""Verdicts as written in results: the names of `rlvf.executor.v1.Verdict` in lower case."""
