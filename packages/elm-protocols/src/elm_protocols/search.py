"""Algorithms, the steps of a search, and those who watch it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from elm_protocols.individuals import Addition, Evaluation, Individual, Offspring


@runtime_checkable
class Algorithm(Protocol):
    """A quality-diversity or genetic algorithm, driven by ask and tell."""

    def ask(self, n: int) -> Sequence[tuple[Individual, ...]]:
        """Return `n` groups of parents; an empty group asks for a random individual."""
        ...

    def tell(self, offspring: Sequence[Offspring], evaluations: Sequence[Evaluation]) -> Sequence[Addition]:
        """Add offspring in order, numbering them on from those told before; return what became of each."""
        ...

    def statistics(self) -> Statistics:
        """Return the figures of the archive as it is now."""
        ...

    def elites(self) -> Sequence[Individual]:
        """Return the members of the archive, best fitness first, ties by id."""
        ...

    def state(self) -> Mapping[str, Any]:
        """Return everything that decides the future, as JSON values and numpy arrays."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from `state` as if never interrupted, bit for bit."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Figures of an archive.

    Attributes:
        individuals: How many the algorithm was told of, invalid ones included.
        valid: How many of them were valid.
        niches: How many niches the archive has.
        filled: How many of them are filled.
        qd_score: Sum over filled niches of (best fitness in the niche - offset).
        best: Highest fitness; NaN while the archive is empty.
        mean: Mean of the niches' best fitness; NaN while empty.
        lowest: Lowest of the niches' best fitness; NaN while empty.
    """

    individuals: int
    valid: int
    niches: int
    filled: int
    qd_score: float
    best: float
    mean: float
    lowest: float

    @property
    def coverage(self) -> float:
        """Filled share of the niches, 0 to 1."""
        return self.filled / self.niches if self.niches else 0.0

    @property
    def valid_share(self) -> float:
        """Valid share of the individuals, 0 to 1."""
        return self.valid / self.individuals if self.individuals else 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a search: a generation, or one child in steady state.

    Attributes:
        index: 0, 1, 2, ...
        offspring: The step's children, failed ones included.
        evaluations: Parallel to `offspring`; a failed child has an evaluation with its status.
        additions: Parallel to `offspring`.
        statistics: The archive after the step.
    """

    index: int
    offspring: tuple[Offspring, ...]
    evaluations: tuple[Evaluation, ...]
    additions: tuple[Addition, ...]
    statistics: Statistics


@runtime_checkable
class RunObserver(Protocol):
    """Is told of every step of a search, in order, in one thread."""

    def on_step(self, step: Step) -> None:
        """Take note of a finished step. When it returns, the step is on record."""
        ...
