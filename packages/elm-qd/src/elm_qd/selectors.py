"""The ways to select parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from elm_protocols import Addition, AddStatus, UserError
from elm_qd.archive import Archive
from elm_qd.deep_grid_archive import DeepGridArchive
from elm_qd.selection import ForgetfulSelector, Selector, draw_uniformly, draw_weighted


@final
class UniformSelector(ForgetfulSelector):
    """Every member alike, as in MAP-Elites (Mouret & Clune 2015, arXiv:1504.04909, algorithm 1)."""

    def select(self, archive: Archive, groups: int, size: int, rng: Generator) -> NDArray[np.int64]:
        """Return positions of parents, shape (groups, min(size, len)), none twice in a group."""
        return draw_uniformly(len(archive), groups, size, rng)


@final
class FitnessSelector(ForgetfulSelector):
    """Members in proportion to their rank in fitness: the worst has weight 1, the best weight len.

    Linear ranking (Baker 1985, "Adaptive selection methods for genetic algorithms"), which needs no scale
    of fitness. Equally fit members share their mean rank.
    """

    def select(self, archive: Archive, groups: int, size: int, rng: Generator) -> NDArray[np.int64]:
        """Return positions of parents, shape (groups, min(size, len)), none twice in a group."""
        _, places, counts = np.unique(archive.fitness, return_inverse=True, return_counts=True)
        mean_ranks = np.cumsum(counts) - (counts - 1) / 2
        return draw_weighted(mean_ranks[places], groups, size, rng)


@final
class NoveltySelector(ForgetfulSelector):
    """Members in proportion to their novelty: the mean distance to their nearest neighbours in the archive.

    Novelty as in Lehman & Stanley 2011 (doi:10.1162/EVCO_a_00025), every axis in units of its range.

    Args:
        neighbours: How many nearest members count, 1 or more.
    """

    def __init__(self, neighbours: int = 15) -> None:
        if neighbours < 1:
            raise UserError(f"Novelty needs at least one neighbour, not {neighbours}.")
        self._neighbours = neighbours

    def select(self, archive: Archive, groups: int, size: int, rng: Generator) -> NDArray[np.int64]:
        """Return positions of parents, shape (groups, min(size, len)), none twice in a group."""
        return draw_weighted(self.novelty(archive), groups, size, rng)

    def novelty(self, archive: Archive) -> NDArray[np.float64]:
        """Return the novelty of each member, shape (len,)."""
        from scipy.spatial import cKDTree  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415

        low, high = np.array(archive.space.bounds).T
        points = (np.minimum(np.maximum(archive.measures, low), high) - low) / (high - low)
        neighbours = min(self._neighbours, len(points) - 1)
        if neighbours == 0:
            return np.zeros(len(points))
        distances: NDArray[np.float64] = cKDTree(points).query(points, k=neighbours + 1)[0]
        # The nearest is the member itself, at distance 0.
        novelty: NDArray[np.float64] = distances.sum(axis=1) / neighbours
        return novelty


@final
class CuriositySelector:
    """Members in proportion to how often their children entered the archive lately.

    The curiosity score of Cully & Demiris 2018 (doi:10.1109/TEVC.2017.2704781, section V): it rises by 1
    for a child that enters, and falls by 0.5 for one that does not. It begins here at 1 and does not
    fall below 0.1, so that no member is lost for selection.
    """

    START, GAIN, LOSS, LOWEST = 1.0, 1.0, 0.5, 0.1

    def __init__(self) -> None:
        self._scores: dict[int, float] = {}

    def select(self, archive: Archive, groups: int, size: int, rng: Generator) -> NDArray[np.int64]:
        """Return positions of parents, shape (groups, min(size, len)), none twice in a group."""
        ids = archive.ids.tolist()
        weights = np.array([self._scores.get(identity, self.START) for identity in ids])
        if len(self._scores) > 2 * len(ids):  # forget those that left
            self._scores = {i: self._scores[i] for i in ids if i in self._scores}
        return draw_weighted(weights, groups, size, rng)

    def learn(self, parents: Sequence[tuple[int, ...]], additions: Sequence[Addition]) -> None:
        """Raise or lower the scores of the parents of each child."""
        for group, addition in zip(parents, additions, strict=True):
            entered = addition.status in (AddStatus.NEW, AddStatus.IMPROVED)
            for parent in group:
                score = self._scores.get(parent, self.START) + (self.GAIN if entered else -self.LOSS)
                self._scores[parent] = max(score, self.LOWEST)

    def state(self) -> Mapping[str, Any]:
        """Return the scores by id."""
        return {"ids": list(self._scores), "scores": list(self._scores.values())}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from the scores of `state`."""
        self._scores = dict(zip(state["ids"], state["scores"], strict=True))


@final
class TournamentSelector(ForgetfulSelector):
    """The fittest of a few members drawn at random (Goldberg & Deb 1991, section on tournament selection).

    Args:
        size: Members drawn for one parent, 1 or more; more: stronger selection.
    """

    def __init__(self, size: int = 3) -> None:
        if size < 1:
            raise UserError(f"A tournament needs a size of at least 1, not {size}.")
        self._size = size

    def select(self, archive: Archive, groups: int, size: int, rng: Generator) -> NDArray[np.int64]:
        """Return positions of parents, shape (groups, min(size, len)), none twice in a group."""
        fitness = archive.fitness
        wanted = min(size, len(archive))
        parents = np.empty((groups, wanted), dtype=np.int64)
        for group in range(groups):
            left = np.arange(len(archive))
            for place in range(wanted):
                drawn = rng.integers(len(left), size=self._size)
                winner = drawn[fitness[left[drawn]].argmax()]
                parents[group, place] = left[winner]
                left = np.delete(left, winner)
        return parents


@final
class NicheSelector(ForgetfulSelector):
    """A filled niche of a deep grid, each alike, then a member of it in proportion to fitness.

    The selection of Deep-Grid MAP-Elites (Flageat & Cully 2020, arXiv:2006.14253). Fitness counts from
    that of the niche's worst member, so that it may be negative; a niche of equals is drawn from
    uniformly. Several parents come from different niches while there are enough.
    """

    def select(self, archive: Archive, groups: int, size: int, rng: Generator) -> NDArray[np.int64]:
        """Return positions of parents, shape (groups, min(size, filled niches)), none twice in a group."""
        if not isinstance(archive, DeepGridArchive):
            raise UserError("The selector 'niche' needs a deep grid; choose another selector.")
        filled = archive.filled
        fitness = archive.fitness
        chosen = draw_uniformly(len(filled), groups, size, rng)
        parents = np.empty_like(chosen)
        for place in np.ndindex(*chosen.shape):
            members = archive.positions_in(filled[chosen[place]])
            weights = fitness[members] - fitness[members].min()
            parents[place] = members[draw_weighted(weights, 1, 1, rng)[0, 0]]
        return parents


SELECTORS: Mapping[str, type[Selector]] = {
    "uniform": UniformSelector,
    "fitness": FitnessSelector,
    "novelty": NoveltySelector,
    "curiosity": CuriositySelector,
    "tournament": TournamentSelector,
    "niche": NicheSelector,
}
"""Selectors by the names that the algorithms' options take."""


def selector_named(name: str) -> Selector:
    """Return a new selector.

    Raises:
        UserError: If there is none of that name.
    """
    if name not in SELECTORS:
        raise UserError(f"There is no selector '{name}'; choose one of {', '.join(SELECTORS)}.")
    return SELECTORS[name]()
