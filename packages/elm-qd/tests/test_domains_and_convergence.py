"""The toy domains keep their promises, and the algorithms beat random search on them."""

import numpy as np
import pytest

from elm_protocols import UserError
from elm_protocols.testing import check_environment
from elm_qd import (
    Budget,
    CVTMAPElites,
    DeepGridMAPElites,
    GridArchive,
    History,
    MAPElites,
    cqd_score,
    normalised_qd_score,
    search,
)
from elm_qd.domains import Arm, FunctionOptimisation, NoisyFitness, StringEvolution, rastrigin, sphere

DOMAINS = [
    StringEvolution(),
    FunctionOptimisation(),
    FunctionOptimisation(function="rastrigin", variables=2),
    Arm(),
    Arm(joints=1),
]


@pytest.mark.parametrize("environment", DOMAINS)
def test_the_domains_keep_their_promises(environment):
    check_environment(environment)


def test_the_optima_are_where_they_are_said_to_be():
    assert sphere(np.zeros(5)) == rastrigin(np.zeros(5)) == 0.0
    assert rastrigin(np.array([1.0, 0.0])) == pytest.approx(1.0)
    straight, *_ = Arm(joints=4).evaluate([[0.0, 0.0, 0.0, 0.0]])
    assert (straight.fitness, straight.measures) == (0.0, (1.0, 0.0))
    curled, *_ = Arm(joints=4).evaluate([[np.pi / 2] * 4])
    assert curled.fitness == 0.0
    assert curled.measures == pytest.approx((0.0, 0.0), abs=1e-12)


def random_search(environment, archive, individuals, seed):
    rng = np.random.default_rng(seed)
    children = environment.random(individuals, rng)
    evaluations = environment.evaluate([child.genotype for child in children])
    archive.add(
        [child.genotype for child in children],
        [evaluation.fitness for evaluation in evaluations],
        [evaluation.measures for evaluation in evaluations],
    )
    return archive.statistics()


@pytest.mark.parametrize(
    ("environment", "offset"),
    [
        (FunctionOptimisation(variables=6), -160.0),
        (FunctionOptimisation(function="rastrigin", variables=6), -250.0),
        (Arm(), -3.2),
        (StringEvolution(), 0.0),
    ],
)
def test_mapelites_beats_random_search_at_equal_evaluations(environment, offset):
    algorithm = MAPElites(environment.behavior_space, np.random.default_rng(1), bins=(12,), qd_offset=offset)
    found = search(algorithm, environment, seed=1, budget=Budget(individuals=2500), batch_size=25).statistics
    archive = GridArchive(environment.behavior_space, 12, qd_offset=offset)
    blind = random_search(environment, archive, 2500, 1)
    assert found.individuals == blind.individuals
    assert found.qd_score > blind.qd_score
    assert found.mean > blind.mean
    assert found.best > blind.best


@pytest.mark.parametrize(("environment", "offset"), [(Arm(), -3.2), (StringEvolution(), 0.0)])
def test_a_deep_grid_beats_random_search_too(environment, offset):
    space = environment.behavior_space
    algorithm = DeepGridMAPElites(space, np.random.default_rng(1), bins=(12,), qd_offset=offset, depth=4)
    found = search(algorithm, environment, seed=1, budget=Budget(individuals=2500), batch_size=25).statistics
    blind = random_search(environment, GridArchive(space, 12, qd_offset=offset), 2500, 1)
    assert found.qd_score > 1.3 * blind.qd_score


def test_mapelites_comes_near_the_known_elites():
    """The best of a niche is known: the point of the niche nearest the origin, all other variables 0."""
    environment = FunctionOptimisation(variables=4)
    algorithm = MAPElites(environment.behavior_space, np.random.default_rng(0), bins=(8,))
    search(algorithm, environment, seed=0, budget=Budget(individuals=6000), batch_size=30)
    edges = algorithm.archive.partition.edges(0)
    nearest = np.where(edges[:-1] * edges[1:] <= 0, 0.0, np.minimum(abs(edges[:-1]), abs(edges[1:])))
    optimum = -np.add.outer(nearest**2, nearest**2).ravel()
    assert len(algorithm.archive) == 64
    gaps = optimum[algorithm.archive.niches] - algorithm.archive.fitness
    assert gaps.min() >= 0
    assert np.median(gaps) < 3.0


def test_cvt_covers_the_disc_that_the_arm_can_reach():
    environment = Arm()
    algorithm = CVTMAPElites(environment.behavior_space, np.random.default_rng(0), niches=100, samples=2000)
    history = History()
    result = search(
        algorithm, environment, seed=0, budget=Budget(individuals=3000), batch_size=50, observers=[history]
    )
    assert 0.7 < result.statistics.coverage < 0.95  # pi / 4 is 0.785, and niches at the rim reach in
    assert len(history.statistics) == 60
    assert [figures.individuals for figures in history.statistics] == list(range(50, 3001, 50))


