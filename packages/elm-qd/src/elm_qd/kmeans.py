"""Centroids of a centroidal Voronoi tessellation (CVT).

After Vassiliades, Chatzilygeroudis & Mouret 2018 (doi:10.1109/TEVC.2017.2735550, algorithm 1): k-means
(Lloyd 1982, doi:10.1109/TIT.1982.1056489) over points of the behaviour space.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from elm_protocols import UserError
from elm_qd.nearest import lookup_for_few_queries

_MOST_ROUNDS = 100
_SMALLEST_GAIN = 1e-3
"""Lloyd's rounds end once the mean squared distance falls by less than this share in a round."""


def kmeans(samples: NDArray[np.float64], start: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return centroids of `samples`, shape (count, axes).

    Args:
        samples: Shape (n, axes), in [0, 1].
        start: The centroids to begin with, shape (count, axes), in [0, 1].
    """
    centroids = start
    before = np.inf
    for _ in range(_MOST_ROUNDS):
        nearest = lookup_for_few_queries(centroids).query(samples)
        spread = float(np.square(samples - centroids[nearest]).sum())
        centroids = _means(samples, nearest, centroids)
        if before - spread <= _SMALLEST_GAIN * spread:
            break
        before = spread
    return centroids


def evenly_spread(count: int, axes: int, rng: Generator) -> NDArray[np.float64]:
    """Return points that fill the unit cube evenly, shape (count, axes), shifted at random.

    The additive recurrence of Roberts 2018 ("The unreasonable effectiveness of quasirandom sequences"):
    steps of 1/g, 1/g^2, ..., where g solves g^(axes + 1) = g + 1. Lloyd's rounds from there end sooner
    and lower than from random samples.
    """
    generalised_golden_ratio = 2.0
    for _ in range(64):  # a contraction: far past convergence in double precision
        generalised_golden_ratio = (1 + generalised_golden_ratio) ** (1 / (axes + 1))
    steps = generalised_golden_ratio ** -np.arange(1.0, axes + 1)
    points: NDArray[np.float64] = (rng.random(axes) + np.arange(count)[:, None] * steps) % 1.0
    return points


def different_samples(samples: NDArray[np.float64], count: int, rng: Generator) -> NDArray[np.float64]:
    """Return `count` different samples, shape (count, axes).

    Raises:
        UserError: If there are not that many.
    """
    chosen = samples[rng.permutation(len(samples))[:count]]
    if len(np.unique(chosen, axis=0)) == count:
        return chosen
    different = np.unique(samples, axis=0)
    if len(different) < count:
        raise UserError(f"{count} niches need at least that many different samples, not {len(different)}.")
    return different[rng.permutation(len(different))[:count]]


def _means(
    samples: NDArray[np.float64], nearest: NDArray[np.int64], centroids: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean of the samples of each centroid; a centroid without any stays."""
    counts = np.bincount(nearest, minlength=len(centroids))
    sums = np.stack(
        [np.bincount(nearest, weights=column, minlength=len(centroids)) for column in samples.T], axis=1
    )
    return np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centroids)
