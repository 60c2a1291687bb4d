"""The evaluator: says how good a model is, and whether a difference is real."""