def true_fitness(environment, elites):
    evaluations = environment.evaluate([elite.genotype for elite in elites])
    return np.array([evaluation.fitness for evaluation in evaluations])


def test_reevaluation_ends_the_reign_of_lucky_scores():
    clean = FunctionOptimisation(variables=4)
    overestimates = {}
    for share in (0.0, 0.4):
        noisy = NoisyFitness(clean, 15.0, np.random.default_rng(5))
        algorithm = MAPElites(noisy.behavior_space, np.random.default_rng(0), bins=(6,), reevaluation=share)
        result = search(algorithm, noisy, seed=0, budget=Budget(individuals=3000), batch_size=30)
        assert result.statistics.individuals == 3000
        elites = algorithm.elites()
        estimates = np.array([elite.fitness for elite in elites])
        overestimates[share] = (estimates - true_fitness(clean, elites)).mean()
        counts = [algorithm.estimate(elite).evaluations for elite in elites]
        assert max(counts) > 1 if share else max(counts) == 1
    assert overestimates[0.4] < 0.4 * overestimates[0.0]


def test_an_estimate_is_mean_count_and_variance():
    from elm_protocols import Evaluation, Offspring, Origin
    from elm_qd.reevaluation import REEVALUATION

    environment = FunctionOptimisation(variables=2)
    algorithm = MAPElites(environment.behavior_space, np.random.default_rng(0), reevaluation=0.5)
    first = Evaluation(fitness=10.0, measures=(0.0, 0.0))
    algorithm.tell([Offspring(genotype=[0.0, 0.0])], [first])
    values = [10.0]
    for fitness in (4.0, 1.0, -3.0):
        (elite,) = algorithm.ask_again(2)
        assert elite.id == 0
        again = Offspring(genotype=elite.genotype, parents=(0,), origin=Origin(operator=REEVALUATION))
        (addition,) = algorithm.tell([again], [Evaluation(fitness=fitness, measures=(0.0, 0.0))])
        assert (addition.status, addition.id) == ("rejected", len(values))
        values.append(fitness)
        (elite,) = algorithm.elites()
        estimate = algorithm.estimate(elite)
        assert elite.fitness == estimate.mean == pytest.approx(np.mean(values))
        assert estimate.evaluations == len(values)
        assert estimate.variance == pytest.approx(np.var(values, ddof=1))
    challenger = Offspring(genotype=[0.1, 0.1])
    (addition,) = algorithm.tell([challenger], [Evaluation(fitness=4.0, measures=(0.0, 0.0))])
    assert addition.status == "improved"
    failed = Offspring(genotype=[0.1, 0.1], parents=(5,), origin=Origin(operator=REEVALUATION))
    (addition,) = algorithm.tell([failed], [Evaluation(status="timeout")])
    assert addition.status == "invalid"
    assert algorithm.statistics().individuals == 6
    assert algorithm.statistics().valid == 5


def test_scores_that_do_not_depend_on_scale():
    environment = FunctionOptimisation(variables=2)
    archive = GridArchive(environment.behavior_space, 2, qd_offset=-10.0)
    archive.add(["a", "b"], [0.0, -5.0], [[1, 1], [-1, -1]])
    assert normalised_qd_score(archive.statistics(), offset=-10.0, highest=0.0) == 15 / 40
    targets = np.array([[1.0, 1.0], [-5.12, 5.12]])
    expected = []
    for target in targets:
        for penalty in (0.0, 1.0):
            values = []
            for quality, place in ((1.0, [1.0, 1.0]), (0.5, [-1.0, -1.0])):
                distance = np.linalg.norm((target - place) / 10.24) / np.sqrt(2)
                values.append(quality - penalty * distance)
            expected.append(max(values))
    score = cqd_score(archive, targets, lowest=-10.0, highest=0.0, penalties=(0.0, 1.0))
    assert score == pytest.approx(np.mean(expected))
    assert cqd_score(GridArchive(environment.behavior_space), targets, lowest=0, highest=1) == 0.0
    for mistake in (
        lambda: normalised_qd_score(archive.statistics(), offset=0.0, highest=0.0),
        lambda: cqd_score(archive, targets, lowest=1.0, highest=0.0),
        lambda: cqd_score(archive, [[1.0]], lowest=0.0, highest=1.0),
        lambda: FunctionOptimisation(function="cube"),
        lambda: FunctionOptimisation(variables=1),
        lambda: FunctionOptimisation(sigma=0.0),
        lambda: Arm(joints=0),
        lambda: Arm(sigma=-1.0),
        lambda: MAPElites(environment.behavior_space, np.random.default_rng(0), reevaluation=1.0),
    ):
        with pytest.raises(UserError, match=r"^[^\n]*\.$"):
            mistake()
