"""Chooses training data among graded samples. Pure: no services, no storage but to read samples."""
