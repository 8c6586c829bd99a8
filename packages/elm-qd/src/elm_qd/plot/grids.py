"""Heatmaps of grids: bars of colour for one axis, a map for two, slices for more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from elm_protocols import CategoricalAxis
from elm_qd.grid import Grid
from elm_qd.plot.figures import EMPTY, Colouring, axis_label, label_axis, name_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_grid(figure: Figure, grid: Grid, best: NDArray[np.float64], colours: Colouring) -> None:
    """Draw a grid of one or two axes.

    Args:
        figure: Empty.
        grid: The niches.
        best: Best fitness of each niche, NaN where empty, in the shape of the grid.
        colours: Colours of fitness.
    """
    axes = figure.add_subplot()
    if best.ndim == 1:
        figure.set_size_inches(7.0, 2.6)
        axes.pcolormesh(
            grid.edges(0), [0, 1], best[None, :], cmap=colours.colours, norm=colours.norm, edgecolors="face"
        )
        axes.set_facecolor(EMPTY)
        axes.set_yticks([])
        label_axis(axes, "x", grid.space.axes[0])
    else:
        _draw_map(axes, grid, best, (0, 1), colours)
        label_axis(axes, "x", grid.space.axes[0])
        label_axis(axes, "y", grid.space.axes[1])
    colours.bar(figure, axes)


def draw_slices(figure: Figure, grid: Grid, best: NDArray[np.float64], colours: Colouring) -> None:
    """Draw a grid of three or more axes as maps of the last two, one for each bin of the others.

    The bins of the last of those others count from left to right, the rest from top to bottom.
    """
    outer = grid.bins[:-2]
    columns = outer[-1]
    rows = int(np.prod(outer[:-1], dtype=np.int64))
    if rows == 1 and columns > 5:
        rows, columns = -(-columns // 5), 5
    count = int(np.prod(outer, dtype=np.int64))
    figure.set_size_inches(max(4.0, 1.2 + 1.9 * columns), max(3.4, 1.0 + 1.9 * rows))
    grids = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    names = len(grid.space) - 2, len(grid.space) - 1
    for number, axes in enumerate(grids.flat):
        if number >= count:
            axes.set_visible(False)
            continue
        place = tuple(int(bin_) for bin_ in np.unravel_index(number, outer))
        _draw_map(axes, grid, best[place], names, colours)
        axes.set_title("\n".join(_range_of(grid, axis, b) for axis, b in enumerate(place)), fontsize=7)
        name_ticks(axes, "x", grid.space.axes[-2])
        name_ticks(axes, "y", grid.space.axes[-1])
        axes.tick_params(labelsize=7)
    figure.supxlabel(axis_label(grid.space.axes[-2]))
    figure.supylabel(axis_label(grid.space.axes[-1]))
    colours.bar(figure, list(grids.flat))


def _draw_map(
    axes: Axes, grid: Grid, best: NDArray[np.float64], names: tuple[int, int], colours: Colouring
) -> None:
    axes.set_facecolor(EMPTY)
    axes.pcolormesh(
        grid.edges(names[0]), grid.edges(names[1]), best.T, cmap=colours.colours, norm=colours.norm
    )


def _range_of(grid: Grid, axis: int, number: int) -> str:
    """Return what a bin of an axis stands for, for example `size 0.5 to 1 m`."""
    named = grid.space.axes[axis]
    if isinstance(named, CategoricalAxis):
        return f"{named.name}: {named.categories[number]}"
    edges = grid.edges(axis)
    return f"{named.name} {edges[number]:.3g} to {edges[number + 1]:.3g} {named.unit}".rstrip()
