"""Every archive and every algorithm passes the public suites, and the suites find what is broken."""

from dataclasses import replace

import numpy as np
import pytest

from elm_protocols import BehaviorSpace, CategoricalAxis, ContinuousAxis
from elm_qd import (
    CVTArchive,
    CVTMAPElites,
    DeepGridArchive,
    DeepGridMAPElites,
    EliteArchive,
    GeneticAlgorithm,
    Grid,
    GridArchive,
    MAPElites,
    Population,
)
from elm_qd.testing import check_algorithm, check_archive

LINE = BehaviorSpace((ContinuousAxis("x", 0.0, 1.0),))
PLANE = BehaviorSpace((ContinuousAxis("x", -1.0, 1.0), ContinuousAxis("y", 0.0, 5.0, edges=(1.0, 2.5))))
MIXED = BehaviorSpace((CategoricalAxis("kind", ("a", "b")), *PLANE))


@pytest.mark.parametrize("space", [LINE, PLANE, MIXED])
@pytest.mark.parametrize("bins", [0, 3])
def test_grid_archives(space, bins):
    check_archive(lambda: GridArchive(space, bins, qd_offset=-3.0), EliteArchive.from_state)


@pytest.mark.parametrize("space", [LINE, PLANE, MIXED])
def test_cvt_archives(space):
    centroids = CVTArchive(space, 25, samples=400).partition.centroids
    check_archive(lambda: CVTArchive(space, centroids=centroids), EliteArchive.from_state)


@pytest.mark.parametrize("depth", [1, 4])
def test_deep_grids(depth):
    check_archive(
        lambda: DeepGridArchive(Grid(PLANE, (4, 0)), np.random.default_rng(5), depth=depth),
        DeepGridArchive.from_state,
    )


@pytest.mark.parametrize(("size", "elites"), [(1, 1), (10, 1), (10, 10), (500, 3)])
def test_populations(size, elites):
    check_archive(lambda: Population(PLANE, size=size, elites=elites), Population.from_state)


SELECTORS = ["uniform", "fitness", "novelty", "curiosity", "tournament"]


@pytest.mark.parametrize("selector", SELECTORS)
@pytest.mark.parametrize("parents", [1, 2])
def test_mapelites(selector, parents):
    check_algorithm(lambda space, rng: MAPElites(space, rng, bins=(6,), selector=selector, parents=parents))


@pytest.mark.parametrize("options", [{"reevaluation": 0.3}, {"random_individuals": 13}, {"parents": 3}])
def test_mapelites_with_options(options):
    check_algorithm(lambda space, rng: MAPElites(space, rng, bins=(6,), **options))


def test_cvtmapelites():
    check_algorithm(lambda space, rng: CVTMAPElites(space, rng, niches=30, samples=600))


@pytest.mark.parametrize("options", [{}, {"parents": 2}, {"selector": "uniform"}, {"depth": 1}])
def test_deepgridmapelites(options):
    check_algorithm(lambda space, rng: DeepGridMAPElites(space, rng, bins=(4,), **options))


@pytest.mark.parametrize("options", [{}, {"parents": 2, "elites": 20}, {"selector": "curiosity"}])
def test_genetic(options):
    check_algorithm(lambda space, rng: GeneticAlgorithm(space, rng, population=20, **options))


def broken(base, **methods):
    """Return an archive that passes everything on to a grid archive, but for `methods`."""

    class Broken:
        def __init__(self, archive=None):
            self.inner = base() if archive is None else archive  # an empty archive is falsy

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def __len__(self):
            return len(self.inner)

        # A runtime check of a protocol looks names up on the class.
        space = fitness = measures = ids = niches = property(lambda self: None)
        add = add_one = individuals = elites = statistics = state = None

    for name in ("space", "fitness", "measures", "ids", "niches"):
        setattr(Broken, name, property(lambda self, name=name: getattr(self.inner, name)))
    for name in ("add", "add_one", "individuals", "elites", "statistics", "state"):
        setattr(Broken, name, lambda self, *a, _name=name, **k: getattr(self.inner, _name)(*a, **k))
    for name, method in methods.items():
        setattr(Broken, name, method)
    return Broken


def grid():
    return GridArchive(PLANE, (4, 0))


def test_an_archive_that_passes_on_everything_passes():
    forwarding = broken(grid)
    check_archive(forwarding, lambda state: forwarding(EliteArchive.from_state(state)))


@pytest.mark.parametrize(
    ("methods", "promise"),
    [
        ({"elites": lambda self: self.inner.elites()[::-1]}, "best fitness first"),
        (
            {"statistics": lambda self: replace(self.inner.statistics(), individuals=len(self.inner))},
            "counted as such",
        ),
        (
            {"add_one": lambda self, g, f, m, metadata=None: self.inner.add_one(g, f + 1.0, m)},
            "one by one",
        ),
        (
            {
                "add": lambda self, g, f, m, **k: self.inner.add(
                    g, np.nan_to_num(np.asarray(f, float)), np.asarray(m), **k
                )
            },
            "one by one",
        ),
        ({"individuals": lambda self, p: [replace(i, id=0) for i in self.inner.individuals(p)]}, "kept"),
    ],
)
def test_a_broken_archive_is_named(methods, promise):
    kind = broken(grid, **methods)
    with pytest.raises(AssertionError, match=promise):
        check_archive(kind, lambda state: kind(EliteArchive.from_state(state)))


def test_a_state_that_forgets_is_named():
    """Regression: in OpenELM a resume wipes the history."""
    with pytest.raises(AssertionError, match="same state"):
        check_archive(grid, lambda state: EliteArchive.from_state({**state, "offered": 0}))


def test_an_algorithm_that_forgets_its_generator_is_named():
    class Forgetful:
        def __init__(self, space, rng):
            self.inner = MAPElites(space, rng, bins=(6,))

        ask = tell = statistics = elites = state = None

        def restore(self, state):
            self.inner.restore({**state, "rng": self.inner.state()["rng"]})

    for name in ("ask", "tell", "statistics", "elites", "state"):
        setattr(Forgetful, name, lambda self, *a, _name=name: getattr(self.inner, _name)(*a))
    with pytest.raises(AssertionError, match="same state"):
        check_algorithm(Forgetful)
