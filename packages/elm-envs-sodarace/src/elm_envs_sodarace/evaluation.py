"""From a walker to its evaluation: simulate it on every terrain and bring the results together."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from elm_envs_sodarace.measures import RECORD_EVERY, measure, needs_frames
from elm_envs_sodarace.simulation import Instability, simulate
from elm_envs_sodarace.terrain import Terrain
from elm_envs_sodarace.walker import InvalidWalker, Walker
from elm_protocols import Evaluation, Json

AGGREGATES = ("mean", "minimum")
UNSTABLE = "unstable"
"""Status of a walker whose simulation left finite numbers or stretched it to many times its size."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a walker is judged by.

    Attributes:
        terrains: Where it runs, at least one.
        duration: Seconds of each run.
        measures: Names of the measures; each is the mean over the terrains.
        aggregate: How the fitness on several terrains becomes one: an entry of `AGGREGATES`.
    """

    terrains: tuple[Terrain, ...]
    duration: float
    measures: tuple[str, ...]
    aggregate: str = "mean"


def evaluate_walker(walker: Walker | InvalidWalker, task: Task) -> Evaluation:
    """Return the evaluation of a walker: its travel in world units, or why it cannot be scored.

    The artifacts hold the walker and, for each terrain, the terrain and the travel on it.
    """
    start = time.perf_counter()
    if isinstance(walker, InvalidWalker):
        return Evaluation(status=walker.status, feedback=walker.feedback)
    stride = RECORD_EVERY if needs_frames(task.measures) else 0
    travels, measures = [], []
    for terrain in task.terrains:
        simulation = simulate(walker, terrain, task.duration, record_every=stride)
        if isinstance(simulation, Instability):
            return Evaluation(
                status=UNSTABLE, feedback=simulation.feedback, seconds=time.perf_counter() - start
            )
        travels.append(simulation.travel)
        measures.append(measure(task.measures, walker, simulation))
    runs: list[Json] = [
        {"terrain": terrain.to_json(), "travel": travel}
        for terrain, travel in zip(task.terrains, travels, strict=True)
    ]
    return Evaluation(
        fitness=min(travels) if task.aggregate == "minimum" else _mean(travels),
        measures=tuple(map(_mean, zip(*measures, strict=True))),
        feedback=_describe(task, travels),
        artifacts={"walker": walker.to_json(), "duration": task.duration, "runs": runs},
        seconds=time.perf_counter() - start,
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _describe(task: Task, travels: Sequence[float]) -> str:
    parts = [
        f"{travel:.1f} units on {terrain}" for terrain, travel in zip(task.terrains, travels, strict=True)
    ]
    return f"It travelled {', '.join(parts)} in {task.duration:g} s."
