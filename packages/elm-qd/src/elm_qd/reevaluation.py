"""Evaluating elites again, so that under noise no niche is held for ever by one lucky score.

The estimate of an elite is the mean over its evaluations. Those with the fewest evaluations come first,
as in adaptive sampling (Justesen, Risi & Mouret 2019, doi:10.1145/3319619.3321904), and among them the
fittest, whose scores are the likeliest to be luck.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from elm_protocols import Individual, UserError
from elm_qd.archive import Archive

REEVALUATION = "reevaluation"
"""`Origin.operator` of an offspring that is its parent, to be evaluated again."""


@runtime_checkable
class Reevaluating(Protocol):
    """An algorithm that wants some of its members evaluated again."""

    def ask_again(self, n: int) -> list[Individual]:
        """Return the members to evaluate again in a batch of `n` evaluations, fewer than `n`."""
        ...


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is known of an elite's fitness.

    Attributes:
        mean: Mean over its evaluations.
        evaluations: How many there were, 1 or more.
        variance: Their sample variance; 0.0 for one evaluation.
    """

    mean: float
    evaluations: int = 1
    variance: float = 0.0


class Reevaluations:
    """Whom to evaluate again, and what came of it.

    Args:
        share: Share of all evaluations that goes to elites, 0 to below 1.
    """

    def __init__(self, share: float) -> None:
        if not 0 <= share < 1:
            raise UserError(f"The share of re-evaluations must be 0 or more and below 1, not {share}.")
        self.share = share
        self._owed = 0.0
        self._estimates: dict[int, Estimate] = {}

    def due(self, archive: Archive, n: int) -> list[Individual]:
        """Return the members to evaluate again in a batch of `n` evaluations."""
        if not self.share or not len(archive):
            return []
        self._owed += self.share * n
        count = min(int(self._owed), len(archive), n)
        self._owed -= count
        ids = archive.ids.tolist()
        self._estimates = {i: self._estimates[i] for i in ids if i in self._estimates}
        times = [self._estimates[i].evaluations if i in self._estimates else 1 for i in ids]
        order = np.lexsort((archive.ids, -archive.fitness, np.array(times)))
        return list(archive.individuals(order[:count]))

    def estimate(self, elite: Individual) -> Estimate:
        """Return what is known of the fitness of a member."""
        return self._estimates.get(elite.id, Estimate(elite.fitness))

    def add(self, elite: Individual, fitness: float) -> Estimate:
        """Count one more evaluation of a member and return the new estimate (Welford 1962)."""
        known = self.estimate(elite)
        count = known.evaluations + 1
        mean = known.mean + (fitness - known.mean) / count
        squares = known.variance * (count - 2) + (fitness - known.mean) * (fitness - mean)
        self._estimates[elite.id] = Estimate(mean, count, squares / (count - 1))
        return self._estimates[elite.id]

    def state(self) -> dict[str, Any]:
        """Return everything that decides the future, as JSON values."""
        return {
            "owed": self._owed,
            "estimates": [[i, e.mean, e.evaluations, e.variance] for i, e in self._estimates.items()],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from `state`."""
        self._owed = state["owed"]
        self._estimates = {i: Estimate(*values) for i, *values in state["estimates"]}
