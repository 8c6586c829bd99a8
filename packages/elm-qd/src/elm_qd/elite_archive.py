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
    Genotype,
    Individual,
    Json,
    Statistics,
)
from elm_qd.additions import IMPROVED, INVALID, NEW, NOT_SCORED, Added, Additions
from elm_qd.batch_order import resolve_batch
from elm_qd.member_archive import MemberArchive
from elm_qd.members import Genotypes
from elm_qd.partition import Partition
from elm_qd.partition_state import partition_from_state, partition_to_state
from elm_qd.statistics import summarise

# Looking a name up in an enum and calling a named tuple would take a quarter of the time of an add.
_REJECTED = AddStatus.REJECTED
_new_tuple = tuple.__new__


@final
class EliteArchive(MemberArchive):
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
        super().__init__(partition.space, qd_offset, genotype_size)
        self.partition = partition
        self._axes = len(partition.space)
        self._index_one = partition.index_one
        # Zeros are pages the system has not given out yet: an empty niche costs up to four bytes.
        self._row_of = np.zeros(partition.niches, dtype=np.int32)
        self._row_cells: memoryview[Any] = self._row_of.data

    def add(
        self,
        genotypes: Genotypes,
        fitness: ArrayLike,
        measures: ArrayLike,
        *,
        ids: Sequence[int] | None = None,
        metadata: Sequence[Json] | None = None,
    ) -> Additions:
        """Offer a batch; see `MemberArchive.add`."""
        n = len(genotypes)
        scores, points, numbers = self.check_batch(genotypes, fitness, measures, ids)
        genotypes = self.members.check_genotypes(genotypes, n)
        self.offered += n
        codes = np.zeros(n, dtype=np.int8)
        if np.isfinite(scores).all() and np.isfinite(points).all():
            niches = self.partition.index(points)
            entries = (scores > self.members.fitness.take(self._row_of.take(niches))).nonzero()[0]
        else:
            finite = np.isfinite(scores) & np.isfinite(points).all(axis=1)
            sound = finite.nonzero()[0]
            self.refused += n - len(sound)
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
        """Offer one individual; see `MemberArchive.add_one`."""
        if len(measures) != self._axes:
            raise self.misfit(measures)
        self.offered += 1
        niche = self._index_one(measures)
        if niche < 0 or fitness - fitness != 0.0:  # NaN or infinite
            self.refused += 1
            return NOT_SCORED
        row = self._row_cells[niche]
        incumbent = self.members.fitness_cells[row]
        if not fitness > incumbent:
            return _new_tuple(Added, (_REJECTED, 0.0, niche))
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

    def elite_of(self, niche: int) -> Individual | None:
        """Return the elite of a niche, or None if the niche is empty."""
        row = int(self._row_of[niche])
        return self.members.individuals(np.array([row]))[0] if row else None

    def statistics(self) -> Statistics:
        """Return the figures of the archive as it is now; costs time in proportion to its members."""
        return summarise(self.fitness, self.partition.niches, self.qd_offset, self.offered, self.valid)

    def state(self) -> dict[str, Any]:
        """Return everything that decides the future, as JSON values and numpy arrays."""
        return {
            "kind": "elite-archive",
            "partition": partition_to_state(self.partition),
            **self.member_state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> EliteArchive:
        """Build the archive of a `state()`."""
        archive = cls(partition_from_state(state["partition"]), qd_offset=state["qd_offset"])
        archive.restore_members(state)
        archive._row_of[archive.niches] = np.arange(1, len(archive) + 1, dtype=np.int32)
        return archive
