"""Optimise a function of many variables, over all values of the first two."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from elm_protocols import (
    BehaviorSpace,
    ContinuousAxis,
    Evaluation,
    Genotype,
    Individual,
    Offspring,
    UserError,
)
from elm_qd.domains.number_vectors import as_vector, uniform_vectors, vary

BOUND = 5.12
"""Genotypes lie in [-5.12, 5.12] in every variable, the usual range of both functions."""


def sphere(x: NDArray[np.float64]) -> float:
    """Return the sum of squares, 0 at its minimum x = 0."""
    return float(np.square(x).sum())


def rastrigin(x: NDArray[np.float64]) -> float:
    """Return the function of Rastrigin 1974: 0 at its minimum x = 0, many local minima elsewhere."""
    return float(10 * len(x) + (np.square(x) - 10 * np.cos(2 * np.pi * x)).sum())


FUNCTIONS: Mapping[str, Callable[[NDArray[np.float64]], float]] = {"sphere": sphere, "rastrigin": rastrigin}


class FunctionOptimisation:
    """Minimise sphere or Rastrigin over all values of the first two variables.

    A genotype is a list of numbers in [-5.12, 5.12]. Fitness is the function's negative: at best 0, at
    the origin. The measures are the first two variables, so the optimum of a niche is known: the other
    variables are 0.

    Args:
        function: `sphere` or `rastrigin`.
        variables: How many variables, 2 or more.
        sigma: Standard deviation of a mutation, as a share of the range of a variable, above 0.
    """

    def __init__(self, *, function: str = "sphere", variables: int = 10, sigma: float = 0.05) -> None:
        if function not in FUNCTIONS:
            raise UserError(f"There is no function '{function}'; choose one of {', '.join(FUNCTIONS)}.")
        if variables < 2:
            raise UserError(f"Function optimisation needs at least 2 variables, not {variables}.")
        if not sigma > 0:
            raise UserError(f"The sigma of function optimisation must lie above 0, not at {sigma}.")
        self._function = FUNCTIONS[function]
        self._variables = variables
        self._sigma = sigma
        self.behavior_space = BehaviorSpace(
            (ContinuousAxis("x0", -BOUND, BOUND), ContinuousAxis("x1", -BOUND, BOUND))
        )

    def random(self, n: int, rng: Generator) -> Sequence[Offspring]:
        """Return `n` uniform points."""
        return uniform_vectors(n, -BOUND, BOUND, self._variables, rng)

    def mutate(self, parents: Sequence[Sequence[Individual]], rng: Generator) -> Sequence[Offspring]:
        """Return one child for each group of parents."""
        return vary(parents, -BOUND, BOUND, self._sigma, rng)

    def evaluate(self, genotypes: Sequence[Genotype]) -> Sequence[Evaluation]:
        """Return minus the function's value and the first two variables of each point."""
        points = [as_vector(genotype) for genotype in genotypes]
        return [
            Evaluation(fitness=-self._function(point), measures=(float(point[0]), float(point[1])))
            for point in points
        ]
