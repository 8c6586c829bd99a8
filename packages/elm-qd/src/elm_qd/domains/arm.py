"""A planar arm that reaches every point as smoothly as it can."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

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


class Arm:
    """Reach all points of the plane with an arm whose joints bend alike.

    The redundant arm of Cully, Clune, Tarapore & Mouret 2015 (doi:10.1038/nature14422, supplement). A
    genotype is a list of joint angles in radians, each relative to the link before, in [-pi, pi]. Fitness
    is minus the standard deviation of the angles, at best 0. The measures are the place of the hand, in
    lengths of the arm: only points of the unit disc can be reached.

    Args:
        joints: How many joints, 1 or more.
        sigma: Standard deviation of a mutation, as a share of a full turn, above 0.
    """

    def __init__(self, *, joints: int = 8, sigma: float = 0.05) -> None:
        if joints < 1:
            raise UserError(f"An arm needs at least one joint, not {joints}.")
        if not sigma > 0:
            raise UserError(f"The sigma of the arm must lie above 0, not at {sigma}.")
        self._joints = joints
        self._sigma = sigma
        self.behavior_space = BehaviorSpace(
            (
                ContinuousAxis("x", -1.0, 1.0, unit="arm lengths"),
                ContinuousAxis("y", -1.0, 1.0, unit="arm lengths"),
            )
        )

    def random(self, n: int, rng: Generator) -> Sequence[Offspring]:
        """Return `n` arms with uniform angles."""
        return uniform_vectors(n, -np.pi, np.pi, self._joints, rng)

    def mutate(self, parents: Sequence[Sequence[Individual]], rng: Generator) -> Sequence[Offspring]:
        """Return one child for each group of parents."""
        return vary(parents, -np.pi, np.pi, self._sigma, rng)

    def evaluate(self, genotypes: Sequence[Genotype]) -> Sequence[Evaluation]:
        """Return smoothness and place of the hand of each arm."""
        evaluations = []
        for genotype in genotypes:
            angles = as_vector(genotype)
            directions = np.cumsum(angles)
            hand = (float(np.cos(directions).mean()), float(np.sin(directions).mean()))
            evaluations.append(Evaluation(fitness=-float(angles.std()), measures=hand))
        return evaluations
