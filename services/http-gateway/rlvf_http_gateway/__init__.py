"""The HTTP gateway: serves evaluator and executor over HTTP and JSON, for callers without gRPC.

It holds no token and no state, and makes no decisions: the services that it forwards to decide who
may do what, and how much.
"""
