"""The part of the contract that protos cannot express, for services and SDK: errors, files of
samples, and defaults and ranges of hyperparameters.

Needs only grpcio and protobuf; `rlvf` beside it is generated.
"""
