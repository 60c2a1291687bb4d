"""The SDK: calls to the evaluator. Needs grpcio and protobuf, nothing else."""
