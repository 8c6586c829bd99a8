"""The outline of a terrain: corner points of its floor and ceiling, in world units, y up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from elm_envs_sodarace.walker import FloatArray

Points: TypeAlias = tuple[tuple[float, float], ...]

FEATURES_END = 600.0
"""How far features repeat to either side of the start; beyond, the floor goes on level."""
WORLD_END = 15_000.0
"""Where the level floor ends, at walls `END_WALL` high.

No walker gets there: Box2D moves nothing faster than 120 units a second.
"""
END_WALL = 1000.0
MIN_SPACING = 0.05
"""Least distance between two corners; Box2D refuses chains with corners nearer than 0.005."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Floor and ceiling.

    Attributes:
        floor: Corners from left to right (x never decreases); level floor is added at either end. Empty: y
            = 0.
        ceiling: Corners from left to right; empty: none.
    """

    floor: Points = ()
    ceiling: Points = ()

    def whole_floor(self) -> Points:
        """Return the floor to the ends of the world, end walls included."""
        floor = self.floor or ((0.0, 0.0),)
        first, last = floor[0][1], floor[-1][1]
        left = ((-WORLD_END, first + END_WALL), (-WORLD_END, first))
        right = ((WORLD_END, last), (WORLD_END, last + END_WALL))
        return (*left, *floor, *right)

    def height(self, x: FloatArray) -> FloatArray:
        """Return the height of the floor at each `x` (at a vertical face: of its right or upper end)."""
        corners = np.array(self.whole_floor())
        heights: FloatArray = np.interp(x, corners[:, 0], corners[:, 1])
        return heights


def spaced(points: Points) -> Points:
    """Return the corners, rounded to six decimals, without those too near to the one before."""
    kept: list[tuple[float, float]] = []
    for x, y in points:
        if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= MIN_SPACING:
            kept.append((round(x, 6), round(y, 6)))
    return tuple(kept)


def wall_floor(start: float, end: float, height: float) -> Points:
    """Return level floor with one wall from `start` to `end`."""
    return ((start, 0.0), (start, height), (end, height), (end, 0.0))


def periodic_floor(pattern: Points, period: float, left: float, right: float) -> Points:
    """Return a floor that repeats `pattern` on both sides of a level start.

    Args:
        pattern: Corners of one period, beginning at (0, 0).
        period: Its length.
        left: Where the level start begins; the pattern is mirrored to the left of it.
        right: Where the level start ends.
    """
    count = int(FEATURES_END // period)
    ahead = [(right + k * period + x, y) for k in range(count) for x, y in pattern]
    behind = [(left - k * period - x, y) for k in range(count) for x, y in pattern]
    ahead.append((right + count * period, 0.0))
    behind.append((left - count * period, 0.0))
    return (*reversed(behind), *ahead)
