"""What the executor's processes share: their messages and the policy. Standard library only."""
