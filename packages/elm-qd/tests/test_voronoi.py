"""Voronoi niches: exact nearest centroids by every method, and good centroids."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elm_protocols import BehaviorSpace, ContinuousAxis, UserError
from elm_qd import CVTArchive, EliteArchive, Voronoi, tessellate
from elm_qd.nearest import CellTable, ProductSearch, TreeSearch

SPACE = BehaviorSpace((ContinuousAxis("x", 0.0, 10.0), ContinuousAxis("y", -1.0, 1.0)))


def distances(centroids, points):
    return np.square(points[:, None, :] - centroids[None, :, :]).sum(axis=2)


@pytest.mark.parametrize("method", [CellTable, ProductSearch, TreeSearch])
@given(axes=st.integers(1, 3), count=st.integers(1, 60), seed=st.integers(0, 10**6), close=st.booleans())
@settings(max_examples=40, deadline=None)
def test_each_method_finds_a_nearest_centroid(method, axes, count, seed, close):
    rng = np.random.default_rng(seed)
    centroids = rng.random((count, axes))
    points = rng.random((200, axes))
    if close:  # middles between centroids: ties, and near ties after rounding
        pairs = rng.integers(count, size=(100, 2))
        points[:100] = centroids[pairs].mean(axis=1)
        centroids[: count // 2] = centroids[count - count // 2 :]
    found = method(centroids).query(points)
    squared = distances(centroids, points)
    assert squared[np.arange(200), found] == pytest.approx(squared.min(axis=1), rel=1e-9, abs=1e-15)
    one_by_one = [method(centroids).query(points[i : i + 1])[0] for i in range(5)]
    assert found[:5].tolist() == one_by_one


@pytest.mark.parametrize(("axes", "count"), [(2, 500), (4, 2500), (5, 300), (8, 2100)])
def test_the_chosen_method_agrees_with_brute_force(axes, count):
    space = BehaviorSpace(tuple(ContinuousAxis(f"x{i}", -1.0, 1.0) for i in range(axes)))
    rng = np.random.default_rng(0)
    centroids, points = rng.uniform(-1, 1, (count, axes)), rng.uniform(-1.2, 1.2, (300, axes))
    niches = Voronoi(space, centroids)
    inside = np.clip(points, -1, 1)
    assert niches.index(points).tolist() == distances(centroids, inside).argmin(axis=1).tolist()
    assert [niches.index_one(point) for point in points[:20].tolist()] == niches.index(points[:20]).tolist()


def test_axes_count_in_units_of_their_range():
    niches = Voronoi(SPACE, [[0.0, 0.0], [10.0, 0.0], [5.0, 1.0]])
    assert niches.index(np.array([[4.0, 0.9], [1.0, 0.1], [99.0, 0.0]])).tolist() == [2, 0, 1]


def test_every_centroid_lies_in_its_niche():
    niches = tessellate(SPACE, 300, seed=1)
    assert niches.index(niches.centroids).tolist() == list(range(300))
    assert (niches.centers(np.arange(300)) == niches.centroids).all()


def test_same_seed_same_niches():
    one, same, other = (tessellate(SPACE, 50, seed=seed).centroids for seed in (1, 1, 2))
    assert (one == same).all()
    assert not (one == other).all()


def test_niches_are_of_about_equal_size():
    niches = tessellate(SPACE, 100, seed=0)
    points = np.random.default_rng(5).uniform((0, -1), (10, 1), (50_000, 2))
    shares = np.bincount(niches.index(points), minlength=100) / 500
    assert shares.min() > 0.5
    assert shares.max() < 1.6


def test_samples_decide_where_the_niches_are():
    samples = np.random.default_rng(0).uniform((2, 0), (3, 0.5), (1000, 2))
    centroids = tessellate(SPACE, 20, samples=samples).centroids
    assert (centroids.min(axis=0) >= (2, 0)).all()
    assert (centroids.max(axis=0) <= (3, 0.5)).all()
    repeated = np.repeat(samples[:30], 50, axis=0)
    assert len(np.unique(tessellate(SPACE, 30, samples=repeated).centroids, axis=0)) == 30


def test_the_snapshot_holds_the_centroids():
    """Regression: peers leave them out, so that a reload tessellates anew and mixes up the niches."""
    archive = CVTArchive(SPACE, 40, seed=3)
    archive.add(["a", "b"], [1.0, 2.0], [[1, 0.2], [9, -0.7]])
    restored = EliteArchive.from_state(archive.state())
    assert (restored.partition.centroids == archive.partition.centroids).all()
    assert restored.niches.tolist() == archive.niches.tolist()
    assert restored.add_one("c", 0.5, (1, 0.2)).status == "rejected"


def test_elites_moved_to_other_niches_are_counted_once():
    """Regression: a peer's statistics double when an archive is tessellated anew."""
    rng = np.random.default_rng(0)
    old = CVTArchive(SPACE, 60, seed=1)
    old.add([f"g{i}" for i in range(500)], rng.random(500), rng.uniform((0, -1), (10, 1), (500, 2)))
    new = CVTArchive(SPACE, 15, seed=2)
    new.add(old.genotypes, old.fitness, old.measures, ids=old.ids.tolist())
    best = {}
    for niche, fitness in zip(new.partition.index(old.measures).tolist(), old.fitness.tolist(), strict=True):
        best[niche] = max(fitness, best.get(niche, 0.0))
    figures = new.statistics()
    assert figures.filled == len(best)
    assert figures.qd_score == pytest.approx(sum(best.values()))
    assert set(new.ids.tolist()) <= set(old.ids.tolist())


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: tessellate(SPACE, 0),
        lambda: tessellate(SPACE, 10, samples=-1),
        lambda: tessellate(SPACE, 10, samples=5),
        lambda: tessellate(SPACE, 10, samples=np.zeros((50, 2))),
        lambda: tessellate(SPACE, 10, samples=np.zeros((50, 3))),
        lambda: tessellate(SPACE, 2, samples=[[np.nan, 0], [0, 0]]),
        lambda: Voronoi(SPACE, np.zeros((0, 2))),
        lambda: Voronoi(SPACE, [[np.inf, 0]]),
        lambda: Voronoi(SPACE, [[1.0, 2.0, 3.0]]),
    ],
)
def test_mistakes_are_told_in_one_sentence(mistake):
    with pytest.raises(UserError, match=r"^[A-Z0-9][^\n]*\.$"):
        mistake()
