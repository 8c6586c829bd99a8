"""Deep grid and population against slow reference implementations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elm_protocols import BehaviorSpace, ContinuousAxis, UserError
from elm_qd import Budget, DeepGridArchive, GeneticAlgorithm, Grid, Population, search
from elm_qd.domains import FunctionOptimisation

SPACE = BehaviorSpace((ContinuousAxis("x", 0.0, 3.0),))
pairs = st.lists(st.tuples(st.integers(-5, 5).map(float), st.sampled_from([0.5, 1.5, 2.5])), max_size=60)


@given(pairs, st.integers(1, 4), st.integers(0, 50))
@settings(deadline=None)
def test_deep_grid(offered, depth, seed):
    archive = DeepGridArchive(Grid(SPACE, 3), np.random.default_rng(seed), depth=depth, qd_offset=-5.0)
    rng = np.random.default_rng(seed)
    niches = {0: [], 1: [], 2: []}
    for identity, (fitness, x) in enumerate(offered):
        added = archive.add_one(identity, fitness, (x,))
        members = niches[int(x)]
        best = max((f for f, _ in members), default=-5.0)
        assert added == ("improved" if members else "new", fitness - best, int(x))
        if len(members) < depth:
            members.append((fitness, identity))
        else:
            members[rng.integers(depth)] = (fitness, identity)
    found = {niche: [] for niche in niches}
    for niche in niches:
        for member in archive.individuals(archive.positions_in(niche)):
            found[niche].append((member.fitness, member.genotype))
    assert found == niches
    figures = archive.statistics()
    filled = [max(members)[0] for members in niches.values() if members]
    assert (figures.niches, figures.filled) == (3, len(filled))
    assert figures.qd_score == sum(fitness + 5.0 for fitness in filled)


@given(pairs, st.integers(1, 6), st.data())
@settings(deadline=None)
def test_population(offered, size, data):
    elites = data.draw(st.integers(1, size))
    population = Population(SPACE, size=size, elites=elites)
    slow = []
    for identity, (fitness, x) in enumerate(offered):
        added = population.add_one(identity, fitness, (x,))
        slow.append((fitness, identity))
        if len(slow) <= size:
            assert added == ("new", fitness, identity)
            continue
        safe = sorted(slow, key=lambda member: (-member[0], member[1]))[:elites]
        victim = next(member for member in slow if member not in safe)  # slow is in order of age
        slow.remove(victim)
        assert added.status == ("rejected" if victim[1] == identity else "improved")
        if added.status == "improved":
            assert added.improvement == fitness - victim[0]
        # Regression: OpenELM's genetic algorithm evicts its best.
        assert max(f for f, _ in slow) == max(f for f, _ in offered[: identity + 1])
    assert sorted((m.fitness, m.genotype) for m in population.elites()) == sorted(slow)


def test_a_full_population_of_elites_replaces_its_worst():
    population = Population(SPACE, size=3, elites=3)
    added = population.add(list("abcde"), [3.0, 1.0, 2.0, 1.0, 1.5], [[0.5]] * 5)
    assert [a.status for a in added] == ["new", "new", "new", "rejected", "improved"]
    assert [m.genotype for m in population.elites()] == ["a", "c", "e"]


def test_a_tournament_drives_the_population_up():
    environment = FunctionOptimisation(variables=2)
    algorithm = GeneticAlgorithm(environment.behavior_space, np.random.default_rng(0), population=30)
    search(algorithm, environment, seed=0, budget=Budget(individuals=1500))
    assert algorithm.statistics().best > -0.01
    assert algorithm.statistics().mean > -1.0


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: Population(SPACE, size=0),
        lambda: Population(SPACE, size=3, elites=4),
        lambda: Population(SPACE, elites=0),
        lambda: Population(SPACE, qd_offset=float("nan")),
        lambda: DeepGridArchive(Grid(SPACE), np.random.default_rng(0), depth=0),
    ],
)
def test_mistakes_are_told_in_one_sentence(mistake):
    with pytest.raises(UserError, match=r"^[^\n]*\.$"):
        mistake()
