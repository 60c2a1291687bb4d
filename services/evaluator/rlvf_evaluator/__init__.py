"""The evaluator: scores models, and tests whether differences are real."""
