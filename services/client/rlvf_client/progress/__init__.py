"""What a command tells while it works, here and in other terminals."""
