"""Measures, on made-up simulations whose values can be counted by hand, and on the seeds."""

import numpy as np
import pytest
from sodarace_walkers import SEED_WALKERS

from elm_envs_sodarace import Simulation, read_terrain, read_walker, simulate
from elm_envs_sodarace.measures import MEASURES, RECORD_EVERY, behavior_space, measure, needs_frames
from elm_envs_sodarace.outline import Outline
from elm_envs_sodarace.simulation import RADIUS

BARS = read_walker({"joints": [[0, 0], [4, 0], [2, 3]], "muscles": [[0, 1, 0.5, 0], [1, 2, 0, 0]]})
UP, DOWN = RADIUS + 5.0, RADIUS


def made_up(heights, outline=None):
    """A simulation of two feet and a top: `heights` holds (rear foot, front foot) of each frame."""
    frames = np.array([[[-10.0, rear], [10.0, front], [0.0, 20.0]] for rear, front in heights])
    return Simulation(outline or Outline(), frames[0], frames[-1], frames, 0.5)


def only(name, simulation):
    return measure([name], BARS, simulation)[0]


def test_measures_of_the_body():
    simulation = made_up([(DOWN, DOWN)])
    assert only("height", simulation) == 20.0 - RADIUS
    assert only("width", simulation) == 20.0
    assert only("mass", simulation) == pytest.approx(3 + 5 * (4 + np.hypot(2, 3)) / 2)
    assert only("joints", simulation) == 3
    assert only("muscle_share", simulation) == 0.5


def test_measures_of_the_gait():
    simulation = made_up([(DOWN, UP), (DOWN, DOWN), (UP, UP), (DOWN, UP), (DOWN, UP)])
    assert only("rear_contact", simulation) == pytest.approx(0.8)
    assert only("front_contact", simulation) == pytest.approx(0.2)
    assert only("contact_share", simulation) == pytest.approx(0.5)
    # Each foot strikes once (the rear one comes back, the front one comes down) in 2 s.
    assert only("gait_frequency", simulation) == pytest.approx(0.5)
    assert only("mean_height", simulation) == pytest.approx((UP * 5 + DOWN * 5 + 20 * 5) / 15)


def test_a_body_in_the_air_has_no_contact():
    simulation = made_up([(UP, UP), (UP, UP)])
    names = ["rear_contact", "front_contact", "contact_share", "gait_frequency"]
    assert measure(names, BARS, simulation) == (0.0, 0.0, 0.0, 0.0)


def test_contact_and_height_count_from_the_floor_below():
    raised = Outline(floor=((-50.0, 3.0), (50.0, 3.0)))
    simulation = made_up([(DOWN + 3, UP + 3)], raised)
    assert only("rear_contact", simulation) == 1.0
    assert only("mean_height", simulation) == pytest.approx((DOWN + UP + 3 + 3 + 20 - 9) / 3)


@pytest.mark.parametrize("name", SEED_WALKERS)
@pytest.mark.parametrize("terrain", ["flat", "stairs:distance=5"])
def test_the_seeds_lie_inside_the_bounds(name, terrain):
    simulation = simulate(SEED_WALKERS[name], read_terrain(terrain), 5.0, record_every=RECORD_EVERY)
    values = measure(tuple(MEASURES), SEED_WALKERS[name], simulation)
    for axis, value in zip(behavior_space(tuple(MEASURES)), values, strict=True):
        assert axis.low <= value <= axis.high, axis.name


def test_a_walker_has_feet_on_the_ground():
    simulation = simulate(SEED_WALKERS["galloper"], read_terrain("flat"), 5.0, record_every=RECORD_EVERY)
    assert only_of("contact_share", "galloper", simulation) > 0.3
    assert only_of("gait_frequency", "galloper", simulation) > 0.1


def only_of(measure_name, seed, simulation):
    return measure([measure_name], SEED_WALKERS[seed], simulation)[0]


def test_only_measures_of_the_gait_need_a_recording():
    assert not needs_frames(["height", "width", "mass", "joints", "muscle_share"])
    assert needs_frames(["height", "gait_frequency"])
