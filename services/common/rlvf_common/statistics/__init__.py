"""Results of evaluations, and the statistics behind every claim."""
