"""Progress of a command, on its own terminal and for other terminals."""
