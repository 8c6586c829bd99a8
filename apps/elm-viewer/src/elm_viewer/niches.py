"""The niches of a run's archive, rebuilt from its configuration, for the page to draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import elm_store
from elm_protocols import BehaviorSpace, CategoricalAxis, Json, UserError
from elm_qd.grid import Grid
from elm_qd.partition import Partition
from elm_qd.voronoi import Voronoi, tessellate

GRIDS = ("mapelites", "deepgridmapelites")


def axes_json(space: BehaviorSpace | None) -> list[Json]:
    """Return the axes for the page; no axes where the run does not say."""
    if space is None:
        return []
    return [
        {
            "name": axis.name,
            "low": float(axis.low),
            "high": float(axis.high),
            "unit": "" if isinstance(axis, CategoricalAxis) else axis.unit,
            "categories": list(axis.categories) if isinstance(axis, CategoricalAxis) else None,
        }
        for axis in space
    ]


def niches_json(run: elm_store.Run) -> dict[str, Json]:
    """Return the niches: `kind` and what it needs.

    Kinds: `grid` (with `edges` of each axis), `centroids` (one row a niche, units of the axes), `places`
    (members of a population: no niches in the behaviour space) and `points` (niches unknown: those of an
    algorithm that is not elm-qd's, or whose options changed their meaning since).
    """
    settings = run.config.get("qd")
    space, statistics = run.behavior_space, run.statistics
    if not isinstance(settings, Mapping) or space is None:
        return {"kind": "points"}
    if settings.get("name") == "genetic":
        return {"kind": "places"}
    try:
        niches = _partition(settings, space)
    except UserError:
        niches = None
    if niches is None or (statistics is not None and not _fits(niches, run, statistics.niches)):
        return {"kind": "points"}
    if isinstance(niches, Grid):
        return {"kind": "grid", "edges": [niches.edges(axis).tolist() for axis in range(len(space))]}
    return {"kind": "centroids", "centroids": np.round(niches.centroids, 9).tolist()}


def _partition(settings: Mapping[str, Any], space: BehaviorSpace) -> Grid | Voronoi | None:
    if settings.get("name") in GRIDS:
        return Grid(space, tuple(settings.get("bins") or ()))
    if settings.get("name") == "cvtmapelites":
        seed, samples = settings.get("cvt_seed", 0), settings.get("samples", 0)
        return tessellate(space, settings.get("niches", 1000), seed=seed, samples=samples)
    return None


def _fits(niches: Partition, run: elm_store.Run, count: int) -> bool:
    """Whether the rebuilt niches are those in which the run put its first individuals."""
    if niches.niches != count:
        return False
    for number, short in enumerate(run.added()):
        if niches.index_one(short.measures) != short.niche:
            return False
        if number >= 100:
            break
    return True
