"""How training changed the way in which a model answers: length, truncation, diversity, entropy."""
