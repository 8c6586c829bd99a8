"""A walker's run, simulated again from what its evaluation left, for the page to animate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from elm_envs_sodarace import InvalidWalker, Simulation, read_terrain, read_walker, simulate
from elm_envs_sodarace.replay import replay
from elm_envs_sodarace.simulation import MAX_DURATION
from elm_protocols import Json, UserError, canonical_json

STEPS_PER_FRAME = 2
"""Of 60 steps a second: the page draws between frames, so 30 a second are smooth."""


def is_walker(artifacts: Mapping[str, Any]) -> bool:
    """Whether artifacts are those of a Sodarace walker."""
    runs = artifacts.get("runs")
    return (
        isinstance(artifacts.get("walker"), Mapping)
        and isinstance(artifacts.get("duration"), int | float)
        and isinstance(runs, list)
        and all(isinstance(run, Mapping) and isinstance(run.get("terrain"), Mapping) for run in runs)
    )


def terrain_names(artifacts: Mapping[str, Any]) -> list[Json]:
    """Return the name of the terrain and the travel (world units) of each run of a walker."""
    return [{"terrain": _name(run["terrain"]), "travel": run.get("travel")} for run in artifacts["runs"]]


def walker_replay(artifacts: Mapping[str, Any], number: int) -> Mapping[str, Json]:
    """Return the replay of a walker's run (see `elm_envs_sodarace.replay`).

    Args:
        artifacts: For which `is_walker` holds.
        number: Which of the runs.

    Raises:
        UserError: If there is no such run, or the walker cannot be simulated.
    """
    if not 0 <= number < len(artifacts["runs"]):
        raise UserError(f"This walker has {len(artifacts['runs'])} runs, numbered from 0.")
    terrain = artifacts["runs"][number]["terrain"]
    return _simulated(
        canonical_json(artifacts["walker"]), canonical_json(terrain), float(artifacts["duration"])
    )


@lru_cache(maxsize=64)
def _simulated(walker_text: str, terrain_text: str, duration: float) -> Mapping[str, Json]:
    walker = read_walker(json.loads(walker_text))
    if isinstance(walker, InvalidWalker):
        raise UserError(f"This walker cannot be shown: {walker.feedback}")
    if not 0 < duration <= MAX_DURATION:
        raise UserError(f"This walker ran for {duration} seconds, which cannot be shown.")
    terrain = read_terrain(json.loads(terrain_text))
    simulation = simulate(walker, terrain, duration, record_every=STEPS_PER_FRAME)
    if not isinstance(simulation, Simulation):
        raise UserError(f"This walker cannot be shown: {simulation.feedback}")
    return replay(walker, terrain, simulation)


def _name(terrain: Mapping[str, Any]) -> str:
    try:
        return str(read_terrain(terrain))
    except UserError:
        return str(terrain.get("kind", "unknown"))
