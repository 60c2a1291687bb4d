"""The gRPC server: checks, queues, sends jobs to supervisors. It runs nothing of a caller's."""
