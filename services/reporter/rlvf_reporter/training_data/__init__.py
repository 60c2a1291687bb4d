"""The training data in a report: how it was sampled and selected, audits, examples, probes."""
