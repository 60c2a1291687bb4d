"""report.json: its records and its schema."""
