"""The physics: sane, exact in time, and the same bits again."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sodarace_walkers import SEED_WALKERS, walkers

from elm_envs_sodarace import Instability, Simulation, Terrain, read_terrain, read_walker, simulate
from elm_envs_sodarace.simulation import GRAVITY, RADIUS, build_world, is_sound, whole_steps

FLAT = Terrain()
SLACK = 0.05
"""How deep Box2D lets bodies overlap before it parts them, with some room (its linear slop is 0.005)."""
bones = st.just(0.0)
# Derandomised, since bodies are chaotic and a rare one may need more slack. Not shrunk: each example is a
# simulation, and a smaller walker is no easier to read.
few = settings(max_examples=15, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate))


def run(walker, terrain=FLAT, duration=2.0, record_every=0):
    simulation = simulate(walker, terrain, duration, record_every=record_every)
    assert isinstance(simulation, Simulation)
    return simulation


@pytest.mark.parametrize("name", SEED_WALKERS)
def test_every_seed_walks_2_to_35_units_to_the_right_in_10_seconds(name):
    assert 2 <= run(SEED_WALKERS[name], duration=10.0).travel <= 35


@few
@given(walkers(), st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_where_the_program_draws_the_walker_changes_nothing(walker, dx, dy):
    moved = replace(walker, joints=tuple((x + dx, y + dy) for x, y in walker.joints))
    assert run(moved).final.tolist() == run(walker).final.tolist()


@pytest.mark.parametrize("name", ["square", "cppn_fixed", "cppn_mutable", "galloper", "runner"])
def test_a_body_without_muscles_stays_where_it_stands(name):
    walker = SEED_WALKERS[name]
    stiff = replace(walker, muscles=tuple(replace(m, amplitude=0.0) for m in walker.muscles))
    assert abs(run(stiff, duration=10.0).travel) < 0.01


@few
@given(walkers(amplitude=bones))
def test_a_body_without_muscles_topples_and_lies(walker):
    """One that stands on a single joint may fall over after settling, by its own size and never further."""
    middles = run(walker, duration=30.0, record_every=60).frames[:, :, 0].mean(axis=1)
    size = np.ptp(walker.positions(), axis=0).max()
    assert abs(middles[-1] - middles[0]) <= size
    assert np.abs(middles[-5:] - middles[-1]).max() < 0.05


def test_a_motionless_body_scores_zero():
    joints = [[0, 0], [10, 0], [10, 10], [0, 10]]
    bones = [[a, b, 0.0, 0.0] for a in range(4) for b in range(a)]
    box = read_walker({"joints": joints, "muscles": bones})
    assert abs(run(box, duration=10.0).travel) < 1e-4


@few
@given(walkers(amplitude=bones))
def test_without_actuation_energy_does_not_grow(walker):
    frames = run(walker, duration=6.0, record_every=1).frames
    velocities = np.diff(frames, axis=0) * 60
    energy = (velocities**2).sum(axis=(1, 2)) / 2 - GRAVITY * frames[1:, :, 1].sum(axis=1)
    # The solver lifts joints out of the floor, and parts bones that contradict each other by less than its
    # slop: a little height for nothing.
    allowance = 0.1 * len(walker.joints) * -GRAVITY
    assert energy[-60:].max() <= energy[:60].max() + allowance
    assert (energy[60:] <= np.maximum.accumulate(energy)[:-60] + allowance).all()


@few
@given(walkers(), st.integers(1, 90), st.integers(1, 90))
def test_a_longer_run_extends_the_shorter_one(walker, steps, more):
    short = run(walker, duration=steps / 60, record_every=1).frames
    long = run(walker, duration=(steps + more) / 60, record_every=1).frames
    assert len(short) == steps + 1
    assert long[: len(short)].tolist() == short.tolist()


@pytest.mark.parametrize(
    ("duration", "steps", "rest"), [(1.0, 60, 0.0), (10.0, 600, 0.0), (0.35, 21, 0.0), (0.1, 6, 0.0)]
)
def test_whole_durations_are_whole_steps(duration, steps, rest):
    assert whole_steps(duration) == (steps, rest)


@given(st.floats(1e-4, 120.0))
def test_durations_are_exact(duration):
    steps, rest = whole_steps(duration)
    assert steps / 60 + rest == pytest.approx(duration, abs=2e-8)
    assert 0 <= rest < 1 / 60 + 1e-9


def test_a_fraction_of_a_step_moves_the_walker_by_that_much():
    walker = SEED_WALKERS["galloper"]
    low, middle, high = (run(walker, duration=(300 + part) / 60).final for part in (0, 0.5, 1))
    whole, half = np.abs(high - low).max(), np.abs(middle - low).max()
    assert 0.3 * whole < half < 0.7 * whole


def test_recording_changes_no_number():
    walker = SEED_WALKERS["wheel"]
    finals = [run(walker, duration=3.0, record_every=stride).final.tolist() for stride in (0, 1, 3, 7)]
    assert finals[1:] == finals[:-1]


def test_frames_are_those_of_their_steps():
    walker = SEED_WALKERS["runner"]
    every = run(walker, duration=2.0, record_every=1).frames
    seventh = run(walker, duration=2.0, record_every=7).frames
    assert seventh.tolist() == every[::7].tolist()


ROUGH = [
    "flat",
    "left_wall",
    "right_wall:height=40:distance=5",
    "bumpy:height=6:spacing=12:distance=5",
    "tunnel:ceiling=36:distance=5",
    "slope:angle=30:distance=5",
    "stairs:rise=-12:run=8:distance=5",
    "gaps:distance=5",
    "generated:difficulty=1:seed=3:distance=5",
]


def depth(simulation):
    """How far below the floor the middle of a joint ever is, with the disc's half width to either side."""
    x, y = simulation.frames[..., 0], simulation.frames[..., 1]
    lowest = np.min([simulation.outline.height(x + dx) for dx in (-1.0, 0.0, 1.0)], axis=0)
    return float((lowest - y).max())


