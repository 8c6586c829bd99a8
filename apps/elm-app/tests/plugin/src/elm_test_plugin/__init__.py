"""An environment as a third party would write it: numbers near the top of a parabola."""

import os
import time

import numpy as np

from elm_protocols import BehaviorSpace, ContinuousAxis, Evaluation, Offspring, UserError


class Parabola:
    """Numbers near the top of a parabola.

    Args:
        top: Where the parabola has its top.
        spread: Bounds of the numbers,
            as a pair.
        shape: Only `round` is known.
        pause: Seconds that an evaluation takes.
    """

    def __init__(
        self,
        *,
        top: float = 0.5,
        spread: tuple[float, float] = (0.0, 1.0),
        shape: str = "round",
        pause: float | None = None,
    ):
        if shape != "round":
            raise UserError(f"env.shape must be round, not {shape}.")
        self.behavior_space = BehaviorSpace((ContinuousAxis("x", *spread),))
        self._top = top
        self._pause = pause or 0.0

    def random(self, n, rng):
        return [Offspring(genotype=float(x)) for x in rng.random(n)]

    def mutate(self, parents, rng):
        return [self._child(group, rng) for group in parents]

    def _child(self, group, rng):
        ids = tuple(parent.id for parent in group)
        if rng.random() < 0.2:
            return Offspring(genotype=None, parents=ids, status="stillborn", feedback="no luck")
        return Offspring(genotype=float(group[0].genotype + rng.normal(0, 0.2)), parents=ids)

    def evaluate(self, genotypes):
        time.sleep(self._pause * len(genotypes))
        return [
            Evaluation(fitness=-((x - self._top) ** 2), measures=(x,), artifacts={"process": os.getpid() > 0})
            if np.isfinite(x) and x > -1
            else Evaluation(status="out-of-range", feedback=f"{x} is too small")
            for x in genotypes
        ]
