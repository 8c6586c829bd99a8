"""Sodarace: two-dimensional robots, written as programs, that run over terrains."""