@pytest.mark.parametrize("terrain", ROUGH)
@settings(few, max_examples=6)
@given(walker=walkers())
def test_nothing_falls_through_the_floor_at_any_step(terrain, walker):
    assert depth(run(walker, read_terrain(terrain), duration=6.0, record_every=1)) < 0


def test_walls_stop_what_runs_into_them():
    walker = SEED_WALKERS["cppn_mutable"]
    free = run(walker, duration=10.0, record_every=1)
    walled = run(walker, read_terrain("right_wall:height=40:distance=5"), duration=10.0, record_every=1)
    wall = walker.positions()[:, 0].max() + RADIUS + 5
    assert free.frames[..., 0].max() + RADIUS > wall + 5
    low = walled.frames[..., 1] < 40
    assert walled.frames[..., 0][low].max() + RADIUS < wall + SLACK


def test_a_tunnel_stops_what_is_too_tall_for_it():
    walker, ceiling = SEED_WALKERS["square"], 36
    entrance = walker.positions()[:, 0].max() + RADIUS + 5
    reached = []
    for terrain in ("flat", f"tunnel:ceiling={ceiling}:distance=5"):
        frames = run(walker, read_terrain(terrain), duration=10.0, record_every=1).frames
        high = frames[..., 1] > ceiling
        reached.append(frames[..., 0][high].max() + RADIUS)
    assert reached[0] > entrance + 5
    assert reached[1] < entrance + SLACK


def test_a_walker_is_laid_to_rest_on_its_ground():
    walker = SEED_WALKERS["galloper"]
    laid = build_world(walker, FLAT).positions()
    assert laid[:, 1].min() == pytest.approx(RADIUS)
    assert np.abs(run(walker).settled - laid).max() < 1.0


def test_positions_that_are_no_body_are_noticed():
    assert is_sound(np.array([[0.0, 0.0], [50.0, 0.0]]), 50.0)
    assert not is_sound(np.array([[0.0, 0.0], [500.0, 0.0]]), 50.0)
    assert not is_sound(np.array([[0.0, 0.0], [np.nan, 0.0]]), 50.0)
    assert not is_sound(np.array([[np.inf, 0.0], [np.inf, 0.0]]), 50.0)


def test_a_walker_that_flies_apart_is_an_instability(monkeypatch):
    """Scripted: no real walker was found that does."""
    monkeypatch.setattr("elm_envs_sodarace.simulation.is_sound", lambda positions, extent: False)
    result = simulate(SEED_WALKERS["square"], FLAT, 1.0)
    assert isinstance(result, Instability)
    assert "flew apart" in result.feedback


def test_another_process_gets_the_same_bits():
    script = (
        "from elm_envs_sodarace import *\n"
        "from elm_envs_sodarace.trusted_run import run_trusted\n"
        "walker = run_trusted(SEEDS['cppn_fixed'])\n"
        "print(simulate(walker, read_terrain('bumpy'), 5.0).final.tolist())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    here = run(SEED_WALKERS["cppn_fixed"], read_terrain("bumpy"), 5.0).final.tolist()
    assert done.stdout.strip() == str(here)
