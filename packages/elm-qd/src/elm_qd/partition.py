"""How a behaviour space is divided into niches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from elm_protocols import BehaviorSpace


class Partition(Protocol):
    """Divides the whole space of measures into niches 0, 1, ..., `niches` - 1."""

    @property
    def space(self) -> BehaviorSpace:
        """The behaviour space that is divided."""
        ...

    @property
    def niches(self) -> int:
        """How many niches there are."""
        ...

    def index(self, measures: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the niche of each row of `measures`, shape (n, axes), finite; result shape (n,)."""
        ...

    def index_one(self, measures: Sequence[float]) -> int:
        """Return the niche of one point as `index` would, or -1 if a measure is NaN or infinite."""
        ...

    def centers(self, niches: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return a point inside each of the given niches, shape (n, axes)."""
        ...

    def state(self) -> Mapping[str, Any]:
        """Return what the partition can be built from again, as JSON values and numpy arrays."""
        ...
