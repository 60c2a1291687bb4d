"""Readers of other harnesses' result files. Nothing here verifies the verdicts in them."""
