"""An archive that keeps the best individual of every niche.

The rule is that of MAP-Elites (Mouret & Clune 2015, arXiv:1504.04909, algorithm 1): an individual enters
if its niche is empty or it is fitter than the elite there. A tie keeps the elite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elm_protocols import (
    AddStatus,
    BehaviorSpace,
    Genotype,
    Individual,
    Json,
    Statistics,
    UserError,
)
from elm_qd.additions import IMPROVED, INVALID, NEW, NOT_SCORED, Added, Additions
from elm_qd.batch_order import resolve_batch
from elm_qd.members import Genotypes, Members, as_numbers
from elm_qd.partition import Partition
from elm_qd.partition_state import partition_from_state, partition_to_state
from elm_qd.statistics import summarise

_REJECTED = AddStatus.REJECTED  # looking a name up in an enum takes longer than adding takes


@final
class EliteArchive:
    """At most one member, the elite, in each niche of a partition.

    The result of adding a batch equals adding its members one by one in order. An individual with a NaN
    or infinite fitness or measure is refused with the status `invalid`; the others of its batch are not
    affected. Members are counted 0, 1, ... in the order in which their niches were filled.

    Args:
        partition: The niches, for example a `Grid`.
        qd_offset: Fitness from which the QD score counts; choose the lowest possible fitness, so that
            no elite lowers the score.
        genotype_size: Length of the genotypes if all are numeric vectors of that length: they are then
            kept in one array. None for genotypes of any other kind.
    """

    def __init__(
        self, partition: Partition, *, qd_offset: float = 0.0, genotype_size: int | None = None
    ) -> None:
        if not np.isfinite(qd_offset):
            raise UserError(f"The QD-score offset must be a finite number, not {qd_offset}.")
        self.partition = partition
        self.qd_offset = float(qd_offset)
        self.offered = 0
        self.valid = 0
        self.members = Members(len(partition.space), genotype_size)
        self._index_one = partition.index_one
        # Zeros are pages the system has not given out yet: an empty niche costs up to four bytes.
        self._row_of = np.zeros(partition.niches, dtype=np.int32)
        self._row_cells: memoryview[Any] = self._row_of.data

    @property
    def space(self) -> BehaviorSpace:
        """The behaviour space."""
        return self.partition.space

    def __len__(self) -> int:
        return self.members.count

    def add(
        self,
        genotypes: Genotypes,
        fitness: ArrayLike,
        measures: ArrayLike,
        *,
        ids: Sequence[int] | None = None,
        metadata: Sequence[Json] | None = None,
    ) -> Additions:
        """Offer a batch.

        Args:
            genotypes: n genotypes.
            fitness: Shape (n,).
            measures: Shape (n, axes).
            ids: Ids of the individuals; None: numbered on from all offered before.
            metadata: A JSON value to keep with each, if it is kept; texts are shown as feedback.

        Returns:
            What became of each.

        Raises:
            UserError: If the shapes do not fit each other or the behaviour space.
        """
        n = len(genotypes)
        scores = as_numbers(fitness, (n,), "fitness values")
        points = as_numbers(measures, (n, len(self.space)), "measures")
        genotypes = self.members.check_genotypes(genotypes, n)
        numbers = _ids(ids, n, self.offered)
        self.offered += n
        codes = np.zeros(n, dtype=np.int8)
        if np.isfinite(scores).all() and np.isfinite(points).all():
            self.valid += n
            niches = self.partition.index(points)
            entries = (scores > self.members.fitness.take(self._row_of.take(niches))).nonzero()[0]
        else:
            finite = np.isfinite(scores) & np.isfinite(points).all(axis=1)
            sound = finite.nonzero()[0]
            self.valid += len(sound)
            codes[~finite] = INVALID
            niches = np.full(n, -1, dtype=np.int64)
            niches[sound] = self.partition.index(points[sound])
            entries = sound[scores[sound] > self.members.fitness[self._row_of[niches[sound]]]]
        additions = Additions(numbers, codes, np.zeros(n), niches)
        if len(entries):
            winners = self._enter(entries, scores, additions)
            places = self._row_of[niches[winners]].astype(np.int64)
            self.members.fitness[places] = scores[winners]
            self.members.measures[places] = points[winners]
            self.members.ids[places] = numbers[winners]
            self.members.put(places, winners, genotypes, metadata)
        return additions

    def _enter(
        self, entries: NDArray[np.int64], scores: NDArray[np.float64], additions: Additions
    ) -> NDArray[np.int64]:
        """Open niches for the `entries` of a batch that beat the elites from before it.

        Writes their statuses and improvements, and returns those that stay once all have entered.
        """
        niches = additions.niches
        rows = self._row_of[niches[entries]]
        order = resolve_batch(niches[entries], scores[entries], self.members.fitness[rows])
        accepted = entries[order.accepted]
        opened = order.first & (rows[order.accepted] == 0)
        additions.codes[accepted] = np.where(opened, NEW, IMPROVED)
        with np.errstate(over="ignore"):
            beaten = np.where(opened, self.qd_offset, order.beaten)
            additions.improvements[accepted] = scores[accepted] - beaten
        founders = np.sort(accepted[opened])
        if len(founders):
            first = self.members.grow(len(founders))
            places = np.arange(first, first + len(founders))
            self._row_of[niches[founders]] = places
            self.members.niches[places] = niches[founders]
        return accepted[order.last]

    def add_one(
        self, genotype: Genotype, fitness: float, measures: Sequence[float], *, metadata: Json = None
    ) -> Added:
        """Offer one individual; the same as `add` with a batch of one, and faster for one.

        Args:
            genotype: What evolves.
            fitness: Higher is better.
            measures: One number an axis.
            metadata: A JSON value to keep with it, if it is kept.
        """
        self.offered += 1
        niche = self._index_one(measures)
        if niche < 0 or fitness - fitness != 0.0:  # NaN or infinite
            return NOT_SCORED
        self.valid += 1
        row = self._row_cells[niche]
        incumbent = self.members.fitness_cells[row]
        if not fitness > incumbent:
            return Added(_REJECTED, 0.0, niche)
        members = self.members
        status, beaten = AddStatus.IMPROVED, incumbent
        if row == 0:
            status, beaten = AddStatus.NEW, self.qd_offset
            row = members.grow(1)
            self._row_cells[niche] = row
            members.niches[row] = niche
        members.fitness_cells[row] = fitness
        members.measures[row] = measures
        members.ids[row] = self.offered - 1
        members.put_genotype(row, genotype)
        members.put_metadata(row, metadata)
        return Added(status, float(fitness) - beaten, niche)

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
        return self.members.genotypes_in(positions + 1)

    def individuals(self, positions: Sequence[int] | NDArray[np.int64]) -> list[Individual]:
        """Return the members at `positions` (0 to len - 1)."""
        return self.members.individuals(np.asarray(positions, dtype=np.int64) + 1)

    def elite_of(self, niche: int) -> Individual | None:
        """Return the elite of a niche, or None if the niche is empty."""
        row = int(self._row_of[niche])
        return self.members.individuals(np.array([row]))[0] if row else None

    def elites(self) -> list[Individual]:
        """Return the members, best fitness first, ties by id."""
        return self.individuals(np.lexsort((self.ids, -self.fitness)))

    def statistics(self) -> Statistics:
        """Return the figures of the archive as it is now; costs time in proportion to its members."""
        return summarise(self.fitness, self.partition.niches, self.qd_offset, self.offered, self.valid)

    def state(self) -> dict[str, Any]:
        """Return everything that decides the future, as JSON values and numpy arrays."""
        return {
            "kind": "elite-archive",
            "partition": partition_to_state(self.partition),
            "qd_offset": self.qd_offset,
            "offered": self.offered,
            "valid": self.valid,
            "members": self.members.state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> EliteArchive:
        """Build the archive of a `state()`."""
        archive = cls(partition_from_state(state["partition"]), qd_offset=state["qd_offset"])
        archive.offered = state["offered"]
        archive.valid = state["valid"]
        archive.members = Members.from_state(len(archive.space), state["members"])
        archive._row_of[archive.niches] = np.arange(1, len(archive) + 1, dtype=np.int32)
        return archive


def _ids(ids: Sequence[int] | None, n: int, offered: int) -> NDArray[np.int64]:
    if ids is None:
        return np.arange(offered, offered + n, dtype=np.int64)
    if len(ids) != n:
        raise UserError(f"Give one id for each of the {n} individuals, not {len(ids)}.")
    return np.array(ids, dtype=np.int64)
