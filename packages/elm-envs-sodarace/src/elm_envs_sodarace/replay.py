"""A run as compact JSON that a web page can replay without any physics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from elm_envs_sodarace.drive import is_bone
from elm_envs_sodarace.outline import FEATURES_END, Points
from elm_envs_sodarace.simulation import RADIUS, Simulation
from elm_envs_sodarace.terrain import Terrain
from elm_envs_sodarace.walker import FloatArray, Walker
from elm_protocols import Json, UserError

FORMAT = "elm-sodarace-replay"
VERSION = 1
UNIT = 0.01
"""World units that the number 1 stands for in `frames`."""


def replay(walker: Walker, terrain: Terrain, simulation: Simulation) -> dict[str, Json]:
    """Return a recorded run as a JSON value.

    Its keys: `format`, `version`, `seconds` (between frames), `unit`, `radius` (of joints, world units),
    `travel`,
    `terrain`, `floor` and `ceiling` (corners, world units, y up), `links` ([joint, joint, 1 if driven else
    0]), and `frames`: for each frame a
    flat list x0, y0, x1, y1, ... of whole numbers of `unit`; every frame after the first holds the
    differences to the one before.
    """
    grid = np.rint(simulation.frames.reshape(len(simulation.frames), -1) / UNIT).astype(np.int64)
    differences = np.diff(grid, axis=0, prepend=0)
    return {
        "format": FORMAT,
        "version": VERSION,
        "seconds": simulation.frame_seconds,
        "unit": UNIT,
        "radius": RADIUS,
        "travel": simulation.travel,
        "terrain": terrain.to_json(),
        "floor": _corners(simulation.outline.whole_floor()),
        "ceiling": _corners(simulation.outline.ceiling),
        "links": [[m.first, m.second, 0 if is_bone(m.amplitude) else 1] for m in walker.muscles],
        "frames": differences.tolist(),
    }


def read_frames(value: Mapping[str, Any]) -> FloatArray:
    """Return the positions in a replay, world units, shape (frames, joints, 2).

    Raises:
        UserError: If the value is no replay of this version.
    """
    if value.get("format") != FORMAT or value.get("version") != VERSION:
        raise UserError(f"This is no replay of version {VERSION}: render the walker again.")
    grid = np.cumsum(np.array(value["frames"], dtype=np.int64), axis=0)
    frames: FloatArray = grid.reshape(len(grid), -1, 2).astype(np.float64) * float(value["unit"])
    return frames


def _corners(points: Points) -> list[list[float]]:
    """Return corners, those beyond the repeated features moved in to where a page has to draw."""
    reach = 4 * FEATURES_END
    return [[round(max(-reach, min(reach, x)), 3), round(y, 3)] for x, y in points]
