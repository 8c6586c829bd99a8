"""Choices of the group `model` that are no language model."""
