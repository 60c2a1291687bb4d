"""The part of the contract that no proto can say, for services and SDK alike: how a file of samples
is read. Needs grpcio and protobuf, nothing else; `rlvf` beside it is generated."""
