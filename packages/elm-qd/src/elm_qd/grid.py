"""A grid of niches: bins along each axis (Mouret & Clune 2015, arXiv:1504.04909, section 3)."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elm_protocols import Axis, BehaviorSpace, CategoricalAxis, UserError
from elm_qd.behavior_json import space_from_json, space_to_json
from elm_qd.one_point import EqualBins, IndexOne, straight_index

DEFAULT_BINS = 12
"""Bins of a continuous axis that recommends no edges."""

MOST_NICHES = 2**31 - 1
"""More niches than this do not fit the index table of an archive (four bytes a niche)."""


class Grid:
    """Niches that are boxes of a grid.

    The niche of a point is counted along the last axis first (C order). Bins are closed below and open
    above; points outside the bounds belong to the outermost bins.

    Args:
        space: The behaviour space.
        bins: Equal bins of every continuous axis (one number), or of each axis (one number an axis). 0:
            the axis's recommended edges, or 12 equal bins if it has none. A categorical axis always has
            one bin a category.

    Attributes:
        index_one: The niche of one point as `index` would say, or -1 if a measure is NaN or infinite.

    Raises:
        UserError: If the numbers of bins do not fit the axes, or there are 2**31 niches or more.
    """

    def __init__(self, space: BehaviorSpace, bins: int | Sequence[int] = 0) -> None:
        self._space = space
        self._wanted = _bins_of_axes(space, bins)
        self._edges = tuple(map(_edges, space, self._wanted))
        self._bins = tuple(edges if isinstance(edges, int) else len(edges) + 1 for edges in self._edges)
        self._niches = math.prod(self._bins)
        if self._niches > MOST_NICHES:
            raise UserError(f"A grid of {self._niches} niches is too large; choose fewer bins.")
        strides = [math.prod(self._bins[axis + 1 :]) for axis in range(len(space))]
        low, high = np.array(space.bounds).T
        with np.errstate(over="ignore", divide="ignore"):
            scale = np.array(self._bins) / (high - low)
        if not np.isfinite(scale).all() or not scale.all():
            raise UserError("The bounds of an axis are too close together or too far apart for a grid.")
        # One row an axis: numpy's inner loops then run along the individuals.
        self._low, self._high, self._scale, self._top = (
            np.array(column, dtype=np.float64)[:, None]
            for column in (low, high, scale, np.array(self._bins) - 1)
        )
        self._strides = np.array(strides, dtype=np.float64)
        self._axes = tuple(
            EqualBins(first, factor, float(bins), stride)
            for first, factor, bins, stride in zip(
                low.tolist(), scale.tolist(), self._bins, strides, strict=True
            )
        )
        self._unequal = tuple(
            (axis, edges) for axis, edges in enumerate(self._edges) if isinstance(edges, tuple)
        )
        self.index_one: IndexOne = (
            self._index_unequal if self._unequal else straight_index(self._axes, self._index_equal)
        )

    @property
    def space(self) -> BehaviorSpace:
        """The behaviour space that is divided."""
        return self._space

    @property
    def niches(self) -> int:
        """How many niches there are."""
        return self._niches

    @property
    def bins(self) -> tuple[int, ...]:
        """Number of bins of each axis."""
        return self._bins

    def edges(self, axis: int) -> NDArray[np.float64]:
        """Return all edges of an axis, the bounds included, shape (bins + 1,)."""
        (low, high), inner = self._space.bounds[axis], self._edges[axis]
        if isinstance(inner, int):
            return np.linspace(low, high, inner + 1)
        return np.array([low, *inner, high])

    def index(self, measures: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the niche of each row of `measures`, shape (n, axes), finite; result shape (n,)."""
        bins = np.minimum(measures.T, self._high, order="C")
        np.maximum(bins, self._low, out=bins)
        bins -= self._low
        bins *= self._scale
        np.minimum(bins, self._top, out=bins)
        np.floor(bins, out=bins)
        for axis, edges in self._unequal:
            bins[axis] = np.searchsorted(np.array(edges), measures[:, axis], side="right")
        # Whole numbers below 2**31: exact in float64, where the product is fast.
        niches: NDArray[np.float64] = np.dot(self._strides, bins)
        return niches.astype(np.int64)

    def _index_equal(self, measures: Sequence[float]) -> int:
        niche = 0
        for x, (low, scale, bins, stride) in zip(measures, self._axes):  # noqa: B905 - time counts
            position = (x - low) * scale
            if 0.0 <= position < bins:
                niche += int(position) * stride
            elif x - x != 0.0:  # NaN or infinite
                return -1
            elif position >= bins:
                niche += (int(bins) - 1) * stride
        return niche

    def _index_unequal(self, measures: Sequence[float]) -> int:
        """Return the niche where equal bins would have it, shifted by how far the unequal ones move it."""
        niche = self._index_equal(measures)
        if niche < 0:
            return -1
        for axis, edges in self._unequal:
            low, scale, bins, stride = self._axes[axis]
            equal = int(min(max((measures[axis] - low) * scale, 0.0), bins - 1))
            niche += (bisect_right(edges, measures[axis]) - equal) * stride
        return niche

    def centers(self, niches: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the middle of each of the given niches, shape (n, axes)."""
        columns = np.unravel_index(niches, self._bins)
        middles = []
        for axis, column in enumerate(columns):
            edges = self.edges(axis)
            middles.append((edges[:-1] + np.diff(edges) / 2)[column])
        return np.stack(middles, axis=-1)

    def state(self) -> Mapping[str, Any]:
        """Return what the grid can be built from again, as JSON values."""
        return {"space": space_to_json(self._space), "bins": list(self._wanted)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Grid:
        """Build the grid of a `state()`."""
        return cls(space_from_json(state["space"]), state["bins"])


def _bins_of_axes(space: BehaviorSpace, bins: int | Sequence[int]) -> tuple[int, ...]:
    """Return the wanted number of bins of each axis; 0 for its recommended edges or its categories."""
    given = [bins] if isinstance(bins, int) else list(bins) or [0]
    shared = len(given) == 1
    if not shared and len(given) != len(space):
        raise UserError(
            f"Give one number of bins for all axes or one an axis ({len(space)}), not {len(given)} numbers."
        )
    counts = given * len(space) if shared else given
    return tuple(_bins_of_axis(axis, count, shared) for axis, count in zip(space, counts, strict=True))


def _bins_of_axis(axis: Axis, count: int, shared: bool) -> int:
    if count < 0:
        raise UserError(f"Axis '{axis.name}' cannot have {count} bins; give a positive number.")
    if isinstance(axis, CategoricalAxis):
        if count in (0, len(axis.categories)) or shared:
            return 0
        raise UserError(
            f"Axis '{axis.name}' has {len(axis.categories)} categories, so give it that many bins."
        )
    return 0 if count == 0 and axis.edges else count or DEFAULT_BINS


def _edges(axis: Axis, count: int) -> int | tuple[float, ...]:
    """Return the number of equal bins, or the inner edges of unequal ones."""
    if isinstance(axis, CategoricalAxis):
        return len(axis.categories)
    return count or axis.edges
