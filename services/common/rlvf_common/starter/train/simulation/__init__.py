"""Problems that follow something step by step."""
