"""Every seed moves on every terrain exactly as recorded, in every step."""

import json

import pytest
from golden_trajectories import FILE, TERRAINS, trajectory

from elm_envs_sodarace import SEEDS

GOLDEN = json.loads(FILE.read_text())


@pytest.mark.parametrize("terrain", TERRAINS)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_trajectory_is_the_recorded_one(seed, terrain):
    found, recorded = trajectory(seed, terrain), GOLDEN[seed][terrain]
    assert found["travel"] == recorded["travel"]
    assert found["final"] == recorded["final"]
    assert found["sha256"] == recorded["sha256"]
