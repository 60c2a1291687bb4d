"""Claims about arms: the primary outcome, and whether verification caused a gain."""
