"""Starter problems that are kept for evaluation and are never trained on."""
