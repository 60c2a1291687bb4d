"""Artifacts and durable operations in object storage."""
