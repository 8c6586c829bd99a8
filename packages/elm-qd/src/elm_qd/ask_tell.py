"""What every algorithm does between ask and tell, whatever its archive."""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.random import Generator

from elm_protocols import (
    Addition,
    AddStatus,
    BehaviorSpace,
    Evaluation,
    Individual,
    Offspring,
    Statistics,
    UnreadableFileError,
    UserError,
)
from elm_qd.generator_state import generator_to_json, restore_generator
from elm_qd.member_archive import MemberArchive
from elm_qd.reevaluation import REEVALUATION, Estimate, Reevaluations
from elm_qd.selection import Selector

ArchiveT = TypeVar("ArchiveT", bound=MemberArchive)


class AskTell(ABC, Generic[ArchiveT]):
    """An archive, a selector and a generator behind the interface `elm_protocols.Algorithm`.

    Args:
        archive: Empty archive.
        rng: Decides everything random in the algorithm.
        selector: Chooses the parents.
        parents: Parents in a group, 1 or more; groups are smaller while the archive is.
        random_individuals: How many individuals are asked of `Environment.random` at first; 0: the first
            batch. While the archive is empty, more are asked for.
        reevaluation: Share of the evaluations, 0 to below 1, that evaluate elites again.
    """

    def __init__(
        self,
        archive: ArchiveT,
        rng: Generator,
        selector: Selector,
        *,
        parents: int,
        random_individuals: int,
        reevaluation: float = 0.0,
    ) -> None:
        if parents < 1:
            raise UserError(f"A child needs at least one parent, so parents must be positive, not {parents}.")
        if random_individuals < 0:
            raise UserError(f"The number of random individuals cannot be negative, got {random_individuals}.")
        self.archive = archive
        self.selector = selector
        self._rng = rng
        self._parents = parents
        self._random_left = random_individuals
        self._reevaluations = Reevaluations(reevaluation)

    @abstractmethod
    def _archive_from_state(self, state: Mapping[str, Any]) -> ArchiveT:
        """Build the archive of a state."""

    @property
    def behavior_space(self) -> BehaviorSpace:
        """The behaviour space."""
        return self.archive.space

    def ask(self, n: int) -> list[tuple[Individual, ...]]:
        """Return `n` groups of parents; an empty group asks for a random individual."""
        fresh = min(n, self._random_left) if len(self.archive) else n
        self._random_left = max(0, self._random_left - fresh)
        groups: list[tuple[Individual, ...]] = [()] * fresh
        if fresh < n:
            chosen = self.selector.select(self.archive, n - fresh, self._parents, self._rng)
            individuals = iter(self.archive.individuals(chosen.ravel()))
            size = chosen.shape[1]
            groups += [tuple(next(individuals) for _ in range(size)) for _ in range(n - fresh)]
        return groups

    def ask_again(self, n: int) -> list[Individual]:
        """Return the elites to evaluate again in a batch of `n` evaluations.

        `search` asks this before `ask`, and tells of each as an offspring whose operator is
        `reevaluation`, whose one parent is the elite, and whose genotype is the elite's.
        """
        return self._reevaluations.due(self.archive, n)

    def estimate(self, elite: Individual) -> Estimate:
        """Return mean, count and variance of a member's evaluations."""
        return self._reevaluations.estimate(elite)

    def tell(self, offspring: Sequence[Offspring], evaluations: Sequence[Evaluation]) -> list[Addition]:
        """Add offspring in order, numbering them on from those told before; return what became of each.

        A child without a genotype, a failed evaluation (that of a failed sandbox too), and measures that
        do not fit the behaviour space are `invalid`. A re-evaluation changes the estimate of its elite
        and is itself `rejected`: it is no new individual.
        """
        if len(offspring) != len(evaluations):
            raise UserError(f"{len(offspring)} offspring need one evaluation each, not {len(evaluations)}.")
        additions: list[Addition] = []
        told = zip(offspring, evaluations, strict=True)
        for again, part in itertools.groupby(told, lambda pair: pair[0].origin.operator == REEVALUATION):
            children, results = zip(*part, strict=True)
            additions += map(self._revise, children, results) if again else self._add(children, results)
        return additions

    def _add(self, offspring: Sequence[Offspring], evaluations: Sequence[Evaluation]) -> list[Addition]:
        axes = len(self.behavior_space)
        sound = [
            child.ok and result.ok and len(result.measures) == axes
            for child, result in zip(offspring, evaluations, strict=True)
        ]
        pairs = list(zip(evaluations, sound, strict=True))
        additions = list(
            self.archive.add(
                [child.genotype for child in offspring],
                np.array([result.fitness if ok else math.nan for result, ok in pairs]),
                np.array([result.measures if ok else (math.nan,) * axes for result, ok in pairs]),
                metadata=[result.feedback for result in evaluations],
            )
        )
        self.selector.learn([child.parents for child in offspring], additions)
        return additions

    def _revise(self, child: Offspring, result: Evaluation) -> Addition:
        """Count one more evaluation of an elite, unless it has left the archive since."""
        identity = self.archive.offered
        if not (child.ok and result.ok and math.isfinite(result.fitness)):
            self.archive.count_told(valid=False)
            return Addition(identity, AddStatus.INVALID)
        positions = np.flatnonzero(self.archive.ids == child.parents[0])
        niche = -1
        for elite in self.archive.individuals(positions):
            niche = int(self.archive.niches[positions[0]])
            self.archive.revise(int(positions[0]), self._reevaluations.add(elite, result.fitness).mean)
        self.archive.count_told(valid=True)
        return Addition(identity, AddStatus.REJECTED, 0.0, niche)

    def statistics(self) -> Statistics:
        """Return the figures of the archive as it is now."""
        return self.archive.statistics()

    def elites(self) -> list[Individual]:
        """Return the members of the archive, best fitness first, ties by id."""
        return list(self.archive.elites())

    def state(self) -> dict[str, Any]:
        """Return everything that decides the future, as JSON values and numpy arrays."""
        return {
            "algorithm": type(self).__name__,
            "archive": self.archive.state(),
            "selector": {"kind": type(self.selector).__name__, **self.selector.state()},
            "rng": generator_to_json(self._rng),
            "random_left": self._random_left,
            "reevaluations": self._reevaluations.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from `state` as if never interrupted, bit for bit.

        Raises:
            UnreadableFileError: If the state is that of another algorithm or another selector.
        """
        if state["algorithm"] != type(self).__name__:
            raise UnreadableFileError(
                f"The state is that of {state['algorithm']}; restore it there, not in {type(self).__name__}."
            )
        selector = type(self.selector).__name__
        if state["selector"]["kind"] != selector:
            raise UnreadableFileError(
                f"The state was made with {state['selector']['kind']}; give that selector, not {selector}."
            )
        archive = self._archive_from_state(state["archive"])
        if archive.space != self.archive.space:
            raise UnreadableFileError("The state is of another behaviour space; restore it in its own.")
        self.archive = archive
        self.selector.restore(state["selector"])
        restore_generator(self._rng, state["rng"])
        self._random_left = state["random_left"]
        self._reevaluations.restore(state["reevaluations"])
