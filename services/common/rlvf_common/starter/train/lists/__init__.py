"""Problems about lists and tuples."""
