"""Niches around centroids: each point belongs to the nearest one.

The container of CVT-MAP-Elites (Vassiliades, Chatzilygeroudis & Mouret 2018,
doi:10.1109/TEVC.2017.2735550), whose number of niches does not grow with the number of axes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elm_protocols import BehaviorSpace, UserError
from elm_qd.behavior_json import space_from_json, space_to_json
from elm_qd.kmeans import different_samples, evenly_spread, kmeans
from elm_qd.members import as_numbers
from elm_qd.nearest import nearest_lookup

SAMPLES_PER_NICHE = 10
FEWEST_SAMPLES = 25_000


class Voronoi:
    """Niches that are the Voronoi cells of centroids.

    Distances are Euclidean with every axis in units of its range (low to high). Points outside the bounds
    count as the nearest point inside.

    Args:
        space: The behaviour space.
        centroids: One row a niche, in units of the axes, shape (niches, axes), finite.
    """

    def __init__(self, space: BehaviorSpace, centroids: ArrayLike) -> None:
        given = np.array(centroids, dtype=np.float64)
        if given.ndim != 2 or not len(given):
            raise UserError("Centroids must be an array of shape (niches, axes) with at least one row.")
        self._space = space
        self._centroids = as_numbers(given, (len(given), len(space)), "centroids")
        if not np.isfinite(self._centroids).all():
            raise UserError("Centroids must be finite numbers.")
        low, high = np.array(space.bounds).T
        # One row an axis: numpy's inner loops then run along the individuals.
        self._low, self._high, self._range = (row[:, None] for row in (low, high, high - low))
        if not np.isfinite(self._range).all():
            raise UserError("The bounds of an axis are too far apart for centroids.")
        self._lookup = nearest_lookup((self._centroids - low) / (high - low))

    @property
    def space(self) -> BehaviorSpace:
        """The behaviour space that is divided."""
        return self._space

    @property
    def niches(self) -> int:
        """How many niches there are."""
        return len(self._centroids)

    @property
    def centroids(self) -> NDArray[np.float64]:
        """Centroids in units of the axes, shape (niches, axes), a copy."""
        return self._centroids.copy()

    def index(self, measures: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the niche of each row of `measures`, shape (n, axes), finite; result shape (n,)."""
        points = np.maximum(measures.T, self._low, order="C")
        np.minimum(points, self._high, out=points)
        points -= self._low
        points /= self._range
        return self._lookup.query(points.T)

    def index_one(self, measures: Sequence[float]) -> int:
        """Return the niche of one point as `index` would, or -1 if a measure is NaN or infinite."""
        if not all(map(math.isfinite, measures)):
            return -1
        return int(self.index(np.array([measures], dtype=np.float64))[0])

    def centers(self, niches: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the centroids of the given niches, shape (n, axes)."""
        return self._centroids[niches]

    def state(self) -> Mapping[str, Any]:
        """Return what the niches can be built from again: the space and the centroids themselves."""
        return {"space": space_to_json(self._space), "centroids": self.centroids}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Voronoi:
        """Build the niches of a `state()`."""
        return cls(space_from_json(state["space"]), state["centroids"])


def tessellate(space: BehaviorSpace, niches: int, *, seed: int = 0, samples: int | ArrayLike = 0) -> Voronoi:
    """Return niches of about equal size by k-means over samples of the space.

    Args:
        space: The behaviour space.
        niches: How many niches.
        seed: Decides the samples and the first centroids; same seed, same niches.
        samples: Uniform samples to draw (0: 10 a niche, at least 25 000), or the samples themselves,
            in units of the axes, shape (n, axes), for instance of measures that can be reached.

    Raises:
        UserError: If there are fewer different samples than niches.
    """
    if niches < 1:
        raise UserError(f"A tessellation needs at least one niche, not {niches}.")
    rng = np.random.default_rng(seed)
    low, high = np.array(space.bounds).T
    if isinstance(samples, int):
        if samples < 0:
            raise UserError(f"The number of samples cannot be negative, got {samples}.")
        count = samples or max(SAMPLES_PER_NICHE * niches, FEWEST_SAMPLES)
        if count < niches:
            raise UserError(f"{niches} niches need at least that many samples, not {count}.")
        drawn = rng.random((count, len(space)))
        start = evenly_spread(niches, len(space), rng)
    else:
        given = np.asarray(samples, dtype=np.float64)
        drawn = (as_numbers(given, (len(given), len(space)), "samples") - low) / (high - low)
        if not np.isfinite(drawn).all():
            raise UserError("Samples must be finite numbers.")
        drawn = np.minimum(np.maximum(drawn, 0.0), 1.0)
        start = different_samples(drawn, niches, rng)
    return Voronoi(space, low + kmeans(drawn, start) * (high - low))
