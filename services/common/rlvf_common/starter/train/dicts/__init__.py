"""Problems about dictionaries and sets."""
