"""The SDK: calls to the evaluator from other teams' processes. Needs only grpcio and protobuf."""
