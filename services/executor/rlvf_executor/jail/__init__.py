"""What runs inside the jail of programs and candidates. Standard library and `contract` only."""
