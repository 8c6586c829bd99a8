"""Which members of an archive become parents."""

from __future__ import annotations

from abc import ABC, abstractmethod
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


class ForgetfulSelector(ABC):
    """A selector that remembers nothing."""

    @abstractmethod
    def select(self, archive: Archive, groups: int, size: int, rng: Generator) -> NDArray[np.int64]:
        """Return positions of parents, shape (groups, min(size, len)), none twice in a group."""

    def learn(  # noqa: B027 - nothing to do is what this class says
        self, parents: Sequence[tuple[int, ...]], additions: Sequence[Addition]
    ) -> None:
        """Learn nothing: the choice depends on the archive alone."""

    def state(self) -> Mapping[str, Any]:
        """Return an empty state."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:  # noqa: B027
        """Continue; nothing is remembered."""


def draw_uniformly(members: int, groups: int, size: int, rng: Generator) -> NDArray[np.int64]:
    """Return positions, shape (groups, min(size, members)), each group without repetition."""
    size = min(size, members)
    if size == 1:
        return rng.integers(members, size=(groups, 1))
    drawn = [rng.choice(members, size, replace=False) for _ in range(groups)]
    return np.array(drawn, dtype=np.int64).reshape(groups, size)


def draw_weighted(weights: NDArray[np.float64], groups: int, size: int, rng: Generator) -> NDArray[np.int64]:
    """Return positions as `draw_uniformly` does, each in proportion to its weight among those left.

    Args:
        weights: Shape (members,), 0 or more, finite; all zero: uniform. Weights that are less than
            1e-300 of the highest may count as zero.
        groups: How many groups.
        size: Positions in a group.
        rng: Decides the choice.
    """
    members = len(weights)
    size = min(size, members)
    highest = weights.max()
    if not highest > 0:
        return draw_uniformly(members, groups, size, rng)
    shares = weights / highest  # sums and logarithms of these are finite, whatever the weights
    if size == 1:
        total = np.cumsum(shares)
        drawn: NDArray[np.int64] = np.searchsorted(total, rng.random((groups, 1)) * total[-1], side="right")
        return np.asarray(np.minimum(drawn, members - 1), dtype=np.int64)
    # Without replacement by exponential keys: Efraimidis & Spirakis 2006 (doi:10.1016/j.ipl.2005.11.003).
    with np.errstate(divide="ignore"):
        keys = np.log(rng.exponential(size=(groups, members))) - np.log(shares)
    order: NDArray[np.int64] = np.argsort(keys, axis=1, kind="stable")
    return order[:, :size]
