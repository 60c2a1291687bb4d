"""The `rlvf` command: its options, what it prints, and how it exits."""
