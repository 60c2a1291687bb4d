"""The evaluator service: scores models, and tests whether differences are real."""
