"""What was trained on, and where it came from."""
