"""The behaviour space: named axes along which phenotypes differ."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from elm_protocols.errors import UserError


@dataclass(frozen=True, slots=True)
class ContinuousAxis:
    """An axis of real numbers.

    Attributes:
        name: What is measured, for example `height`.
        low: Smallest value of interest (finite, below `high`). Measures outside [low, high] are legal:
            archives count them to the outermost niche.
        high: Largest value of interest.
        unit: Unit for labels, for example `m`; empty if none.
        edges: Recommended inner bin edges, strictly increasing inside (low, high); empty: equal bins.
    """

    name: str
    low: float
    high: float
    unit: str = ""
    edges: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise UserError(
                f"Axis '{self.name}' needs finite bounds with low < high, got {self.low} and {self.high}."
            )
        inside = (self.low, *self.edges, self.high)
        if any(not a < b for a, b in itertools.pairwise(inside)):
            raise UserError(f"Axis '{self.name}' needs strictly increasing edges inside its bounds.")


@dataclass(frozen=True, slots=True)
class CategoricalAxis:
    """An axis of named categories; a measure on it is the index of its category (0.0, 1.0, ...)."""

    name: str
    categories: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.categories or len(set(self.categories)) != len(self.categories):
            raise UserError(f"Axis '{self.name}' needs at least one category and no category twice.")

    @property
    def low(self) -> float:
        """Lower bound, so that category 0 lies in the middle of its bin."""
        return -0.5

    @property
    def high(self) -> float:
        """Upper bound, so that the last category lies in the middle of its bin."""
        return len(self.categories) - 0.5


Axis = ContinuousAxis | CategoricalAxis


@dataclass(frozen=True, slots=True)
class BehaviorSpace:
    """The axes of a behaviour space, in the order of every `measures` tuple."""

    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        if not self.axes:
            raise UserError("A behaviour space needs at least one axis.")
        if len(set(self.names)) != len(self.axes):
            raise UserError(f"The axes of a behaviour space need different names, got {list(self.names)}.")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the axes."""
        return tuple(axis.name for axis in self.axes)

    @property
    def bounds(self) -> tuple[tuple[float, float], ...]:
        """(low, high) of each axis."""
        return tuple((axis.low, axis.high) for axis in self.axes)

    def __len__(self) -> int:
        return len(self.axes)

    def __iter__(self) -> Iterator[Axis]:
        return iter(self.axes)
