"""The environment: walker programs that evolve to travel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from elm_envs_sodarace.evaluation import AGGREGATES, Task, evaluate_walker
from elm_envs_sodarace.inventions import InventionFilter, InventionRecorder
from elm_envs_sodarace.measures import behavior_space
from elm_envs_sodarace.program import LIMITS, read_outcome, walker_program
from elm_envs_sodarace.prompts import STYLES, mutation_request
from elm_envs_sodarace.seeds import SEEDS, seed_program
from elm_envs_sodarace.simulation import MAX_DURATION
from elm_envs_sodarace.terrain import read_terrains
from elm_envs_sodarace.walker import InvalidWalker, Walker
from elm_protocols import (
    BehaviorSpace,
    Evaluation,
    Genotype,
    Individual,
    MutationModel,
    Offspring,
    Origin,
    Sandbox,
    Step,
    UserError,
)


class Sodarace:
    """Two-dimensional robots, written as programs, that travel as far to the right as they can.

    Args:
        mutation_model: Makes children of programs.
        sandbox: Runs the programs.
        terrain: Where walkers run: flat, left_wall, right_wall, bumpy, tunnel, slope, stairs, gaps,
            generated, with parameters as in bumpy:height=3, or the path of a JSON file; several as
            flat+bumpy or as a list.
        aggregate: How fitness on several terrains becomes one: mean or minimum.
        duration: Simulated seconds of each run, up to 120.
        measures: Axes of the behaviour space: height, width, mass, joints, muscle_share, contact_share,
            rear_contact, front_contact, mean_height, gait_frequency.
        seeds: Programs to begin with: square, radial, wheel, cppn_fixed, cppn_mutable, galloper, runner.
        prompt: What the model is shown: single (one parent), multi (one parent and other seeds), crossover
            (all parents that the algorithm gives).
        examples: How many seeds a multi prompt shows beside the parent.
        inventions: A JSON Lines file for every valid (terrain, program, fitness) found; empty: none.
        minimum_fitness: Least travel of an invention, world units.
        minimum_novelty: Least distance of an invention to those written before, in the measures' unit cube.

    Raises:
        UserError: If an option has no meaning here.
    """

    def __init__(
        self,
        mutation_model: MutationModel,
        sandbox: Sandbox,
        *,
        terrain: str | tuple[str, ...] = "flat",
        aggregate: str = "mean",
        duration: float = 10.0,
        measures: tuple[str, ...] = ("height", "width", "mass"),
        seeds: tuple[str, ...] = tuple(SEEDS),
        prompt: str = "crossover",
        examples: int = 2,
        inventions: str = "",
        minimum_fitness: float = 0.0,
        minimum_novelty: float = 0.0,
    ) -> None:
        _check_choice("aggregate", aggregate, AGGREGATES)
        _check_choice("prompt", prompt, STYLES)
        if not 0 < duration <= MAX_DURATION:
            raise UserError(f"duration is above 0 and at most {MAX_DURATION:g} seconds, not {duration}.")
        if not seeds:
            raise UserError(f"Name at least one seed: {', '.join(SEEDS)}.")
        if not 1 <= examples <= len(SEEDS):
            raise UserError(f"examples is 1 to {len(SEEDS)}, not {examples}.")
        self._space = behavior_space(measures)
        self._task = Task(read_terrains(terrain), float(duration), tuple(measures), aggregate)
        self._programs = tuple(seed_program(name) for name in seeds)
        self._prompt = prompt
        self._examples = examples
        self._mutation_model = mutation_model
        self._sandbox = sandbox
        kept = InventionFilter(self._space, minimum_fitness, minimum_novelty)
        self._recorder = InventionRecorder(Path(inventions), kept) if inventions else None

    @property
    def behavior_space(self) -> BehaviorSpace:
        """The chosen measures, with the bounds in which evolved walkers lie."""
        return self._space

    def random(self, n: int, rng: np.random.Generator) -> list[Offspring]:
        """Return `n` seed programs: each seed once in random order, then again."""
        orders = [rng.permutation(len(self._programs)) for _ in range(-(-n // len(self._programs)))]
        chosen = [int(index) for order in orders for index in order][:n]
        return [Offspring(genotype=self._programs[index], origin=Origin(operator="seed")) for index in chosen]

    def mutate(self, parents: Sequence[Sequence[Individual]], rng: np.random.Generator) -> list[Offspring]:
        """Return one child program for each group of parents."""
        requests = [
            mutation_request(group, self._prompt, self._drawn_examples(rng), rng) for group in parents
        ]
        completions = self._mutation_model.generate(requests)
        return [
            Offspring(
                genotype=completion.text,
                parents=tuple(parent.id for parent in group),
                status=completion.status,
                feedback=completion.feedback,
                origin=completion.origin,
            )
            for group, completion in zip(parents, completions, strict=True)
        ]

    def evaluate(self, genotypes: Sequence[Genotype]) -> list[Evaluation]:
        """Run each program in the sandbox and its walker on every terrain."""
        return [evaluate_walker(walker, self._task) for walker in self.build_walkers(genotypes)]

    def build_walkers(self, genotypes: Sequence[Genotype]) -> list[Walker | InvalidWalker]:
        """Return the walker of each program, or why there is none."""
        programs = [walker_program(str(genotype)) for genotype in genotypes]
        return [read_outcome(outcome) for outcome in self._sandbox.run(programs, LIMITS)]

    def on_step(self, step: Step) -> None:
        """Write the inventions of a step of the search, if they are wanted."""
        if self._recorder is not None:
            self._recorder.on_step(step)

    def illustrate(self, elites: Sequence[Individual], directory: Path) -> list[Path]:
        """Write the best program with its animation, picture and replay, and the archive's contact sheet."""
        from elm_envs_sodarace.illustration import illustrate  # noqa: PLC0415 (Pillow is an extra)

        return illustrate(elites, directory, self._task, self._space, self.build_walkers)

    def _drawn_examples(self, rng: np.random.Generator) -> list[str]:
        if self._prompt != "multi":
            return []
        names = rng.choice(list(SEEDS), size=self._examples, replace=False)
        return [SEEDS[str(name)] for name in names]


def _check_choice(option: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise UserError(f"{option} is one of {', '.join(choices)}, not '{value}'.")
