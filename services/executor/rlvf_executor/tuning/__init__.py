"""Speed that can be left out: without it forks are slower, and verdicts the same."""
