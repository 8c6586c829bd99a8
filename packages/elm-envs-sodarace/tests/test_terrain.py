"""Terrains: read, laid out around a body, and generated."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_envs_sodarace import Terrain, read_terrain
from elm_envs_sodarace.terrain import KINDS, read_terrains
from elm_protocols import UserError

LEFT, RIGHT = -25.0, 25.0


@st.composite
def terrains(draw):
    kind = draw(st.sampled_from(sorted(KINDS)))
    parameters = {
        name: draw(st.integers(int(p.low), int(p.high)) if p.whole else st.floats(p.low, p.high))
        for name, p in KINDS[kind].items()
    }
    return Terrain(kind, parameters)


@given(terrains())
def test_a_terrain_survives_json(terrain):
    assert read_terrain(json.loads(json.dumps(terrain.to_json()))) == terrain


@given(terrains(), st.floats(5, 80))
def test_every_outline_is_a_line_from_left_to_right_that_box2d_takes(terrain, half):
    outline = terrain.outline(-half, half)
    for corners in (outline.whole_floor(), outline.ceiling):
        for (x0, y0), (x1, y1) in itertools.pairwise(corners):
            assert x1 >= x0
            assert (x1 - x0) ** 2 + (y1 - y0) ** 2 > 0.005**2


@given(terrains(), st.floats(5, 80))
def test_the_ground_under_the_body_is_level_and_free(terrain, half):
    outline = terrain.outline(-half, half)
    under = np.linspace(-half - 4.9, half + 4.9, 50)
    assert (outline.height(under) == 0).all()
    assert all(x > half + 4.9 for x, _ in outline.ceiling)


@pytest.mark.parametrize(
    ("words", "x", "height"),
    [
        ("flat", 100, 0),
        ("left_wall", -39, 20),
        ("left_wall", -34, 0),
        ("right_wall:height=30", 39, 30),
        ("right_wall", 44, 0),
        ("bumpy:height=6:spacing=20", 45, 6),
        ("bumpy:height=6:spacing=20", -45, 6),
        ("slope:angle=30", 135, 57.735),
        ("stairs:rise=3:run=20", 36, 3),
        ("stairs:rise=3:run=20", 56, 6),
        ("gaps:width=8:depth=12", 39, -12),
        ("gaps:width=8:depth=12:spacing=40", 50, 0),
    ],
)
def test_obstacles_stand_where_their_parameters_say(words, x, height):
    outline = read_terrain(words).outline(LEFT, RIGHT)
    assert outline.height(np.array([x]))[0] == pytest.approx(height, abs=1e-3)


def test_a_tunnel_has_a_ceiling():
    outline = read_terrain("tunnel:ceiling=50").outline(LEFT, RIGHT)
    assert outline.ceiling[1] == (35.0, 50.0)
    assert outline.ceiling[2][1] == 50.0


def test_generated_terrain_is_decided_by_seed_and_difficulty():
    def floor(**parameters):
        return Terrain("generated", parameters).outline(LEFT, RIGHT).floor

    assert floor(seed=1) == floor(seed=1) != floor(seed=2)
    assert floor(seed=1, difficulty=0.4) != floor(seed=1, difficulty=0.5)
    assert len(floor(difficulty=0.0)) == 1


def test_difficulty_makes_the_ground_rougher():
    def roughness(difficulty):
        seeds = [Terrain("generated", {"seed": s, "difficulty": difficulty}) for s in range(20)]
        floors = [np.array(terrain.outline(LEFT, RIGHT).floor) for terrain in seeds]
        return np.mean([np.abs(np.diff(floor[:, 1])).sum() for floor in floors])

    assert roughness(0.1) < roughness(0.4) < roughness(0.9)


def test_a_terrain_file_is_read(tmp_path):
    path = tmp_path / "hill.json"
    path.write_text('{"kind": "outline", "floor": [[-50, 0], [50, 0], [90, 20]]}')
    outline = read_terrain(str(path)).outline(LEFT, RIGHT)
    assert outline.height(np.array([70.0, 500.0])).tolist() == [10.0, 20.0]


def test_text_names_what_differs_from_the_default():
    assert str(read_terrain("bumpy:height=3")) == "bumpy:height=3"
    assert str(read_terrain("tunnel:ceiling=60")) == "tunnel"


def test_several_terrains_are_read_from_text_or_a_list():
    assert read_terrains("flat+bumpy:height=3") == read_terrains(["flat", "bumpy:height=3"])
    assert [terrain.kind for terrain in read_terrains("flat+tunnel")] == ["flat", "tunnel"]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("moon", "no terrain 'moon'"),
        ("bumpy:heigt=3", "no parameter 'heigt'"),
        ("flat:height=3", "parameters are: none"),
        ("bumpy:height=9", "from 2 to 6, not 9"),
        ("bumpy:height=nan", "from 2 to 6, not nan"),
        ("bumpy:height=x", "name=number"),
        ("generated:seed=1.5", "whole number"),
        ({"kind": "bumpy", "height": "3"}, "a number from 2 to 6"),
        ({"height": 3}, "needs a kind"),
        (7, "needs a kind"),
        ("nowhere.json", "cannot be read"),
        ({"kind": "outline", "floor": [[0, 0]]}, "at least two corners"),
        ({"kind": "outline", "floor": [[0, 0], [-1, 0]]}, "from left to right"),
        ({"kind": "outline", "floor": [[0, 0], [0, 0.01]]}, "at least 0.1 units apart"),
        ({"kind": "outline", "floor": [[0, 0], [float("inf"), 0]]}, "finite"),
        ({"kind": "outline", "floor": 5}, "lists of"),
        ({"kind": "outline", "floor": [[0, 0], [1, 0]], "ceiling": [[0, 9]]}, "two corners, or none"),
    ],
)
def test_a_wrong_terrain_is_one_sentence(value, sentence):
    with pytest.raises(UserError, match=sentence):
        read_terrain(value)
