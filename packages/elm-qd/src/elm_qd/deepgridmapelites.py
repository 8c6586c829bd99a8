"""Deep-Grid MAP-Elites (Flageat & Cully 2020, arXiv:2006.14253)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np
from numpy.random import Generator

from elm_protocols import BehaviorSpace
from elm_qd.ask_tell import AskTell
from elm_qd.deep_grid_archive import DeepGridArchive
from elm_qd.grid import Grid
from elm_qd.selectors import selector_named


@final
class DeepGridMAPElites(AskTell[DeepGridArchive]):
    """Deep-Grid MAP-Elites: several individuals in each cell of a grid, for noisy evaluations.

    Args:
        behavior_space: The axes of the grid.
        rng: Decides the choice of parents and who is replaced.
        bins: Equal bins of every continuous axis (one number) or of each axis; empty: each axis's
            recommended edges, or 12 bins.
        depth: Members of a full cell.
        selector: How parents are chosen: niche (the paper's rule), uniform, fitness, novelty, curiosity
            or tournament.
        parents: Parents of a child, 1 or more (more: crossover).
        random_individuals: How many individuals come from the environment's seeds at first; 0: the first
            batch.
        qd_offset: Fitness from which the QD score counts.
    """

    def __init__(
        self,
        behavior_space: BehaviorSpace,
        rng: Generator,
        *,
        bins: tuple[int, ...] = (),
        depth: int = 10,
        selector: str = "niche",
        parents: int = 1,
        random_individuals: int = 0,
        qd_offset: float = 0.0,
    ) -> None:
        own = np.random.default_rng(int(rng.integers(2**63)))
        super().__init__(
            DeepGridArchive(Grid(behavior_space, bins), own, depth=depth, qd_offset=qd_offset),
            rng,
            selector_named(selector),
            parents=parents,
            random_individuals=random_individuals,
        )

    def _archive_from_state(self, state: Mapping[str, Any]) -> DeepGridArchive:
        return DeepGridArchive.from_state(state)
