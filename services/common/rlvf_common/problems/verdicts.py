"""What an answer to a problem can be worth."""

VERDICTS = ("passed", "failed", "error", "timeout", "memory")
"""How verdicts are written in results; the names of `rlvf.executor.v1.Verdict` in lower case."""
