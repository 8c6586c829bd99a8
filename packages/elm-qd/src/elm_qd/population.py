"""A bounded population, the archive of a genetic algorithm.

The `elites` best members are safe (elitism, De Jong 1975, "An analysis of the behavior of a class of genetic
adaptive systems"); of the others the oldest makes room. With one elite this is a genetic algorithm whose
generations overlap; with as many elites as members it is the steady-state rule that replaces the worst
(Whitley 1989, "The GENITOR algorithm and selection pressure").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np

from elm_protocols import AddStatus, BehaviorSpace, Statistics, UserError
from elm_qd.additions import Added
from elm_qd.behavior_json import space_from_json, space_to_json
from elm_qd.sequential_archive import SequentialArchive
from elm_qd.statistics import summarise


@final
class Population(SequentialArchive):
    """At most `size` members; each place of the population counts as a niche.

    A valid individual is `new` while there is an empty place, `improved` if it takes the place of
    another (its improvement over that one may be negative), and `rejected` if it is itself the one that
    would have to go. Ties in fitness keep the older member.

    Args:
        space: The behaviour space.
        size: Most members, 1 or more.
        elites: How many of the best are never replaced, 1 to `size`.
        qd_offset: Fitness from which the QD score counts; it is here the sum over all members.
        genotype_size: See `EliteArchive`.
    """

    def __init__(
        self,
        space: BehaviorSpace,
        *,
        size: int = 100,
        elites: int = 1,
        qd_offset: float = 0.0,
        genotype_size: int | None = None,
    ) -> None:
        if size < 1:
            raise UserError(f"A population needs a size of at least 1, not {size}.")
        if not 1 <= elites <= size:
            raise UserError(f"A population of {size} needs 1 to {size} elites, not {elites}.")
        super().__init__(space, qd_offset, genotype_size)
        self.size = size
        self.elite_count = elites

    def _place(self, identity: int, fitness: float, measures: Sequence[float]) -> tuple[Added, int]:
        if len(self) < self.size:
            row = self.members.grow(1)
            return Added(AddStatus.NEW, fitness - self.qd_offset, row - 1), row
        scores = np.append(self.fitness, fitness)
        ages = np.append(self.ids, identity)
        others = np.lexsort((ages, -scores))[self.elite_count :]
        victim = int(others[ages[others].argmin()])
        if victim == self.size:
            return Added(AddStatus.REJECTED, 0.0, -1), 0
        return Added(AddStatus.IMPROVED, float(fitness - scores[victim]), victim), victim + 1

    def statistics(self) -> Statistics:
        """Return the figures of the population as it is now; `niches` is its size."""
        return summarise(self.fitness, self.size, self.qd_offset, self.offered, self.valid)

    def state(self) -> dict[str, Any]:
        """Return everything that decides the future, as JSON values and numpy arrays."""
        return {
            "kind": "population",
            "space": space_to_json(self.space),
            "size": self.size,
            "elites": self.elite_count,
            **self.member_state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Population:
        """Build the population of a `state()`."""
        population = cls(
            space_from_json(state["space"]),
            size=state["size"],
            elites=state["elites"],
            qd_offset=state["qd_offset"],
        )
        population.restore_members(state)
        return population
