"""Exact nearest-centroid lookup in the unit cube, by the method that measured fastest.

All methods give the centroid of smallest Euclidean distance. Between centroids at exactly the same distance
each method always makes the same choice, so that equal points fall into equal niches.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

_TABLE_AXES = 7
_CELLS_PER_CENTROID = 16
_MOST_CELLS = 40_000  # except with more centroids than that
_ROUNDS = (4, 12, 32)
_BLOCK_OF_POINTS = 8192
_FEW_CENTROIDS = 1500
_PRODUCT_ENTRIES = 320_000  # of four bytes: they stay in the cache of a core
_TILE_ROWS = 32
_SINGLE_THREADED_PRODUCTS = 2**18  # OpenBLAS: 4 * 65536 products and fewer in one thread
_SINGLE_ROUNDING = float(np.finfo(np.float32).eps)


class NearestLookup(Protocol):
    """Finds nearest centroids."""

    def query(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the index of the nearest centroid of each point, shape (n, axes), in [0, 1]."""
        ...


def nearest_lookup(centroids: NDArray[np.float64]) -> NearestLookup:
    """Return the method for many queries against the same centroids.

    Chosen by `benchmarks/nearest.py`: a table of cells to six axes, a matrix product from eight; at seven
    the number of centroids decides.

    Args:
        centroids: Shape (n, axes), n >= 1, in [0, 1].
    """
    count, axes = centroids.shape
    if axes > _TABLE_AXES or (axes == _TABLE_AXES and count <= _FEW_CENTROIDS):
        return ProductSearch(centroids)
    return CellTable(centroids)


def lookup_for_few_queries(centroids: NDArray[np.float64]) -> NearestLookup:
    """Return the method that is fastest with the time to build it counted."""
    count, axes = centroids.shape
    if axes > _TABLE_AXES or (axes > 4 and count <= _FEW_CENTROIDS):
        return ProductSearch(centroids)
    return TreeSearch(centroids)


