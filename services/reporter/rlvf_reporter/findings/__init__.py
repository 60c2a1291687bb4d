"""What a report says, by rules."""
