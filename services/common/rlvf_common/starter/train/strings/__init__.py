"""Problems about texts, words and letters."""
