"""MAP-Elites over a grid (Mouret & Clune 2015, arXiv:1504.04909)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from numpy.random import Generator

from elm_protocols import BehaviorSpace
from elm_qd.ask_tell import AskTell
from elm_qd.elite_archive import EliteArchive
from elm_qd.grid_archive import GridArchive
from elm_qd.selectors import selector_named


@final
class MAPElites(AskTell[EliteArchive]):
    """MAP-Elites: the best individual of every cell of a grid, each alike a parent of the next.

    Args:
        behavior_space: The axes of the grid.
        rng: Decides the choice of parents.
        bins: Equal bins of every continuous axis (one number) or of each axis; empty: each axis's
            recommended edges, or 12 bins.
        selector: How parents are chosen: uniform, fitness, novelty, curiosity or tournament.
        parents: Parents of a child, 1 or more (more: crossover).
        random_individuals: How many individuals come from the environment's seeds at first; 0: the first
            batch.
        qd_offset: Fitness from which the QD score counts.
        reevaluation: Share of the evaluations, 0 to below 1, that evaluate elites again (noisy fitness).
    """

    def __init__(
        self,
        behavior_space: BehaviorSpace,
        rng: Generator,
        *,
        bins: tuple[int, ...] = (),
        selector: str = "uniform",
        parents: int = 1,
        random_individuals: int = 0,
        qd_offset: float = 0.0,
        reevaluation: float = 0.0,
    ) -> None:
        super().__init__(
            GridArchive(behavior_space, bins, qd_offset=qd_offset),
            rng,
            selector_named(selector),
            parents=parents,
            random_individuals=random_individuals,
            reevaluation=reevaluation,
        )

    def _archive_from_state(self, state: Mapping[str, Any]) -> EliteArchive:
        return EliteArchive.from_state(state)
