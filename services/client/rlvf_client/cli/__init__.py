"""The `rlvf` command."""
