"""Noise on the fitness of another environment, to try out what helps against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from numpy.random import Generator

from elm_protocols import BehaviorSpace, Environment, Evaluation, Genotype, Individual, Offspring


class NoisyFitness:
    """Another environment whose fitness carries Gaussian noise, new in every evaluation.

    For experiments in one thread: evaluation is here not a function of the genotype.

    Args:
        environment: The environment without noise.
        sigma: Standard deviation of the noise, in units of fitness.
        rng: Source of the noise.
    """

    def __init__(self, environment: Environment, sigma: float, rng: Generator) -> None:
        self._environment = environment
        self._sigma = sigma
        self._rng = rng

    @property
    def behavior_space(self) -> BehaviorSpace:
        """The behaviour space of the environment without noise."""
        return self._environment.behavior_space

    def random(self, n: int, rng: Generator) -> Sequence[Offspring]:
        """Return what the environment without noise returns."""
        return self._environment.random(n, rng)

    def mutate(self, parents: Sequence[Sequence[Individual]], rng: Generator) -> Sequence[Offspring]:
        """Return what the environment without noise returns."""
        return self._environment.mutate(parents, rng)

    def evaluate(self, genotypes: Sequence[Genotype]) -> Sequence[Evaluation]:
        """Return the evaluations with noise on the fitness."""
        return [
            replace(evaluation, fitness=evaluation.fitness + self._sigma * self._rng.normal())
            for evaluation in self._environment.evaluate(genotypes)
        ]
