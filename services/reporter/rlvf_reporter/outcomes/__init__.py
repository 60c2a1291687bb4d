"""What is claimed of arms: the primary outcome, and whether verification did it."""
