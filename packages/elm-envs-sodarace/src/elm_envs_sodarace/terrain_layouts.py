"""How each kind of terrain is laid out around a body.

A layout takes the positions of the body's left and right edge (world units, the body stands around x = 0)
and the parameters of its kind, and returns the ground.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

from elm_envs_sodarace.generated_terrain import generated_floor
from elm_envs_sodarace.outline import Outline, periodic_floor, wall_floor

Layout: TypeAlias = Callable[[float, float, Mapping[str, float]], Outline]

SKY = 500.0
"""Height of the rock above a tunnel, in world units: nothing jumps over it."""
WALL_THICKNESS = 8.0
"""Thickness of a wall, world units."""
STAIRS = 25
"""Number of steps of a staircase."""


def _flat(left: float, right: float, parameters: Mapping[str, float]) -> Outline:
    return Outline()


def _left_wall(left: float, right: float, parameters: Mapping[str, float]) -> Outline:
    near = left - parameters["distance"]
    return Outline(wall_floor(near - WALL_THICKNESS, near, parameters["height"]))


def _right_wall(left: float, right: float, parameters: Mapping[str, float]) -> Outline:
    near = right + parameters["distance"]
    return Outline(wall_floor(near, near + WALL_THICKNESS, parameters["height"]))


def _bumpy(left: float, right: float, parameters: Mapping[str, float]) -> Outline:
    height, spacing = parameters["height"], parameters["spacing"]
    # A raised cosine in eight straight pieces; the shares are cos(k pi / 4), written out so that they are
    # the same everywhere.
    shares = (
        0.0,
        0.14644660940672624,
        0.5,
        0.8535533905932737,
        1.0,
        0.8535533905932737,
        0.5,
        0.14644660940672624,
    )
    bump = tuple((spacing * k / 8, height * share) for k, share in enumerate(shares))
    distance = parameters["distance"]
    return Outline(periodic_floor(bump, spacing, left - distance, right + distance))


def _gaps(left: float, right: float, parameters: Mapping[str, float]) -> Outline:
    width, depth, spacing = parameters["width"], parameters["depth"], parameters["spacing"]
    gap = ((0.0, 0.0), (0.0, -depth), (width, -depth), (width, 0.0))
    distance = parameters["distance"]
    return Outline(periodic_floor(gap, spacing + width, left - distance, right + distance))


def _tunnel(left: float, right: float, parameters: Mapping[str, float]) -> Outline:
    entrance, height = right + parameters["distance"], parameters["ceiling"]
    return Outline(ceiling=((entrance, SKY), (entrance, height), (entrance + 10_000.0, height)))


def _slope(left: float, right: float, parameters: Mapping[str, float]) -> Outline:
    foot, length = right + parameters["distance"], 1000.0
    return Outline(
        ((foot, 0.0), (foot + length, round(length * math.tan(math.radians(parameters["angle"])), 6)))
    )


def _stairs(left: float, right: float, parameters: Mapping[str, float]) -> Outline:
    foot, rise, run = right + parameters["distance"], parameters["rise"], parameters["run"]
    corners = [(foot + run * k, rise * step) for k in range(STAIRS) for step in (k, k + 1)]
    return Outline(tuple(corners))


def _generated(left: float, right: float, parameters: Mapping[str, float]) -> Outline:
    return Outline(
        generated_floor(right + parameters["distance"], parameters["difficulty"], int(parameters["seed"]))
    )


LAYOUTS: Mapping[str, Layout] = {
    "flat": _flat,
    "left_wall": _left_wall,
    "right_wall": _right_wall,
    "bumpy": _bumpy,
    "tunnel": _tunnel,
    "slope": _slope,
    "stairs": _stairs,
    "gaps": _gaps,
    "generated": _generated,
}
"""The layout of each kind."""
