"""Figures, colours and labels that all pictures share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from elm_protocols import Axis, CategoricalAxis, MissingExtraError, UserError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure

EMPTY = "#ececec"
"""Colour of empty niches."""

MOST_TICKS = 12


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, sizes in inches.

    Raises:
        MissingExtraError: If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("elm-qd", "plot", "draw pictures") from error
    return Figure(figsize=(width, height), layout="constrained")


def save(figure: Figure, path: str | os.PathLike[str] | None) -> None:
    """Write a figure to `path`, in the format of its suffix, unless it is None."""
    if path is None:
        return
    try:
        figure.savefig(path, dpi=150)
    except (OSError, ValueError) as error:
        raise UserError(f"The picture cannot be written to {Path(path)} ({error}).") from error


@dataclass(frozen=True)
class Colouring:
    """How fitness becomes colour."""

    norm: Normalize
    colours: Colormap

    def __call__(self, fitness: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return colours, shape (n, 4)."""
        colours: NDArray[np.float64] = self.colours(self.norm(fitness))
        return colours

    def bar(self, figure: Figure, axes: Any) -> None:
        """Add a colour bar for fitness beside `axes`."""
        from matplotlib.cm import ScalarMappable  # noqa: PLC0415

        figure.colorbar(ScalarMappable(self.norm, self.colours), ax=axes, label="fitness")


def colouring(
    fitness: NDArray[np.float64], lowest: float | None = None, highest: float | None = None
) -> Colouring:
    """Return colours from the lowest to the highest fitness, or between the limits given."""
    from matplotlib import colormaps  # noqa: PLC0415
    from matplotlib.colors import Normalize  # noqa: PLC0415

    low = lowest if lowest is not None else float(fitness.min()) if len(fitness) else 0.0
    high = highest if highest is not None else float(fitness.max()) if len(fitness) else 1.0
    if not low < high:
        low, high = low - 0.5, low + 0.5
    return Colouring(Normalize(low, high), colormaps["viridis"])


def axis_label(axis: Axis) -> str:
    """Return the name of an axis with its unit."""
    unit = "" if isinstance(axis, CategoricalAxis) else axis.unit
    return f"{axis.name} ({unit})" if unit else axis.name


def label_axis(axes: Axes, which: str, axis: Axis) -> None:
    """Label the `x` or the `y` axis, with the names of categories where it has some."""
    getattr(axes, f"set_{which}label")(axis_label(axis))
    name_ticks(axes, which, axis)


def name_ticks(axes: Axes, which: str, axis: Axis) -> None:
    """Put the names of categories, if there are some, at the `x` or the `y` axis."""
    if isinstance(axis, CategoricalAxis):
        places = range(0, len(axis.categories), category_step(axis))
        getattr(axes, f"set_{which}ticks")(
            list(places), [axis.categories[place] for place in places], rotation=45 if which == "x" else 0
        )


def category_step(axis: CategoricalAxis) -> int:
    """Return n where every n-th category is named, so that the names do not cover each other."""
    return -(-len(axis.categories) // MOST_TICKS)
