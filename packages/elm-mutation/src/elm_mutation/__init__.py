"""Mutation operators over language models."""
