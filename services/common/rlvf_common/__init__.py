"""Code that at least two RLVF services need: problems, rollouts, gRPC, statistics, storage."""
