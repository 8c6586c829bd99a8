"""Exact nearest-centroid lookup in the unit cube, by the method that measured fastest.

All methods give the centroid of smallest Euclidean distance. Between centroids at exactly the same distance
each method always makes the same choice, so that equal points fall into equal niches.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

_CELLS_PER_CENTROID = 16
_TABLE_AXES = 3
_TREE_AXES = 7
_FEW_CENTROIDS = 1500
_PRODUCT_ENTRIES = 2**20
_TILE_ROWS = 64
_SINGLE_THREADED_PRODUCTS = 2**18  # OpenBLAS: 4 * 65536 products and fewer in one thread
_SINGLE_ROUNDING = float(np.finfo(np.float32).eps)


class NearestLookup(Protocol):
    """Finds nearest centroids."""

    def query(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the index of the nearest centroid of each point, shape (n, axes), in [0, 1]."""
        ...


def nearest_lookup(centroids: NDArray[np.float64]) -> NearestLookup:
    """Return the method for many queries against the same centroids.

    Chosen by `benchmarks/nearest.py`: a table of cells to three axes, a matrix product where a k-d tree
    no longer prunes, the tree between them.

    Args:
        centroids: Shape (n, axes), n >= 1, in [0, 1].
    """
    count, axes = centroids.shape
    if axes <= _TABLE_AXES:
        return CellTable(centroids)
    if count <= _FEW_CENTROIDS or axes > _TREE_AXES:
        return ProductSearch(centroids)
    return TreeSearch(centroids)


def lookup_for_few_queries(centroids: NDArray[np.float64]) -> NearestLookup:
    """Return the method that is fastest with the time to build it counted."""
    return TreeSearch(centroids) if centroids.shape[1] <= 5 else ProductSearch(centroids)


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


class CellTable:
    """A grid of cells that lists, for each cell, every centroid that is nearest to some point in it.

    A centroid can be nearest to a point of a cell only if its distance to the middle of the cell exceeds
    the smallest such distance by no more than the cell's diagonal.
    """

    def __init__(self, centroids: NDArray[np.float64]) -> None:
        count, axes = centroids.shape
        self._side = max(1, round((_CELLS_PER_CENTROID * count) ** (1 / axes)))
        self._columns = [np.ascontiguousarray(column) for column in centroids.T]
        self._strides = float(self._side) ** np.arange(axes - 1, -1, -1)
        middles = (np.indices((self._side,) * axes).reshape(axes, -1).T + 0.5) / self._side
        nearest, listed = _candidates(TreeSearch(centroids), middles, count, np.sqrt(axes) / self._side)
        self._counts = listed.sum(axis=1).astype(np.int32)
        self._candidates = np.ascontiguousarray(nearest.T[: self._counts.max()], dtype=np.int32)

    def query(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the index of the nearest centroid of each point."""
        positions = np.multiply(points.T, self._side, order="C")
        np.minimum(positions, self._side - 1.0, out=positions)
        np.floor(positions, out=positions)
        cells = np.dot(self._strides, positions).astype(np.int64)
        columns = np.ascontiguousarray(points.T)
        counts = self._counts.take(cells)
        nearest = self._candidates[0].take(cells)
        smallest = self._distances(nearest, columns)
        open_ones = np.flatnonzero(counts > 1)
        turn = 1
        while len(open_ones):
            candidates = self._candidates[turn].take(cells[open_ones])
            distances = self._distances(candidates, columns[:, open_ones])
            closer = distances < smallest[open_ones]
            improved = open_ones[closer]
            smallest[improved] = distances[closer]
            nearest[improved] = candidates[closer]
            turn += 1
            open_ones = open_ones[counts[open_ones] > turn]
        return np.asarray(nearest, dtype=np.int64)

    def _distances(self, centroids: NDArray[np.int32], columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return squared distances of points (as columns) to one centroid each."""
        total: NDArray[np.float64] = np.zeros(len(centroids))
        for centroid_column, point_column in zip(self._columns, columns, strict=True):
            difference: NDArray[np.float64] = centroid_column.take(centroids)
            difference -= point_column
            difference *= difference
            total += difference
        return total


def _candidates(
    tree: TreeSearch, middles: NDArray[np.float64], count: int, diagonal: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the nearest centroids of each cell's middle, and which of them can win in the cell."""
    k = min(8, count)
    while True:
        distances, nearest = tree.query_distances(middles, k)
        listed = distances <= distances[:, :1] + diagonal * (1 + 1e-9)
        if k == count or not listed[:, -1].any():
            return nearest, listed
        k = min(2 * k, count)


class ProductSearch:
    """All distances by a matrix product in single precision, near ties decided in double precision.

    |x - c|^2 = |x|^2 - 2 x.c + |c|^2, of which the first term decides nothing.
    """

    def __init__(self, centroids: NDArray[np.float64]) -> None:
        self._centroids = centroids
        offset = centroids - 0.5  # a smaller norm, a smaller rounding error
        weights = np.vstack([-2 * offset.T, np.square(offset).sum(axis=1)])
        self._weights = weights.astype(np.float32)
        self._block = max(1, _PRODUCT_ENTRIES // len(centroids))
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
