"""Whole programs that read text and write text."""
