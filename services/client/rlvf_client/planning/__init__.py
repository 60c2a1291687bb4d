"""What an experiment would do and cost, before it does."""
