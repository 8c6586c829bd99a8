"""Inventions: (terrain, program, fitness) as JSON Lines, which the ELM paper's later stages train on.

The ELM paper (arXiv 2206.08896, section 6) trains a model on the programs that its search found, and then
conditions it on terrains. A line here has the keys `terrain`, `program`, `fitness` (travel on that
terrain), `measures`, `id` and `duration`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from elm_envs_sodarace.walker import FloatArray
from elm_protocols import BehaviorSpace, Evaluation, Genotype, Step, UserError, canonical_json


@dataclass(frozen=True, slots=True)
class Invention:
    """A walker program that is worth keeping for a terrain."""

    terrain: Mapping[str, Any]
    program: str
    fitness: float
    measures: tuple[float, ...]
    id: int
    duration: float

    def line(self) -> str:
        """Return the invention as one line of JSON, without the line's end."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields, sort_keys=True, ensure_ascii=False)


def inventions_of(identity: int, program: Genotype, evaluation: Evaluation) -> Iterator[Invention]:
    """Return an invention for each terrain that a valid walker ran on; none for an invalid one."""
    if evaluation.ok:
        artifacts: Mapping[str, Any] = evaluation.artifacts
        for run in artifacts["runs"]:
            measures, duration = evaluation.measures, artifacts["duration"]
            yield Invention(run["terrain"], str(program), run["travel"], measures, identity, duration)


class InventionFilter:
    """Lets through what is fit and new.

    Novelty is the distance to the nearest invention let through before on the same terrain, in the behaviour
    space scaled to the unit cube: the admission rule of novelty search's archive (Lehman and Stanley 2011,
    "Abandoning Objectives", section 4) with one neighbour. A program already let through for a
    terrain is never new.

    Args:
        space: The axes of the measures.
        minimum_fitness: Least travel, world units.
        minimum_novelty: Least distance; 0: every program that is not a copy.
    """

    def __init__(
        self, space: BehaviorSpace, minimum_fitness: float = 0.0, minimum_novelty: float = 0.0
    ) -> None:
        self._low = np.array([low for low, _ in space.bounds])
        self._extent = np.array([high - low for low, high in space.bounds])
        self._minimum_fitness = minimum_fitness
        self._minimum_novelty = minimum_novelty
        self._programs: set[tuple[str, str]] = set()
        self._places: dict[str, list[FloatArray]] = {}

    def admits(self, invention: Invention) -> bool:
        """Return whether to keep an invention, and remember it if so."""
        terrain = canonical_json(invention.terrain)
        key = (terrain, invention.program)
        if invention.fitness < self._minimum_fitness or key in self._programs:
            return False
        place = (np.array(invention.measures) - self._low) / self._extent
        known = self._places.setdefault(terrain, [])
        if known and self._minimum_novelty > 0:
            nearest = float(np.sqrt(((np.array(known) - place) ** 2).sum(axis=1)).min())
            if nearest < self._minimum_novelty:
                return False
        self._programs.add(key)
        known.append(place)
        return True


class InventionRecorder:
    """A run observer that writes every invention to a JSON Lines file as the search goes.

    A search tells its steps from the first on, also when it is resumed: the first one begins the file anew.

    Args:
        path: The file.
        filter: Decides what is kept.

    Raises:
        UserError: If there is no directory for the file.
    """

    def __init__(self, path: Path, filter: InventionFilter) -> None:  # noqa: A002 (the field's word)
        if not path.parent.is_dir() or path.is_dir():
            raise UserError(
                f"Inventions cannot be written to {path}; name a file in a directory that exists."
            )
        self._path = path
        self._filter = filter

    def on_step(self, step: Step) -> None:
        """Write the step's inventions."""
        if step.index == 0:
            self._path.unlink(missing_ok=True)
        found = [
            invention
            for child, evaluation, addition in zip(
                step.offspring, step.evaluations, step.additions, strict=True
            )
            for invention in inventions_of(addition.id, child.genotype, evaluation)
        ]
        append_inventions(self._path, [invention for invention in found if self._filter.admits(invention)])


def append_inventions(path: Path, inventions: Sequence[Invention]) -> None:
    """Add a line for each invention to a file."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(invention.line() + "\n" for invention in inventions)
