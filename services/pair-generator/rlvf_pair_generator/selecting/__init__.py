"""Chooses training data from graded samples. It calls no services, and reads storage only to load
the samples."""
