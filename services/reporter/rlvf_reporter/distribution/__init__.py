"""What training did to how a model answers, beside how often it is right."""
