"""Toy domains with known optima, for tests, examples and teaching."""

from elm_qd.domains.string_evolution import StringEvolution

__all__ = ["StringEvolution"]
