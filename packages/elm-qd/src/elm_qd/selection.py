"""Which members of an archive become parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from elm_protocols import Addition
from elm_qd.archive import Archive


class Selector(Protocol):
    """Chooses parents, and may learn from what became of their children."""

    def select(self, archive: Archive, groups: int, size: int, rng: Generator) -> NDArray[np.int64]:
        """Return positions of parents, shape (groups, min(size, len)), none twice in a group.

        Args:
            archive: An archive with at least one member.
            groups: How many groups of parents.
            size: Parents in each group.
            rng: Decides the choice.
        """
        ...

    def learn(self, parents: Sequence[tuple[int, ...]], additions: Sequence[Addition]) -> None:
        """Take note of what became of children, given the ids of the parents of each."""
        ...

    def state(self) -> Mapping[str, Any]:
        """Return everything that decides the future, as JSON values and numpy arrays."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from `state`."""
        ...


class UniformSelector:
    """Every member alike, as in MAP-Elites (Mouret & Clune 2015, arXiv:1504.04909, algorithm 1)."""

    def select(self, archive: Archive, groups: int, size: int, rng: Generator) -> NDArray[np.int64]:
        """Return positions of parents, shape (groups, min(size, len)), none twice in a group."""
        return draw_uniformly(len(archive), groups, size, rng)

    def learn(self, parents: Sequence[tuple[int, ...]], additions: Sequence[Addition]) -> None:
        """Learn nothing: the choice is uniform."""

    def state(self) -> Mapping[str, Any]:
        """Return an empty state: nothing is remembered."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue; nothing is remembered."""


def draw_uniformly(members: int, groups: int, size: int, rng: Generator) -> NDArray[np.int64]:
    """Return `groups` x min(size, members) positions, each group without repetition."""
    size = min(size, members)
    if size == 1:
        return rng.integers(members, size=(groups, 1))
    drawn = [rng.choice(members, size, replace=False) for _ in range(groups)]
    return np.array(drawn, dtype=np.int64).reshape(groups, size)
