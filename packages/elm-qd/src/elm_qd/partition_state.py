"""Partitions as states: one tagged mapping for every kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from elm_protocols import UnreadableFileError
from elm_qd.grid import Grid
from elm_qd.partition import Partition
from elm_qd.voronoi import Voronoi

_KINDS: dict[str, type[Grid] | type[Voronoi]] = {"grid": Grid, "voronoi": Voronoi}


def partition_to_state(partition: Partition) -> dict[str, Any]:
    """Return the state of a partition with its kind."""
    for kind, cls in _KINDS.items():
        if isinstance(partition, cls):
            return {"kind": kind, **partition.state()}
    raise TypeError(f"A partition of type {type(partition).__name__} has no file format.")


def partition_from_state(state: Mapping[str, Any]) -> Partition:
    """Build the partition of `partition_to_state`."""
    if state["kind"] not in _KINDS:
        raise UnreadableFileError(
            f"The state has niches of an unknown kind '{state['kind']}'; update elm-qd."
        )
    return _KINDS[state["kind"]].from_state(state)
