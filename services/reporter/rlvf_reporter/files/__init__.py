"""The files of the experiment, and how to load them."""
