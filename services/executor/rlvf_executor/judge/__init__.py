"""The judge: runs a test in a jail of its own, against a candidate in another process."""
