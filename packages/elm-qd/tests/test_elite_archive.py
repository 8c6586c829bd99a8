"""Properties of the archive of elites, against a slow reference."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elm_protocols import (
    Addition,
    AddStatus,
    BehaviorSpace,
    CategoricalAxis,
    ContinuousAxis,
    UserError,
)
from elm_qd import EliteArchive, Grid, GridArchive

SPACE = BehaviorSpace(
    (
        ContinuousAxis("x", 0.0, 1.0),
        ContinuousAxis("y", -2.0, 2.0, edges=(-1.0, 0.5)),
        CategoricalAxis("kind", ("a", "b", "c")),
    )
)

scores = st.sampled_from([0.0, 1.0, 2.0, -1.0]) | st.floats(width=64)
points = st.tuples(
    st.sampled_from([0.0, 0.25, 0.5, 1.0, 1.5, -3.0]) | st.floats(),
    st.sampled_from([-2.0, -1.0, 0.5, 2.0]) | st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, 1.0, 2.0]),
)
genotypes = st.text(max_size=3) | st.lists(st.integers(), max_size=3)
individuals = st.tuples(genotypes, scores, points)
batches = st.lists(st.lists(individuals, max_size=12), max_size=4)


class SlowArchive:
    """The definition, one individual at a time in plain Python."""

    def __init__(self, offset):
        self.elites = {}
        self.offset = offset
        self.offered = self.valid = 0

    @staticmethod
    def niche(point):
        x, y, kind = point
        first = min(max(math.floor(min(max(x, 0.0), 1.0) * 4), 0), 3)
        second = sum(y >= edge for edge in (-1.0, 0.5))
        return (first * 3 + second) * 3 + min(max(math.floor(kind + 0.5), 0), 2)

    def add(self, genotype, fitness, point):
        identity = self.offered
        self.offered += 1
        if not all(map(math.isfinite, (fitness, *point))):
            return Addition(identity, AddStatus.INVALID)
        self.valid += 1
        niche = self.niche(point)
        if niche not in self.elites:
            self.elites[niche] = (fitness, identity, genotype, point)
            return Addition(identity, AddStatus.NEW, fitness - self.offset, niche)
        beaten = self.elites[niche][0]
        if fitness <= beaten:
            return Addition(identity, AddStatus.REJECTED, 0.0, niche)
        self.elites[niche] = (fitness, identity, genotype, point)
        return Addition(identity, AddStatus.IMPROVED, fitness - beaten, niche)


def offer(archive, batch):
    return archive.add(
        [genotype for genotype, _, _ in batch],
        [fitness for _, fitness, _ in batch],
        np.array([point for _, _, point in batch]).reshape(len(batch), 3),
    )


def contents(archive):
    return [
        (niche, i.fitness, i.id, i.genotype, i.measures)
        for niche, i in zip(archive.niches.tolist(), archive.individuals(range(len(archive))), strict=True)
    ]


@given(batches)
@settings(deadline=None)
def test_a_batch_equals_its_members_one_by_one(batches):
    whole = GridArchive(SPACE, (4, 0, 0), qd_offset=-1.0)
    single = GridArchive(SPACE, (4, 0, 0), qd_offset=-1.0)
    slow = SlowArchive(-1.0)
    for batch in batches:
        expected = [slow.add(*individual) for individual in batch]
        added = [single.add_one(*individual) for individual in batch]
        assert added == [(e.status, e.improvement, e.niche) for e in expected]
        assert list(offer(whole, batch)) == expected
    members = [(n, f, i, g, p) for n, (f, i, g, p) in slow.elites.items()]
    assert sorted(contents(whole)) == sorted(contents(single)) == sorted(members)
    assert contents(whole) == contents(single)
    assert repr(whole.statistics()) == repr(single.statistics())
    assert whole.statistics().individuals == slow.offered
    assert whole.statistics().valid == slow.valid


@given(batches, batches)
@settings(deadline=None)
def test_a_state_continues_bit_for_bit(before, after):
    archive = GridArchive(SPACE, (4, 0, 0))
    for batch in before:
        offer(archive, batch)
    restored = EliteArchive.from_state(archive.state())
    assert contents(restored) == contents(archive)
    for batch in after:
        assert list(offer(restored, batch)) == list(offer(archive, batch))
    assert contents(restored) == contents(archive)
    assert repr(restored.statistics()) == repr(archive.statistics())


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(0, 3)), min_size=1, max_size=40))
def test_statistics_equal_a_slow_reference(pairs):
    space = BehaviorSpace((ContinuousAxis("x", 0, 4),))
    archive = GridArchive(space, 4, qd_offset=-10.0)
    archive.add(["g"] * len(pairs), [f for f, _ in pairs], [[x + 0.5] for _, x in pairs])
    best = {}
    for fitness, x in pairs:
        best[x] = max(fitness, best.get(x, -math.inf))
    figures = archive.statistics()
    assert (figures.niches, figures.filled) == (4, len(best))
    assert figures.qd_score == pytest.approx(sum(f + 10.0 for f in best.values()), abs=1e-6)
    assert figures.best == max(best.values())
    assert figures.lowest == min(best.values())
    assert figures.mean == pytest.approx(sum(best.values()) / len(best), abs=1e-6)
    assert figures.coverage == len(best) / 4


@given(st.integers(1, 30), st.integers(1, 30), st.floats(-1e9, 1e9), st.floats(1e-3, 1e6))
def test_every_niche_has_its_centre(rows, columns, low, width):
    space = BehaviorSpace((ContinuousAxis("x", low, low + width), ContinuousAxis("y", 0, 1)))
    grid = Grid(space, (rows, columns))
    niches = np.arange(grid.niches)
    centers = grid.centers(niches)
    assert (grid.index(centers) == niches).all()
    assert [grid.index_one(center) for center in centers.tolist()] == niches.tolist()


@given(st.data(), st.integers(1, 5), st.booleans())
def test_one_point_falls_where_a_batch_of_points_falls(data, count, uneven):
    """Whether there is straight code for that number of axes or not."""
    bounds = [(0.0, 1.0), (-2.0, 2.0), (0.1, 0.7), (-1e6, 3.0), (5.0, 5.5)][:count]
    space = BehaviorSpace(
        tuple(
            ContinuousAxis(f"x{i}", low, high, edges=(low + 0.1,) if uneven and i == count - 1 else ())
            for i, (low, high) in enumerate(bounds)
        )
    )
    grid = Grid(space, [*[3, 7, 10, 1, 4][: count - 1], 0])
    edges = [np.unique(grid.edges(axis)).tolist() for axis in range(count)]
    near = [
        st.sampled_from([x for edge in row for x in (edge, np.nextafter(edge, -np.inf), edge + 1e-12)])
        | st.floats(low, high)
        | st.floats()
        for row, (low, high) in zip(edges, bounds, strict=True)
    ]
    points = data.draw(st.lists(st.tuples(*near), min_size=1, max_size=20))
    for point in points:
        finite = all(map(math.isfinite, point))
        expected = int(grid.index(np.array([point]))[0]) if finite else -1
        assert grid.index_one(point) == expected
        assert -1 <= expected < grid.niches


def test_genotypes_of_equal_length_stay_lists():
    archive = GridArchive(SPACE, 2)
    archive.add([[1, 2], [3, 4]], [0.0, 1.0], [[0, 0, 0], [0, 0, 1]])
    assert archive.genotypes == [[1, 2], [3, 4]]


def test_numeric_genotypes_live_in_one_array():
    archive = GridArchive(SPACE, 2, genotype_size=2)
    archive.add(np.array([[1.0, 2.0], [3.0, 4.0]]), [0.0, 1.0], [[0, 0, 0], [0, 0, 1]])
    archive.add_one([5.0, 6.0], 3.0, (0, 0, 2))
    assert archive.genotypes.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert archive.elites()[0].genotype == [5.0, 6.0]
    with pytest.raises(UserError, match="shape"):
        archive.add(np.zeros((1, 3)), [0.0], [[0, 0, 0]])


def test_metadata_comes_back_as_feedback():
    archive = GridArchive(SPACE, 2)
    archive.add_one("a", 0.0, (0, 0, 0))
    archive.add(["b", "c"], [1.0, 1.0], [[0, 0, 0], [0, 0, 1]], metadata=["why b", "why c"])
    assert [i.feedback for i in archive.individuals([0, 1])] == ["why b", "why c"]
    archive.add_one("d", 2.0, (0, 0, 0))
    assert archive.elite_of(0) is None or archive.elites()[0].feedback == ""


@pytest.mark.parametrize(
    ("bins", "sizes"),
    [(0, (12, 3, 3)), ((), (12, 3, 3)), (5, (5, 5, 3)), ((5,), (5, 5, 3)), ((2, 7, 3), (2, 7, 3))],
)
def test_each_axis_has_the_bins_asked_for(bins, sizes):
    """Regression: a peer ignores the bins given for each axis."""
    assert Grid(SPACE, bins).bins == sizes
    assert Grid.from_state(Grid(SPACE, bins).state()).bins == sizes


@pytest.mark.parametrize(
    ("bins", "message"),
    [((1, 2), "one an axis"), (-1, "positive"), ((2, 2, 5), "categories"), ((5, 5, 5), "categories")],
)
def test_bins_that_fit_no_axis_are_refused(bins, message):
    with pytest.raises(UserError, match=message):
        Grid(SPACE, bins)


def test_shapes_that_do_not_fit_are_refused():
    archive = GridArchive(SPACE)
    for fitness, measures in [([1.0, 2.0], [[0, 0, 0]]), ([1.0], [[0, 0]]), (["a"], [[0, 0, 0]])]:
        with pytest.raises(UserError, match="must"):
            archive.add(["g"], fitness, measures)
    assert archive.statistics().individuals == 0
