"""Problems about numbers and quantities."""
