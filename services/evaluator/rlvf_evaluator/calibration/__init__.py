"""The proof that a benchmark and a grader give true verdicts."""
