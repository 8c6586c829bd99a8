"""The drive law, and a cosine that is the same on every machine."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_envs_sodarace import Muscle, Walker
from elm_envs_sodarace.drive import cosine_and_sine, drive_of, is_bone

PAIR = ((0.0, 0.0), (2.0, 0.0))


def lengths(amplitude, phase, steps=126):
    walker = Walker(PAIR, (Muscle(0, 1, amplitude, phase),))
    return np.array([*drive_of(walker, np.array([10.0])).lengths(steps, 1 / 60)])[:, 0]


@given(st.floats(-1e6, 1e6))
def test_cosine_and_sine_are_those_of_the_library(angle):
    cosine, sine = cosine_and_sine(np.array([angle]))
    assert cosine[0] == pytest.approx(math.cos(angle), abs=1e-9)
    assert sine[0] == pytest.approx(math.sin(angle), abs=1e-9)


def test_cosine_and_sine_are_precise_where_muscles_swing():
    angles = np.linspace(-400, 400, 20_001)
    cosine, sine = cosine_and_sine(angles)
    assert np.abs(cosine - np.cos(angles)).max() < 1e-13
    assert np.abs(sine - np.sin(angles)).max() < 1e-13


def test_these_bits_are_fixed():
    """Every machine must count these same bits, or its walkers run differently."""
    cosine, sine = cosine_and_sine(np.array([1.0, -2.5, 300.0]))
    assert [value.hex() for value in [*cosine.tolist(), *sine.tolist()]] == FIXED


FIXED = [
    "0x1.14a280fb5068cp-1",
    "-0x1.9a2f7ef858b7dp-1",
    "-0x1.6a07f049dcf2ep-6",
    "0x1.aed548f090ceep-1",
    "-0x1.326af0dcfcab0p-1",
    "-0x1.ffdfff58b88ccp-1",
]


@given(st.floats(0.2, 1.0), st.floats(-7, 7))
def test_the_length_follows_the_law(amplitude, phase):
    times = np.arange(126) / 60
    law = 10 * (1 + 0.3 * amplitude * np.cos(3 * times + phase))
    assert lengths(amplitude, phase) == pytest.approx(law, rel=1e-7)


def test_whole_phases_are_different_phases():
    swings = [lengths(0.5, phase) for phase in range(7)]
    assert all(np.abs(a - b).max() > 0.1 for i, a in enumerate(swings) for b in swings[:i])


def test_amplitudes_beyond_one_count_as_one_and_negative_ones_swing_opposite():
    assert lengths(30.0, 1.0).tolist() == lengths(1.0, 1.0).tolist()
    assert lengths(-0.5, 1.0) == pytest.approx(lengths(0.5, 1.0 + math.pi), rel=1e-6)


def test_low_amplitudes_are_bones():
    assert is_bone(0.0) and is_bone(0.19) and is_bone(-0.19)
    assert not is_bone(0.2) and not is_bone(-0.2)
    walker = Walker(PAIR, (Muscle(0, 1, 0.1), Muscle(0, 1, 0.3)))
    bone, muscle = np.array([*drive_of(walker, np.array([10.0, 10.0])).lengths(126, 1 / 60)]).T
    assert set(bone.tolist()) == {10.0}
    assert np.ptp(muscle) > 1


def test_every_block_of_steps_goes_on_where_the_last_one_ended():
    assert lengths(0.5, 0.3, 2200)[:700].tolist() == lengths(0.5, 0.3, 700).tolist()
    times = np.arange(2200) / 60
    law = 10 * (1 + 0.3 * 0.5 * np.cos(3 * times + 0.3))
    assert lengths(0.5, 0.3, 2200) == pytest.approx(law, rel=1e-6)
