"""Keeps runs: their records, export and import with cards, and the removal of what no run needs."""
