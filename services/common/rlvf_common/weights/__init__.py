"""What says which weights a model has: the digest of a checkpoint, and the base of an adapter."""
