"""What at least two RLVF services need, and nothing else."""
