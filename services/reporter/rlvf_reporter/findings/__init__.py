"""Rules that make the findings of a report from its numbers."""
