"""Starter problems to sample from and to train on."""
