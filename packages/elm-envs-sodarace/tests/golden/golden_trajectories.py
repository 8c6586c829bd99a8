"""The golden trajectories: what each seed does, step by step, on five terrains.

`python packages/elm-envs-sodarace/tests/golden/golden_trajectories.py` writes `golden_trajectories.json`
anew. Do so only when the physics or a seed is meant to change, look at the new travels, and say in the
changelog that fitness is no longer comparable.

They hold on every x86-64 machine with the wheel of `box2d` 2.3.10, and with `box2d-py` 2.3.8 compiled without
fused multiply-add: Box2D counts in float32 with IEEE operations only (joints do not rotate, so no sine is
taken), lengths and terrains come from exact or rounded operations (see `drive.cosine_and_sine`), and the
joints' coordinates are rounded to six decimals.
"""

import hashlib
import json
from pathlib import Path

import numpy as np

from elm_envs_sodarace import SEEDS, read_terrain, simulate
from elm_envs_sodarace.trusted_run import run_trusted

FILE = Path(__file__).with_name("golden_trajectories.json")
TERRAINS = ("flat", "right_wall:distance=5", "bumpy:distance=5", "stairs:distance=5", "tunnel:ceiling=36")
SECONDS = 10.0


def trajectory(seed: str, terrain: str) -> dict:
    """Return the travel, the final positions, and a hash of every position in every step."""
    simulation = simulate(run_trusted(SEEDS[seed]), read_terrain(terrain), SECONDS, record_every=1)
    bits = np.ascontiguousarray(simulation.frames, dtype="<f4").tobytes()
    return {
        "travel": simulation.travel,
        "final": simulation.final.tolist(),
        "sha256": hashlib.sha256(bits).hexdigest(),
    }


def all_trajectories() -> dict:
    return {seed: {terrain: trajectory(seed, terrain) for terrain in TERRAINS} for seed in SEEDS}


if __name__ == "__main__":
    FILE.write_text(json.dumps(all_trajectories(), indent=1) + "\n")
