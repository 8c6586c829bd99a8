"""What is a valid walker, and a status for everything that is not."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_envs_sodarace import InvalidWalker, Muscle, Walker, read_walker

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10]]
RING = [[0, 1, 0.0, 0.0], [1, 2, 0.0, 0.0], [2, 3, 0.0, 0.0], [3, 0, 0.5, 1]]


def test_data_becomes_a_walker():
    walker = read_walker({"joints": SQUARE, "muscles": RING})
    assert isinstance(walker, Walker)
    assert walker.joints[1] == (10.0, 0.0)
    assert walker.muscles[3] == Muscle(3, 0, 0.5, 1.0)
    assert read_walker(walker.to_json()) == walker


@pytest.mark.parametrize(
    ("joints", "muscles", "status"),
    [
        ([], [], "empty-walker"),
        ([[0, 0]], [], "one-joint"),
        ([[0, 0], [0, 0]], [[0, 1, 0, 0]], "joints-coincide"),
        ([[0, 0], [0, 0.09]], [[0, 1, 0, 0]], "joints-coincide"),
        ([[0, 0], [math.nan, 1]], [[0, 1, 0, 0]], "not-finite"),
        ([[0, 0], [1, 1]], [[0, 1, math.inf, 0]], "not-finite"),
        ([[0, 0], [1, 1]], [[0, 1, 0.5, -math.inf]], "not-finite"),
        ([[0, 0], [31, 1]], [[0, 1, 0, 0]], "too-large"),
        ([[0, 0], [1, 1e300]], [[0, 1, 0, 0]], "too-large"),
        ([[1e7, 0], [1e7 + 5, 0]], [[0, 1, 0, 0]], "too-large"),
        ([[0, 0], [1, 10**400]], [[0, 1, 0, 0]], "not-a-walker"),
        ([[k, 0] for k in range(101)], [], "too-many-joints"),
        (SQUARE, [[0, 1, 0.5, 0]] * 10_000, "too-many-muscles"),
        (SQUARE, [[0, 1, 0, 0], [2, 3, 0, 0]], "disconnected"),
        (SQUARE, [], "disconnected"),
        (SQUARE, [[0, 4, 0, 0]], "unknown-joint"),
        (SQUARE, [[-1, 0, 0, 0]], "unknown-joint"),
        (SQUARE, [[0.0, 1, 0, 0]], "not-a-walker"),
        (SQUARE, [[True, 1, 0, 0]], "not-a-walker"),
        (SQUARE, [[0, 1, "0.5", 0]], "not-a-walker"),
        (SQUARE, [[0, 1]], "not-a-walker"),
        ([[0, 0], [1]], [], "not-a-walker"),
        ([[0, 0], 5], [], "not-a-walker"),
        ("ab", [], "not-a-walker"),
    ],
)
def test_a_bad_walker_has_a_status_and_a_feedback(joints, muscles, status):
    start = time.perf_counter()
    result = read_walker({"joints": joints, "muscles": muscles})
    assert isinstance(result, InvalidWalker)
    assert result.status == status
    assert result.feedback and "\n" not in result.feedback
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize("value", [None, 3, "walker", [], {"joints": []}, {"joints": 1, "muscles": 2}])
def test_what_is_no_walker_at_all_has_a_status(value):
    assert read_walker(value).status == "not-a-walker"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


@given(st.fixed_dictionaries({"joints": values, "muscles": values}))
def test_any_data_is_a_walker_or_a_status(value):
    assert isinstance(read_walker(value), Walker | InvalidWalker)


@given(
    st.lists(st.tuples(st.floats(), st.floats()), max_size=5),
    st.lists(
        st.tuples(st.integers(-1, 5), st.integers(-1, 5), st.floats(), st.floats()), min_size=1, max_size=5
    ),
)
def test_any_numbers_are_a_walker_within_the_limits_or_a_status(joints, muscles):
    result = read_walker({"joints": joints, "muscles": muscles})
    if isinstance(result, Walker):
        positions = result.positions()
        assert (positions >= [-75.001, 0]).all()
        assert (positions <= [75.001, 150.001]).all()


def test_a_muscle_from_a_joint_to_itself_is_left_out():
    walker = read_walker({"joints": SQUARE, "muscles": [*RING, [2, 2, 0.9, 0]]})
    assert len(walker.muscles) == 4


def test_positions_stand_in_the_middle_and_on_the_ground():
    walker = read_walker({"joints": [[103, 52], [107, 50], [105, 58]], "muscles": RING[:2]})
    assert walker.positions().tolist() == [[-10, 10], [10, 0], [0, 40]]
