"""Problems: records, kinds of test, prompts, programs in answers, benchmarks."""
