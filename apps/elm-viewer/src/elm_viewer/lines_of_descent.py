"""Who descends from whom, as far as a page can show it."""

from __future__ import annotations

import heapq

from elm_store import IndividualRecord, Run

MOST_ANCESTORS = 400
"""Shown of one individual's line of descent; crossover can make whole runs ancestors."""


def ancestors(run: Run, number: int) -> tuple[list[IndividualRecord], bool]:
    """Return an individual and its ancestors, each once, youngest first, and whether some are left out.

    The line of first parents comes before all others, so that it reaches the seed wherever there is room.
    """
    found: dict[int, IndividualRecord] = {}
    waiting: list[int] = []

    def take(key: int) -> IndividualRecord:
        record = found[key] = run.individual(key)
        for parent in record.parents:
            heapq.heappush(waiting, -parent)
        return record

    line: int | None = number
    while line is not None and len(found) < MOST_ANCESTORS:
        parents = take(line).parents
        line = parents[0] if parents and parents[0] not in found else None
    while waiting and len(found) < MOST_ANCESTORS:
        key = -heapq.heappop(waiting)
        if key not in found:
            take(key)
    left_out = any(-key not in found for key in waiting) or (line is not None and line not in found)
    return [found[key] for key in sorted(found, reverse=True)], left_out
