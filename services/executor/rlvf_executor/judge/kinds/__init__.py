"""The kinds of test, one module each."""
