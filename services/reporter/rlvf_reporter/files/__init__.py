"""The list of an experiment's files in a report, with how to load each."""
