"""Members as lines over parallel axes, for any number of dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from elm_protocols import CategoricalAxis
from elm_qd.archive import Archive
from elm_qd.plot.figures import Colouring, axis_label, category_step

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_parallel(figure: Figure, archive: Archive, colours: Colouring) -> None:
    """Draw one line a member over the behaviour axes, the fittest on top."""
    from matplotlib.collections import LineCollection  # noqa: PLC0415 - an extra

    low, high = np.array(archive.space.bounds).T
    count = len(low)
    figure.set_size_inches(max(5.0, 1.6 * count + 2.0), 4.6)
    axes = figure.add_subplot()
    heights = np.clip((archive.measures - low) / (high - low), 0.0, 1.0)
    order = np.argsort(archive.fitness, kind="stable")
    places = np.broadcast_to(np.arange(max(count, 2)), (len(order), max(count, 2)))
    if count == 1:
        heights = np.repeat(heights, 2, axis=1)
    lines = np.stack([places, heights[order]], axis=-1)
    axes.add_collection(LineCollection(list(lines), colors=colours(archive.fitness[order]), linewidths=0.8))
    for place, axis in enumerate(archive.space):
        axes.plot([place, place], [0, 1], color="black", linewidth=0.8)
        if isinstance(axis, CategoricalAxis):
            _name_categories(axes, place, axis)
        else:
            axes.text(place, -0.02, f"{axis.low:.4g}", ha="center", va="top", fontsize=8)
            axes.text(place, 1.02, f"{axis.high:.4g}", ha="center", va="bottom", fontsize=8)
    axes.set_xlim(-0.3, max(count, 2) - 0.7)
    axes.set_ylim(-0.08, 1.08)
    axes.set_yticks([])
    axes.set_xticks(range(count), [axis_label(axis) for axis in archive.space])
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="x", length=0)
    colours.bar(figure, axes)


def _name_categories(axes: Axes, place: int, axis: CategoricalAxis) -> None:
    """Write the names of categories beside the line at `place`, each where its members cross it."""
    for number in range(0, len(axis.categories), category_step(axis)):
        axes.text(
            place,
            (number - axis.low) / (axis.high - axis.low),
            f" {axis.categories[number]}",
            ha="left",
            va="center",
            fontsize=8,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5},
        )
