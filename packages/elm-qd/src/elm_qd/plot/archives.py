"""Pictures of archives."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from elm_protocols import UserError
from elm_qd.archive import Archive
from elm_qd.grid import Grid
from elm_qd.partition import Partition
from elm_qd.plot.cells import draw_cells
from elm_qd.plot.figures import colouring, label_axis, new_figure, save
from elm_qd.plot.grids import draw_grid, draw_slices
from elm_qd.plot.parallel import draw_parallel
from elm_qd.voronoi import Voronoi

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_SLICES = 64


@runtime_checkable
class HasArchive(Protocol):
    """An algorithm of this package."""

    @property
    def archive(self) -> Archive:
        """Its archive."""
        ...


@runtime_checkable
class Partitioned(Protocol):
    """An archive over a partition."""

    @property
    def partition(self) -> Partition:
        """Its niches."""
        ...


def plot_archive(
    source: Archive | HasArchive,
    path: str | os.PathLike[str] | None = None,
    *,
    kind: str = "auto",
    title: str = "",
    lowest: float | None = None,
    highest: float | None = None,
) -> Figure:
    """Draw the best fitness of every niche over the behaviour space.

    Args:
        source: An archive, or an algorithm with one.
        path: Where to write the picture; None: nowhere.
        kind: `niches` (heatmap for grids of one or two axes, slices along the other axes for more;
            Voronoi cells for centroids in one or two axes), `parallel` (one line a member over parallel
            axes), `points` (members at their first two measures), or `auto`: the first that suits.
        title: Title; empty: coverage, QD score and best fitness.
        lowest: Fitness at the lower end of the colours; None: the lowest there is.
        highest: Fitness at the upper end of the colours; None: the highest there is.

    Returns:
        The figure, for more to be added.

    Raises:
        MissingExtraError: If matplotlib is not installed.
        UserError: If the kind does not suit the archive, or the file cannot be written.
    """
    archive = source.archive if isinstance(source, HasArchive) else source
    partition = archive.partition if isinstance(archive, Partitioned) else None
    chosen = _suitable(archive, partition) if kind == "auto" else kind
    figure = new_figure(7.0, 5.2)
    colours = colouring(archive.fitness, lowest, highest)
    if chosen == "parallel":
        draw_parallel(figure, archive, colours)
    elif chosen == "points":
        _draw_points(figure, archive, colouring(archive.fitness, lowest, highest)(archive.fitness))
        colours.bar(figure, figure.axes)
    elif chosen == "niches" and isinstance(partition, Grid) and _slices(partition) <= MOST_SLICES:
        best = best_of_niches(archive, partition)
        (draw_grid if len(archive.space) <= 2 else draw_slices)(figure, partition, best, colours)
    elif chosen == "niches" and isinstance(partition, Voronoi) and len(archive.space) <= 2:
        draw_cells(figure, partition, archive, colours)
    else:
        raise UserError(
            f"Pictures of the kind '{kind}' do not suit this archive; choose auto, parallel or points."
        )
    figure.suptitle(title or _summary(archive))
    save(figure, path)
    return figure


def best_of_niches(archive: Archive, partition: Grid) -> NDArray[np.float64]:
    """Return the best fitness of each niche in the shape of the grid; NaN where it is empty."""
    best = np.full(partition.niches, -np.inf)
    np.maximum.at(best, archive.niches, archive.fitness)
    best[np.isneginf(best)] = np.nan
    return best.reshape(partition.bins)


def _suitable(archive: Archive, partition: Partition | None) -> str:
    axes = len(archive.space)
    if isinstance(partition, Grid) and axes <= 4 and _slices(partition) <= MOST_SLICES:
        return "niches"
    if isinstance(partition, Voronoi) and axes <= 2:
        return "niches"
    return "points" if axes == 2 else "parallel"


def _slices(grid: Grid) -> int:
    """Return how many two-dimensional slices the grid has."""
    return int(np.prod(grid.bins[:-2], dtype=np.int64))


def _draw_points(figure: Figure, archive: Archive, colours: NDArray[np.float64]) -> None:
    if len(archive.space) < 2:
        raise UserError("A picture of points needs two axes; choose the kind niches or parallel.")
    first, second, *_ = archive.space
    axes = figure.add_subplot()
    order = np.argsort(archive.fitness, kind="stable")
    axes.scatter(archive.measures[order, 0], archive.measures[order, 1], c=colours[order], s=14)
    axes.set_xlim(first.low, first.high)
    axes.set_ylim(second.low, second.high)
    label_axis(axes, "x", first)
    label_axis(axes, "y", second)


def _summary(archive: Archive) -> str:
    figures = archive.statistics()
    if not figures.filled:
        return f"empty archive of {figures.niches} niches"
    return (
        f"{figures.filled} of {figures.niches} niches filled, QD score {figures.qd_score:.5g}, "
        f"best {figures.best:.5g}"
    )
