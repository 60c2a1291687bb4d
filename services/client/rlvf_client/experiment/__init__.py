"""An experiment: its configuration, and what drives it."""
