"""How the suites state that a promise is broken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def require(condition: bool, promise: str) -> None:
    """Raise an `AssertionError` that says `promise` unless `condition` holds."""
    if not condition:
        raise AssertionError(promise)


def same(one: Any, other: Any) -> bool:
    """Return whether two states are equal, bit for bit; NaN equals NaN."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (one != one and other != other)  # noqa: PLR0124 - NaN
