"""Problems: records, kinds of test, prompts, reading answers, benchmarks."""
