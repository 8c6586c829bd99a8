"""Selectors choose in the proportions that they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_protocols import Addition, AddStatus, BehaviorSpace, ContinuousAxis, UserError
from elm_qd import (
    CuriositySelector,
    DeepGridArchive,
    FitnessSelector,
    Grid,
    GridArchive,
    NicheSelector,
    NoveltySelector,
    TournamentSelector,
    UniformSelector,
)
from elm_qd.selection import draw_weighted
from elm_qd.selectors import selector_named

SPACE = BehaviorSpace((ContinuousAxis("x", 0.0, 10.0),))
DRAWS = 20_000


def archive(fitness, places=None):
    places = range(len(fitness)) if places is None else places
    result = GridArchive(SPACE, 100)
    result.add([f"g{i}" for i in range(len(fitness))], fitness, [[x] for x in places])
    assert len(result) == len(fitness)
    return result


def shares(selector, members, source, size=1):
    chosen = selector.select(source, DRAWS, size, np.random.default_rng(0))
    assert chosen.shape == (DRAWS, size)
    return np.bincount(chosen[:, 0], minlength=members) / DRAWS


@pytest.mark.parametrize("size", [1, 2])
def test_uniform(size):
    assert shares(UniformSelector(), 4, archive([5.0, 1.0, 0.0, -9.0]), size) == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("size", [1, 2])
def test_fitness_goes_by_rank_and_equals_share(size):
    expected = [4 / 10, 1 / 10, 2.5 / 10, 2.5 / 10]
    assert shares(FitnessSelector(), 4, archive([1e9, -3.0, 2.0, 2.0]), size) == pytest.approx(
        expected, abs=0.02
    )


def test_novelty_is_the_mean_distance_to_the_nearest():
    source = archive([0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 3.0, 9.0])
    novelty = NoveltySelector(neighbours=2).novelty(source)
    assert novelty == pytest.approx([(0.1 + 0.3) / 2, (0.1 + 0.2) / 2, (0.2 + 0.3) / 2, (0.6 + 0.8) / 2])
    assert shares(NoveltySelector(2), 4, source) == pytest.approx(novelty / novelty.sum(), abs=0.02)
    assert shares(NoveltySelector(), 1, archive([1.0])).tolist() == [1.0]


def test_curiosity_follows_success():
    selector, source = CuriositySelector(), archive([0.0, 0.0, 0.0])
    selector.learn(
        [(0,), (0,), (1,), (1,), (1,), ()],
        [
            Addition(9, status)
            for status in (
                AddStatus.NEW,
                AddStatus.IMPROVED,
                AddStatus.REJECTED,
                AddStatus.INVALID,
                AddStatus.INVALID,
                AddStatus.NEW,
            )
        ],
    )
    weights = np.array([3.0, 0.1, 1.0])
    assert shares(selector, 3, source) == pytest.approx(weights / weights.sum(), abs=0.02)
    other = CuriositySelector()
    other.restore(selector.state())
    assert shares(other, 3, source).tolist() == shares(selector, 3, source).tolist()


def test_curiosity_forgets_those_that_left():
    selector = CuriositySelector()
    selector.learn([(i,) for i in range(50)], [Addition(100, AddStatus.NEW)] * 50)
    selector.select(archive([0.0, 1.0]), 1, 1, np.random.default_rng(0))
    assert selector.state() == {"ids": [0, 1], "scores": [2.0, 2.0]}


def test_a_tournament_of_three():
    found = shares(TournamentSelector(3), 2, archive([1.0, 0.0]))
    assert found == pytest.approx([7 / 8, 1 / 8], abs=0.02)


def test_niches_alike_then_by_fitness():
    source = DeepGridArchive(Grid(SPACE, 2), np.random.default_rng(0), depth=5)
    source.add(list("abcd"), [0.0, 3.0, 1.0, 0.0], [[1], [1], [1], [9]])
    assert shares(NicheSelector(), 4, source) == pytest.approx([0, 3 / 8, 1 / 8, 1 / 2], abs=0.02)
    with pytest.raises(UserError, match="deep grid"):
        NicheSelector().select(archive([1.0]), 1, 1, np.random.default_rng(0))


@given(
    st.lists(st.just(0.0) | st.floats(1e-200, 1e100), min_size=1, max_size=20),
    st.integers(0, 5),
    st.integers(1, 6),
    st.integers(0, 100),
)
def test_a_weighted_draw_is_in_range_and_without_repetition(weights, groups, size, seed):
    chosen = draw_weighted(np.array(weights), groups, size, np.random.default_rng(seed))
    assert chosen.shape == (groups, min(size, len(weights)))
    assert ((chosen >= 0) & (chosen < len(weights))).all()
    assert all(len(set(group)) == len(group) for group in chosen.tolist())
    positive = sum(w > 0 for w in weights)
    if positive:
        drawn = [sum(weights[place] > 0 for place in group) for group in chosen.tolist()]
        assert all(count == min(size, positive, len(weights)) for count in drawn)


def test_mistakes_are_told():
    for mistake in (
        lambda: selector_named("best"),
        lambda: TournamentSelector(0),
        lambda: NoveltySelector(0),
    ):
        with pytest.raises(UserError, match=r"^[^\n]*\.$"):
            mistake()
