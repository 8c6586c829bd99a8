"""A genetic algorithm with tournament selection and elitism, the baseline of quality diversity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from numpy.random import Generator

from elm_protocols import BehaviorSpace
from elm_qd.ask_tell import AskTell
from elm_qd.population import Population
from elm_qd.selectors import SELECTORS, TournamentSelector, selector_named


@final
class GeneticAlgorithm(AskTell[Population]):
    """A genetic algorithm: tournaments choose parents, the best members are safe, the oldest make room.

    Args:
        behavior_space: The axes of the measures, which are kept but do not matter here.
        rng: Decides the choice of parents.
        population: Most members.
        elites: How many of the best are never replaced, 1 to the population (then the worst makes room).
        selector: How parents are chosen: tournament, uniform, fitness, novelty or curiosity.
        tournament: Members drawn for one parent; more: stronger selection.
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
        population: int = 100,
        elites: int = 1,
        selector: str = "tournament",
        tournament: int = 3,
        parents: int = 1,
        random_individuals: int = 0,
        qd_offset: float = 0.0,
    ) -> None:
        by_tournament = SELECTORS.get(selector) is TournamentSelector
        super().__init__(
            Population(behavior_space, size=population, elites=elites, qd_offset=qd_offset),
            rng,
            TournamentSelector(tournament) if by_tournament else selector_named(selector),
            parents=parents,
            random_individuals=random_individuals,
        )

    def _archive_from_state(self, state: Mapping[str, Any]) -> Population:
        return Population.from_state(state)
