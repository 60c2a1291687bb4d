"""The records of report.json that are derived for it, and its JSON Schema."""
