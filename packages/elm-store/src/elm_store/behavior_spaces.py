"""Behaviour spaces as JSON."""

from __future__ import annotations

from typing import Any

from elm_protocols import Axis, BehaviorSpace, CategoricalAxis, ContinuousAxis, Json


def behavior_space_to_json(space: BehaviorSpace) -> Json:
    """Return the axes of `space` as JSON."""
    return [_axis_to_json(axis) for axis in space]


def behavior_space_from_json(axes: list[dict[str, Any]]) -> BehaviorSpace:
    """Return the behaviour space that `behavior_space_to_json` gave."""
    return BehaviorSpace(tuple(_axis_from_json(axis) for axis in axes))


def _axis_to_json(axis: Axis) -> Json:
    if isinstance(axis, CategoricalAxis):
        return {"name": axis.name, "categories": list(axis.categories)}
    return {
        "name": axis.name,
        "low": float(axis.low),
        "high": float(axis.high),
        "unit": axis.unit,
        "edges": [float(edge) for edge in axis.edges],
    }


def _axis_from_json(axis: dict[str, Any]) -> Axis:
    if "categories" in axis:
        return CategoricalAxis(axis["name"], tuple(axis["categories"]))
    return ContinuousAxis(axis["name"], axis["low"], axis["high"], axis["unit"], tuple(axis["edges"]))
