"""What is kept of runs: their records, folders that leave this home, and what nothing needs."""
