"""What runs inside a jail beside the candidate. Standard library and `contract` only."""
