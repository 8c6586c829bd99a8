"""A search leaves its first shape and climbs: OpenELM's image environment could not."""

import bisect

import numpy as np
import pytest

from elm_protocols import Individual

GENERATIONS, CHILDREN = 40, 12


def search(environment, rng):
    """Search by a small MAP-Elites over the niches that the axes recommend.

    Returns the elites by niche, and the best fitness after each generation.
    """
    archive, best = {}, []
    offspring, told = environment.random(1, rng), 0
    for _ in range(GENERATIONS):
        evaluations = environment.evaluate([child.genotype for child in offspring])
        for child, evaluation in zip(offspring, evaluations, strict=True):
            assert evaluation.ok, evaluation.feedback
            niche = tuple(
                bisect.bisect(axis.edges, value)
                for value, axis in zip(evaluation.measures, environment.behavior_space, strict=True)
            )
            if niche not in archive or evaluation.fitness > archive[niche].fitness:
                archive[niche] = Individual(told, child.genotype, evaluation.fitness, evaluation.measures)
            told += 1
        best.append(max(elite.fitness for elite in archive.values()))
        elites = list(archive.values())
        parents = [(elites[rng.integers(len(elites))],) for _ in range(CHILDREN)]
        offspring = environment.mutate(parents, rng)
    return archive, best


@pytest.mark.parametrize("target", ["circle", "landscape"])
def test_random_edits_climb_towards_a_target_from_an_empty_canvas(build_in_process, target):
    environment = build_in_process(target=target, seeds=("empty",), measures=("brightness", "edge_density"))
    archive, best = search(environment, np.random.default_rng(0))
    assert best[-1] - best[0] > 0.25 * (1 - best[0])  # a quarter of the way to the target
    assert len(set(best)) > 6  # in many small steps, not by one lucky child
    assert len(archive) >= 30
    shapes = {line.split("(")[0] for elite in archive.values() for line in elite.genotype.splitlines()}
    assert len({line for line in shapes if "canvas." in line}) >= 4


def test_random_edits_climb_without_a_target(build_in_process):
    environment = build_in_process(
        fitness="symmetric_complexity", seeds=("empty",), measures=("brightness", "contrast")
    )
    _, best = search(environment, np.random.default_rng(0))
    assert best[0] < 0.05
    assert best[-1] > 0.5
