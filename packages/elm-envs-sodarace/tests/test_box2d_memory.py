"""Lengths and positions in Box2D's own memory are those of its bindings."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sodarace_walkers import SEED_WALKERS

from elm_envs_sodarace import box2d_memory, read_terrain, simulate
from elm_envs_sodarace.box2d_bindings import b2World

lengths = st.floats(0.125, 200.0, width=32)


@pytest.fixture
def only_bindings(monkeypatch):
    monkeypatch.setattr(box2d_memory, "place_of_length", lambda: None)
    monkeypatch.setattr(box2d_memory, "place_of_position", lambda: None)


def row_of_links(count):
    world = b2World()
    bodies = [world.CreateDynamicBody(position=(3.0 * i, 1.5)) for i in range(count + 1)]
    pairs = pairwise(bodies)
    return world, bodies, [world.CreateDistanceJoint(bodyA=one, bodyB=other) for one, other in pairs]


def test_these_bindings_keep_both_numbers_at_a_place_that_is_found():
    assert box2d_memory.place_of_length() is not None
    assert box2d_memory.place_of_position() is not None


@given(st.lists(lengths, max_size=200))
def test_every_link_gets_its_length(row):
    world, _, links = row_of_links(len(row))
    box2d_memory.link_lengths(links)[...] = np.array(row, np.float32)
    assert [link.length for link in links] == row
    del world


def test_links_may_lie_backwards():
    world, _, links = row_of_links(100)
    box2d_memory.link_lengths(links[::-1])[...] = np.arange(100, dtype=np.float32)
    assert [link.length for link in links] == list(range(99, -1, -1))
    del world


@given(st.integers(0, 150), st.data())
def test_every_position_is_read(count, data):
    world, bodies, _ = row_of_links(count)
    read = box2d_memory.position_reader(bodies)
    bodies[data.draw(st.integers(0, count))].position = (-77.25, 1e3)
    assert read().tolist() == box2d_memory.positions_through_bindings(bodies).tolist()
    del world


def test_a_link_that_no_other_lies_beside_is_not_taken_for_its_neighbour():
    """Every third link is left out, then two more: the rest lie at unequal distances."""
    world, _, links = row_of_links(60)
    chosen = [link for i, link in enumerate(links) if i % 3 and i not in (10, 11)]
    box2d_memory.link_lengths(chosen)[...] = np.arange(1, len(chosen) + 1, dtype=np.float32)
    assert [link.length for link in chosen] == list(range(1, len(chosen) + 1))
    assert {link.length for link in links if link not in chosen} == {1.0}
    del world


@pytest.mark.parametrize("name", SEED_WALKERS)
def test_the_bindings_alone_give_the_same_bits(name, request):
    terrain = read_terrain("bumpy")
    here = simulate(SEED_WALKERS[name], terrain, 3.0, record_every=10)
    request.getfixturevalue("only_bindings")
    there = simulate(SEED_WALKERS[name], terrain, 3.0, record_every=10)
    assert there.frames.tolist() == here.frames.tolist()


def test_a_trial_without_one_clear_answer_gives_no_place():
    world, [body, _], _ = row_of_links(1)
    assert box2d_memory._place_found(body, [(1.0,)], lambda thing, values: None) is None
    # Without a shape beside its middle, a body's position stands at several places.
    assert box2d_memory._place_found(body, [(5.5, 7.25)], box2d_memory._try_position) is None
    del world
