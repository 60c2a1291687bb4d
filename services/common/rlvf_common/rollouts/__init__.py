"""Drawing completions from inference, and having them graded by the executor."""
