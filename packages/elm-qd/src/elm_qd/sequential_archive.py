"""Archives that take one individual at a time, by rules that look at whole groups of members."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from elm_protocols import Genotype, Json
from elm_qd.additions import CODE_OF_STATUS, NOT_SCORED, Added, Additions
from elm_qd.member_archive import MemberArchive
from elm_qd.members import Genotypes


class SequentialArchive(MemberArchive):
    """An archive whose rule is written for one individual."""

    @abstractmethod
    def _place(self, identity: int, fitness: float, measures: Sequence[float]) -> tuple[Added, int]:
        """Decide on a valid individual; return the outcome and the row to write it to, 0 for none."""

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
        scores, points, numbers = self.check_batch(genotypes, fitness, measures, ids)
        values = self.members.check_genotypes(genotypes, len(scores))
        added = [
            self._offer(identity, values[entry], score, point, None if metadata is None else metadata[entry])
            for entry, (identity, score, point) in enumerate(
                zip(numbers.tolist(), scores.tolist(), points.tolist(), strict=True)
            )
        ]
        return Additions(
            numbers,
            np.array([CODE_OF_STATUS[one.status] for one in added], dtype=np.int8),
            np.array([one.improvement for one in added], dtype=np.float64),
            np.array([one.niche for one in added], dtype=np.int64),
        )

    def add_one(
        self, genotype: Genotype, fitness: float, measures: Sequence[float], *, metadata: Json = None
    ) -> Added:
        """Offer one individual; see `MemberArchive.add_one`."""
        if len(measures) != len(self.space):
            raise self.misfit(measures)
        return self._offer(self.offered, genotype, fitness, measures, metadata)

    def _offer(
        self, identity: int, genotype: Genotype, fitness: float, measures: Sequence[float], metadata: Json
    ) -> Added:
        self.offered += 1
        if not (math.isfinite(fitness) and all(map(math.isfinite, measures))):
            self.refused += 1
            return NOT_SCORED
        added, row = self._place(identity, fitness, measures)
        if row:
            members = self.members
            members.fitness[row] = fitness
            members.measures[row] = measures
            members.ids[row] = identity
            members.niches[row] = added.niche
            members.put_genotype(row, genotype.tolist() if isinstance(genotype, np.ndarray) else genotype)
            members.put_metadata(row, metadata)
        return added
