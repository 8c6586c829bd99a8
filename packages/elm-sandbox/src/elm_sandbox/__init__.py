"""Runs untrusted generated programs."""
