"""The SDK: calls to the evaluator. Needs only grpcio and protobuf."""
