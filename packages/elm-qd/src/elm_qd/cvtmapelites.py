"""CVT-MAP-Elites (Vassiliades, Chatzilygeroudis & Mouret 2018, doi:10.1109/TEVC.2017.2735550)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from numpy.random import Generator

from elm_protocols import BehaviorSpace
from elm_qd.ask_tell import AskTell
from elm_qd.cvt_archive import CVTArchive
from elm_qd.elite_archive import EliteArchive
from elm_qd.selectors import selector_named


@final
class CVTMAPElites(AskTell[EliteArchive]):
    """CVT-MAP-Elites: a fixed number of niches of about equal size, in any number of dimensions.

    Args:
        behavior_space: The axes of the niches.
        rng: Decides the choice of parents.
        niches: How many niches.
        cvt_seed: Decides the niches; same seed, same niches.
        samples: Uniform samples that the niches are made from; 0: 10 a niche, at least 25 000.
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
        niches: int = 1000,
        cvt_seed: int = 0,
        samples: int = 0,
        selector: str = "uniform",
        parents: int = 1,
        random_individuals: int = 0,
        qd_offset: float = 0.0,
        reevaluation: float = 0.0,
    ) -> None:
        archive = CVTArchive(behavior_space, niches, seed=cvt_seed, samples=samples, qd_offset=qd_offset)
        super().__init__(
            archive,
            rng,
            selector_named(selector),
            parents=parents,
            random_individuals=random_individuals,
            reevaluation=reevaluation,
        )

    def _archive_from_state(self, state: Mapping[str, Any]) -> EliteArchive:
        return EliteArchive.from_state(state)
