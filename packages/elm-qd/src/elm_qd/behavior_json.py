"""Behaviour spaces as JSON, for states and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from elm_protocols import BehaviorSpace, CategoricalAxis, ContinuousAxis


def space_to_json(space: BehaviorSpace) -> list[dict[str, Any]]:
    """Return `space` as a list of JSON objects, one an axis."""
    return [
        {"name": axis.name, "categories": list(axis.categories)}
        if isinstance(axis, CategoricalAxis)
        else {
            "name": axis.name,
            "low": axis.low,
            "high": axis.high,
            "unit": axis.unit,
            "edges": list(axis.edges),
        }
        for axis in space
    ]


def space_from_json(axes: Sequence[Mapping[str, Any]]) -> BehaviorSpace:
    """Return the space of `space_to_json`."""
    return BehaviorSpace(
        tuple(
            CategoricalAxis(axis["name"], tuple(axis["categories"]))
            if "categories" in axis
            else ContinuousAxis(axis["name"], axis["low"], axis["high"], axis["unit"], tuple(axis["edges"]))
            for axis in axes
        )
    )
