"""The one interface behind which all archives stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elm_protocols import BehaviorSpace, Genotype, Individual, Json, Statistics
from elm_qd.additions import Added, Additions
from elm_qd.members import Genotypes


@runtime_checkable
class Archive(Protocol):
    """Keeps the individuals worth keeping. Members stand at positions 0 to len - 1.

    `elm_qd.testing.check_archive` checks every promise made here.
    """

    @property
    def space(self) -> BehaviorSpace:
        """The behaviour space."""
        ...

    def __len__(self) -> int:
        """Return how many members there are."""
        ...

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
        """
        ...

    def add_one(
        self, genotype: Genotype, fitness: float, measures: Sequence[float], *, metadata: Json = None
    ) -> Added:
        """Offer one individual, with the result that a batch of one would have."""
        ...

    @property
    def fitness(self) -> NDArray[np.float64]:
        """Fitness of the members, shape (len,), read-only."""
        ...

    @property
    def measures(self) -> NDArray[np.float64]:
        """Measures of the members, shape (len, axes), read-only."""
        ...

    @property
    def ids(self) -> NDArray[np.int64]:
        """Ids of the members, shape (len,), read-only."""
        ...

    @property
    def niches(self) -> NDArray[np.int64]:
        """Niches of the members, shape (len,), read-only."""
        ...

    def individuals(self, positions: Sequence[int] | NDArray[np.int64]) -> Sequence[Individual]:
        """Return the members at `positions`."""
        ...

    def elites(self) -> Sequence[Individual]:
        """Return the members, best fitness first, ties by id."""
        ...

    def statistics(self) -> Statistics:
        """Return the figures of the archive as it is now."""
        ...

    def state(self) -> Mapping[str, Any]:
        """Return everything that decides the future, as JSON values and numpy arrays."""
        ...
