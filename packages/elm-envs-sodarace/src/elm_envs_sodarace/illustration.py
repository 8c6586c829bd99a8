"""What a run leaves to look at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from elm_envs_sodarace.animation import STEPS_PER_FRAME, write_gif, write_png
from elm_envs_sodarace.contact_sheet import write_contact_sheet
from elm_envs_sodarace.evaluation import Task
from elm_envs_sodarace.replay import replay
from elm_envs_sodarace.simulation import Simulation, simulate
from elm_envs_sodarace.terrain import Terrain
from elm_envs_sodarace.walker import InvalidWalker, Walker
from elm_protocols import BehaviorSpace, Genotype, Individual

BuildWalkers = Callable[[Sequence[Genotype]], Sequence[Walker | InvalidWalker]]


def illustrate(
    elites: Sequence[Individual], directory: Path, task: Task, space: BehaviorSpace, build: BuildWalkers
) -> list[Path]:
    """Write the best program, and pictures of it and of the archive.

    Writes `best_walker.gif`, `best_walker.py`, `contact_sheet.png`, `best_walker.png`, `best_walker.json`
    (a replay); on several terrains an animation and a replay for each further one.

    Args:
        elites: Members of the archive, best first; at least one.
        directory: An existing folder.
        task: What walkers are judged by.
        space: The archive's behaviour space.
        build: Turns programs into walkers.

    Returns:
        The files, most telling first. Pictures of a program whose walker cannot be made any more (the
        sandbox failed) are left out.
    """
    program = directory / "best_walker.py"
    program.write_text(str(elites[0].genotype), encoding="utf-8")
    (walker,) = build([elites[0].genotype])
    sheet = write_contact_sheet(directory / "contact_sheet.png", elites, space, build)
    if isinstance(walker, InvalidWalker):
        return [program, sheet]
    films = list(_films(walker, directory, task))
    return [films[0], program, sheet, *films[1:]]


def _films(walker: Walker, directory: Path, task: Task) -> Iterator[Path]:
    for number, terrain in enumerate(task.terrains):
        stem = "best_walker" if number == 0 else f"best_walker_{number}_{terrain.kind}"
        simulation = simulate(walker, terrain, task.duration, record_every=STEPS_PER_FRAME)
        if isinstance(simulation, Simulation):
            yield write_gif(directory / f"{stem}.gif", walker, simulation, str(terrain))
            yield write_png(directory / f"{stem}.png", walker, simulation, task.duration / 2, str(terrain))
            yield _write_replay(directory / f"{stem}.json", walker, terrain, simulation)


def _write_replay(path: Path, walker: Walker, terrain: Terrain, simulation: Simulation) -> Path:
    path.write_text(json.dumps(replay(walker, terrain, simulation), separators=(",", ":")), encoding="utf-8")
    return path
