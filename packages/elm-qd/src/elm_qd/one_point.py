"""The niche of one point of a grid, for archives that are offered individuals one at a time.

A loop over the axes takes twice as long as straight code, and is half of the time of such an add; so the
usual numbers of axes have straight code, for points inside the bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

IndexOne = Callable[[Sequence[float]], int]
"""Takes one point, one number an axis, and returns its niche, -1 if a number is NaN or infinite."""


class EqualBins(NamedTuple):
    """The equal bins of one axis.

    Attributes:
        low: Lower bound.
        scale: Bins a unit of the axis.
        bins: How many there are, as a float.
        stride: Niches from one bin to the next.
    """

    low: float
    scale: float
    bins: float
    stride: int


def straight_index(axes: Sequence[EqualBins], otherwise: IndexOne) -> IndexOne:
    """Return the function that takes a point of equal bins to its niche, as fast as Python does it.

    Args:
        axes: The axes of the grid.
        otherwise: Asked for points that do not lie inside the bounds, and for all where there is no
            straight code.
    """
    if len(axes) == 2:
        first, second = axes
        return _two_axes(first, second, otherwise)
    if len(axes) == 3:
        first, second, third = axes
        return _three_axes(first, second, third, otherwise)
    if len(axes) == 4:
        first, second, third, fourth = axes
        return _four_axes(first, second, third, fourth, otherwise)
    return otherwise


def _two_axes(first: EqualBins, second: EqualBins, otherwise: IndexOne) -> IndexOne:
    low_x, scale_x, bins_x, stride_x = first
    low_y, scale_y, bins_y, _ = second

    def index_one(measures: Sequence[float]) -> int:
        x, y = measures
        x = (x - low_x) * scale_x
        y = (y - low_y) * scale_y
        if 0.0 <= x < bins_x and 0.0 <= y < bins_y:
            return int(x) * stride_x + int(y)
        return otherwise(measures)

    return index_one


def _three_axes(first: EqualBins, second: EqualBins, third: EqualBins, otherwise: IndexOne) -> IndexOne:
    low_x, scale_x, bins_x, stride_x = first
    low_y, scale_y, bins_y, stride_y = second
    low_z, scale_z, bins_z, _ = third

    def index_one(measures: Sequence[float]) -> int:
        x, y, z = measures
        x = (x - low_x) * scale_x
        y = (y - low_y) * scale_y
        z = (z - low_z) * scale_z
        if 0.0 <= x < bins_x and 0.0 <= y < bins_y and 0.0 <= z < bins_z:
            return int(x) * stride_x + int(y) * stride_y + int(z)
        return otherwise(measures)

    return index_one


def _four_axes(
    first: EqualBins, second: EqualBins, third: EqualBins, fourth: EqualBins, otherwise: IndexOne
) -> IndexOne:
    low_x, scale_x, bins_x, stride_x = first
    low_y, scale_y, bins_y, stride_y = second
    low_z, scale_z, bins_z, stride_z = third
    low_w, scale_w, bins_w, _ = fourth

    def index_one(measures: Sequence[float]) -> int:
        x, y, z, w = measures
        x = (x - low_x) * scale_x
        y = (y - low_y) * scale_y
        z = (z - low_z) * scale_z
        w = (w - low_w) * scale_w
        if 0.0 <= x < bins_x and 0.0 <= y < bins_y and 0.0 <= z < bins_z and 0.0 <= w < bins_w:
            return int(x) * stride_x + int(y) * stride_y + int(z) * stride_z + int(w)
        return otherwise(measures)

    return index_one
