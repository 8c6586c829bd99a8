"""What every archive of this package has: a table of members and views of it."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elm_protocols import BehaviorSpace, Genotype, Individual, Json, Statistics, UserError
from elm_qd.additions import Added, Additions
from elm_qd.members import Genotypes, Members, as_numbers


class MemberArchive(ABC):
    """A table of members, and counts of what was offered.

    Args:
        space: The behaviour space.
        qd_offset: Fitness from which the QD score counts; choose the lowest possible fitness, so that
            no elite lowers the score.
        genotype_size: Length of the genotypes if all are numeric vectors of that length: they are then
            kept in one array. None for genotypes of any other kind.
    """

    def __init__(self, space: BehaviorSpace, qd_offset: float, genotype_size: int | None) -> None:
        if not math.isfinite(qd_offset):
            raise UserError(f"The QD-score offset must be a finite number, not {qd_offset}.")
        self.space = space
        self.qd_offset = float(qd_offset)
        self.offered = 0
        self.refused = 0
        self.members = Members(len(space), genotype_size)

    @abstractmethod
    def add(
        self,
        genotypes: Genotypes,
        fitness: ArrayLike,
        measures: ArrayLike,
        *,
        ids: Sequence[int] | None = None,
        metadata: Sequence[Json] | None = None,
    ) -> Additions:
        """Offer a batch of n: as if its members were offered one by one in order.

        Args:
            genotypes: n genotypes.
            fitness: Shape (n,); NaN or infinite: refused as `invalid`, without effect on the others.
            measures: Shape (n, axes); likewise.
            ids: Ids of the individuals; None: numbered on from all offered before.
            metadata: A JSON value to keep with each, if it is kept; texts are shown as feedback.

        Returns:
            What became of each.

        Raises:
            UserError: If the shapes do not fit each other or the behaviour space.
        """

    @abstractmethod
    def add_one(
        self, genotype: Genotype, fitness: float, measures: Sequence[float], *, metadata: Json = None
    ) -> Added:
        """Offer one individual, with the result that a batch of one would have.

        Args:
            genotype: What evolves.
            fitness: Higher is better.
            measures: One number an axis.
            metadata: A JSON value to keep with it, if it is kept.
        """

    @property
    def valid(self) -> int:
        """How many of the individuals offered were valid."""
        return self.offered - self.refused

    @abstractmethod
    def statistics(self) -> Statistics:
        """Return the figures of the archive as it is now; costs time in proportion to its members."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Return everything that decides the future, as JSON values and numpy arrays."""

    def __len__(self) -> int:
        return self.members.count

    @property
    def fitness(self) -> NDArray[np.float64]:
        """Fitness of the members, shape (len,), read-only."""
        return self.members.view(self.members.fitness)

    @property
    def measures(self) -> NDArray[np.float64]:
        """Measures of the members, shape (len, axes), read-only."""
        return self.members.view(self.members.measures)

    @property
    def ids(self) -> NDArray[np.int64]:
        """Ids of the members, shape (len,), read-only."""
        return self.members.view(self.members.ids)

    @property
    def niches(self) -> NDArray[np.int64]:
        """Niches of the members, shape (len,), read-only."""
        return self.members.view(self.members.niches)

    @property
    def genotypes(self) -> Sequence[Genotype] | NDArray[np.float64]:
        """Genotypes of the members: a list, or an array of shape (len, genotype_size)."""
        return self.members.genotypes()

    def genotypes_at(self, positions: NDArray[np.int64]) -> Sequence[Genotype] | NDArray[np.float64]:
        """Return the genotypes of the members at `positions`: a list, or an array of numeric ones."""
        return self.members.genotypes_at(positions)

    def individuals(self, positions: Sequence[int] | NDArray[np.int64]) -> list[Individual]:
        """Return the members at `positions` (0 to len - 1)."""
        return self.members.individuals(np.asarray(positions, dtype=np.int64) + 1)

    def elites(self) -> list[Individual]:
        """Return the members, best fitness first, ties by id."""
        return self.individuals(np.lexsort((self.ids, -self.fitness)))

    def check_batch(
        self, genotypes: Genotypes, fitness: ArrayLike, measures: ArrayLike, ids: Sequence[int] | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Return fitness, measures and ids of a batch as arrays.

        Raises:
            UserError: If the shapes do not fit each other or the behaviour space.
        """
        n = len(genotypes)
        scores = as_numbers(fitness, (n,), "fitness values")
        points = as_numbers(measures, (n, len(self.space)), "measures")
        if ids is None:
            return scores, points, np.arange(self.offered, self.offered + n, dtype=np.int64)
        if len(ids) != n:
            raise UserError(f"Give one id for each of the {n} individuals, not {len(ids)}.")
        return scores, points, np.array(ids, dtype=np.int64)

    def misfit(self, measures: Sequence[float]) -> UserError:
        """Return the error for measures of another number of axes."""
        return UserError(f"An individual here needs {len(self.space)} measures, not {len(measures)}.")

    def revise(self, position: int, fitness: float) -> None:
        """Set a member's fitness to a better estimate."""
        self.members.fitness[position + 1] = fitness

    def count_told(self, *, valid: bool) -> None:
        """Count an individual that is not to be added, so that the next one gets the next id."""
        self.offered += 1
        self.refused += not valid

    def member_state(self) -> dict[str, Any]:
        """Return the part of the state that every archive has."""
        return {
            "qd_offset": self.qd_offset,
            "offered": self.offered,
            "refused": self.refused,
            "members": self.members.state(),
        }

    def restore_members(self, state: Mapping[str, Any]) -> None:
        """Take over the part of the state that every archive has."""
        self.offered = state["offered"]
        self.refused = state["refused"]
        self.members = Members.from_state(len(self.space), state["members"])
