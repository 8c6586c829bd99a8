"""Variation of genotypes that are lists of numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from elm_protocols import Genotype, Individual, Offspring, Origin


def uniform_vectors(n: int, low: float, high: float, size: int, rng: Generator) -> list[Offspring]:
    """Return `n` lists of `size` numbers drawn uniformly from [low, high)."""
    return [
        Offspring(genotype=row, origin=Origin(operator="random"))
        for row in rng.uniform(low, high, (n, size)).tolist()
    ]


def vary(
    parents: Sequence[Sequence[Individual]], low: float, high: float, sigma: float, rng: Generator
) -> list[Offspring]:
    """Return one child for each group of parents, clipped to [low, high].

    One parent: Gaussian noise. Two or more: also a step of random length along the line to the second
    (Iso+LineDD, Vassiliades & Mouret 2018, arXiv:1804.03906, with its line deviation of 0.2).

    Args:
        parents: Groups of one or more.
        low: Lowest number.
        high: Highest number.
        sigma: Standard deviation of the noise, as a share of high - low.
        rng: Decides the noise.
    """
    children = []
    for group in parents:
        child = as_vector(group[0].genotype)
        child = child + rng.normal(0.0, sigma * (high - low), len(child))
        if len(group) > 1:
            child += rng.normal(0.0, 0.2) * (as_vector(group[1].genotype) - as_vector(group[0].genotype))
        children.append(
            Offspring(
                genotype=np.clip(child, low, high).tolist(),
                parents=tuple(parent.id for parent in group),
                origin=Origin(operator="gaussian" if len(group) == 1 else "iso-line"),
            )
        )
    return children


def as_vector(genotype: Genotype) -> NDArray[np.float64]:
    """Return a genotype of this module's kind as an array."""
    return np.array(genotype, dtype=np.float64)
