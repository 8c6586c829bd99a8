"""Pictures of Voronoi niches in one or two dimensions."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from elm_qd.archive import Archive
from elm_qd.plot.figures import EMPTY, Colouring, label_axis
from elm_qd.voronoi import Voronoi

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_OUTLINED = 3000


def draw_cells(figure: Figure, niches: Voronoi, archive: Archive, colours: Colouring) -> None:
    """Draw the Voronoi cells, coloured by the best fitness in each."""
    from matplotlib.collections import PolyCollection  # noqa: PLC0415 - an extra

    low, high = np.array(niches.space.bounds).T
    outlines = (
        _intervals(niches.centroids[:, 0], low[0], high[0])
        if len(niches.space) == 1
        else _polygons((niches.centroids - low) / (high - low), low, high)
    )
    best = np.full(niches.niches, -np.inf)
    np.maximum.at(best, archive.niches, archive.fitness)
    faces = np.tile(np.array(_rgba(EMPTY)), (niches.niches, 1))
    filled = np.isfinite(best)
    faces[filled] = colours(best[filled])
    axes = figure.add_subplot()
    width = 0.3 if niches.niches <= _MOST_OUTLINED else 0.0
    axes.add_collection(PolyCollection(outlines, facecolors=faces, edgecolors="white", linewidths=width))
    axes.set_xlim(low[0], high[0])
    label_axis(axes, "x", niches.space.axes[0])
    if len(niches.space) == 1:
        figure.set_size_inches(7.0, 2.6)
        axes.set_yticks([])
        axes.set_ylim(0, 1)
    else:
        axes.set_ylim(low[1], high[1])
        label_axis(axes, "y", niches.space.axes[1])
    colours.bar(figure, axes)


def _intervals(centroids: NDArray[np.float64], low: float, high: float) -> list[NDArray[np.float64]]:
    """Return the cells on a line as boxes of height 1."""
    order = np.argsort(centroids)
    middles = (centroids[order][1:] + centroids[order][:-1]) / 2
    edges = np.concatenate([[low], middles, [high]])
    boxes: list[NDArray[np.float64]] = [np.zeros((4, 2))] * len(centroids)
    for place, (left, right) in zip(order.tolist(), itertools.pairwise(edges), strict=True):
        boxes[place] = np.array([[left, 0], [right, 0], [right, 1], [left, 1]])
    return boxes


def _polygons(
    centroids: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """Return the cells in the plane, cut to the bounds, in the order of `centroids` (in [0, 1]).

    Mirrored at the four sides, every cell of the unit square is bounded, and ends at the side.
    """
    from scipy.spatial import Voronoi as Diagram  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415

    inside = np.clip(centroids, 0.0, 1.0)
    mirrored = [inside]
    for axis in (0, 1):
        for side in (0.0, 2.0):
            copy = inside.copy()
            copy[:, axis] = side - copy[:, axis]
            mirrored.append(copy)
    diagram = Diagram(np.concatenate(mirrored))
    outlines = []
    for region in diagram.point_region[: len(centroids)]:
        # A centroid that coincides with another has no region of its own.
        corners = [vertex for vertex in diagram.regions[region] if vertex >= 0] if region >= 0 else []
        outlines.append(low + diagram.vertices[corners] * (high - low))
    return outlines


def _rgba(colour: str) -> tuple[float, float, float, float]:
    from matplotlib.colors import to_rgba  # noqa: PLC0415

    return to_rgba(colour)
