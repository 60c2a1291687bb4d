"""The part of the contract that no proto can say, for services and SDK alike: which errors there
are, how a file of samples is read, and the defaults and ranges of hyperparameters.

It needs grpcio and protobuf, nothing else; `rlvf` beside it is generated.
"""