class TreeSearch:
    """A k-d tree (Maneewongvatana & Mount 1999), as scipy builds it."""

    def __init__(self, centroids: NDArray[np.float64]) -> None:
        # Takes longer to import than all of elm_qd.
        from scipy.spatial import cKDTree  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415

        self._tree = cKDTree(centroids, leafsize=24)

    def query(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the index of the nearest centroid of each point."""
        nearest: NDArray[np.int64] = self._tree.query(points)[1]
        return nearest

    def query_distances(
        self, points: NDArray[np.float64], k: int
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return distances and indices of the `k` nearest centroids, nearest first, shape (n, k)."""
        distances, nearest = self._tree.query(points, k=k)
        return distances.reshape(len(points), k), nearest.reshape(len(points), k)


class _Round(NamedTuple):
    """The centroids that a point is compared with in one round.

    Attributes:
        candidates: Those that follow by distance from the middle of each cell, shape (cells, width).
        reach: Distance from the middle to the next one after them, infinite if there is none, shape (cells,).
    """

    candidates: NDArray[np.int32]
    reach: NDArray[np.float64]


class CellTable:
    """A grid of cells that lists, for each cell, the centroids nearest to its middle.

    A point is compared with them in order, some a round, until the triangle inequality rules out all that
    follow: none of those is closer to it than their distance from the middle less its own. Most points
    need one round; the few that exhaust the list are left to a k-d tree.
    """

    def __init__(self, centroids: NDArray[np.float64]) -> None:
        count, axes = centroids.shape
        cells = min(_CELLS_PER_CENTROID * count, max(count, _MOST_CELLS))
        self._side = max(1, round(cells ** (1 / axes)))
        self._columns = [np.ascontiguousarray(column) for column in centroids.T]
        self._strides = float(self._side) ** np.arange(axes - 1, -1, -1)
        self._tree = TreeSearch(centroids)
        middles = (np.indices((self._side,) * axes).reshape(axes, -1).T + 0.5) / self._side
        distances, nearest = self._tree.query_distances(middles, min(_ROUNDS[-1] + 1, count))
        self._rounds: list[_Round] = []
        start = 0
        for end in _ROUNDS:
            if start < count:
                candidates = np.ascontiguousarray(nearest[:, start:end], dtype=np.int32)
                reach = distances[:, end].copy() if end < count else np.full(len(middles), np.inf)
                self._rounds.append(_Round(candidates, reach))
            start = end

    def query(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the index of the nearest centroid of each point."""
        nearest = np.empty(len(points), dtype=np.int64)
        for start in range(0, len(points), _BLOCK_OF_POINTS):
            block = slice(start, start + _BLOCK_OF_POINTS)
            self._find(points[block], nearest[block])
        return nearest

    def _find(self, points: NDArray[np.float64], nearest: NDArray[np.int64]) -> None:
        """Write the nearest centroids of `points` into `nearest`."""
        columns = np.ascontiguousarray(points.T)
        cells, from_middle = self._place(columns)
        smallest = np.full(len(points), np.inf)
        left = np.arange(len(points))
        for candidates, reach in self._rounds:
            found, distances = self._closest(candidates.take(cells, axis=0), columns)
            closer = distances < smallest
            nearest[left[closer]] = found[closer]
            smallest = np.minimum(smallest, distances)
            # The factor makes up for rounding.
            bounds = (np.sqrt(smallest) + from_middle) * (1 + 1e-9)
            unsure = np.flatnonzero(bounds > reach.take(cells))
            if not len(unsure):
                return
            left, cells, columns = left[unsure], cells[unsure], columns[:, unsure]
            smallest, from_middle = smallest[unsure], from_middle[unsure]
        nearest[left] = self._tree.query(points[left])

    def _place(self, columns: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the cells of points, given as columns, and their distances from the cells' middles."""
        positions = columns * self._side
        corners = np.minimum(np.floor(positions), self._side - 1.0)
        cells = np.dot(self._strides, corners).astype(np.int64)
        positions -= corners
        positions -= 0.5
        positions *= positions
        return cells, np.sqrt(positions.sum(axis=0)) / self._side

    def _closest(
        self, candidates: NDArray[np.int32], columns: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return the closest of each point's candidates, shape (n, width), and its squared distance."""
        total: NDArray[np.float64] = np.zeros(candidates.shape)
        for centroid_column, point_column in zip(self._columns, columns, strict=True):
            difference = centroid_column.take(candidates)
            difference -= point_column[:, None]
            difference *= difference
            total += difference
        best = total.argmin(axis=1) + np.arange(0, total.size, total.shape[1])
        return candidates.ravel().take(best), total.ravel().take(best)


class ProductSearch:
    """All distances by a matrix product in single precision, near ties decided in double precision.

    |x - c|^2 = |x|^2 - 2 x.c + |c|^2, of which the first term decides nothing.
    """

    def __init__(self, centroids: NDArray[np.float64]) -> None:
        self._centroids = centroids
        offset = centroids - 0.5  # a smaller norm, a smaller rounding error
        weights = np.vstack([-2 * offset.T, np.square(offset).sum(axis=1)])
        self._weights = weights.astype(np.float32, order="C")
        self._block = _TILE_ROWS * max(1, _PRODUCT_ENTRIES // (_TILE_ROWS * len(centroids)))
        axes = centroids.shape[1]
        largest = float(np.square(offset).sum(axis=1).max())
        # Rounding of the factors and of axes + 1 products and sums, each at most of this size.
        self._tolerance = 4 * (axes + 4) * _SINGLE_ROUNDING * (2 * np.sqrt(axes / 4 * largest) + largest + 1)

    def query(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the index of the nearest centroid of each point."""
        nearest = np.empty(len(points), dtype=np.int64)
        factors = np.ones((len(points), points.shape[1] + 1), dtype=np.float32)
        factors[:, :-1] = points - 0.5
        buffer = np.empty((min(self._block, len(points)), len(self._centroids)), dtype=np.float32)
        for start in range(0, len(points), self._block):
            block = slice(start, start + self._block)
            products = buffer[: len(factors[block])]
            self._multiply(factors[block], products)
            nearest[block] = self._nearest_in_block(products, points[block])
        return nearest

    def _multiply(self, factors: NDArray[np.float32], products: NDArray[np.float32]) -> None:
        """Write the product of `factors` and the weights into `products`, in small tiles.

        Small enough that the BLAS stays in this thread: where evaluations keep all cores busy, waiting for
        its other threads was measured to take up to a hundred times as long as the product.
        """
        tile = max(1, _SINGLE_THREADED_PRODUCTS // (_TILE_ROWS * factors.shape[1]))
        for top in range(0, len(factors), _TILE_ROWS):
            rows = slice(top, top + _TILE_ROWS)
            for left in range(0, products.shape[1], tile):
                columns = slice(left, left + tile)
                np.matmul(factors[rows], self._weights[:, columns], out=products[rows, columns])

    def _nearest_in_block(
        self, products: NDArray[np.float32], points: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        rows = np.arange(len(products))
        nearest: NDArray[np.int64] = products.argmin(axis=1)
        limits = products[rows, nearest] + np.float32(self._tolerance)
        products[rows, nearest] = np.inf
        for row in np.flatnonzero(products.min(axis=1) <= limits).tolist():
            close = np.append(np.flatnonzero(products[row] <= limits[row]), nearest[row])
            close.sort()
            distances = np.square(self._centroids[close] - points[row]).sum(axis=1)
            nearest[row] = close[distances.argmin()]
        return nearest
