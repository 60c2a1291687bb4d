"""The cost of an experiment, and estimates for further arms and rungs."""
