"""The HTTP gateway: evaluator and executor for callers who have HTTP and JSON, and not gRPC.

It holds no token and no state, and decides nothing: who may do what, and how much, is decided by
the services that it forwards to.
"""
