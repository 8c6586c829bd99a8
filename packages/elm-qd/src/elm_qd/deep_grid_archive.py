"""An archive that keeps several individuals in each niche, for noisy evaluations.

The container of Deep-Grid MAP-Elites (Flageat & Cully 2020, arXiv:2006.14253): a new individual always
enters its niche; where the niche is full it replaces one of its members chosen at random, whatever their
fitness. So a lucky score is forgotten in time, and a niche is filled with what lands there often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from elm_protocols import AddStatus, Statistics, UserError
from elm_qd.additions import Added
from elm_qd.generator_state import generator_to_json, restore_generator
from elm_qd.partition import Partition
from elm_qd.partition_state import partition_from_state, partition_to_state
from elm_qd.sequential_archive import SequentialArchive
from elm_qd.statistics import summarise


@final
class DeepGridArchive(SequentialArchive):
    """Up to `depth` members in each niche of a partition.

    A valid individual is `new` in an empty niche and `improved` in any other; its improvement over the
    niche's best may then be negative.

    Args:
        partition: The niches, for example a `Grid`.
        rng: Decides who is replaced.
        depth: Members of a full niche, 1 or more.
        qd_offset: Fitness from which the QD score counts; a niche counts with its best member.
        genotype_size: See `EliteArchive`.
    """

    def __init__(
        self,
        partition: Partition,
        rng: Generator,
        *,
        depth: int = 10,
        qd_offset: float = 0.0,
        genotype_size: int | None = None,
    ) -> None:
        if depth < 1:
            raise UserError(f"A deep grid needs a depth of at least 1, not {depth}.")
        super().__init__(partition.space, qd_offset, genotype_size)
        self.partition = partition
        self.depth = depth
        self._rng = rng
        self._rows_of: dict[int, list[int]] = {}

    def _place(self, identity: int, fitness: float, measures: Sequence[float]) -> tuple[Added, int]:
        niche = self.partition.index_one(measures)
        rows = self._rows_of.setdefault(niche, [])
        status, beaten = AddStatus.NEW, self.qd_offset
        if rows:
            status, beaten = AddStatus.IMPROVED, float(self.members.fitness[rows].max())
        if len(rows) < self.depth:
            row = self.members.grow(1)
            rows.append(row)
        else:
            row = rows[int(self._rng.integers(self.depth))]
        return Added(status, fitness - beaten, niche), row

    @property
    def filled(self) -> list[int]:
        """The niches that have members, in the order in which they were filled."""
        return list(self._rows_of)

    def positions_in(self, niche: int) -> NDArray[np.int64]:
        """Return the positions of a niche's members, shape (up to depth,)."""
        return np.array(self._rows_of.get(niche, []), dtype=np.int64) - 1

    def statistics(self) -> Statistics:
        """Return the figures of the archive as it is now; costs time in proportion to its members."""
        niches, places = np.unique(self.niches, return_inverse=True)
        best = np.full(len(niches), -np.inf)
        np.maximum.at(best, places, self.fitness)
        return summarise(best, self.partition.niches, self.qd_offset, self.offered, self.valid)

    def state(self) -> dict[str, Any]:
        """Return everything that decides the future, as JSON values and numpy arrays."""
        return {
            "kind": "deep-grid-archive",
            "partition": partition_to_state(self.partition),
            "depth": self.depth,
            "rng": generator_to_json(self._rng),
            **self.member_state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> DeepGridArchive:
        """Build the archive of a `state()`; its generator is a PCG64."""
        rng = np.random.default_rng(0)
        restore_generator(rng, state["rng"])
        archive = cls(
            partition_from_state(state["partition"]), rng, depth=state["depth"], qd_offset=state["qd_offset"]
        )
        archive.restore_members(state)
        for row, niche in enumerate(archive.niches.tolist(), start=1):
            archive._rows_of.setdefault(niche, []).append(row)
        return archive
