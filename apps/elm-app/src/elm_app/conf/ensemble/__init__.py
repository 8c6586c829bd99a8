"""Choices of the group `ensemble` that are no ensemble."""
