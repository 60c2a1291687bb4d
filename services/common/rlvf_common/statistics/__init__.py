"""Results of evaluations, and the statistics of all claims."""
