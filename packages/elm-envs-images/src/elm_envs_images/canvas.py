"""The drawing module that generated programs import as `canvas`; its source runs inside the sandbox.

Places, sizes, shades and angles are all percentages, so that any number with one or two digits before the
point, which is what short mutations write, is sensible anywhere. Places outside the image, shades beyond the
scale and negative sizes are legal: no number raises.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

HEIGHT = 64
WIDTH = 64
_SCALE = 100.0

Plane: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.float64]]"


class Canvas:
    """A picture to draw on: x grows to the right, y downwards; all numbers are percent, 0 to 100."""

    def __init__(self, red: float, green: float, blue: float) -> None:
        """Begin with a canvas of one shade."""
        self._y, self._x = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
        self._image = np.zeros((HEIGHT, WIDTH, 3)) + _shade(red, green, blue)

    def circle(self, x: float, y: float, radius: float, red: float, green: float, blue: float) -> None:
        """Fill a circle around (x, y)."""
        self._fill(_size(radius) - self._distance(x, y), red, green, blue)

    def ring(
        self, x: float, y: float, radius: float, thickness: float, red: float, green: float, blue: float
    ) -> None:
        """Draw a ring around (x, y)."""
        off_line = np.abs(self._distance(x, y) - _size(radius))
        self._fill(_size(thickness) / 2 - off_line, red, green, blue)

    def rectangle(
        self, x: float, y: float, width: float, height: float, red: float, green: float, blue: float
    ) -> None:
        """Fill an upright rectangle whose centre is (x, y)."""
        beside = abs(_across(width)) / 2 - np.abs(self._x - _across(x))
        above = abs(_down(height)) / 2 - np.abs(self._y - _down(y))
        self._fill(np.minimum(beside, above), red, green, blue)

    def triangle(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        red: float,
        green: float,
        blue: float,
    ) -> None:
        """Fill the triangle with these three corners."""
        corners = [(_across(x0), _down(y0)), (_across(x1), _down(y1)), (_across(x2), _down(y2))]
        (ax, ay), (bx, by), (cx, cy) = corners
        turn = 1.0 if (bx - ax) * (cy - ay) >= (by - ay) * (cx - ax) else -1.0
        inside = np.full((HEIGHT, WIDTH), np.inf)
        for (px, py), (qx, qy) in zip(corners, corners[1:] + corners[:1], strict=True):
            length = max(np.hypot(qx - px, qy - py), 1e-9)
            side = ((qx - px) * (self._y - py) - (qy - py) * (self._x - px)) / length
            inside = np.minimum(inside, turn * side)
        self._fill(inside, red, green, blue)

    def line(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        thickness: float,
        red: float,
        green: float,
        blue: float,
    ) -> None:
        """Draw a line with round ends from (x0, y0) to (x1, y1)."""
        px, py = _across(x0), _down(y0)
        dx, dy = _across(x1) - px, _down(y1) - py
        along = ((self._x - px) * dx + (self._y - py) * dy) / max(dx * dx + dy * dy, 1e-9)
        along = np.clip(along, 0.0, 1.0)
        off_line = np.hypot(self._x - px - along * dx, self._y - py - along * dy)
        self._fill(_size(thickness) / 2 - off_line, red, green, blue)

    def gradient(self, angle: float, red: float, green: float, blue: float) -> None:
        """Blend into a shade from nothing to full across the picture; angle 0: rightwards, 25: downwards."""
        turn = 2 * np.pi * _finite(angle) / _SCALE
        across, down = self._x / WIDTH - 0.5, self._y / HEIGHT - 0.5
        reach = (abs(np.cos(turn)) + abs(np.sin(turn))) / 2
        share = 0.5 + (across * np.cos(turn) + down * np.sin(turn)) / (2 * reach)
        self._blend(np.clip(share, 0.0, 1.0), red, green, blue)

    def cover(self, red: float, green: float, blue: float) -> None:
        """Paint the whole picture; shades may be arrays of numbers, made of what grid() returns."""
        shades = [np.clip(np.nan_to_num(value), 0.0, _SCALE) for value in (red, green, blue)]
        for channel, shade in enumerate(shades):
            self._image[..., channel] = shade

    def grid(self) -> tuple[Plane, Plane]:
        """Return x and y of every pixel's centre in percent: two arrays (height, width)."""
        return self._x * _SCALE / WIDTH, self._y * _SCALE / HEIGHT

    def image(self) -> np.ndarray:
        """Return the picture, an array (height, width, 3) of numbers from 0 to 255."""
        shades: np.ndarray = self._image * 255 / _SCALE
        return shades

    def _distance(self, x: float, y: float) -> Plane:
        distance: Plane = np.hypot(self._x - _across(x), self._y - _down(y))
        return distance

    def _fill(self, inside: Plane, red: float, green: float, blue: float) -> None:
        """Paint where `inside`, the distance in pixels to the shape's edge, is positive; edges are smooth."""
        self._blend(np.clip(inside + 0.5, 0.0, 1.0), red, green, blue)

    def _blend(self, share: Plane, red: float, green: float, blue: float) -> None:
        self._image += share[..., np.newaxis] * (_shade(red, green, blue) - self._image)


def _finite(value: float) -> float:
    number = float(value)
    return 0.0 if number != number else min(max(number, -1e4), 1e4)  # noqa: PLR0124 - NaN differs from itself


def _across(value: float) -> float:
    return _finite(value) * WIDTH / _SCALE


def _down(value: float) -> float:
    return _finite(value) * HEIGHT / _SCALE


def _size(value: float) -> float:
    return abs(_finite(value)) * min(HEIGHT, WIDTH) / _SCALE


def _shade(red: float, green: float, blue: float) -> np.ndarray:
    return np.array([min(max(_finite(value), 0.0), _SCALE) for value in (red, green, blue)])
