"""Choices of the group `embedder` that are no model."""
