"""Plans an experiment without running it: what is done, what is left, and what that would cost."""
