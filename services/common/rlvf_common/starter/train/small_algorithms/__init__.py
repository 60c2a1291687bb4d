"""Problems that need a small algorithm."""
